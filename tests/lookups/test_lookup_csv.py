"""CSV tables: delimiters, encodings, damaged lines, each problem at its line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from etl.lookups import Row, Table, row_cells, row_place

Load = Callable[..., Table]
Refuse = Callable[..., list[tuple[str, int | None, str]]]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_delimiters_line_ends_and_bom(load: Load, mark: str, end: str, bom: bytes) -> None:
    text = end.join([f"code{mark}library", f"BB{mark}Hallsberg", ""])
    table = load(bom + text.encode())
    row = table.find(("BB",))
    assert isinstance(row, Row)
    assert (row_cells(row), table.columns, table.size) == (
        {"code": "BB", "library": "Hallsberg"},
        ("code", "library"),
        1,
    )


def test_cells_are_text_stripped_and_composed(load: Load) -> None:
    row = load("code;name;note\n 0123 ;Sjo\u0308berg\u00a0;no\n").find(("0123",))
    assert isinstance(row, Row)
    assert row_cells(row) == {"code": "0123", "name": "Sjöberg", "note": "no"}


def test_keys_are_found_with_blanks_and_decomposed_letters(load: Load) -> None:
    table = load("code,x\nhäfte,1\n")
    assert isinstance(table.find((" ha\u0308fte ",)), Row)


def test_empty_cells_are_empty_text(load: Load) -> None:
    row = load("code,x\nA,\n").find(("A",))
    assert isinstance(row, Row)
    assert row["x"] == ""


def test_quoted_cells_go_over_lines_and_places_stay_right(load: Load) -> None:
    table = load('\n\ncode,note\nA,"one\ntwo, ""three"""\n\n,\nB,x\n')
    first, second = table.find(("A",)), table.find(("B",))
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first["note"] == 'one\ntwo, "three"'
    assert [row_place(row).line for row in (first, second)] == [4, 8]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("", [("E452", 1, "the file is empty")]),
        ("\n  \n", [("E452", 2, "the file is empty")]),
        (
            "code,a;b\n1,2\n",
            [("E452", 1, "the header line has commas and semicolons: the delimiter cannot be told")],
        ),
        ('code,x\n"A"B,1\n', [("E452", 2, "the line is no CSV: ',' expected after '\"'")]),
        ('code,x\nA,1\n"B,1\n', [("E452", 3, "the line is no CSV: unexpected end of data")]),
        ("code,x,x\nA,1,2\n", [("E453", 1, 'column "x" stands twice in the header, as number 2 and 3')]),
        ("code,x,\nA,1,\n", [("E453", 1, "column 3 has no name")]),
        ("code,_x\nA,1\n", [("E453", 1, 'column name "_x" begins with an underscore')]),
        (
            "code,x\nA\nB,1,2\nC,3\n",
            [
                ("E454", 2, "the row has 1 cell, the header has 2"),
                ("E454", 3, "the row has 3 cells, the header has 2"),
            ],
        ),
        ("kode,x\nA,1\n", [("E456", None, 'the table has no column "code" to look up by')]),
        ("code,x\nA,1\nB,2\n\nA,3\n", [("E457", 5, 'the row of "A" has the same key as the one on line 2')]),
    ],
)
def test_everything_wrong_is_said_with_its_line(refuse: Refuse, text: str, want: list[object]) -> None:
    assert refuse(text) == want


def test_problems_of_several_kinds_come_together(refuse: Refuse) -> None:
    found = refuse("code,x,valid_from\nA,1\nB,2,soon\nB,2,\n")
    assert [(code, line) for code, line, _ in found] == [("E454", 2), ("E458", 3), ("E457", 4)]


@pytest.mark.parametrize(
    ("raw", "line", "message"),
    [
        ("code,x\nA,1\nB,Hällefors\n".encode("latin-1"), 3, "the file is not UTF-8: byte 0xe4 at offset 14"),
        ("code,x\nA,1\n".encode("utf-16"), 1, "the file is not UTF-8: it is UTF-16"),
        (b"code,x\nA,\x00\n", 2, "the file is not UTF-8: it has a zero byte"),
    ],
)
def test_other_encodings_are_refused(refuse: Refuse, raw: bytes, line: int, message: str) -> None:
    assert refuse(raw) == [("E451", line, message)]


def test_one_column_alone_is_a_table(load: Load) -> None:
    assert isinstance(load("code\nA\n").find(("A",)), Row)
