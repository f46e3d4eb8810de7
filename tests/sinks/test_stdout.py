"""What `stdout` writes: lines of JSON, or XML as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.plugin import Item
from etl.sinks.stdout import StdoutSink


@pytest.mark.parametrize(("given", "form"), [("json", "json-line"), ("xml", "xml")])
def test_the_form_that_was_asked_for(given: str, form: str) -> None:
    sink = StdoutSink()
    assert sink.form(sink.Options.model_validate({"format": given})) == form


def test_payloads_have_left_when_the_last_is_answered_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waited in a buffer would fail after the report has said that it was written."""
    sink, payloads = StdoutSink(), [b"<po_line/>\n", "<po_line>å</po_line>\n".encode()]
    place = tmp_path / "out"
    items = [Item((str(number),), f"{number}", payload, "po_line") for number, payload in enumerate(payloads)]
    with place.open("w", encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        receipts = list(sink.deliver(iter(items), sink.Options.model_validate({"format": "xml"}), tmp_path))
        assert place.read_bytes() == b"".join(payloads)
    assert [(receipt.key, receipt.outcome, receipt.where) for receipt in receipts] == [
        (("0",), "written", "-"),
        (("1",), "written", "-"),
    ]


def test_its_name_is_the_one_in_commands() -> None:
    assert StdoutSink.name == "stdout"
