"""Finished orders that are old → what has to be known of them for ever, and no more.

What stays: state, key, hashes, numbers, what the order is known by, totals, who changed its state and when.
What goes: payload, raw record, user, words. Of the record, hashes of its columns stay, by which a later
record is told to be the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from etl.ledger.changes import BY_HAND, OPEN_CHANGES
from etl.ledger.compaction import compact
from etl.ledger.database import Database, transaction
from etl.ledger.orders import State
from etl.ledger.same_record import hashed_record
from etl.ledger.tables import changes, events, orders

FINISHED = (State.POSTED, State.DISMISSED, State.CANCELLED, State.SKIPPED, State.WRITTEN)
"""Nobody waits for anything. Posted counts whether or not somebody has verified it: its number stays."""
_ROWS = 500
_OLD = and_(
    orders.c.state.in_(FINISHED),
    orders.c.offered_hash.is_(None),
    or_(
        orders.c.payload != "",
        orders.c.raw.is_not(None),
        orders.c.causes.is_not(None),
        and_(orders.c.record.like("[%"), orders.c.record != "[]"),
    ),
    orders.c.id.not_in(select(changes.c.order_id).where(changes.c.state.in_((*OPEN_CHANGES, BY_HAND)))),
)
"""Finished, and something of it still stands here."""


@dataclass(frozen=True, slots=True)
class PrunedOrders:
    """`orders` had something taken away, `characters` of payloads and records; `left`: as old, and waiting
    for somebody; `compacted`: what was taken away is gone from the file too.
    """

    orders: int
    characters: int
    left: int
    compacted: bool = True


def prune(engine: Database, before: str, *, dry_run: bool = False) -> PrunedOrders:
    """Take away what is no longer needed of orders that were last changed before `before` (a timestamp).

    Raises as `transaction` does; what was taken away till then stays away.
    """
    size = func.length(orders.c.payload) + func.coalesce(func.length(orders.c.record), 0)
    old = and_(_OLD, orders.c.updated_at < before)
    with transaction(engine) as connection:
        count, characters = connection.execute(
            select(func.count(), func.coalesce(func.sum(size), 0)).where(old)
        ).one()
        waits = and_(orders.c.state.not_in(FINISHED), orders.c.updated_at < before)
        left = connection.execute(select(func.count()).where(waits)).scalar_one()
    while not dry_run:
        with transaction(engine, alone=True) as connection:
            seen = select(orders.c.id, orders.c.record).where(old)
            rows = connection.execute(seen.order_by(orders.c.id).limit(_ROWS)).all()
            if not rows:
                break
            _take_away(connection, rows)
    return PrunedOrders(count, int(characters), left, dry_run or compact(engine))


def _take_away(connection: Connection, rows: Sequence[Any]) -> None:
    for row in rows:
        connection.execute(
            update(orders)
            .where(orders.c.id == row.id)
            .values(
                payload="",
                raw=None,
                causes=None,
                words=None,
                user_id=None,
                record=hashed_record(row.record),
                offered_record=None,
                offered_user=None,
            )
        )
    ours = [row.id for row in rows]
    connection.execute(update(events).where(events.c.order_id.in_(ours)).values(words=None))
    connection.execute(update(changes).where(changes.c.order_id.in_(ours)).values(before="", after=None))
