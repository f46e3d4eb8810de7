"""A request and an order of one line say the same about it: what a copy costs, who pays, where it goes, what it is.
Read off the reviewed snapshots, which other tests hold to what the mappings make of the samples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.testing.snapshots import snapshot_folder

ROOT = Path(__file__).parents[1]
BOTH = sorted(
    folder.parent for folder in ROOT.glob("mappings/[!_]*/purchase_request.yaml") if (folder.parent / "po_line.yaml").exists()
)


def pairs(vendor: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(line, order, request), held ones too: a line has one name in both."""
    orders = {path.name: path for path in snapshot_folder(vendor / "po_line.yaml").rglob("*.json") if path.is_file()}
    for path in sorted(snapshot_folder(vendor / "purchase_request.yaml").rglob("*.json")):
        if path.is_file() and path.name in orders:
            yield path.name, json.loads(orders[path.name].read_bytes()), json.loads(path.read_bytes())


@pytest.mark.parametrize("vendor", BOTH, ids=lambda folder: folder.name)
def test_they_say_the_same(vendor: Path) -> None:
    found = 0
    for name, order, request in pairs(vendor):
        found += 1
        assert _cost(order) == _money(request.get("estimated_cost")), f"{name}: one copy"
        funds = [fund["fund_code"] for fund in order.get("fund_distribution", [])]
        assert request.get("fund") in (funds or [None]), f"{name}: fund"
        assert request["owning_library"] == order["owner"], name
        for field in ("vendor", "vendor_account"):
            assert request.get(field) == order.get(field), f"{name}: {field}"
        mine, theirs = ([_place(one) for one in document.get("location", [])] for document in (order, request))
        assert mine == theirs, f"{name}: places and copies"
        titles = (order["resource_metadata"], request["resource_metadata"])
        for field in ("title", "author", "isbn", "issn", "publisher", "publication_place", "publication_year"):
            assert titles[0].get(field) == titles[1].get(field), f"{name}: {field}"
    assert found >= 5, "there are samples of lines that both mappings take"


@pytest.mark.parametrize("vendor", BOTH, ids=lambda folder: folder.name)
def test_what_holds_an_order_line_holds_its_request(vendor: Path) -> None:
    """Checks of what an order is (its kind, an e-book in five copies) are the order's own."""
    own = ("not firm or approval", "copies of an e-book", "environment", "without an order")
    for sample in snapshot_folder(vendor / "po_line.yaml").iterdir():
        order, request = (
            _held((snapshot_folder(vendor / f"{target}.yaml") / sample.name / "problems.txt").read_text("utf-8"))
            for target in ("po_line", "purchase_request")
        )
        missing = {one for one in order - request if not any(word in one for word in own)}
        assert not missing, (sample.name, missing)


def _held(problems: str) -> set[str]:
    return {line for line in problems.splitlines() if line.startswith(("hold[E486]", "hold[E44", "hold[E375]"))}


def _money(amount: dict[str, Any] | None) -> tuple[Decimal, str] | None:
    return (Decimal(amount["sum"]), amount["currency"]["value"]) if amount else None


def _cost(order: dict[str, Any]) -> tuple[Decimal, str] | None:
    """Of one copy, less the discount."""
    price = _money(order.get("price"))
    if price is None:
        return None
    less = price[0] * (100 - Decimal(order.get("discount", "0"))) / 100
    return less.quantize(Decimal("0.01"), ROUND_HALF_UP), price[1]


def _place(location: dict[str, Any]) -> tuple[Any, ...]:
    return location["quantity"], location.get("library"), location.get("shelving_location")
