"""What a vendor said last, and what a person decided about it, counts: wherever the order stands, and by every way."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alma_shop import Shop, order
from edited_sheets import edit_csv, letters, replay

from etl.simulator import FaultPlan

ALMA = ("--mapping", "m.yaml", "--yes")


def row(shop: Shop, words: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(shop.etl("ledger", "list", words, "--format", "json")[1])
    assert len(found) == 1, found
    return found[0]


def prices(shop: Shop) -> dict[str, str]:
    """What Alma has of the orders of this test, by their references."""
    return {one["vendor_reference_number"]: one["price"]["sum"] for one in shop.held()}


def mapping(shop: Shop, old: str, new: str) -> None:
    text = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    assert old in text
    (shop.folder / "m.yaml").write_text(text.replace(old, new), encoding="utf-8")


@contextmanager
def no_answer(shop: Shop, kind: str = "cut-before") -> Iterator[None]:
    shop.simulator.faults.plan = FaultPlan(1, 1.0, (kind,), ("POST",))
    try:
        yield
    finally:
        shop.simulator.faults.plan = None


def another(number: int, title: str, price: str = "249.00") -> str:
    """Order `number` with the ISBN of another book."""
    _, _, isbn, *_ = order(number + 50).split(",")
    return f"O-{number},{title},{isbn},{price},BOCKER,,V"


# --------------------------------------------------------------------------- by what an order is known


@pytest.mark.parametrize("how", ["change", "accept", "keep", "left waiting"])
@pytest.mark.parametrize("again", ["the same bytes", "another file"])
def test_an_order_is_known_as_the_vendor_calls_it_by_now(shop: Shop, how: str, again: str) -> None:
    shop.orders(another(1, "En annan bok"))
    assert shop.etl("run", "m.yaml")[0] == 1
    if how == "change":
        assert shop.etl("ledger", "change", "O-1", "--over", "resource_metadata", *ALMA)[0] in (0, 1, 2)
        shop.etl("ledger", "resolve", "O-1", "--accept-change")
    elif how != "left waiting":
        decision = {"accept": "--accept-change", "keep": "--keep"}[how]
        assert shop.etl("ledger", "resolve", "O-1", decision)[0] == 0
    mapping(shop, "key: [order]", "key: [isbn, order]")
    if again == "another file":
        shop.orders(another(1, "En annan bok"), order(9))
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, "E828" in said) == (1, True), said
    assert shop.references().count("O-1") == 1


@pytest.mark.parametrize("how", ["change", "accept", "keep", "left waiting", "sheet"])
def test_it_is_known_by_the_record_and_by_what_alma_has(shop: Shop, how: str) -> None:
    """Whoever changed it: under the vendor's own name, though Alma has it under another of the vendor's codes; and the
    ledger does not take that for damage.
    """
    mapping(shop, "key: [order]", "key: [order]\nidentity: {vendor: \"{{ 'leverantören' }}\", order: order}")
    shop.orders(order(4, price="2000.00" if how == "sheet" else "249.00"))
    shop.etl("run", "m.yaml")
    now = another(4, "En annan bok")
    isbn = now.split(",")[2]
    if how == "sheet":
        letters(shop, "d.csv")

        def right(cells: dict[str, str]) -> None:
            if cells["Order"] == "O-4":
                cells["ISBN"] = isbn
            else:
                cells["Send? (yes)"] = ""

        edit_csv(shop.folder / "d.csv", right)
        assert replay(shop, "d.csv")[0] == 0
    else:
        shop.orders(order(4, price="300.00") if how == "change" else now)
        assert shop.etl("run", "m.yaml")[0] == 1
    if how == "change":
        assert shop.etl("ledger", "change", "O-4", *ALMA)[0] == 0
        now = order(4, price="300.00")
    elif how in ("accept", "keep"):
        assert shop.etl("ledger", "resolve", "O-4", f"--{how}" + ("-change" if how == "accept" else ""))[0] == 0
    assert shop.etl("ledger", "check")[0] == 0
    mapping(shop, "key: [order]", "key: [isbn, order]")
    mapping(shop, "else 'ADLIBRIS'", "else 'BTJ'")
    mapping(shop, "vendor_account: ADLIBRIS", "vendor_account: BTJ")
    shop.orders(order(9), now)
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, "E828" in said) == (1, True), said
    assert shop.references().count("O-4") == 1


@pytest.mark.parametrize("way", ["prune", "erase-person"])
def test_a_correction_that_is_gone_waits_for_a_person(shop: Shop, way: str) -> None:
    """What the mapping makes does not go out in its place, nor past the check that a person opened for it."""
    dear = order(3, price="2000.00", note="anna.lind")
    shop.orders(dear)
    assert shop.etl("run", "m.yaml")[0] == 1
    letters(shop, "d.csv")

    def right(cells: dict[str, str]) -> None:
        if cells["Order"] == "O-3":
            cells.update({"Price": "200.00", "Fund amount": "200.00"})
        else:
            cells["Send? (yes)"] = ""

    edit_csv(shop.folder / "d.csv", right)
    assert replay(shop, "d.csv")[0] == 0
    if way == "prune":
        with sqlite3.connect(shop.folder / "etl-ledger.sqlite") as ledger:
            ledger.execute("UPDATE orders SET updated_at = '2020-01-01T00:00:00.000Z'")
        ledger.close()
        assert shop.etl("ledger", "prune", "--older-than", "30")[0] == 0
    else:
        assert shop.etl("ledger", "erase-person", "anna.lind")[0] == 0
    assert shop.etl("ledger", "release", "O-3", "--not-in-alma", "--force")[0] == 0
    shop.orders(dear)
    for times in range(2):
        code, _, said = shop.etl("run", "m.yaml")
        assert (code, shop.references().count("O-3")) == (1, 1), said
        assert ("E824" in said, "is not kept any more" in said) == (times == 0, times == 0), said
    assert row(shop, "O-3")["state"] == "held"
    assert shop.etl("ledger", "release", "O-3")[0] == 0
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, shop.references().count("O-3")) == (0, 2), said
    assert prices(shop)["O-3"] == "2000.0"


def test_what_was_accepted_is_found_by_what_it_is_by_now(shop: Shop) -> None:
    changed = another(1, "En annan bok", "300.00")
    shop.orders(changed)
    shop.etl("run", "m.yaml")
    assert shop.etl("ledger", "resolve", "O-1", "--accept-change")[0] == 0
    found = row(shop, changed.split(",")[2])
    assert (found["title"], found["price"]) == ("En annan bok", "300")


def test_a_line_is_one_of_every_file_it_came_in(shop: Shop) -> None:
    """Also where the ledger had it already: under another key it is the same record of that file."""
    shop.orders(order(1), order(2, note="fel"), order(3, price="2000.00"), order(4))
    shop.etl("run", "m.yaml")
    mapping(shop, '  vendor_reference_number: "{{ order }}"\n', "")
    mapping(shop, "key: [order]", "key: [isbn, order]")
    assert shop.etl("run", "m.yaml")[0] == 1
    assert len(shop.held()) == 2, "O-1 and O-4, once each"
    listed = json.loads(shop.etl("ledger", "deliveries", "--format", "json")[1])
    assert max(sum(one["lines"].values()) for one in listed) >= 4


# --------------------------------------------------------------------------------- what was corrected


@pytest.mark.parametrize("improved", ["nothing", "another field", "the same field"])
def test_a_correction_stands_until_the_record_changes(shop: Shop, improved: str) -> None:
    """Also when the post that carried it brought no answer, and the mapping was mended since."""
    letters(shop, "d.csv")

    def right(cells: dict[str, str]) -> None:
        if cells["Vendor"] == "ADLIBRI":
            cells.update({"Vendor": "ADLIBRIS", "Price": "150.00", "Fund amount": "150.00"})
        else:
            cells["Send? (yes)"] = ""

    edit_csv(shop.folder / "d.csv", right)
    with no_answer(shop):
        replay(shop, "d.csv")
    assert row(shop, "O-2")["state"] == "unknown"
    if improved == "another field":
        mapping(shop, "  owner: HBG\n", "  owner: HBG\n  reporting_code: X\n")
    elif improved == "the same field":
        mapping(shop, "'ADLIBRI' if", "'BTJ' if")
    shop.later(2)  # settle_wait has to pass
    shop.orders(order(1), order(2, note="fel"))
    shop.etl("run", "m.yaml")
    shop.later(2)
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, said
    assert prices(shop) == {"O-1": "249.0", "O-2": "150.0"}
    assert shop.etl("run", "m.yaml")[0] == 0
    shop.orders(order(2, note="fel", price="160.00"))
    assert shop.etl("run", "m.yaml")[0] == 1, "another record: somebody looks"


@pytest.mark.parametrize("now", ["hold", "reject"])
@pytest.mark.parametrize("was", ["held", "refused"])
def test_a_refused_correction_stands_though_the_mapping_would_stop_it_now(
    shop: Shop, was: str, now: str
) -> None:
    """Of an order that the mapping held first, which the person let pass by it, and of one that Alma refused."""
    number, price = ("O-3", "2000.00") if was == "held" else ("O-2", "249.00")
    letters(shop, "d.csv")

    def cheaper(cells: dict[str, str]) -> None:
        if cells["Price"] == price:
            cells.update({"Vendor": "ADLIBRIS", "Price": "150.00", "Fund amount": "150.00"})
        else:
            cells["Send? (yes)"] = ""

    edit_csv(shop.folder / "d.csv", cheaper)
    with no_answer(shop, "alma-401872"):
        replay(shop, "d.csv")
    assert row(shop, number)["state"] == "refused"
    mapping(shop, "checks:\n", f"checks:\n  - {{if: \"{{{{ order == '{number}' }}}}\", {now}: 'a new rule'}}\n")
    shop.orders(order(3, price="2000.00") if was == "held" else order(2, note="fel"))
    for _ in range(2):
        shop.etl("run", "m.yaml")
    if (was, now) != ("held", "hold"):
        letters(shop, "e.csv")
        with (shop.folder / "e.csv").open(encoding="utf-8-sig", newline="") as sheet:
            found = [one["Price"] for one in csv.DictReader(sheet, delimiter=";") if number[2] in one["Title"]]
        assert found == ["150.00"], "what a person wrote, not what it was written over"
        if now == "hold":
            assert shop.etl("ledger", "release", number, "--by", "Bibliotekarien")[0] == 0
            shop.etl("run", "m.yaml")
        else:  # what makes no document any more is sent from the sheet alone
            edit_csv(shop.folder / "e.csv", lambda cells: cells.update({"Vendor": "ADLIBRIS"}))
            replay(shop, "e.csv")
    assert prices(shop)[number] == "150.0"


# ----------------------------------------------------------------------- what a run did not deliver


def test_what_came_last_waits_though_it_was_not_delivered(shop: Shop) -> None:
    mapping(shop, "settle_wait: 0.05", "settle_wait: 0.05, max_unknown: 1")
    shop.orders(another(7, "Bok sju"), order(1, price="120.00"), order(3, price="150.00"))
    with no_answer(shop):
        assert shop.etl("run", "m.yaml")[0] != 0
    assert shop.references() == ["O-1"]
    waiting = json.loads(shop.etl("ledger", "list", "--state", "waiting", "--format", "json")[1])
    assert {one["key"]: one["state"] for one in waiting} == {
        "O-1": "posted", "O-2": "refused", "O-3": "released", "O-7": "unknown",
    }  # fmt: skip
    (shop.folder / "orders.csv").unlink()
    mapping(shop, "> 1000", "> 100000")
    shop.etl("ledger", "reprocess", "m.yaml")
    assert prices(shop)["O-3"] == "150.0"
    assert prices(shop)["O-1"] == "249.0"
    assert "O-1" in shop.etl("ledger", "list", "--state", "held")[1], "120.00 waits for a person"


def test_what_is_released_is_what_the_vendor_said_last(shop: Shop) -> None:
    shop.orders(order(1, price="300.00"))
    assert shop.etl("run", "m.yaml")[0] == 1
    for line in list(shop.simulator.world.store.lines()):
        line.fixed = "CANCELLED"
        shop.simulator.world.store.change_line(line, shop.simulator.world.now)
    code, _, said = shop.etl("ledger", "release", "O-1", "--not-in-alma", "--force")
    assert code == 0, said
    (shop.folder / "orders.csv").unlink()
    code, _, said = shop.etl("ledger", "reprocess", "m.yaml")
    assert "300.0" in [one["price"]["sum"] for one in shop.held()], said


# --------------------------------------------------------------------------------- what is cancelled


def test_what_is_cancelled_waits_for_nothing_and_comes_again_as_decided(shop: Shop) -> None:
    shop.orders(order(1, price="300.00"))
    assert shop.etl("run", "m.yaml")[0] == 1
    code, _, said = shop.etl("ledger", "cancel", "O-1", "--reason", "LIBRARY_CANCELLED", *ALMA)
    assert code == 0, said
    assert row(shop, "O-1")["state"] == "cancelled"
    assert "O-1" not in shop.etl("ledger", "list", "--state", "held")[1]
    assert shop.etl("run", "m.yaml")[0] == 0, "the record about which somebody decided"
    shop.orders(order(1, price="400.00"))
    assert shop.etl("run", "m.yaml")[0] == 1
    assert row(shop, "O-1")["state"] == "held"


# --------------------------------------------------------------------- what nobody knows, and is held


@pytest.mark.parametrize("fault", ["cut-before", "cut-after"])
def test_what_a_person_let_pass_is_asked_about_until_it_is_known(shop: Shop, fault: str) -> None:
    assert shop.etl("ledger", "release", "O-3", "--by", "Bibliotekarien")[0] == 0
    shop.orders(order(3, price="2000.00"))
    with no_answer(shop, fault):
        shop.etl("run", "m.yaml")
    assert row(shop, "O-3")["state"] == ("unknown" if fault == "cut-before" else "posted")
    for _ in range(3):
        shop.later(2)
        code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, said
    assert shop.references().count("O-3") == 1


@pytest.mark.parametrize("against", ["held", "rejected"])
def test_what_nobody_knows_is_said_though_the_mapping_is_against_it(shop: Shop, against: str) -> None:
    shop.orders(order(8))
    with no_answer(shop):
        shop.etl("run", "m.yaml")
    mapping(shop, "> 1000", "> 100")
    if against == "rejected":
        shop.orders(order(8, shelf="?"))
    for _ in range(2):
        code, _, said = shop.etl("run", "m.yaml")
        assert (code, "E822" in said) == (1, True), said
        assert "etl ledger resolve" in said
    assert row(shop, "O-8")["state"] == "unknown"


def test_a_reopened_line_that_a_person_releases_passes_the_check_too(shop: Shop) -> None:
    assert shop.etl("ledger", "dismiss", "O-3", "--reason", "dyr")[0] == 0
    shop.orders(order(3, price="2100.00"))
    assert shop.etl("run", "m.yaml")[0] == 1
    assert shop.etl("ledger", "release", "O-3", "--by", "Bibliotekarien")[0] == 0
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, said
    assert "O-3" in shop.references()
