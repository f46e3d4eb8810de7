"""A payload → what it orders: copies, and money by currency."""

from __future__ import annotations

from functools import cache

from etl.ledger.orders import Order
from etl.plugin import Target, Totals
from etl.problems import Refusal
from etl.registry import Registry


def ordered(target: str, payload: str | bytes | None) -> Totals | None:
    """None for what is no document of the target's: nothing, or what another version has written."""
    ours = _target(target) if payload else None
    if ours is None or payload is None:
        return None
    document = ours.parse(payload.encode() if isinstance(payload, str) else payload)
    return None if isinstance(document, list) else ours.totals(document)


def worth(order: Order) -> Totals | None:
    """What it orders as it stands: as it was sent, or is to be, whatever was offered since."""
    return order.totals or ordered(order.target, order.payload)


@cache
def _target(name: str) -> Target | None:
    """None for one that is not installed any more."""
    try:
        found: Target = Registry.installed().get("targets", name)()
    except Refusal:
        return None
    return found
