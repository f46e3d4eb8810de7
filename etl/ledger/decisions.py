"""What a person decided about an order → the ledger, unless it contradicts what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from sqlalchemy import Engine, Executable

from etl.ledger.advance import NOTHING_OFFERED
from etl.ledger.changes import BY_HAND, by_hand_is_done, changed_to, is_taken_back, waiting_changes
from etl.ledger.destinations import only_alma
from etl.ledger.known_by import NOTHING, KnownBy
from etl.ledger.ledger import Ledger
from etl.ledger.numbers import is_number
from etl.ledger.orders import TAKEN_BACK, Cause, Order, State
from etl.ledger.process import Run
from etl.ledger.stored_values import totals_text
from etl.problems import Problem, Refusal
from etl.totals import Totals

T = TypeVar("T")
_UNSETTLED = (State.UNKNOWN, State.HELD)


def posted_as(
    engine: Engine, order: Order, number: str, who: str, *, mms_id: str | None = None, checked: str = ""
) -> None:
    """The order is in Alma, as `number`. For orders that are unknown or held. `checked`: how that is known.

    Raises Refusal: E814 it is for no Alma, E815 the order is not in doubt, E816 the number is another
    order's, E826 it is no number.
    """
    only_alma(engine, order.institution)
    _only(order, _UNSETTLED, "is not in doubt")
    if not is_number(number):
        raise Refusal(
            Problem(
                "E826",
                f'"{number}" is no number that Alma gives an order',
                help="give the number as Alma shows it (POL-4711): with another one the order would be lost",
            )
        )
    owner = _ledger(engine, order, lambda ledger: ledger.owners_of([number]).get(number))
    if owner not in (None, order.id, TAKEN_BACK):
        whose = f"is order {owner} of this ledger already" if owner else "was cancelled from here"
        raise Refusal(Problem("E816", f'"{number}" {whose}', help=f"etl ledger show {owner or order.id}"))
    words = f"{who}: it is in Alma as {number}{f' ({checked})' if checked else ''}"
    _decide(engine, order, State.POSTED, words, number=number, mms_id=mms_id or order.mms_id)


def release(
    engine: Engine, order: Order, who: str, checked: str = "", totals: Totals | None = None
) -> None:
    """The order is not in Alma and may be sent again. For unknown, held or refused orders. `checked`: how
    that is known; `totals`: of the payload offered, if one is. Raises Refusal.
    """
    if order.state in (State.POSTED, State.CANCELLED):
        stands = "is in" if order.state is State.POSTED else "was cancelled in"
        raise Refusal(
            Problem(
                "E815",
                f'order {order.id} ("{order.shown}") {stands} Alma as {order.number}, as far as is known',
                help=f"if it surely is not there: etl ledger release {order.id} --not-in-alma",
            )
        )
    _only(order, (*_UNSETTLED, State.REFUSED, State.DISMISSED, State.REJECTED), "is not waiting for that")
    if not order.payload and not order.offered_payload:
        raise Refusal(
            Problem(
                "E815",
                f'order {order.id} ("{order.shown}") has no document that could be sent',
                help="correct the mapping, a table or the file, and run it again; or etl ledger dismiss "
                f"{order.id} --reason TEXT",
            )
        )
    passes = (order.causes or order.replaced_hash) and not order.in_doubt  # a correction is the person's word
    values = {"passed": who if passes else order.passed, **_as_offered(order, totals)}
    if order.cause is not None and order.cause.orders:  # it looks like others, or was dismissed as one
        words = f"{who}: it is another order than {_ids(order.cause.orders)}, and may be sent"
        _decide(engine, order, State.RELEASED, words, another=who, **values)
        return
    if order.cause is not None and order.cause.rule == "check":
        _decide(
            engine, order, State.RELEASED, f"{who}: it may be sent although the mapping holds it", **values
        )
        return
    words = f"{who}: it is not in Alma and may be sent again{f' ({checked})' if checked else ''}"
    _decide(engine, order, State.RELEASED, words, **values)


def dismiss(engine: Engine, order: Order, who: str, reason: str, same_as: Order | None = None) -> None:
    """The order is never to be sent, as long as its record stays as it is: it is the same as `same_as`, or
    `reason` says why. For held, rejected, refused and released orders.

    Raises Refusal: E815 it is posted or may be in Alma, E816 `same_as` is itself or of another institution.
    """
    possible = (State.HELD, State.REFUSED, State.RELEASED, State.REJECTED)
    _only(order, possible, "cannot be dismissed")
    if order.in_doubt:
        raise Refusal(
            Problem(
                "E815",
                f'order {order.id} ("{order.shown}") may be in Alma',
                help=f"look it up there; if it is not there: etl ledger release {order.id}, then dismiss",
            )
        )
    words = f"{who}: {reason}" if reason else who
    if same_as is not None:
        never_sent = same_as.state in (State.DISMISSED, State.REJECTED, State.SKIPPED)
        if same_as.id == order.id or same_as.institution != order.institution or never_sent:
            what = f"is {same_as.state}" if never_sent else f'is no other order of "{order.institution}"'
            raise Refusal(
                Problem("E816", f"order {same_as.id} {what}: nothing would be ordered by it",
                        help=f"etl ledger show {order.id}; what is not wanted: --reason TEXT")
            )  # fmt: skip
        words = f"{who}: it is the same order as {same_as.id}{f' ({reason})' if reason else ''}"
    cause = Cause("same", (same_as.id,) if same_as else ()).written()
    _decide(engine, order, State.DISMISSED, words, cause=cause)


def take_back(
    engine: Engine, order: Order, who: str, checked: str, totals: Totals | None = None
) -> None:
    """A posted order is not in Alma after all, or was cancelled there, and may be sent again. `checked` and
    `totals`: as for `release`. Its number stays known as one that was the order's.

    Raises Refusal (E815): the order does not count as posted or cancelled.
    """
    _only(order, (State.POSTED, State.CANCELLED), "does not count as posted")
    _decide(
        engine,
        order,
        State.RELEASED,
        f"{who}: it is not in Alma as {order.number} and may be sent again ({checked})",
        lambda run: (by_hand_is_done(order.id), is_taken_back(order, run, who)),
        number=None,  # it may turn out to be another order's
        mms_id=None,
        **_as_offered(order, totals),
    )


def accept_change(
    engine: Engine,
    order: Order,
    who: str,
    found_by: Mapping[str, str | None] | None = None,
    known_by: KnownBy = NOTHING,
    totals: Totals | None = None,
) -> None:
    """The payload of `changed_by_hand` now stands in Alma; `found_by` are its values of FOUND_BY, `known_by`
    what the order is known by besides, `totals` what it orders. Raises Refusal (E815).
    """
    document = changed_by_hand(engine, order)
    what = "of the file" if order.offered_hash is None else "offered"
    words = f"{who}: the order in Alma was changed by hand to the payload {what}"
    values = changed_to(order, document, found_by or {}, totals)
    _decide(engine, order, State.POSTED, words, lambda _: (by_hand_is_done(order.id),), known_by, **values)


def keep(engine: Engine, order: Order, who: str) -> None:
    """What stands in Alma is right: the payload offered after posting is not to be asked about again, and
    what was to be changed or cancelled there by hand is not to be done.

    That payload then counts as the order's, as the mapping's does when a person has corrected it; another one
    is held again. Raises Refusal (E815).
    """
    asked = waiting_changes(engine).get(order.id)
    if order.offered_hash is None and asked is not None and asked.state == BY_HAND:
        words, values = f"{who}: what is in Alma is right; nothing is to be done there by hand", {}
    else:
        _offered(order)
        words = f"{who}: what is in Alma is right; the payload offered is not to be asked about again"
        record = order.offered_record or order.record
        values = {"replaced_hash": order.offered_hash, "record": record, "causes": None, **NOTHING_OFFERED}
    _decide(engine, order, State.POSTED, words, lambda _: (by_hand_is_done(order.id),), **values)


def _as_offered(order: Order, totals: Totals | None) -> dict[str, str | None]:
    """What the vendor said last counts, once nothing said before is in Alma. `totals`: of that."""
    if order.offered_hash is None:
        return {}
    return {
        **NOTHING_OFFERED,
        "payload": order.offered_payload or "",
        "payload_hash": order.offered_hash,
        "user_id": order.offered_user or order.user_id,
        "record": order.offered_record or order.record,
        "replaced_hash": None,
        "passed": None,
        "totals": totals_text(totals),
    }


def _ids(orders: tuple[int, ...]) -> str:
    return ", ".join(map(str, orders)) or "any other"


def changed_by_hand(engine: Engine, order: Order) -> str:
    """The payload that a person may have changed it to in Alma: the one offered after posting; where none is,
    that of a file, which Alma did not let be done from here. Raises Refusal (E815).
    """
    left = None if order.offered_hash is not None else waiting_changes(engine).get(order.id)
    if left is not None and left.state == BY_HAND and left.after is not None:
        only_posted(order)
        return left.after
    return offered_document(order)


def offered_document(order: Order) -> str:
    """The payload offered after posting. Raises Refusal (E815) when there is none, or the order is not
    posted.
    """
    offered = _offered(order)
    if not offered:
        raise Refusal(
            Problem(
                "E815",
                f'no document could be made of what came for order {order.id} ("{order.shown}")',
                help=f"if what is in Alma is right: etl ledger resolve {order.id} --keep",
            )
        )
    return offered


def _offered(order: Order) -> str:
    """The same; "" where no document could be made."""
    if order.state is not State.POSTED or order.offered_hash is None or order.offered_payload is None:
        raise Refusal(
            Problem("E815", f'order {order.id} ("{order.shown}") has no changed payload to decide about')
        )
    return order.offered_payload


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


def _decide(
    engine: Engine,
    order: Order,
    state: State,
    words: str,
    also: Callable[[str], Iterable[Executable]] = lambda _: (),
    called: KnownBy = NOTHING,
    /,
    **values: str | None,
) -> None:
    """`also`: statements that belong to it, of the run that decides; `called`: what the order is known by
    from now on, besides.
    """
    columns: dict[str, str | None] = {"cause": None, "refusal": None, **values}

    def decided(ledger: Ledger) -> bool:
        return ledger.decide(order, state, words, also(ledger.run.id), called, **columns)

    if not _ledger(engine, order, decided):
        raise overtaken(order)


def only_posted(order: Order) -> None:
    """Raises Refusal (E815) for an order that does not count as posted."""
    _only(order, (State.POSTED,), "does not count as posted")


def overtaken(order: Order) -> Refusal:
    """Another process was faster."""
    return Refusal(
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
