"""A field of any vendor that says the line is cancelled, or counts sets, has it wait; others are told once a run."""

from __future__ import annotations

import pytest

from connectors.layouts import load_layouts, parse_line
from connectors.layouts.leftovers import unread_in
from connectors.layouts.other_order import other_orders
from etl.plugin import DataPlace, Severity

PLACE = DataPlace("orders", 1)
VENDORS = ("adlibris", "bokus", "btj", "forlagett", "gobi", "libris", "oasis")
CANCELLED = (
    *("Status: cancelled", "orderstatus: Annullerad", "Order/@status: CANCELED", "Line/Action: delete"),
    *("makulerad: ja", "cancelled: true", "rad.status: Avbeställd", "state: rejected", "order_status: void"),
)
OTHERS = ("Status: new", "cancelled: nej", "cancelled: 0", "Status: levererad", "remark: cancelled series", "unit: st")
UNITS = ("unit: set", "Enhet: dussin", "Quantity/@unit: dozen", "uom: DZN", "quantity_unit: pack")


@pytest.mark.parametrize("said", [*CANCELLED, *UNITS])
def test_what_the_line_says_of_itself_holds_it(said: str) -> None:
    name, _, text = said.partition(": ")
    (problem,) = other_orders({name: text}, PLACE)
    assert (problem.code, problem.severity) == ("E427" if said in UNITS else "E304", Severity.HOLD)
    assert problem.data is not None
    assert problem.data.field == name


@pytest.mark.parametrize("said", OTHERS)
def test_what_is_usual_does_not(said: str) -> None:
    name, _, text = said.partition(": ")
    assert list(other_orders({name: text}, PLACE)) == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_layout_looks_for_it(vendor: str) -> None:
    for layout in load_layouts(vendor).values():
        line, problems = parse_line(layout, {"nytt": "x", "orderstatus": "cancelled"}, PLACE)
        assert [one.code for one in problems].count("E304") == 1, layout.name
        assert unread_in(line) == {"nytt": "x"}
