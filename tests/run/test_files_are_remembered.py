"""A sink that writes files → a ledger beside the report that knows every line, and what waits."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alma_shop import SHELVES, order

from etl.cli.main import run_cli

MAPPING = """\
version: 1
name: shop
target: po_line
source: {connector: csv, path: orders.csv}
key: [order]
lookups:
  shelves: {file: shelves.csv, key: code}
fields:
  owner: HBG
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS
  vendor_reference_number: "{{ order }}"
  price: {sum: "{{ price }}", currency: SEK}
  resource_metadata: {title: "{{ title }}", isbn: "{{ isbn }}"}
  fund_distribution: [{fund_code: "{{ fund }}", amount: {sum: "{{ price }}", currency: SEK}}]
  location: [{library: HBG, shelving_location: "{{ shelf | lookup('shelves', 'location') }}", quantity: 1}]
checks:
  - {if: "{{ price | decimal > 1000 }}", hold: "dear"}
sink: {type: files, directory: out}
"""
LEDGER = "etl-report/etl-ledger.sqlite"


class Desk:
    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capture = folder, capture
        (folder / "m.yaml").write_text(MAPPING, encoding="utf-8")
        (folder / "shelves.csv").write_text(SHELVES, encoding="utf-8")

    def orders(self, *rows: str) -> None:
        text = "\n".join(("order,title,isbn,price,fund,note,shelf", *rows)) + "\n"
        (self.folder / "orders.csv").write_text(text, encoding="utf-8")

    def etl(self, *words: str) -> tuple[int, str, str]:
        self.capture.readouterr()
        code = run_cli(list(words))
        out, err = self.capture.readouterr()
        return code, out, err

    def states(self, *words: str) -> dict[str, str]:
        _, out, _ = self.etl("ledger", "list", "--ledger", LEDGER, "--format", "json", *words)
        return {row["key"]: row["state"] for row in json.loads(out)}

    def written(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "out").glob("*"))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def test_a_line_that_is_no_document_is_found_by_what_it_is_about(desk: Desk) -> None:
    skips = "when: \"{{ note != 'withdrawn' }}\"\n"
    (desk.folder / "m.yaml").write_text(MAPPING.replace("checks:", skips + "checks:"), encoding="utf-8")
    desk.orders(
        order(1, shelf="X"), order(2, price="?"), order(3, note="withdrawn"), order(4), order(5, price="2000.00")
    )
    code, _, said = desk.etl("run", "m.yaml")
    assert code == 1
    assert f"what waits: etl ledger list --state waiting --ledger {LEDGER}" in said
    listed = [
        row
        for words in ([], ["--state", "skipped"])
        for row in json.loads(desk.etl("ledger", "list", *words, "--ledger", LEDGER, "--format", "json")[1])
    ]
    assert {row["state"] for row in listed} == {"rejected", "skipped", "written", "held"}
    for row in listed:
        number = row["reference"].removeprefix("O-")
        about = row["vendor"], row["title"], row["isbn"]
        isbn = order(int(number)).split(",")[2]
        assert about == ("ADLIBRIS", f"Påhittad bok {number}", isbn), row["state"]
        found = json.loads(desk.etl("ledger", "list", row["isbn"], "--ledger", LEDGER, "--format", "json")[1])
        assert [one["id"] for one in found] == [row["id"]]
    desk.etl("ledger", "dead-letters", "--ledger", LEDGER, "--out", "sheet.csv")
    assert "Påhittad bok 1" in (desk.folder / "sheet.csv").read_text(encoding="utf-8-sig")


def test_every_line_of_a_run_is_known(desk: Desk) -> None:
    desk.orders(order(1), order(2, price="2000.00"), order(3, shelf="X"))
    assert desk.etl("run", "m.yaml")[0] == 1
    assert desk.states() == {"O-1": "written", "O-2": "held", "O-3": "rejected"}
    desk.orders(order(4))
    code, _, said = desk.etl("run", "m.yaml")
    assert code == 0
    assert "waiting from before: 2 orders (1 held, 1 rejected)" in said
    assert f"etl ledger list --state waiting --ledger {LEDGER}" in said


def test_what_a_person_lets_pass_is_written(desk: Desk) -> None:
    desk.orders(order(2, price="2000.00"))
    desk.etl("run", "m.yaml")
    assert desk.etl("ledger", "release", "O-2", "--ledger", LEDGER)[0] == 0
    assert desk.etl("run", "m.yaml")[0] == 0
    assert desk.written() == ["O-2.json"]
    assert desk.states() == {"O-2": "written"}
    assert desk.etl("run", "m.yaml")[0] == 0, "the decision holds as long as the record does"


def test_what_a_person_dismisses_is_written_no_more_until_the_record_changes(desk: Desk) -> None:
    """Also where the mapping has nothing against it by now."""
    desk.orders(order(1), order(2, price="2000.00"))
    desk.etl("run", "m.yaml")
    assert desk.etl("ledger", "dismiss", "O-2", "--reason", "not wanted", "--ledger", LEDGER)[0] == 0
    (desk.folder / "m.yaml").write_text(MAPPING.replace("> 1000", "> 5000"), encoding="utf-8")
    code, _, said = desk.etl("run", "m.yaml")
    assert (code, "1 dismissed" in said) == (0, True)
    assert desk.written() == ["O-1.json"]
    desk.orders(order(1), order(2, price="2001.00"))
    assert desk.etl("run", "m.yaml")[0] == 0
    assert desk.written() == ["O-1.json", "O-2.json"]


def test_a_changed_document_replaces_the_file_and_is_in_the_history(desk: Desk) -> None:
    for price in ("100.00", "100.00", "120.00"):
        desk.orders(order(1, price=price))
        assert desk.etl("run", "m.yaml")[0] == 0
    _, out, _ = desk.etl("ledger", "show", "O-1", "--ledger", LEDGER)
    assert out.count("written    ") == 2
    assert '"sum": "120.00"' in out


def test_lines_are_mapped_anew_into_files(desk: Desk) -> None:
    desk.orders(order(2, price="2000.00"), order(3, shelf="X"))
    desk.etl("run", "m.yaml")
    (desk.folder / "shelves.csv").write_text(SHELVES + "X,VUXEN\n", encoding="utf-8")
    code, _, said = desk.etl("ledger", "reprocess", "m.yaml")
    assert (code, "1 written, 1 held" in said) == (1, True)
    assert desk.written() == ["O-3.json"]
    assert desk.states("--state", "waiting") == {"O-2": "held"}


def test_one_file_of_lines_is_remembered_only_when_it_stands(desk: Desk) -> None:
    mapping = MAPPING.replace("directory: out", "file: all.ndjson")
    (desk.folder / "m.yaml").write_text(mapping, encoding="utf-8")
    desk.orders(order(1), order(2))
    assert desk.etl("run", "m.yaml")[0] == 0
    assert desk.states() == {"O-1": "written", "O-2": "written"}
    (desk.folder / "all.ndjson").unlink()
    (desk.folder / "all.ndjson").write_text("somebody else's\n", encoding="utf-8")
    desk.orders(order(3))
    assert desk.etl("run", "m.yaml")[0] != 0
    assert "O-3" not in desk.states()


def test_a_run_that_a_guard_stops_is_not_remembered(desk: Desk) -> None:
    (desk.folder / "m.yaml").write_text(MAPPING + "guards: {max_documents: 1}\n", encoding="utf-8")
    desk.orders(order(1), order(2), order(3, shelf="X"))
    assert desk.etl("run", "m.yaml")[0] == 4
    assert not (desk.folder / LEDGER).exists()


def test_standard_output_leaves_nothing(desk: Desk) -> None:
    desk.orders(order(1))
    assert desk.etl("run", "m.yaml", "--sink", "stdout")[0] == 0
    assert not (desk.folder / LEDGER).exists()


def test_two_destinations_are_kept_apart(desk: Desk) -> None:
    desk.orders(order(1), order(2, price="2000.00"))
    desk.etl("run", "m.yaml")
    desk.etl("ledger", "release", "O-2", "--ledger", LEDGER)
    assert desk.etl("run", "m.yaml", "--sink-option", "directory=elsewhere")[0] == 1
    with closing(sqlite3.connect(desk.folder / LEDGER)) as database:
        found = database.execute("SELECT institution, key, state FROM orders ORDER BY id").fetchall()
    assert {(row[0], row[1]): row[2] for row in found} == {
        ("files ../out", '["O-1"]'): "written",
        ("files ../out", '["O-2"]'): "released",
        ("files ../elsewhere", '["O-1"]'): "written",
        ("files ../elsewhere", '["O-2"]'): "held",
    }


def test_a_ledger_that_cannot_be_written_stops_the_run_before_the_first_file(desk: Desk) -> None:
    desk.orders(order(1))
    (desk.folder / "etl-report").mkdir()
    (desk.folder / LEDGER).write_bytes(b"no ledger at all, but more than a few bytes")
    code, _, said = desk.etl("run", "m.yaml")
    assert code == 2, said
    assert "error[E81" in said
    assert desk.written() == []


def test_a_held_line_without_a_document_is_found_and_counted(desk: Desk) -> None:
    """A required value waits for a row of a table: the record says what it is about."""
    mapping = MAPPING.replace("key: code}", "key: code, on_missing: hold}").replace(
        "owner: HBG", "owner: \"{{ shelf | lookup('shelves', 'location') | replace('VUXEN', 'HBG') }}\""
    )
    (desk.folder / "m.yaml").write_text(mapping, encoding="utf-8")
    desk.orders(order(1, price="2000.00"), order(2, shelf="X"), order(3, shelf="X"))
    _, _, said = desk.etl("run", "m.yaml")
    assert "  held: 3 documents, 3 copies, 2,498.00 SEK\n" in said
    assert "held_unpriced" not in json.loads((desk.folder / "etl-report/shop/report.json").read_text())
    rows = json.loads(desk.etl("ledger", "list", "--ledger", LEDGER, "--format", "json")[1])
    assert [(row["state"], row["vendor"], row["title"], row["reference"]) for row in rows] == [
        ("held", "ADLIBRIS", f"Påhittad bok {number}", f"O-{number}") for number in (1, 2, 3)
    ]
    assert [row["isbn"] for row in rows] == [order(number).split(",")[2] for number in (1, 2, 3)]
    desk.orders(order(2, shelf="X"))
    assert "  held: 1 document, 1 copy, 249.00 SEK\n" in desk.etl("run", "m.yaml")[2]


COPIES = MAPPING.replace("quantity: 1}", 'quantity: 1, copy: [{barcode: "{{ note }}"}]}')


def barcodes(desk: Desk, *rows: str) -> tuple[int, dict[str, str]]:
    """Orders whose notes are barcodes: how the run ends, and how they stand."""
    (desk.folder / "m.yaml").write_text(COPIES, encoding="utf-8")
    desk.orders(*rows)
    code, _, _ = desk.etl("run", "m.yaml")
    return code, desk.states()


def test_a_barcode_is_held_for_another_line_of_the_run_or_of_an_earlier_file(desk: Desk) -> None:
    first, other = order(1, note="3001"), order(2, note="3002")
    assert barcodes(desk, first, other) == (0, {"O-1": "written", "O-2": "written"})
    assert barcodes(desk, first, other)[0] == 0  # it comes again, and is not its own twin
    assert barcodes(desk, order(1, note="3001", price="251.00"), other)[0] == 0  # nor when it is corrected
    code, states = barcodes(desk, order(3, note=" 3001"), order(4, note="3004"), order(5, note="3004"))
    assert code == 1
    assert {states[name] for name in ("O-3", "O-5")} == {"held"}
    assert {states[name] for name in ("O-1", "O-2", "O-4")} == {"written"}
    code, states = barcodes(desk, order(3, note="3009"), first)  # and is free when it gets its own
    assert (code, states["O-3"]) == (0, "written")
    assert barcodes(desk, order(1, note="3009"))[1]["O-1"] == "held"  # a correction may be a twin, too


def test_a_barcode_that_a_person_lets_pass_holds_neither_line(desk: Desk) -> None:
    rows = order(1, note="3001"), order(2, note="3001")
    assert barcodes(desk, *rows)[1]["O-2"] == "held"
    assert desk.etl("ledger", "release", "O-2", "--ledger", LEDGER)[0] == 0
    for _ in range(2):
        assert barcodes(desk, *rows) == (0, {"O-1": "written", "O-2": "written"})


def test_a_key_that_was_changed_makes_no_twins_of_the_same_records(desk: Desk) -> None:
    row = order(1, note="3001")
    barcodes(desk, row)
    (desk.folder / "m.yaml").write_text(COPIES.replace("key: [order]", "key: [order, isbn]"), encoding="utf-8")
    assert desk.etl("run", "m.yaml")[0] == 0
