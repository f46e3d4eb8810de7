"""MARC-in-JSON: its two forms, how records follow each other, and damage that stays with one record."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marc_samples import marcxml_of, records_of, shared
from reading import read, refusal

from connectors.formats.marc_json_chunks import read_json_chunks
from connectors.marc_file import MarcConnector
from etl.problems import Severity

MARC = MarcConnector()
COLUMNS = {"id": "001", "title": "245$a$b", "isbns": "020$a[]"}
FOUR = [record.as_json() for record in records_of(4)]
IDS = ["bok00001", "bok00002", "bok00003", "bok00004"]


def ids(data: bytes | str, **options: object) -> tuple[list[object], list[tuple[int, str]]]:
    raw = data if isinstance(data, bytes) else data.encode()
    reading = read(MARC, raw, columns=COLUMNS, **options)
    return [row["id"] for row in reading.rows], reading.codes


def test_what_is_no_object_reaches_to_the_next_record() -> None:
    data = b'rubbish {"a": 1} and more ' + FOUR[0].encode()
    assert [chunk.raw for chunk in read_json_chunks(io.BytesIO(data), 1 << 20)] == [
        b'rubbish {"a": 1} and more',
        FOUR[0].encode(),
    ]


@pytest.mark.parametrize(
    "data",
    [
        f"[{','.join(FOUR)}]",
        "\n".join(FOUR),
        "".join(FOUR),
        json.dumps([json.loads(one) for one in FOUR], indent=2),
        "\n".join(json.dumps(json.loads(one), indent=1) for one in FOUR),
        "\ufeff" + "\r\n".join(FOUR) + "\x1a",
        "\n".join("\x1e" + one for one in FOUR),
        "\n".join(one.replace('"leader"', '"x": 1, "leader"') for one in FOUR),
    ],
)
def test_how_records_follow_each_other(data: str) -> None:
    assert ids(data) == (IDS, [])


def test_agrees_with_marcxml() -> None:
    records = records_of(3)
    json_ = read(MARC, "\n".join(r.as_json() for r in records).encode(), columns={"r": "record"})
    xml = read(MARC, marcxml_of(records), columns={"r": "record"})
    one, two = ([json.loads(str(row["r"]))["fields"] for row in reading.rows] for reading in (json_, xml))
    assert one == two


def test_places() -> None:
    reading = read(MARC, "\n".join(["[", *FOUR, "]"]).encode(), columns=COLUMNS)
    assert [line for _, line, _ in reading.places] == [2, 3, 4, 5]
    assert reading.places[1][2] == 2 + len(FOUR[0].encode()) + 1


RECORD = '{{"leader": "00000nam a2200000 a 4500", "fields": [{}]}}'


@pytest.mark.parametrize(
    ("bad", "code", "said"),
    [
        (FOUR[1][:-30], "E382", "broken"),
        (FOUR[1][: FOUR[1].index("[") + 1], "E382", "cut off"),
        (FOUR[1].replace('"fields"', "fields", 1), "E382", "broken"),
        (FOUR[1].replace('"subfields"', '"parts"', 1), "E382", "subfields"),
        ('{"leader": "x"}', "E382", "no list"),
        ('{"leader": null, "fields": []}', "E382", "neither"),
        ('{"a": {"b": 1}}', "E382", "no list"),
        ("rubbish", "E382", "broken"),
        (
            RECORD.format('{"020": {"subfields": [{"a": 9789199999913}]}}'),
            "E382",
            "020$a is not text but 97891",
        ),
        (RECORD.format('{"020": {"subfields": [{"ab": "x"}]}}'), "E382", '"ab"'),
        (RECORD.format('{"020": {"ind1": "12", "subfields": []}}'), "E382", "indicator"),
        (RECORD.format('{"020": {"subfields": [{"a": "\\ud800"}]}}'), "E382", "half a character"),
        (RECORD.format('{"tag": "020", "subfields": [{"code": "a"}]}'), "E382", "020$a is not text but null"),
        (RECORD.format('"020"'), "E382", "no object"),
        (RECORD.format("1" * 5000), "E382", "cannot be read"),
        ('{"fields": ' + "[" * 100_000 + "]" * 100_000 + "}", "E382", "cannot be read"),
    ],
)
def test_a_damaged_record_takes_no_other_with_it(bad: str, code: str, said: str) -> None:
    reading = read(MARC, f"{FOUR[0]}\n{bad}\n{FOUR[2]}\n{FOUR[3]}".encode(), columns=COLUMNS)
    assert [row["id"] for row in reading.rows] == [IDS[0], *IDS[2:]]
    assert reading.codes == [(2, code)]
    problem = reading.rejected[0].problems[0]
    assert said in problem.message
    assert problem.data is not None
    assert (problem.data.line, problem.data.offset) == (2, len(FOUR[0].encode()) + 1)
    assert reading.rejected[0].raw.decode().strip("[] ") == bad.strip("[] ")


def test_not_utf8() -> None:
    plain = [json.dumps(json.loads(one), ensure_ascii=False) for one in FOUR]
    data = "\n".join(plain).encode("latin-1", "replace")
    assert ids(data)[1] == [(n, "E346") for n in range(1, 5)]
    read_ = read(
        MARC,
        RECORD.format('{"245": {"subfields": [{"a": "Öar"}]}}').encode("latin-1"),
        columns=COLUMNS,
        encoding="latin-1",
    )
    assert [row["title"] for row in read_.rows] == ["Öar"]


def test_the_other_form_and_repeated_names() -> None:
    other = RECORD.format(
        '{"tag": "001", "value": "b1"}, {"tag": "020", "ind1": " ", "ind2": " ", "subfields": [{"code": "a", "value": "1"}]},'
        '{"020": {"subfields": [{"a": "2", "a": "3"}]}, "020": {"ind1": "", "subfields": [{"a": "4"}]}}'
    )
    reading = read(MARC, other.encode(), columns=COLUMNS)
    assert reading.rows == [{"id": "b1", "title": None, "isbns": ["1", "2", "3", "4"]}]


def test_a_name_that_must_stand_once() -> None:
    assert ids('{"leader": "a", "leader": "b", "fields": []}')[1] == [(1, "E382")]


def test_a_huge_object_is_passed_over() -> None:
    huge = '{"leader": "' + "x" * 3_000_000 + '"}'
    found, codes = ids(f"{FOUR[0]}{huge}{FOUR[1]}", max_record_bytes=4000)
    assert (found, codes) == (IDS[:2], [(2, "E348")])


def test_unclosed_strings_do_not_take_long() -> None:
    """A reader that looked for the end of each string anew would take minutes over this."""
    unclosed = (RECORD.format("").replace("]}", "") + '"\\"' * 30 + "\n") * 10_000
    assert sum(1 for _ in read_json_chunks(io.BytesIO(unclosed.encode()), 1 << 20)) == 10_000
    assert sum(1 for _ in read_json_chunks(io.BytesIO(b"[" + b'{"a":1}' * 100_000 + b"]"), 1 << 20)) == 100_000
    assert sum(1 for _ in read_json_chunks(io.BytesIO(b'{"' + b'\\"' * 500_000), 1 << 20)) == 1


def test_other_json_is_refused() -> None:
    assert refusal(MARC, b'{"@graph": [{"@id": "x"}]}', columns=COLUMNS) == ["E341"]
    assert refusal(MARC, b"[ ]", columns=COLUMNS) == ["E342"]


@pytest.mark.parametrize("name", ["test_data.utf8", "batch", "one"])
def test_real_files(name: str) -> None:
    partners = {"test_data.utf8": "test_data.utf8.mrc", "batch": "batch.xml", "one": "one.dat"}
    json_ = read(MARC, shared("marc-basic", f"{name}.json"), columns={"r": "record"})
    other = read(MARC, shared("marc-basic", partners[name]), columns={"r": "record"})
    assert json_.rejected == []
    fields = [[json.loads(str(row["r"]))["fields"] for row in reading.rows] for reading in (json_, other)]
    if name == "one":
        assert len(fields[0]) == 1  # another record than one.dat
    else:
        assert fields[0] == fields[1]


@given(
    st.lists(
        st.sampled_from([*FOUR, FOUR[0][:70], "{", "}", '"', "[", ", ", "\n", "\\", 'x{"leader":']),
        max_size=9,
    )
)
def test_every_byte_is_in_one_chunk_or_filler(parts: list[str]) -> None:
    data = "".join(parts).encode()
    at = 0
    for chunk in read_json_chunks(io.BytesIO(data), 1 << 20):
        assert data[at : chunk.offset].strip(b" \n\0\x1a\r\t,[]") == b""
        assert data[chunk.offset : chunk.offset + chunk.size] == chunk.raw
        assert data.count(b"\n", 0, chunk.offset) + 1 == chunk.line
        at = chunk.offset + chunk.size
    assert data[at:].strip(b" \n\0\x1a\r\t,[]") == b""


def test_a_raw_line_end_in_a_string_costs_no_record() -> None:
    broken = FOUR[1].replace("Vindens", "Vindens\r\n", 1)
    reading = read(MARC, "\n".join([FOUR[0], broken, FOUR[2]]).encode(), columns=COLUMNS)
    assert [row["id"] for row in reading.rows] == IDS[:3]
    assert str(reading.rows[1]["title"]).startswith("Vindens öar 2")
    assert reading.notes == ["E318"]


@pytest.mark.parametrize(("tag", "holds"), [("24", True), ("99", True)])
def test_a_tag_of_two_characters_is_told(tag: str, holds: bool) -> None:
    reading = read(MARC, FOUR[0].replace('"245"', f'"{tag}"').encode(), columns=COLUMNS)
    assert [row["id"] for row in reading.rows] == IDS[:1]
    assert [(note.code, note.severity is Severity.HOLD) for note in reading.problems] == [("E350", holds)]
