"""Every order of a ledger whose fate is unknown → asked for in Alma and settled, with nothing posted."""

from __future__ import annotations

import threading
from collections.abc import Callable
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
    """Ask for all, and once more for those of which too little time had passed, if that is soon over.

    The verdict is why it stopped early: Alma cannot be asked at present.
    """
    orders = ledger.open_orders()
    findings: dict[int, Finding] = {}
    failure = _ask(inquiry.first, orders, findings)
    early = [one for one in orders if one.id in findings and 0 < findings[one.id].left <= inquiry.patient]
    if early and failure is None and not stop.wait(max(findings[one.id].left for one in early)):
        failure = _ask(inquiry.ask, early, findings)
    return _written(ledger, orders, findings), failure


def _ask(
    ask: Callable[[Order], Finding], orders: list[Order], findings: dict[int, Finding]
) -> Verdict | None:
    for order in orders:
        findings[order.id] = finding = ask(order)
        if finding.failure is not None:
            return finding.failure
    return None


def _written(ledger: Ledger, orders: list[Order], findings: dict[int, Finding]) -> list[Settled]:
    """Note what was found out."""
    settled = []
    for order in orders:
        finding = findings.get(order.id)
        if finding is None:
            continue
        state = _STATES.get(finding.verdict)
        if state is not None or (finding.cause is not None and finding.cause != order.cause):
            values = {"number": finding.number, "mms_id": finding.mms_id or None} if finding.number else {}
            values["cause"] = finding.cause.written() if finding.cause else None
            state = state if ledger.decide(order, state or State.UNKNOWN, finding.words, **values) else None
        settled.append(Settled(order, finding, state))
    return settled
