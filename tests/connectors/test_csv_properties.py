"""Delimited text, for all texts: what was written is read, and nothing is lost of what cannot be."""

from __future__ import annotations

import csv
import io
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from reading import read

from connectors.csv_file import CsvConnector
from etl.testing.connector_suite import check_survives
from etl.testing.sources import bytes_source

CSV = CsvConnector()
CELL = st.text(st.characters(exclude_characters="\0\x1a\r", exclude_categories=["Cs"]), max_size=12)


@given(
    rows=st.lists(st.tuples(CELL, CELL).map(lambda pair: ["x", *pair]), max_size=8),
    delimiter=st.sampled_from(";,\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_is_read(rows: list[list[str]], delimiter: str, end: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerows([["a", "b", "c"], *rows])
    reading = read(CSV, out.getvalue().encode(), delimiter=delimiter, encoding="utf-8")
    # A cell with a line of two delimiters in it is taken for swallowed rows, and rejected rather than read.
    read_rows = [list(row.values()) for row in reading.rows]
    expected = [[unicodedata.normalize("NFC", cell) for cell in row] for row in rows]
    if not reading.rejected:
        assert read_rows == expected
    assert len(read_rows) + len(reading.rejected) == len(rows)
    assert {code for _, code in reading.codes} <= {"E317"}


@given(
    parts=st.lists(
        st.sampled_from([b'"', b";", b"\n", b"\r", b"a", b'""', b"\0", "å".encode(), b"\xe5", b"x;y\n"]),
        max_size=40,
    )
)
def test_any_bytes_add_up(parts: list[bytes]) -> None:
    check_survives(
        CSV, bytes_source(b"h;i\n" + b"".join(parts)), CSV.Options.model_validate({"delimiter": ";"})
    )


@given(parts=st.lists(st.sampled_from([b'"', b";", b"a", b'""', b"\n", b"x;y\n"]), max_size=40))
def test_raw_bytes_lie_where_the_place_says(parts: list[bytes]) -> None:
    data = b"h;i\n" + b"".join(parts)
    for item in read(CSV, data, delimiter=";").rejected:
        place = item.problems[0].data
        assert place is not None
        assert place.offset is not None
        assert data[place.offset : place.offset + len(item.raw)] == item.raw
