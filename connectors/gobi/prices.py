"""The list price and the net price of one order → do they fit each other?

Only one of them is the line's price. The other is what shows that it is not of another title, or in other
money.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from connectors.layouts.unreadable import Unreadable, shown
from connectors.layouts.values import find_format
from etl.plugin import DataPlace, Problem, Severity

_LIST, _NET = "OrderDetail/ListPrice", "OrderDetail/NetPrice"
_ASK = "ask GOBI which of them is wrong"


class Compared(NamedTuple):
    """`fields` were looked at, whichever of them is read."""

    fields: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


def compared_prices(fields: Mapping[str, str], place: DataPlace) -> Compared:
    """E427, which holds: two currencies, or a net price above the list price. One that cannot be read is not
    compared.
    """
    listed, net = (_amount(fields.get(f"{block}/Amount")) for block in (_LIST, _NET))
    if listed is None or net is None:
        return Compared()
    read = frozenset(f"{block}/{part}" for block in (_LIST, _NET) for part in ("Amount", "Currency"))
    money = [(fields.get(f"{block}/Currency") or "").strip().upper() for block in (_LIST, _NET)]
    if all(money) and len(set(money)) > 1:
        told = f"the list price is in {shown(money[0])}, the net price in {shown(money[1])}"
    elif net > listed:
        told = f"the net price {net} is above the list price {listed}"
    else:
        return Compared(read)
    exact = DataPlace(place.file, place.record, place.line, place.offset, f"{_NET}/Amount")
    return Compared(read, (Problem("E427", told, Severity.HOLD, data=exact, help=_ASK),))


def prices_said(fields: Mapping[str, str]) -> list[tuple[object, object]]:
    """(amount, currency) of each that can be read."""
    found = ((_amount(fields.get(f"{one}/Amount")), fields.get(f"{one}/Currency")) for one in (_LIST, _NET))
    return [(amount, currency) for amount, currency in found if amount is not None]


def _amount(text: str | None) -> Decimal | None:
    try:
        found = find_format("money dot").reader(text or "")
    except Unreadable:
        return None
    amount = getattr(found, "amount", None)
    return amount if isinstance(amount, Decimal) else None
