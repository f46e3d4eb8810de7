"""What Alma is asked to change in a posted order, or to cancel → rows of `changes`, each written down before
it is asked.

An order has one such row open at most: it is begun together with a new version of the order, so of two
processes that saw the same order one begins. Who finds an open row asks Alma what became of it first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Insert, Update, insert, select, update

from etl.ledger.advance import NOTHING_OFFERED, Advance
from etl.ledger.clock import timestamp
from etl.ledger.database import reading, transaction
from etl.ledger.known_by import NOTHING, KnownBy
from etl.ledger.ledger import Ledger
from etl.ledger.orders import AlmaRefusal, Cause, Order, State, taken_back_as
from etl.ledger.process import alive
from etl.ledger.stored_values import totals_text
from etl.ledger.tables import changes, events
from etl.totals import Totals

Kind = Literal["change", "cancel"]
Outcome = Literal["done", "refused", "unknown", "by hand"]
"""`refused`: certainly not done. `by hand`: Alma does not let it be done from outside, or did a part."""
_NOTHING_LEFT: dict[str, Any] = {**NOTHING_OFFERED, "causes": None}
OPEN_CHANGES = ("intended", "unknown")
"""States of a change of which nobody knows what became."""
BY_HAND = "by hand"
"""Its state where a person is to do it in Alma, and it has not been answered yet."""


@dataclass(frozen=True, slots=True)
class AskedChange:
    """A row of `changes`. `before` is the document that Alma had, `after` the payload it was to become (None:
    to be cancelled). `cause`: since when Alma was asked what became of it, or why it was not done.
    """

    id: int
    order_id: int
    kind: Kind
    state: str
    run: str
    before: str
    after: str | None
    cause: Cause | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> AskedChange:
        names = ("id", "order_id", "kind", "state", "run", "before", "after")
        return cls(**{name: row[name] for name in names}, cause=Cause.read(row["cause"]))


class Changes:
    """The changes of one institution's orders, as a ledger's run asks for them."""

    def __init__(self, ledger: Ledger, institution: str) -> None:
        self._engine, self._run, self._institution = ledger.database, ledger.run.id, institution

    def open(self, order: Order) -> AskedChange | None:
        """The one whose outcome is not written down."""
        with transaction(self._engine) as connection:
            ours = (changes.c.order_id == order.id, changes.c.state.in_(OPEN_CHANGES))
            row = connection.execute(select(changes).where(*ours)).mappings().one_or_none()
            return AskedChange.of(dict(row)) if row is not None else None

    def busy(self, change: AskedChange) -> bool:
        """Is a living process waiting for Alma's answer to it?"""
        with transaction(self._engine) as connection:
            return change.state == "intended" and change.run != self._run and alive(connection, change.run)

    def still_open(self, change: AskedChange) -> bool:
        """To be asked when this process may have been believed dead."""
        with transaction(self._engine) as connection:
            state = select(changes.c.state).where(changes.c.id == change.id)
            return bool(connection.execute(state).scalar_one() == "intended")

    def begin(
        self,
        order: Order,
        kind: Kind,
        who: str,
        before: str,
        after: str | None,
        words: str,
        *,
        by_hand: bool = False,
    ) -> AskedChange | None:
        """Write down what is about to be asked, or is left to a person; None: the order is no longer as it
        was seen.
        """
        with transaction(self._engine) as connection:
            asked = (changes.c.order_id == order.id, changes.c.state.in_(OPEN_CHANGES))
            if connection.execute(select(changes.c.id).where(*asked)).first() is not None:
                return None
            if not self._advance(connection).change(order, State.POSTED, words, {}):
                return None
            row = {
                "order_id": order.id,
                "kind": kind,
                "state": BY_HAND if by_hand else "intended",
                "at": timestamp(),
                "run": self._run,
                "who": who,
                "before": before,
                "after": after,
            }
            made = connection.execute(insert(changes).values(row).returning(*changes.c)).mappings().one()
            return AskedChange.of(dict(made))

    def end(
        self,
        change: AskedChange,
        state: Outcome,
        words: str,
        refusal: AlmaRefusal | None = None,
        cause: Cause | None = None,
        found_by: Mapping[str, str | None] | None = None,
        known_by: KnownBy = NOTHING,
        totals: Totals | None = None,
    ) -> Order | None:
        """Write down what became of it; the order as it now stands, None: another process has done so, and
        this is only noted.

        What was changed to counts as the order's payload from then on, with `found_by` as what a person finds
        it by, `known_by` as what it is known by besides and `totals` as what it orders; what was cancelled is
        `cancelled`. An order that a person has meanwhile decided upon stays.
        """
        written = {
            "state": state,
            "refusal": refusal.written() if refusal else None,
            "cause": cause.written() if cause else None,
        }
        with transaction(self._engine) as connection:
            ours = (changes.c.id == change.id, changes.c.state.in_(OPEN_CHANGES))
            advance = self._advance(connection)
            if connection.execute(update(changes).where(*ours).values(written)).rowcount != 1:
                self._note(connection, advance.row(change.order_id), f"late answer, not applied: {words}")
                return None
            if state == "done":  # what a person was to do before is done with it
                connection.execute(by_hand_is_done(change.order_id))
            while (order := advance.row(change.order_id)).state is State.POSTED:
                values = _applied(order, change, found_by or {}, totals) if state == "done" else {}
                cancelled = state == "done" and change.kind == "cancel"
                stands = State.CANCELLED if cancelled else State.POSTED
                if advance.change(order, stands, words, values, known_by):
                    return advance.row(order.id)
            self._note(connection, order, words)
            return order

    def _advance(self, connection: Connection) -> Advance:
        return Advance(connection, self._institution, self._run)

    def _note(self, connection: Connection, order: Order, words: str) -> None:
        row = {"order_id": order.id, "at": timestamp(), "run": self._run, "state": order.state}
        connection.execute(insert(events).values(**row, words=words))


def by_hand_is_done(order_id: int) -> Update:
    """The statement by which what Alma left to a person is no longer to be done."""
    left = (changes.c.order_id == order_id, changes.c.state == BY_HAND)
    return update(changes).where(*left).values(state="done")


def is_taken_back(order: Order, run: str, who: str) -> Insert:
    """The statement by which its number stays known as one that was the order's."""
    row = {"order_id": order.id, "kind": "cancel", "state": "done", "at": timestamp(), "run": run, "who": who}
    cause = taken_back_as(order.number or "").written()
    return insert(changes).values(**row, before="{}", cause=cause)


def waiting_changes(engine: Engine) -> dict[int, AskedChange]:
    """Order → its last change that nobody has answered, or nobody has done by hand yet: few, whatever is
    looked at.
    """
    waits = changes.c.state.in_((*OPEN_CHANGES, BY_HAND))
    query = select(changes).where(waits).order_by(changes.c.id)
    with reading(engine) as connection:
        rows = connection.execute(query).mappings()
        return {row["order_id"]: AskedChange.of(dict(row)) for row in rows}


def changed_to(
    order: Order, payload: str, found_by: Mapping[str, str | None], totals: Totals | None
) -> dict[str, Any]:
    """The columns of a posted order that has become `payload` in Alma; `found_by`, `totals`: of that."""
    digest = hashlib.sha256(payload.encode()).hexdigest()
    values = {**found_by, "payload": payload, "payload_hash": digest, "verified": None,
              "totals": totals_text(totals)}  # fmt: skip
    if digest == order.offered_hash:
        values |= {**_NOTHING_LEFT, "replaced_hash": None, "user_id": order.offered_user or order.user_id}
        return {**values, "record": order.offered_record or order.record}
    # a person's payload stands for the mapping's, as a correction does
    if order.offered_hash is not None:  # what waited is answered by it
        values |= _NOTHING_LEFT
        return {**values, "replaced_hash": order.offered_hash, "record": order.offered_record or order.record}
    return {**values, "replaced_hash": order.replaced_hash or order.payload_hash}


def _applied(
    order: Order, change: AskedChange, found_by: Mapping[str, str | None], totals: Totals | None
) -> dict[str, Any]:
    """The columns of an order after the change."""
    if change.after is None:
        return {**_NOTHING_LEFT, "verified": None, "record": order.offered_record or order.record}
    return changed_to(order, change.after, found_by, totals)
