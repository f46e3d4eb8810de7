"""Any text → a cell that begins no formula, however the file is read → the same text."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from etl.deadletters.columns import COLUMNS, READ_ONLY
from etl.deadletters.formulas import as_meant, defused
from etl.deadletters.sheet import read_sheet, write_sheet
from etl.problems import Refusal

SIGNS = "=+-@|%＝＋－＠｜％﹦﹢﹣﹫"
BLANKS = [
    " ",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u202e",
    "\u00ad",
    "\x00",
    "\x0b",
    "\x1b",
    "\x85",
    "\u2028",
]
TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from([*SIGNS, *"\"';,\t\r\n_x1B", *BLANKS])), max_size=12
) | st.sampled_from(["'t Hart", "'", "''", "_x001B_", "_x005F_x001B_", "\ud800", "x005F_", '=HYPERLINK("x")'])


def live(cell: str) -> bool:
    """Would a program that trims whatever it likes take this for a formula?"""
    seen = re.sub(r"^[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+", "", cell)
    return seen[:1] != "" and seen[0] in SIGNS


@given(TEXTS)
def test_taking_back_is_exact(text: str) -> None:
    assert as_meant(defused(text)) == text


@given(TEXTS)
def test_no_part_of_a_cell_begins_a_formula_by_any_rules(text: str) -> None:
    cell = defused(text)
    assert cell[:1] not in ("\t", "\r", "\n")
    assert not any(live(part) for part in re.split(r"[;,\t\r\n\"]", cell))


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(
    "before",
    ["", *BLANKS, "\t", "\r", "\n", " \t", "a;", "a,", 'a"', '";"', "a\n", "a\u00a0,\u200b", "'", ";'"],
)
def test_every_sign_in_every_place(sign: str, before: str) -> None:
    assert not any(live(part) for part in re.split(r"[;,\t\r\n\"]", defused(f"{before}{sign}1")))


@given(st.lists(TEXTS, min_size=1, max_size=4))
@pytest.mark.parametrize("name", ["d.csv", "d.xlsx"])
def test_cells_survive_the_way_there_and_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, texts: list[str]
) -> None:
    file = tmp_path_factory.mktemp("sheet") / name
    columns = ("title", "key", "reason", "vendor")
    row = {"ref": "r", **dict(zip(columns, texts, strict=False))}
    write_sheet(file, [row], "sv")
    (found,) = read_sheet(file)
    assert {column: found.cells[column] for column in row} == row


def test_a_workbook_holds_no_formula_whoever_reads_it(tmp_path: Path) -> None:
    write_sheet(tmp_path / "d.xlsx", [dict.fromkeys(COLUMNS, f"{sign}1") for sign in SIGNS], "en")
    sheet: Any = load_workbook(tmp_path / "d.xlsx").active
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            assert cell.data_type == "s"
            assert cell.quotePrefix
            assert not live(cell.value)  # saved as CSV from there it is none either


def test_a_csv_read_with_another_delimiter_holds_none_either(tmp_path: Path) -> None:
    write_sheet(tmp_path / "d.csv", [{"title": "Hund, =1+1", "ref": 'a"\t=2'}], "en")
    text = (tmp_path / "d.csv").read_text(encoding="utf-8-sig")
    for delimiter in ";,\t":
        assert not any(
            live(cell) for line in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in line
        )


def test_a_persons_apostrophe_stays(tmp_path: Path) -> None:
    write_sheet(tmp_path / "d.csv", [{"title": "x", "ref": "r"}], "en")
    text = (tmp_path / "d.csv").read_text(encoding="utf-8-sig").replace(";x;", ";'t Hart;")
    (tmp_path / "d.csv").write_text(text, encoding="utf-8-sig")
    assert read_sheet(tmp_path / "d.csv")[0].cells["title"] == "'t Hart"


@pytest.mark.parametrize("column", ["title", READ_ONLY[2]])
def test_a_text_too_long_for_a_workbook_is_not_cut(tmp_path: Path, column: str) -> None:
    """E852: cut, a title would come back as an edit."""
    row = {"ref": "r", column: "x" * 32_768}
    with pytest.raises(Refusal) as caught:
        write_sheet(tmp_path / "d.xlsx", [row], "en")
    assert "32,767" in caught.value.problems[0].message
    assert not (tmp_path / "d.xlsx").exists()
    write_sheet(tmp_path / "d.csv", [row], "en")
    assert read_sheet(tmp_path / "d.csv")[0].cells[column] == row[column]
