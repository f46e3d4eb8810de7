"""Every order of a ledger whose fate is unknown → asked for in Alma and settled, with nothing posted."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from etl.alma.recovery import Verdict
from etl.alma.settle import Finding, Inquiry
from etl.ledger.ledger import Ledger
from etl.ledger.orders import Order, State

_STATES = {"found": State.POSTED, "absent": State.RELEASED, "unsure": State.HELD}


@dataclass(frozen=True, slots=True)
class Settled:
    """An order as it was, what asking brought, and its state now (None: as it was)."""

    order: Order
    finding: Finding
    state: State | None


def settle_all(
    ledger: Ledger, inquiry: Inquiry, stop: threading.Event
) -> tuple[list[Settled], Verdict | None]:
    """Ask for all, and after the pause once more for those that were not there.

    The verdict is why it stopped early: Alma cannot be asked at present.
    """
    orders = ledger.open_orders()
    findings: dict[int, Finding] = {}
    for turn in (1, 2):
        for order in orders:
            if turn == 2 and findings[order.id].verdict != "absent":
                continue
            findings[order.id] = inquiry.ask(order)
            if findings[order.id].failure is not None:
                return _written(ledger, orders, findings, sure=False), findings[order.id].failure
        absent = any(finding.verdict == "absent" for finding in findings.values())
        if turn == 1 and absent and stop.wait(inquiry.wait):
            return _written(ledger, orders, findings, sure=False), None
    return _written(ledger, orders, findings, sure=True), None


def _written(
    ledger: Ledger, orders: list[Order], findings: dict[int, Finding], *, sure: bool
) -> list[Settled]:
    """Note what was found out. `sure` is false when absence was not asked for twice."""
    settled = []
    for order in orders:
        finding = findings.get(order.id)
        if finding is None:
            continue
        state = _STATES.get(finding.verdict) if sure or finding.verdict != "absent" else None
        if state is not None:
            values = {"number": finding.number, "mms_id": finding.mms_id or None} if finding.number else {}
            state = state if ledger.decide(order, state, finding.words, **values) else None
        settled.append(Settled(order, finding, state))
    return settled
