"""An order line that arrives → how it stands with the ledger, by reading alone.

A claim goes by this and writes down what follows from it; `etl check` asks the same and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection, select

from etl.identity import RecordOrigin
from etl.ledger.arrivals import has_come_anew, is_older
from etl.ledger.likeness import Lookup
from etl.ledger.orders import LIKENESS, Cause, Intent, Order, State, key_text, normal_key
from etl.ledger.same_record import same_record
from etl.ledger.tables import deliveries, order_records, orders

Standing = Literal[
    "free",
    "posted",
    "remapped",
    "changed",
    "dismissed",
    "cancelled",
    "reopened",
    "held",
    "unknown",
    "intended",
    "anew",
    "uncorrected",
]
_FREE = (State.REFUSED, State.RELEASED, State.REJECTED, State.SKIPPED)
_OF_THE_NEWER: dict[State, Standing] = {
    State.POSTED: "posted",
    State.INTENDED: "intended",
    State.DISMISSED: "dismissed",
    State.CANCELLED: "cancelled",
}
"""What an older record of an order is answered, that comes once more; where the newer waits, that goes first.
"""
_RULES = ("check", *LIKENESS)
"""Why an order is held that is free to be judged anew when it comes again: nothing of it has left."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a claim would be answered. `standing` is "like" for an order that would be held as one of
    `others`, "new" for one that the ledger has never met; `order` is the one with its key, if there is one.
    """

    standing: Standing | Literal["like", "new"]
    order: Order | None = None
    others: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Judging:
    """Asks the ledger of one institution, for a run."""

    connection: Connection
    institution: str
    run: str

    def of_key(self, intent: Intent) -> Order | None:
        """By its very spelling first: ledgers of old may have two of one normal form."""
        ours = (orders.c.institution == self.institution, orders.c.target == intent.target)
        for column, key in ((orders.c.key, intent.key), (orders.c.normal_key, normal_key(intent.key))):
            found = self.connection.execute(select(orders).where(*ours, column == key_text(key)))
            row = found.mappings().one_or_none()
            if row is not None:
                return Order.of(dict(row))
        return None

    def standing(self, order: Order, intent: Intent) -> Standing:
        """How an order that has the key of the intent stands to it."""
        same = intent.origin is not None and same_record(order.record, intent.origin.values)
        newest = same and order.offered_record is None
        if not newest and has_come_anew(self.connection, order, intent.origin):
            return "anew"
        if not newest and is_older(self.connection, order, intent.origin):
            return _OF_THE_NEWER.get(order.state, "anew")
        if order.state in _FREE or (order.state is State.HELD and _held_here(order)):
            return "uncorrected" if _correction_is_gone(order, intent) else "free"
        if order.state is State.POSTED:
            if order.has_been_sent(intent.payload_hash, None if same else intent.user_id):
                return "posted"
            return "remapped" if same else "changed"
        if order.state is State.DISMISSED and not order.dismissed:
            return "free"
        if order.state in (State.DISMISSED, State.CANCELLED):
            if not same and intent.origin is not None:
                return "reopened"
            return "dismissed" if order.state is State.DISMISSED else "cancelled"
        if order.reopened and intent.origin is not None and intent.payload_hash != order.payload_hash:
            return "reopened"
        if order.state is State.INTENDED:
            return "intended"
        return "held" if order.state is State.HELD else "unknown"

    def like(self, order: Order | None, intent: Intent) -> Cause | None:
        """What the intent looks like; `order` is the one with its key, if there is one. A mapping's word that
        it is another settles it, and a person's, as long as the record stays as it is.
        """
        if intent.another or (order is not None and _said_to_be_another(order, intent)):
            return None
        if order is not None and (intent.instead_of is not None or stands_corrected(order, intent)):
            known = order.known_by | intent.known_by  # a vendor may be what was corrected
            intent = replace(intent, known_by=known, origin=intent.origin or self._origin_of(order))
        lookup = Lookup(self.connection, self.institution, self.run)
        return lookup.like(0 if order is None else order.id, intent)

    def foresee(self, intent: Intent) -> Foreseen:
        """What a claim would be answered now."""
        order = self.of_key(intent)
        standing = None if order is None else self.standing(order, intent)
        if standing not in (None, "free"):
            return Foreseen(standing, order)
        cause = self.like(order, intent)
        if cause is not None:
            return Foreseen("like", order, tuple(map(self.row, cause.orders)))
        return Foreseen(standing or "new", order)

    def _origin_of(self, order: Order) -> RecordOrigin | None:
        """Where the rows of an order stood: a corrected one comes from a sheet."""
        query = (
            select(order_records.c.record, order_records.c.part)
            .join(deliveries, deliveries.c.id == order_records.c.delivery_id)
            .where(order_records.c.order_id == order.id, deliveries.c.hash == order.delivery)
        )
        rows = tuple((row.record, row.part) for row in self.connection.execute(query))
        return RecordOrigin(order.delivery or "", "", 0, rows, order.record or "[]") if rows else None

    def row(self, number: int) -> Order:
        """An order as it stands."""
        found = self.connection.execute(select(orders).where(orders.c.id == number)).mappings().one()
        return Order.of(dict(found))


def stands_corrected(order: Order, intent: Intent) -> bool:
    """Is it what a person has corrected, and the vendor's record what it was? Then that is sent, whatever a
    mapping that was mended makes of it.
    """
    return _of_the_corrected(order, intent) and order.whole


def _correction_is_gone(order: Order, intent: Intent) -> bool:
    """The same, of a correction that was taken away with all that is old, or with a person's data."""
    return _of_the_corrected(order, intent) and not order.whole


def _of_the_corrected(order: Order, intent: Intent) -> bool:
    if order.replaced_hash is None or intent.instead_of is not None:
        return False
    same = intent.origin is not None and same_record(order.record, intent.origin.values)
    of_user = intent.user_id in (None, order.user_id)
    return same or (of_user and intent.payload_hash == order.replaced_hash)


def _held_here(order: Order) -> bool:
    """Held by the mapping or by the ledger itself, and not because it may be in Alma."""
    return order.cause is not None and order.cause.rule in _RULES


def _said_to_be_another(order: Order, intent: Intent) -> bool:
    return order.another is not None and (
        intent.origin is None or same_record(order.record, intent.origin.values)
    )
