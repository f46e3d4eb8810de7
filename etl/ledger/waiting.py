"""What waits at a destination, and what a person or Alma has ended already: the ledger is only read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    String,
    bindparam,
    literal,
    select,
    union_all,
)

from etl.ledger.changes import BY_HAND, OPEN_CHANGES
from etl.ledger.database import reading
from etl.ledger.lines import Line
from etl.ledger.orders import WAITING, Cause, Order, State, by_a_person, key_text, normal_key
from etl.ledger.same_record import same_record
from etl.ledger.tables import changes, changes_at, deliveries, order_records, orders
from etl.totals import Totals

ENDED = (State.POSTED, State.CANCELLED)
_AT_ONCE = 200
MAY_BE_THERE = (State.INTENDED, State.UNKNOWN)
"""Nobody knows yet, or a process is at it."""


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
    def of(cls, found: Iterable[Order], worth: Callable[[Order], Totals | None]) -> Waiting:
        """`worth`: what an order that waits would order; None where nothing says so."""
        waiting = cls()
        for order in found:
            state = State.UNKNOWN if order.state is State.INTENDED else order.state
            waiting.states[State.HELD if state is State.POSTED else state] += 1
            day = order.created_at[:10]
            waiting.since = min(waiting.since or day, day)
            totals = worth(order)
            if totals is None:
                waiting.unpriced += 1
            else:
                waiting.totals += totals
        return waiting

    @property
    def count(self) -> int:
        return sum(self.states.values())


def it_waits(institution: str | None = None) -> ColumnElement[bool]:
    """The condition of `Order.waits`, and of what Alma was asked to change without an answer, or left to a
    person; of one institution, or all. Of an institution it costs as much as waits there, however many have
    ended: each of the four goes by an index of its own.
    """
    one = orders.alias()
    named = bindparam("open_changes", OPEN_CHANGES, String, expanding=True, literal_execute=True)
    mine, changing = select(one.c.id), select(changes.c.order_id)
    if institution is not None:
        mine, changing = mine.where(one.c.institution == institution), changing.where(changes_at(institution))
    offered = mine.where(one.c.offered_hash.is_not(None), one.c.state == State.POSTED)
    asked = changing.where(changes.c.state.in_(named))
    left = changing.where(changes.c.state == literal(BY_HAND, literal_execute=True))
    return orders.c.id.in_(union_all(mine.where(one.c.state.in_(WAITING)), offered, asked, left))


def waiting_at(engine: Engine, institution: str) -> Iterator[Order]:
    """Everything that waits there, oldest first."""
    query = select(orders).where(it_waits(institution)).order_by(orders.c.id)
    with reading(engine) as connection:
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(query).mappings():
            yield Order.of(dict(row))


def dismissed_keys(engine: Engine, institution: str) -> list[tuple[str, ...]]:
    """The keys of what a person has dismissed there."""
    query = select(orders.c.key, orders.c.cause).where(
        orders.c.institution == institution, orders.c.state == State.DISMISSED
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    return [tuple(json.loads(row.key)) for row in rows if by_a_person(Cause.read(row.cause))]


def corrected_keys(engine: Engine, institution: str) -> list[tuple[str, ...]]:
    """The keys of orders there that a person has put another payload in the place of: few."""
    query = select(orders.c.key).where(
        orders.c.institution == institution, orders.c.replaced_hash.is_not(None)
    )
    with reading(engine) as connection:
        return [tuple(json.loads(key)) for key in connection.execute(query).scalars()]


def decided(engine: Engine, institution: str, line: Line) -> Order | None:
    """The order that the line is, if a person or Alma has decided about this very record: it is posted,
    dismissed or cancelled, or may be sent whatever the mapping says against it (`passed`); or if it may be in
    Alma, and nobody knows. None: the mapping decides.
    """
    with reading(engine) as connection:
        for order in _found(connection, _of_key(institution, line)):
            same = same_record(order.record, line.origin.values)
            if same and (order.dismissed or order.state in ENDED or order.passed is not None):
                return order
            if order.state in MAY_BE_THERE:
                return order if same else replace(order, passed=None)  # which was said of another record
        for order in _found(connection, _at(institution, line)):
            same = same_record(order.record, line.origin.values)
            if same and not order.keyless and (order.dismissed or order.state in ENDED):
                return order
    return None


def sent(engine: Engine, institution: str, line: Line) -> Order | None:
    """The order with the key of the line, if Alma has it or may have it."""
    with reading(engine) as connection:
        for order in _found(connection, _of_key(institution, line)):
            if order.state in (State.POSTED, *MAY_BE_THERE) or order.in_doubt:
                return order
    return None


def _of_key(institution: str, line: Line) -> Select[tuple[object, ...]]:
    return select(*orders.c).where(
        orders.c.institution == institution,
        orders.c.target == line.target,
        orders.c.normal_key == key_text(normal_key(line.ledger_key)),
    )


def _found(connection: Connection, query: Select[tuple[object, ...]]) -> list[Order]:
    return [Order.of(dict(row)) for row in connection.execute(query).mappings()]


def _at(institution: str, line: Line) -> Select[tuple[object, ...]]:
    """Orders that the same mapping has made of the same record of the same delivery."""
    record, part = line.origin.rows[0]
    return (
        select(*orders.c)
        .join(order_records, order_records.c.order_id == orders.c.id)
        .join(deliveries, deliveries.c.id == order_records.c.delivery_id)
        .where(
            deliveries.c.institution == institution,
            deliveries.c.hash == line.origin.delivery,
            order_records.c.record == record,
            order_records.c.part == part,
            orders.c.target == line.target,
            orders.c.mapped_as == line.origin.mapped_as,
        )
    )
