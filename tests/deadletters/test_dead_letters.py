"""Refused and held orders → a sheet → edited as a librarian would → sent, once, and written down."""

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path
from typing import Any

import pytest
from alma_shop import Shop
from edited_sheets import edit_csv, letters, replay, right
from openpyxl import load_workbook

from etl.deadletters.sheet import read_sheet, write_sheet
from etl.problems import Refusal


def test_the_sheet_groups_by_cause_with_a_fix(shop: Shop) -> None:
    said = letters(shop, "d.csv")
    rows = list(
        csv.DictReader(io.StringIO((shop.folder / "d.csv").read_text(encoding="utf-8-sig")), delimiter=";")
    )
    assert [
        (row["Order"], row["Vendor"], row["Price"]) for row in sorted(rows, key=lambda row: row["Order"])
    ] == [
        ("O-2", "ADLIBRI", "249.00"),
        ("O-3", "ADLIBRIS", "2000.00"),
    ]
    assert "d.csv: 2 orders" in said
    assert all(row["Suggested fix"] for row in rows)
    assert "401872" in next(row for row in rows if row["Order"] == "O-2")["What was said"]
    assert next(row for row in rows if row["Order"] == "O-3")["Cause"] == "Held by the mapping: dear"
    assert stat.S_IMODE((shop.folder / "d.csv").stat().st_mode) == 0o600


def test_only_marked_rows_are_sent_corrected_and_written_down(shop: Shop) -> None:
    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", right)
    code, said = replay(shop, "d.csv")
    assert code == 0, said
    assert shop.references() == ["O-1", "O-2", "O-3"]
    _, out, _ = shop.etl("ledger", "show", "O-2")
    assert 'Bibliotekarien: sent again from the sheet, vendor: "ADLIBRI" → "ADLIBRIS"' in out
    _, out, _ = shop.etl("ledger", "show", "O-3")
    assert "Bibliotekarien: sent again from the sheet, unchanged" in out


def test_nothing_marked_sends_nothing(shop: Shop) -> None:
    letters(shop, "d.csv")
    assert replay(shop, "d.csv")[0] == 0
    assert shop.references() == ["O-1"]


def test_the_same_sheet_twice_sends_once(shop: Shop) -> None:
    """E857: the order is not as it was."""
    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", right)
    replay(shop, "d.csv")
    code, said = replay(shop, "d.csv")
    assert code == 2
    assert "error[E857]" in said
    assert len(shop.held()) == 3


def test_a_workbook_in_swedish(shop: Shop) -> None:
    letters(shop, "d.xlsx", "--language", "sv")
    book = load_workbook(shop.folder / "d.xlsx")
    sheet: Any = book.active
    heads = {cell.value: cell.column for cell in sheet[1]}
    assert "Vad som sades" in heads
    assert all(sheet.cell(row, heads["ISBN"]).data_type == "s" for row in (2, 3))
    for row in (2, 3):
        sheet.cell(row, heads["Skicka? (ja)"]).value = "ja"
        sheet.cell(row, heads["Leverantör"]).value = "ADLIBRIS"
        sheet.cell(row, heads["Pris"]).value = 199.5
        sheet.cell(row, heads["Fondbelopp"]).value = "199,50"
    book.save(shop.folder / "d.xlsx")
    code, said = replay(shop, "d.xlsx")
    assert code == 0, said
    assert [line["price"]["sum"] for line in shop.held()] == ["249.0", "199.5", "199.5"]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("ISBN", "9.78919E+12", '"9.78919E+12" is no ISBN'),
        ("Price", "dyrt", "dyrt"),
        ("Owning library", "HGB", '"HGB" is not a library'),
        ("Vendor", "", 'write - to take a value away'),
        ("Send? (yes)", "kanske", "neither yes nor no"),
        ("Copies", "0", "0"),
    ],
)  # fmt: skip
def test_one_bad_row_and_nothing_is_sent(shop: Shop, column: str, value: str, words: str) -> None:
    """E856."""

    def change(row: dict[str, str]) -> None:
        right(row)
        if row["Order"] == "O-3":
            row[column] = value

    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", change)
    code, said = replay(shop, "d.csv")
    assert code == 2
    assert "error[E856]" in said
    assert words in said
    assert shop.references() == ["O-1"]


def test_without_a_terminal_it_does_not_go_ahead(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", right)
    code, _, said = shop.etl(
        "ledger", "replay", "d.csv", "--mapping", "m.yaml"
    )
    assert code == 2
    assert "say --yes" in said
    assert shop.references() == ["O-1"]


@pytest.mark.parametrize(
    "data",
    [b"", b"a;b\n1;2\n", b"PK\x03\x04rubbish", b"\x00\x01\x02"],
    ids=["empty", "headings", "zip", "binary"],
)
@pytest.mark.parametrize("name", ["d.csv", "d.xlsx"])
def test_other_files_are_refused(tmp_path: Path, name: str, data: bytes) -> None:
    """E852."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Refusal) as caught:
        read_sheet(tmp_path / name)
    assert caught.value.problems[0].code == "E852"


def test_excel_saves_csv_in_its_own_encoding(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    write_sheet(file, [{"title": "Påhittad", "ref": "r"}], "sv")
    file.write_bytes(file.read_bytes().decode("utf-8-sig").encode("cp1252"))
    assert read_sheet(file)[0].cells["title"] == "Påhittad"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_sheet_that_somebody_may_have_begun_to_fill_in_is_not_replaced(shop: Shop, suffix: str) -> None:
    sheet = shop.folder / f"letters.{suffix}"
    sheet.write_bytes(b"half a day of work")
    code, _, said = shop.etl("ledger", "dead-letters", "--out", sheet.name)
    assert code == 2
    assert "error[E612]" in said
    assert sheet.read_bytes() == b"half a day of work"


def test_a_sheet_over_the_ledger_is_refused(shop: Shop) -> None:
    code, _, said = shop.etl("ledger", "dead-letters", "--out", "etl-ledger.sqlite")
    assert code == 2
    assert "error[E615]" in said
