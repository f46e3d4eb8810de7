"""A newer record of an order comes while an older one is mapped anew, or planned and not applied yet → it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alma_shop import SHELVES, Shop, order

from etl.cli import ledger_again

FILES = ("--sink", "files", "--sink-option", "directory=out")
SINKS = pytest.mark.parametrize("sink", [(), FILES], ids=["alma", "files"])
HEAD = "order,title,isbn,price,fund,note,shelf"


def row(shop: Shop, sink: tuple[str, ...]) -> dict[str, Any]:
    ledger = "etl-report/etl-ledger.sqlite" if sink else "etl-ledger.sqlite"
    _, out, _ = shop.etl("ledger", "show", "O-7", "--ledger", ledger, "--format", "json")
    found: dict[str, Any] = json.loads(out)
    return found


def delivered(shop: Shop, sink: tuple[str, ...]) -> list[float]:
    """The prices of O-7 where it was delivered."""
    files = [json.loads(path.read_bytes()) for path in Path("out").glob("O-7*.json")]
    every = files if sink else [one for one in shop.held() if one["vendor_reference_number"] == "O-7"]
    return [float(one["price"]["sum"]) for one in every]


@pytest.fixture
def newer(shop: Shop) -> Callable[..., None]:
    def come(line: str, *sink: str) -> None:
        (shop.folder / "newer.csv").write_text(f"{HEAD}\n{line}\n", encoding="utf-8")
        shop.etl("run", "m.yaml", "newer.csv", *sink)

    return come


@pytest.fixture
def meanwhile(shop: Shop, newer: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The file with this line is run after the lines that wait were read, and before any is mapped."""

    def come(line: str, *sink: str) -> None:
        mapped_anew = ledger_again.run

        def run(*words: Any, **named: Any) -> Any:
            newer(line, *sink)
            return mapped_anew(*words, **named)

        monkeypatch.setattr(ledger_again, "run", run)

    return come


@SINKS
@pytest.mark.parametrize("price", ["300.00", "2000.00"], ids=["delivered", "held"])
def test_what_is_mapped_anew_does_not_take_its_place(
    shop: Shop, meanwhile: Callable[..., None], sink: tuple[str, ...], price: str
) -> None:
    shop.orders(order(7, shelf="X"))
    shop.etl("run", "m.yaml", *sink)
    (shop.folder / "shelves.csv").write_text(SHELVES + "X,VUXEN\n", encoding="utf-8")
    meanwhile(order(7, price=price), *sink)
    code, _, said = shop.etl("ledger", "reprocess", "m.yaml", *sink)
    assert (code, '"O-7" has come anew meanwhile' in said) == (1, True), said
    assert "1 not delivered" in said
    held = price == "2000.00"
    assert delivered(shop, sink) == ([] if held else [300.0])
    stands = row(shop, sink)
    assert stands["state"] == ("held" if held else "written" if sink else "posted")
    assert (stands["record"][0]["price"], stands["offered_payload"]) == (price, None)


@SINKS
def test_nor_does_what_is_rejected_again(
    shop: Shop, meanwhile: Callable[..., None], sink: tuple[str, ...]
) -> None:
    shop.orders(order(7, shelf="X"))
    shop.etl("run", "m.yaml", *sink)
    meanwhile(order(7, price="300.00"), *sink)
    shop.etl("ledger", "reprocess", "m.yaml", *sink)
    stands = row(shop, sink)
    assert (stands["state"], stands["offered_payload"]) == ("written" if sink else "posted", None)
    assert stands["record"][0]["price"] == "300.00"


@SINKS
def test_nor_does_what_was_planned_before(
    shop: Shop, newer: Callable[..., None], sink: tuple[str, ...]
) -> None:
    shop.orders(order(7), order(8))
    assert shop.etl("plan", "m.yaml", "--out", "p.plan", *sink)[0] == 0
    newer(order(7, price="300.00"), *sink)
    code, _, said = shop.etl("apply", "p.plan")
    assert (code, '"O-7" has come anew meanwhile' in said) == (1, True), said
    assert delivered(shop, sink) == [300.0]
    stands = row(shop, sink)
    assert (stands["state"], stands["offered_payload"]) == ("written" if sink else "posted", None)


def test_nor_does_it_withdraw_what_was_offered_since(shop: Shop, newer: Callable[..., None]) -> None:
    shop.orders(order(7))
    shop.etl("run", "m.yaml")
    shop.etl("plan", "m.yaml", "--out", "p.plan")
    newer(order(7, price="300.00"))
    assert "300" in row(shop, ())["offered_payload"]
    code, _, said = shop.etl("apply", "p.plan")
    assert (code, '"O-7" has come anew meanwhile' in said) == (1, True), said
    assert "300" in row(shop, ())["offered_payload"]


@SINKS
def test_what_has_not_come_anew_is_delivered(
    shop: Shop, newer: Callable[..., None], sink: tuple[str, ...]
) -> None:
    """Older than the plan, or the same record, in whichever file."""
    newer(order(7, shelf="X"), *sink)
    shop.orders(order(7), order(8))
    assert shop.etl("plan", "m.yaml", "--out", "p.plan", *sink)[0] == 0
    newer(order(8), *sink)
    code, _, said = shop.etl("apply", "p.plan")
    assert (code, "come anew" in said) == (0, False), said
    assert delivered(shop, sink) == [249.0]
