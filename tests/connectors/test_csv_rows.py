"""Rows of delimited text: what is read, what is rejected, and where."""

from __future__ import annotations

import io
import json

import pytest
from marc_samples import shared
from pydantic import ValidationError
from reading import read, refusal

from connectors.csv_file import CsvConnector
from connectors.csv_options import CsvOptions
from connectors.formats.delimited import DelimitedReader, Dialect
from connectors.formats.text_encoding import TextEncoding
from connectors.formats.text_lines import read_lines
from etl.testing.sources import bytes_source

CSV = CsvConnector()
SPECTRUM = [
    "comma_in_quotes",
    "empty",
    "empty_crlf",
    "escaped_quotes",
    "json",
    "newlines",
    "newlines_crlf",
    "quotes_and_newlines",
    "simple",
    "simple_crlf",
    "utf8",
]


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum(name: str) -> None:
    reading = read(CSV, shared("csv", "csvs", f"{name}.csv"))
    assert reading.rows == json.loads(shared("csv", "json", f"{name}.json").read_text("utf-8"))
    assert reading.rejected == []


ROWS = [
    # text after the header a;b;c → rows (as joined cells), rejected (record, code)
    ("1;2;3\n4;5;6\n", ["1|2|3", "4|5|6"], []),
    ("1;2;3\r\n4;5;6", ["1|2|3", "4|5|6"], []),
    ("1;2;3\r4;5;6\r", ["1|2|3", "4|5|6"], []),
    ("\n1;2;3\n\n\r\n4;5;6\n\x1a", ["1|2|3", "4|5|6"], []),
    ("0123;no;1,50\n", ["0123|no|1,50"], []),
    (" 1 ;2; 3\n", [" 1 |2| 3"], []),
    ("1;2\n4;5;6\n", ["4|5|6"], [(1, "E310")]),
    ("1;2;3;4\n4;5;6\n", ["4|5|6"], [(1, "E311")]),
    ("1;2;3;;\n4;5;6;;\n", ["1|2|3", "4|5|6"], []),
    ('1;6" nails;3\n', ['1|6" nails|3'], []),
    ('1;"x;""y""\nz";3\n', ['1|x;"y"\nz|3'], []),
    ('1;"x"y;3\n4;5;6\n', ["4|5|6"], [(1, "E312")]),
    ('1;"open;3\n4;5;6\n7;"x";9\n', ["4|5|6", "7|x|9"], [(1, "E313")]),
    ('1;2;3\n4;"open;6\n', ["1|2|3"], [(2, "E313")]),
    ('4;5;"open', [], [(1, "E325")]),
    ("1;2;3\n4;5", ["1|2|3"], [(2, "E325")]),
    ('1;2;3\n4;"on two\nlines', ["1|2|3"], [(2, "E313"), (3, "E325")]),
    ("1;2;3\n4;5;6;7", ["1|2|3"], [(2, "E311")]),
    ("1;2;3\n4;5\n", ["1|2|3"], [(2, "E310")]),
    ('1;"open;3\n4;5;6\n7;shut";9\n1;2;3\n', ["1|2|3"], [(1, "E317")]),
    ('1;"open;3\n7;shut";9\n1;2;3\n', ["1|2|3"], [(1, "E317")]),
    ("1;2\0;3\n4;5;6\n", ["4|5|6"], [(1, "E314")]),
    ('1;"2\0";3\n4;5;6\n', ["4|5|6"], [(1, "E314")]),
    ("1;2;3\n;;\n ; ;\n4;5;6\n", ["1|2|3", "4|5|6"], []),
    ("1;o\u0308;3\n", ["1|ö|3"], []),
    ("1;\u2028x\x0by\x85;3\n", ["1|\u2028x\x0by\x85|3"], []),
]


@pytest.mark.parametrize(("text", "rows", "rejected"), ROWS)
def test_rows(text: str, rows: list[str], rejected: list[tuple[int, str]]) -> None:
    reading = read(CSV, f"a;b;c\n{text}".encode(), delimiter=";")
    assert ["|".join(map(str, row.values())) for row in reading.rows] == rows
    assert reading.codes == rejected


def test_places_and_raw_bytes() -> None:
    data = 'a;b\r\n\r\n1;"x\r\ny"\r\n1;2;3\r\n4;"å\r\n5;6\r\n'.encode()
    reading = read(CSV, data)
    assert reading.places == [(1, 3, data.index(b"1;")), (4, 7, data.index(b"5;6"))]
    assert [item.raw for item in reading.rejected] == [b"1;2;3\r\n", '4;"å\r\n'.encode()]
    places = [item.problems[0].data for item in reading.rejected]
    assert [(place.record, place.line, place.offset) for place in places if place] == [
        (2, 5, data.index(b"1;2;3")),
        (3, 6, data.index(b"4;")),
    ]


@pytest.mark.parametrize("row", ["1;2;x", '1;"2";x', '1;"2"x;3x', '1;"x', '1;"2\nx";x'])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_text_of_a_record_is_all_but_its_line_end(row: str, end: str) -> None:
    utf_8 = TextEncoding("utf-8", 0, "declared")
    lines = read_lines(io.BytesIO((row + end).encode()), utf_8, 1000)
    (record,) = DelimitedReader(lines, Dialect(";", '"', "utf-8", 1000))
    assert record.text == row


def test_a_huge_line_is_rejected_and_cut() -> None:
    data = b"a;b\n1;2\n" + b"x" * 900_000 + b"\n3;4\n"
    reading = read(CSV, data, max_record_bytes=1000)
    assert reading.codes == [(2, "E315")]
    assert len(reading.rejected[0].raw) == 1000
    assert "900001 bytes" in reading.rejected[0].problems[0].message
    assert reading.places == [(1, 2, 4), (3, 4, 900_009)]


def test_an_unclosed_quote_reads_no_further_than_the_limit() -> None:
    reading = read(CSV, b'a;b\n"open;1\n' + b"1;2\n" * 5000, max_record_bytes=2000)
    assert reading.codes == [(1, "E313")]
    assert len(reading.rows) == 5000


def test_batches_are_bounded_and_keep_numbers() -> None:
    reading = read(CSV, b"a;b\n" + b"1;2\n3\n" * 12_500)
    assert len(reading.rows) == len(reading.rejected) == 12_500
    assert reading.places[-1][0] == 24_999


def test_skipped_rows_are_counted_and_take_no_number() -> None:
    reading = read(CSV, b"a;b\n1;2\nSumma;2\n3;4\nTotalt\n", skip_pattern="^(Summa|Totalt)")
    assert [place[0] for place in reading.places] == [1, 2]
    assert (reading.rejected, reading.notes) == ([], ["E322"])


def test_header_treatment() -> None:
    reading = read(CSV, b" a ;a;;_line;a_2\n1;2;3;4;5\n")
    assert list(reading.rows[0]) == ["a", "a_3", "column_3", "_line_2", "a_2"]
    assert reading.notes == ["E320", "E321", "E320"]


def test_columns_are_renamed_by_folded_alias() -> None:
    data = "Ordernr;FORFATTARE;A-pris\n1;Öberg;9\n".encode()
    reading = read(CSV, data, columns={"author": ["Upphov", "Författare"], "price": "a pris"})
    assert reading.rows == [{"Ordernr": "1", "author": "Öberg", "price": "9"}]


@pytest.mark.parametrize(
    ("columns", "codes"),
    [
        ({"x": "Saknas"}, ["E306"]),
        ({"x": "Saknas", "y": ["Borta", "Väck"]}, ["E306", "E306"]),
        ({"x": "pris"}, ["E307"]),
        ({"x": "Titel", "y": "titel"}, ["E307"]),
        ({"x": "PRIS"}, []),
    ],
)
def test_renaming_that_cannot_be(columns: dict[str, object], codes: list[str]) -> None:
    assert refusal(CSV, b"Titel;PRIS;Pris \n1;2;3\n", columns=columns) == codes


def test_without_header() -> None:
    reading = read(CSV, b"x\n1,2,3\n4,5,6\n", header=False, skip_lines=1, columns={"isbn": "column 2"})
    assert reading.rows == [
        {"column_1": "1", "isbn": "2", "column_3": "3"},
        {"column_1": "4", "isbn": "5", "column_3": "6"},
    ]


def test_header_only_is_a_file_of_no_records() -> None:
    reading = read(CSV, b"a;b\n")
    assert (reading.rows, reading.rejected, reading.notes) == ([], [], [])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"delimiter": ";;"}, "one character"),
        ({"encoding": "klingon"}, "no text encoding"),
        ({"encoding": "hex"}, "no text encoding"),
        ({"skip_pattern": "("}, "not a regular expression"),
        ({"skip_pattern": "x*"}, "every row"),
        ({"columns": {"_line": "a"}}, "cannot be a column name"),
        ({"columns": {"a": []}}, "needs a header name"),
        ({"header": "no"}, "true or false"),
    ],
)
def test_wrong_options(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        CSV.Options.model_validate(options)


@pytest.mark.parametrize(
    ("rows", "loaded", "rejected"),
    [
        ("1;A;;\n2;B;;\n", 2, 0),  # a habit of the file
        ("1;A\n2;B;\n3;C\n", 3, 0),
        ("1;A &amp;\n2;B\n", 1, 1),  # the delimiter was a part of the title
        ("1;A;;\n", 1, 0),
        ("1;A;;\n2;B;;;\n", 2, 0),
        ("A;B;\nC;D\n", 1, 1),  # no number shows that nothing has moved
    ],
)
def test_extra_empty_cells_where_nothing_has_moved(rows: str, loaded: int, rejected: int) -> None:
    assert loaded_of("id;title", rows) == (loaded, rejected)


@pytest.mark.parametrize(
    ("row", "loaded"),
    [
        ("4;Den fjärde;9789199999944;1;40;D;;;\n", 1),
        ("4;Den fjärde;9789199999944;1;40;;\n", 1),
        ("4;Den;fjärde;9789199999944;1;40;\n", 0),  # a delimiter in the title, and the last cell empty
        ("4;Den fjärde;9789199999944;1;;;40;\n", 0),
        ("4;Den fjärde;;;;;;\n", 1),
        ("4;Den fjärde;9789199999944;1;40;1;\n", 0),  # a number where all other rows have words
        ("4;Den fjärde;9789199999944;1;40;D;;x\n", 0),
    ],
)
def test_a_row_whose_numbers_are_in_their_place_has_not_moved(row: str, loaded: int) -> None:
    rows = "1;Ett;9789199999913;1;10;A\n2;Två;9789199999920;1;20;B\n3;Tre;9789199999937;1;30;C\n"
    assert loaded_of("id;title;isbn;copies;price;place", rows + row) == (3 + loaded, 1 - loaded)


def loaded_of(header: str, rows: str) -> tuple[int, int]:
    source = bytes_source(f"{header}\n{rows}".encode(), "in.csv")
    connector = CsvConnector()
    batches = list(connector.read(source, CsvOptions(delimiter=";"), None))
    return sum(batch.frame.height for batch in batches), sum(len(batch.rejected) for batch in batches)
