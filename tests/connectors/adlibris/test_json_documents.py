"""What stands in a stream of JSON documents: read, or told with what to do."""

from __future__ import annotations

from connectors.formats.json_documents import JsonDocument, find_json, read_json
from etl.testing.sources import bytes_source


def documents(data: bytes) -> list[JsonDocument]:
    source = bytes_source(data, "orders.json")
    return list(read_json(source, find_json(source, "auto", "windows-1252"), 1000))


def test_a_list_that_does_not_end_is_one_document_more_that_is_not_there() -> None:
    first, second, end = documents(b'[{"a": 1}, {"b": 2},\n')
    assert [first.value, second.value] == [{"a": 1}, {"b": 2}]
    assert end.trouble is not None
    assert "ends before the list of documents does" in end.trouble.message
    assert "ask for the" in (end.trouble.help or "")


def test_only_what_breaks_at_its_end_was_cut_off() -> None:
    """Elsewhere it is the vendor's mistake, and would come again."""
    (cut,) = documents(b'{"a": [1, 2')
    (broken,) = documents(b'{"a" 1}')
    assert cut.trouble is not None
    assert cut.trouble.help == "ask for the file again: a cut-off transfer ends so"
    assert broken.trouble is not None
    assert broken.trouble.help is None
