"""What a person knows of an order → the orders of the ledger it may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, Select, or_, select

from etl.ledger.database import reading
from etl.ledger.orders import Order, State
from etl.ledger.tables import events, orders


@dataclass(frozen=True, slots=True)
class Event:
    """One change of an order's state."""

    at: str
    run: str
    state: str
    words: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; None and empty: anything. Dates are days, UTC, inclusive, of the first attempt."""

    words: str | None = None
    states: Sequence[State] = ()
    run: str | None = None
    since: str | None = None
    until: str | None = None
    vendor: str | None = None
    institution: str | None = None


def find(engine: Engine, wanted: Wanted, limit: int | None = None) -> Iterator[Order]:
    """Orders, oldest first. `words`: a vendor's order number, ISBN, Alma's number, part of a key, our id."""
    query = _query(wanted).order_by(orders.c.id)
    with reading(engine) as connection:
        rows = connection.execute(query.limit(limit) if limit else query).mappings()
        for row in rows:
            yield Order.of(dict(row))


def history(engine: Engine, order: Order) -> list[Event]:
    """Everything that happened to an order, oldest first. Its first intent is its own `created_at`."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(events.c.at, events.c.run, events.c.state, events.c.words)
            .where(events.c.order_id == order.id)
            .order_by(events.c.id)
        )
        return [Event(*row) for row in rows]


def _query(wanted: Wanted) -> Select[tuple[object, ...]]:
    query: Select[tuple[object, ...]] = select(*orders.c)
    if wanted.words:
        query = query.where(or_(*_meanings(wanted.words.strip())))
    if wanted.states:
        query = query.where(orders.c.state.in_(wanted.states))
    for column, value in ((orders.c.run, wanted.run), (orders.c.institution, wanted.institution)):
        if value:
            query = query.where(column == value)
    if wanted.vendor:
        query = query.where(orders.c.vendor == wanted.vendor)
    if wanted.since:
        query = query.where(orders.c.created_at >= wanted.since)
    if wanted.until:
        query = query.where(orders.c.created_at < wanted.until + "T24")
    return query


def _meanings(words: str) -> list[ColumnElement[bool]]:
    """Every column the words may stand in. A number alone is also our own id."""
    bare = re.sub(r"[\s\-]", "", words)
    part = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    meanings: list[ColumnElement[bool]] = [
        orders.c.number == words,
        orders.c.reference == words,
        orders.c.additional_reference == words,
        orders.c.isbn == bare,
        orders.c.key.like(f'%"{part}"%', escape="\\"),
    ]
    if re.fullmatch(r"[0-9]{1,9}", words):
        meanings.append(orders.c.id == int(words))
    return meanings
