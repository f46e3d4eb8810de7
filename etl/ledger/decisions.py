"""What a person decided about an order → the ledger, unless it contradicts what is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine

from etl.ledger.ledger import Ledger
from etl.ledger.orders import Order, State
from etl.ledger.process import Run
from etl.problems import Problem, Refusal

T = TypeVar("T")
_UNSETTLED = (State.UNKNOWN, State.HELD)


def posted_as(engine: Engine, order: Order, number: str, who: str) -> None:
    """The order is in Alma, as `number`. For orders that are unknown or held. Raises Refusal (E815, E816)."""
    _only(order, _UNSETTLED, "is not in doubt")
    owner = _ledger(engine, order, lambda ledger: ledger.owners_of([number]).get(number))
    if owner not in (None, order.id):
        raise Refusal(
            Problem(
                "E816", f'"{number}" is order {owner} of this ledger already', help=f"etl ledger show {owner}"
            )
        )
    _decide(engine, order, State.POSTED, f"{who}: it is in Alma as {number}", number=number)


def release(engine: Engine, order: Order, who: str) -> None:
    """The order is not in Alma and may be sent again. For unknown, held or refused orders. Raises Refusal."""
    _only(order, (*_UNSETTLED, State.REFUSED), "is not waiting for that")
    _decide(engine, order, State.RELEASED, f"{who}: it is not in Alma and may be sent again")


def accept_change(engine: Engine, order: Order, who: str) -> None:
    """The payload offered after posting is what now stands in Alma. Raises Refusal (E815)."""
    if order.state is not State.POSTED or order.offered_hash is None or order.offered_payload is None:
        raise Refusal(Problem("E815", f'order {order.id} ("{order.shown}") has no changed payload to accept'))
    _decide(
        engine,
        order,
        State.POSTED,
        f"{who}: the order in Alma was changed by hand to the payload offered",
        payload=order.offered_payload,
        payload_hash=order.offered_hash,
        offered_payload=None,
        replaced_hash=None,
        offered_hash=None,
    )


def _only(order: Order, states: tuple[State, ...], otherwise: str) -> None:
    if order.state not in states:
        number = f" as {order.number}" if order.number else ""
        raise Refusal(
            Problem(
                "E815",
                f'order {order.id} ("{order.shown}") {otherwise}: it is {order.state}{number}',
                help=f"what happened to it: etl ledger show {order.id}",
            )
        )


def _decide(engine: Engine, order: Order, state: State, words: str, **values: str | None) -> None:
    if not _ledger(engine, order, lambda ledger: ledger.decide(order, state, words, **values)):
        raise Refusal(
            Problem(
                "E817",
                f'order {order.id} ("{order.shown}") has just been changed by another process',
                help=f"look again: etl ledger show {order.id}",
            )
        )


def _ledger(engine: Engine, order: Order, act: Callable[[Ledger], T]) -> T:
    run = Run(engine)
    try:
        return act(Ledger(engine, order.institution, run))
    finally:
        run.close()
