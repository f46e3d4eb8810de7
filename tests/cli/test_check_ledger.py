"""etl check --ledger: what a changed mapping would do to orders that are known, before it does."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alma_shop import Shop, open_shop, order

VENDORS = "row,code\nA,ADLIBRIS\n"


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    """Two orders of ADLIBRIS, posted; the vendor's code stands in a table."""
    with open_shop(tmp_path, monkeypatch, capsys) as found:
        change(found, "  shelves:", "  vendors: {file: vendors.csv, key: row}\n  shelves:")
        change(found, "  vendor: ADLIBRIS\n", "  vendor: \"{{ 'A' | lookup('vendors', 'code') }}\"\n")
        change(found, "institution: inst.json\n", "")
        (tmp_path / "vendors.csv").write_text(VENDORS, encoding="utf-8")
        assert found.etl("run", "m.yaml")[0] == 0
        yield found


def change(shop: Shop, old: str, new: str) -> None:
    file = shop.folder / "m.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def check(shop: Shop, *words: str) -> tuple[int, str]:
    code, _, said = shop.etl("check", "m.yaml", "--ledger", "etl-ledger.sqlite", *words)
    return code, said


def content(shop: Shop) -> list[str]:
    with sqlite3.connect(shop.folder / "etl-ledger.sqlite") as connection:
        return list(connection.iterdump())


def test_nothing_changed_and_nothing_is_wrong(shop: Shop) -> None:
    shop.orders(order(1), order(2), order(3))
    before = content(shop)
    code, said = check(shop)
    assert code == 0, said
    assert 'in the ledger ("alma"): 1 never met; 2 already posted' in said
    assert content(shop) == before
    assert shop.references() == ["O-1", "O-2"]


def test_a_changed_key_is_seen_before_the_run(shop: Shop) -> None:
    """E255."""
    shop.orders(order(1), order(2), order(3))
    change(shop, "key: [order]", "key: [vendor, order]\nlet: {vendor: X}")
    before = content(shop)
    code, said = check(shop)
    assert code == 1
    assert 'hold[E255] 2 orders are known under another key: "X + O-1" (record 1) is 1 "O-1" (' in said
    assert "orders.csv:2" in said
    assert "m.yaml:5" in said
    assert "good, but a run would hold known orders" in said
    assert "1 never met; 2 known under another key: would be held" in said
    assert content(shop) == before
    _, out, _ = shop.etl("check", "m.yaml", "--ledger", "etl-ledger.sqlite", "--format", "json")
    answer = json.loads(out)
    assert answer["ledger"] == {"new": 1, "like": 2, "not_sent": 0}
    assert answer["problems"][0]["examples"][0]["code"] == "E255"
    code, said = shop.etl("run", "m.yaml")[0], shop.etl("ledger", "list", "--state", "held")[1]
    assert code == 1
    assert said.count("X + O-") == 2


def test_a_changed_record_and_a_changed_mapping_are_told_apart(shop: Shop) -> None:
    shop.orders(order(1, price="199.00"), order(2))
    change(shop, 'receiving_note: "{{ note }}"', "receiving_note: Ny")
    code, said = check(shop)
    assert code == 0, said
    assert "1 already posted, and made otherwise now" in said
    assert "1 changed after posting: would be held" in said


def test_what_a_run_would_not_send_is_counted_and_guards_have_no_say(shop: Shop) -> None:
    shop.orders(order(1), order(3, price="2000.00"), order(4, price="dyrt"))
    change(shop, "max_documents: 20", "max_documents: 1")
    code, said = check(shop)
    assert code == 0, said
    assert "1 already posted; 2 records of which none would be sent" in said


def test_a_ledger_that_can_only_be_read(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup on a disk that takes nothing; a record that the mapping holds is asked about too."""
    with sqlite3.connect(shop.folder / "etl-ledger.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = shop.folder / "old.sqlite"
    copy.write_bytes((shop.folder / "etl-ledger.sqlite").read_bytes())
    before, usual = copy.read_bytes(), os.open

    def refuse(path: object, flags: int, *more: int, **options: int) -> int:
        if str(path).endswith("old.sqlite") and flags & os.O_RDWR:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return usual(path, flags, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("etl.ledger.database.os.open", refuse)
    shop.orders(order(1), order(2), order(3, price="2000.00"))
    code, _, said = shop.etl("check", "m.yaml", "--ledger", "old.sqlite")
    assert code == 0, said
    assert "2 already posted; 1 record of which none" in said
    assert copy.read_bytes() == before


def test_a_vendor_that_was_renamed_in_a_table(shop: Shop) -> None:
    """E256."""
    (shop.folder / "vendors.csv").write_text("row,code\nA,ADLIBRIS-NY\n", encoding="utf-8")
    code, said = check(shop)
    assert code == 0, said
    assert 'warning[E256] 2 open orders of the vendor "ADLIBRIS", which no constant and no table' in said
    (shop.folder / "vendors.csv").write_text("row,code\nA,ADLIBRIS-NY\nB,adlibris\n", encoding="utf-8")
    assert "E256" not in check(shop)[1]
    change(shop, "\"{{ 'A' | lookup('vendors', 'code') }}\"", '"{{ fund }}"')
    (shop.folder / "vendors.csv").write_text("row,code\nA,ADLIBRIS-NY\n", encoding="utf-8")
    assert "E256" not in check(shop)[1], "a column says it: what it will say is not known"


def test_a_vendor_of_another_mapping_is_not_missed(shop: Shop) -> None:
    (shop.folder / "vendors.csv").write_text("row,code\nA,ADLIBRIS-NY\n", encoding="utf-8")
    change(shop, "name: shop", "name: another")
    shop.orders(order(7))
    assert "E256" not in check(shop)[1]
    shop.orders(order(2))
    assert '1 open order of the vendor "ADLIBRIS"' in check(shop)[1], "its own record met it"


def test_no_ledger_and_an_empty_institution(shop: Shop) -> None:
    code, _, said = shop.etl("check", "m.yaml", "--ledger", "none.sqlite")
    assert code == 4
    assert 'there is no ledger "none.sqlite"' in said
    assert not (shop.folder / "none.sqlite").exists()
    assert "2 never met" in check(shop, "--institution", "sandbox")[1]
