"""What a person has corrected is counted as it is sent: by the run, its guards, the plan and what waits."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from alma_shop import Shop, order
from edited_sheets import edit_csv, letters, replay
from test_the_vendors_last_word import mapping, no_answer

from etl.alma.ordered import ordered
from etl.ledger.database import open_database
from etl.ledger.find import Wanted, find
from etl.ledger.orders import Order


def stored(shop: Shop, key: str) -> Order:
    engine = open_database("etl-ledger.sqlite", shop.folder)
    try:
        (found,) = find(engine, Wanted(key))
    finally:
        engine.dispose()
    return found


def corrected(shop: Shop, price: str = "150.00") -> None:
    """O-3, which is held at 2000, is to be sent at another price; it was not, for Alma refused the key."""

    def change(row: dict[str, str]) -> None:
        if row["Order"] == "O-3":
            row.update({"Price": price, "Fund amount": price, "Vendor": "ADLIBRIS"})
            row["Title"] += " SIM-FAULT-once-unauthorized"
        else:
            row["Send? (yes)"] = ""

    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", change)
    assert "E830" in replay(shop, "d.csv")[1]
    shop.orders(order(3, price="2000.00"))


def sums(shop: Shop, *words: str) -> tuple[int, dict[str, dict[str, object]]]:
    """(exit code, outcome → its sums) of a run."""
    code, out, _ = shop.etl(*words, "--format", "json")
    found: dict[str, dict[str, object]] = json.loads(out)["report"]["sums"]
    return code, {outcome: one for outcome, one in found.items() if one["copies"]}


CHEAP = {"copies": 1, "money": {"SEK": "150.00"}}


def test_a_run_counts_what_it_sends_and_what_was_sent(shop: Shop) -> None:
    corrected(shop)
    assert sums(shop, "run", "m.yaml") == (0, {"posted": CHEAP})
    assert sums(shop, "run", "m.yaml") == (0, {"already posted": CHEAP})


@pytest.mark.parametrize(("price", "broken"), [("150.00", False), ("2500.00", True)])
@pytest.mark.parametrize("verb", ["run", "plan"])
def test_guards_look_at_what_is_sent(shop: Shop, verb: str, price: str, broken: bool) -> None:
    corrected(shop, price)
    mapping(shop, "max_documents: 20", "max_total: {SEK: 1000}")
    words = ("plan", "m.yaml", "--out", "p") if verb == "plan" else ("run", "m.yaml")
    code, _, said = shop.etl(*words)
    assert (code == 4, "E703" in said) == (broken, broken), said


def test_a_plan_says_what_apply_sends(shop: Shop) -> None:
    corrected(shop)
    shop.orders(order(3, price="2000.00"), order(5, price="50.00"))
    mapping(shop, "max_documents: 20", "max_total: {SEK: 250}")
    code, _, said = shop.etl("plan", "m.yaml", "--out", "p")
    assert code == 0, said
    assert "vendor ADLIBRIS: 2 copies, 200.00 SEK" in said
    assert "fund BOCKER: 200.00 SEK" in said
    assert "library HBG: 2 copies, 200.00 SEK" in said
    both = {"copies": 2, "money": {"SEK": "200.00"}}
    assert sums(shop, "apply", "p") == (0, {"posted": both})
    assert {Decimal(one["price"]["sum"]) for one in shop.held()} == {Decimal(249), Decimal(150), Decimal(50)}


def test_another_record_is_no_longer_what_was_corrected(shop: Shop) -> None:
    corrected(shop)
    shop.orders(order(3, price="700.00"))
    assert sums(shop, "run", "m.yaml") == (0, {"posted": {"copies": 1, "money": {"SEK": "700.00"}}})


def accept(shop: Shop) -> None:
    assert shop.etl("ledger", "resolve", "O-1", "--accept-change")[0] == 0


def change(shop: Shop) -> None:
    assert shop.etl("ledger", "change", "O-1", "--mapping", "m.yaml", "--yes")[0] == 0


def take_back(shop: Shop) -> None:
    assert shop.etl("ledger", "release", "O-1", "--not-in-alma")[0] == 0


def release(shop: Shop) -> None:
    """Sent, and nobody knows; then it comes at another price; then Alma does not have it."""
    assert shop.etl("ledger", "release", "O-7")[0] == 0


@pytest.mark.parametrize("decide", [accept, change, take_back, release])
def test_an_order_knows_what_it_orders_whoever_changed_it(shop: Shop, decide: Callable[[Shop], None]) -> None:
    key = "O-7" if decide is release else "O-1"
    if decide is release:
        with no_answer(shop):
            shop.orders(order(7))
            shop.etl("run", "m.yaml")
        mapping(shop, "settle_wait: 0.05", "settle_wait: 80000")
    shop.orders(order(int(key[-1]), price="300.00"))
    assert shop.etl("run", "m.yaml")[0] == 1
    decide(shop)
    found = stored(shop, key)
    assert found.offered_hash is None
    assert found.totals is not None
    assert found.totals == ordered("po_line", found.payload)
    assert found.totals.money == {"SEK": Decimal("300.00")}


@pytest.mark.parametrize("payload", [None, "", "{}", "no document", b"\xff"])
def test_what_is_no_document_orders_nothing_known(payload: str | bytes | None) -> None:
    assert ordered("po_line", payload) is None
    assert ordered("not installed", '{"a": 1}') is None
