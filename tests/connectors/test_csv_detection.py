"""Encoding and delimiter of delimited text."""

from __future__ import annotations

import codecs

import pytest
from marc_samples import shared
from reading import read, refusal

from connectors.csv_file import CsvConnector
from etl.testing.sources import bytes_source

CSV = CsvConnector()
TEXT = "Titel;Pris\r\nVindens öar på Åland;1,50\r\n"
ROW = {"Titel": "Vindens öar på Åland", "Pris": "1,50"}


def found(data: bytes, **options: object) -> dict[str, str]:
    return CSV.inspect(bytes_source(data), CSV.Options.model_validate(options))


@pytest.mark.parametrize(
    ("data", "options", "codec"),
    [
        (TEXT.encode(), {}, "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), {}, "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), {"encoding": "utf-8"}, "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), {"encoding": "utf-8-sig"}, "utf-8"),
        (TEXT.encode("cp1252"), {}, "cp1252"),
        (TEXT.encode("iso-8859-1"), {"encoding": "iso-8859-1"}, "iso8859-1"),
        (TEXT.encode("cp850"), {"encoding": "cp850"}, "cp850"),
        (TEXT.encode("utf-16"), {}, "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), {}, "utf-16-be"),
        (TEXT.encode("utf-16-le"), {"encoding": "utf-16-le"}, "utf-16-le"),
        (TEXT.encode("utf-16"), {"encoding": "utf-16"}, "utf-16-le"),
        (TEXT.encode("utf-32"), {}, "utf-32-le"),
    ],
)
def test_encodings(data: bytes, options: dict[str, object], codec: str) -> None:
    assert found(data, **options)["encoding"].split()[0] == codec
    assert read(CSV, data, **options).rows == [ROW]


def test_utf16_offsets_and_raw_bytes_are_those_of_the_file() -> None:
    data = "a\tb\r\n\U0001f4da\t1\r\nkort\r\n2\t3\r\n".encode("utf-16")
    reading = read(CSV, data)
    assert reading.places == [(1, 2, 12), (3, 4, 36)]
    assert reading.rejected[0].raw == "kort\r\n".encode("utf-16-le")


@pytest.mark.parametrize(
    ("data", "rejected"),
    [
        (TEXT.encode() + "x;å".encode()[:-1], [(2, "E325")]),  # cut off within a character
        (TEXT.encode() + b"\xe5;1\r\n", [(2, "E316")]),  # one row from elsewhere
    ],
)
def test_one_stray_byte_does_not_make_the_file_8_bit(data: bytes, rejected: list[tuple[int, str]]) -> None:
    reading = read(CSV, data)
    assert reading.rows == [ROW]
    assert reading.codes == rejected


@pytest.mark.parametrize(
    ("data", "options", "codes"),
    [
        (b"", {}, ["E301"]),
        (b"\n\r\n", {}, ["E301"]),
        (codecs.BOM_UTF8, {}, ["E301"]),
        (b"a;b\n", {"skip_lines": 1}, ["E301"]),
        (b"\x89PNG\r\n\x1a\n....", {}, ["E302"]),
        (b"PK\x03\x04....", {}, ["E325"]),
        (b"  <!doctype HTML><title>Login</title>", {}, ["E302"]),
        (TEXT.encode("utf-16-le"), {}, ["E302"]),
        (b"a;b\n1;\x81\n", {}, ["E303"]),
        (codecs.BOM_UTF16_LE + b"a\0\n\0\0\xdc", {}, ["E303"]),
        (codecs.BOM_UTF16_LE + b"a\0\n\0b", {}, ["E325"]),
        (b"a,b;c\n1,2;3\n", {}, ["E305"]),
        (b"Orderlista\na;b\n1;2\n", {}, ["E305"]),
        (b'a;"b\n', {}, ["E313"]),
    ],
)
def test_refused(data: bytes, options: dict[str, object], codes: list[str]) -> None:
    assert refusal(CSV, data, **options) == codes


def test_undecodable_byte_is_placed() -> None:
    from etl.plugin import Refusal

    with pytest.raises(Refusal) as refused:
        read(CSV, b"a;b\n1;2\n3;\x81\n")
    place = refused.value.problems[0].data
    assert place is not None
    assert (place.line, place.offset) == (3, 10)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b\n1,5;2,5\n", "semicolon"),
        ("a,b\n1;5,2\n", "comma"),
        ("a\tb\nx, y\tz\n", "tab"),
        ("a|b|c\n1|2;3|4\n", "bar"),
        ("sep=,\na,b;c\n1,2;3\n", "comma"),
        ('"a;x","b"\n"1;2","3"\n', "comma"),
        ("Titel\nBrev, bud\nOrd\nSken; sant\n", "semicolon"),
        ("a;b;c\n", "semicolon"),
        ("Titel;Pris, kr\nEn, två, tre;1\nFyra;2\n", "semicolon"),
    ],
)
def test_delimiters(text: str, delimiter: str) -> None:
    assert found(text.encode())["delimiter"].split()[0] == delimiter


def test_the_sep_line_is_no_data() -> None:
    assert read(CSV, b"sep=;\r\na;b\r\n1;2\r\n").places == [(1, 3, 12)]
    assert read(CSV, b"sep=;\na,b\n1,2\n", delimiter=",").rows == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("test_utf8_bom.csv", {"foo": "4", "bar": "5", "baz": "ʤ"}),
        ("test_latin1.csv", {"a": "4", "b": "5", "c": "©"}),
        ("test_locale.csv", {"a": "1,7", "b": "200.000.000", "c": ""}),
        ("test_skip_lines.csv", {"a": "1", "b": "2", "c": "3"}),
        ("blanks.csv", {"a": "", "b": "NA", "c": "N/A", "d": "NONE", "e": "NULL", "f": "."}),
    ],
)
def test_csvkit_samples(name: str, row: dict[str, str]) -> None:
    assert read(CSV, shared("csv", name)).rows[-1] == row


@pytest.mark.parametrize("marks", [b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb\xbf" * 3])
def test_a_mark_that_every_program_added_once_more(marks: bytes) -> None:
    reading = read(CSV, marks + '"order";"ISBN\u00a0nr ";"\u200btitle"\n1;2;3\n'.encode())
    assert reading.rows == [{"order": "1", "ISBN nr": "2", "title": "3"}]
    assert reading.notes == []


def test_a_guessed_encoding_is_told_in_the_run() -> None:
    data = "order;title\nA-1;Boken\nA-2;Sjön i dalen\n".encode("cp1252")
    notes = [one for batch in CSV.read(bytes_source(data), CSV.Options(), None) for one in batch.notes]
    assert [(one.code, one.data and one.data.line) for one in notes] == [("E337", 3)]
    assert '"Sjön"' in notes[0].message
    assert read(CSV, data, encoding="windows-1252").notes == []
    assert read(CSV, data, fallback_encoding="windows-1252").notes == []
    assert read(CSV, data.decode("cp1252").encode()).notes == []


_OPEN = '"Sju nätter'
_HEADERS = {";": "id;titel;pris", ",": "id,titel,pris", "\t": "id\ttitel\tpris", "|": "id|titel|pris"}


@pytest.mark.parametrize("delimiter", _HEADERS)
@pytest.mark.parametrize("rows", [1, 2, 3, 40])
@pytest.mark.parametrize("broken", [1, 2])
def test_a_quote_that_never_closes_does_not_hide_the_delimiter(
    delimiter: str, rows: int, broken: int
) -> None:
    lines = [f"{n}{delimiter}{_OPEN if n == broken else 'Bok'}{delimiter}2" for n in range(1, rows + 1)]
    data = "\n".join([_HEADERS[delimiter], *lines, ""]).encode()
    reading = read(CSV, data)
    assert [row["id"] for row in reading.rows] == [str(n) for n in range(1, rows + 1) if n != broken]
    assert reading.codes == ([(broken, "E313")] if broken <= rows else [])


def test_of_rows_narrower_than_the_first_line_no_title_is_told() -> None:
    from etl.plugin import Refusal

    with pytest.raises(Refusal) as refused:
        read(CSV, b"a;b;c\n1;2\n3;4\n")
    [one] = refused.value.problems
    assert one.code == "E305"
    assert "no delimiter" not in one.message
    assert one.help is not None
    assert "skip_lines" not in one.help
