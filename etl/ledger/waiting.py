"""What waits at a destination, and what a person or Alma has ended already: the ledger is only read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Engine, and_, or_, select

from etl.identity import RecordOrigin
from etl.ledger.database import reading
from etl.ledger.lines import Line
from etl.ledger.orders import WAITING, Order, State, key_text, normal_key, same_record
from etl.ledger.tables import deliveries, order_records, orders
from etl.totals import Totals

ENDED = (State.POSTED, State.CANCELLED)
_SETTLED_FIRST = (State.INTENDED, State.UNKNOWN)


@dataclass(slots=True)
class Waiting:
    """What is not at its end. `since`: the day of the oldest, as 2026-01-31. `unpriced`: so many of them have
    no document that says what it orders.
    """

    states: Counter[State] = field(default_factory=Counter)
    since: str = ""
    totals: Totals = field(default_factory=Totals)
    unpriced: int = 0

    @classmethod
    def of(cls, found: Iterable[Order]) -> Waiting:
        waiting = cls()
        for order in found:
            state = State.UNKNOWN if order.state is State.INTENDED else order.state
            waiting.states[State.HELD if state is State.POSTED else state] += 1
            day = order.created_at[:10]
            waiting.since = min(waiting.since or day, day)
            if order.totals is None:
                waiting.unpriced += 1
            else:
                waiting.totals += order.totals
        return waiting

    @property
    def count(self) -> int:
        return sum(self.states.values())


def it_waits() -> ColumnElement[bool]:
    """The condition of `Order.waits`."""
    offered = and_(orders.c.state == State.POSTED, orders.c.offered_hash.is_not(None))
    return or_(orders.c.state.in_(WAITING), offered)


def waiting_at(engine: Engine, institution: str) -> Iterator[Order]:
    """Everything that waits there, oldest first."""
    query = select(orders).where(orders.c.institution == institution, it_waits()).order_by(orders.c.id)
    with reading(engine) as connection:
        for row in connection.execute(query).mappings():
            yield Order.of(dict(row))


def dismissed_keys(engine: Engine, institution: str) -> list[tuple[str, ...]]:
    """The keys of what a person has dismissed there."""
    query = select(orders).where(orders.c.institution == institution, orders.c.state == State.DISMISSED)
    with reading(engine) as connection:
        found = [Order.of(dict(row)) for row in connection.execute(query).mappings()]
    return [order.key for order in found if order.dismissed]


def decided(engine: Engine, institution: str, line: Line) -> Order | None:
    """The order that the line is, if a person or Alma has decided about this very record: it is posted,
    dismissed or cancelled, or may be sent whatever the mapping says against it. None: the mapping decides.
    """
    with reading(engine) as connection:
        of_key = and_(
            orders.c.target == line.target,
            orders.c.normal_key == key_text(normal_key(line.ledger_key)),
        )
        query = select(orders).where(orders.c.institution == institution, or_(of_key, _at(line.origin)))
        found = [Order.of(dict(row)) for row in connection.execute(query).mappings()]
    for order in sorted(found, key=lambda one: one.keyless):
        if (order.keyless and line.key) or not same_record(order.record, line.origin.values):
            continue
        free = order.state is State.RELEASED or order.passed is not None
        if order.dismissed or order.state in ENDED or (free and order.state not in _SETTLED_FIRST):
            return order
    return None


def _at(origin: RecordOrigin) -> ColumnElement[bool]:
    """Orders that were made of the same record of the same delivery."""
    record, part = origin.rows[0]
    there = (
        select(order_records.c.order_id)
        .join(deliveries, deliveries.c.id == order_records.c.delivery_id)
        .where(
            deliveries.c.hash == origin.delivery,
            order_records.c.record == record,
            order_records.c.part == part,
        )
    )
    return orders.c.id.in_(there)

