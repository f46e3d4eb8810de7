"""What a person knows of an order → the orders of the ledger it may be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Engine, Select, and_, func, or_, select

from etl.ledger.database import reading
from etl.ledger.numbers import bare_number
from etl.ledger.orders import WAITING, Order, State, Verified, key_text
from etl.ledger.tables import arrivals, deliveries, events, mappings, order_records, orders
from etl.ledger.waiting import it_waits

_UNMADE = (State.REJECTED, State.SKIPPED)
"""Of these there is no document: a person looks for what stood in the record."""
_ENDED = ("CLOSED", "CANCELLED", "REJECTED")
"""Alma's states of an order line or a request of which nothing more will come."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change of an order's state."""

    at: str
    run: str
    state: str
    words: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; None and empty: anything. Dates are days, UTC, inclusive, of the first attempt.

    `run`: a run that wrote anything of the order, not only the last one. `waiting`: what is not at its end.
    What a mapping skips is only found by its state, its delivery, or by words. `delivery`: a part of its
    name, or the beginning of its hash.
    """

    words: str | None = None
    states: Sequence[State] = ()
    run: str | None = None
    since: str | None = None
    until: str | None = None
    vendor: str | None = None
    institution: str | None = None
    waiting: bool = False
    delivery: str | None = None


@dataclass(slots=True)
class DeliveryRow:
    """A file that came, as it was called last. `size` in bytes; `at`: when first; `last`: when it was run
    last, by `mapping` into `sink`. `lines`: how many order lines of it stand where.
    """

    name: str
    hash: str
    size: int
    institution: str
    at: str
    last: str = ""
    mapping: str = ""
    sink: str = ""
    times: int = 0
    lines: dict[str, int] = field(default_factory=dict)


def delivered(engine: Engine, words: str | None, since: str | None, until: str | None) -> list[DeliveryRow]:
    """Deliveries, oldest first. `words`: a part of the name, or the beginning of the hash."""
    asked: list[ColumnElement[bool]] = []
    if words:
        asked.append(_of_delivery(words))
    if since:
        asked.append(deliveries.c.at >= since)
    if until:
        asked.append(deliveries.c.at < until + "T24")
    ours = select(deliveries.c.id).where(*asked)
    query = select(deliveries).where(*asked).order_by(deliveries.c.id)
    runs = (
        select(arrivals, mappings.c.name.label("mapping_name"))
        .join(mappings, mappings.c.hash == arrivals.c.mapping)
        .where(arrivals.c.delivery_id.in_(ours))
        .order_by(arrivals.c.id)
    )
    lines = (
        select(order_records.c.delivery_id, orders.c.state, func.count(orders.c.id.distinct()).label("count"))
        .join(orders, orders.c.id == order_records.c.order_id)
        .where(order_records.c.delivery_id.in_(ours))
        .group_by(order_records.c.delivery_id, orders.c.state)
    )
    with reading(engine) as connection:
        found = {
            row.id: DeliveryRow(row.name, row.hash, row.size, row.institution, row.at)
            for row in connection.execute(query)
        }
        for run in connection.execute(runs):
            if run.delivery_id in found:  # it may have come since
                one = found[run.delivery_id]
                one.name, one.last, one.mapping, one.sink = run.name, run.at, run.mapping_name, run.sink
                one.times += 1
        for row in connection.execute(lines):
            if row.delivery_id in found:
                found[row.delivery_id].lines[row.state] = row._mapping["count"]
    return list(found.values())


def _unmade() -> ColumnElement[bool]:
    incomplete = and_(orders.c.state == State.HELD, orders.c.payload == "")
    return or_(orders.c.state.in_(_UNMADE), incomplete)


def _in_record(words: str, part: str) -> Iterator[ColumnElement[bool]]:
    yield orders.c.record.ilike(f"%{part}%", escape="\\")
    bare = bare_number(words)
    if re.fullmatch(r"[0-9]{9,12}[0-9X]", bare):
        yield func.replace(orders.c.record, "-", "").ilike(f"%{bare}%")


def _of_delivery(words: str) -> ColumnElement[bool]:
    part = _escaped(words)
    return or_(
        deliveries.c.name.ilike(f"%{part}%", escape="\\"), deliveries.c.hash.ilike(f"{part}%", escape="\\")
    )


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def find(engine: Engine, wanted: Wanted, limit: int | None = None) -> Iterator[Order]:
    """Orders, oldest first. `words`: a vendor's order number, ISBN, Alma's number, part of a key (a7000 finds
    A7000), our id.
    """
    query = _query(wanted).order_by(orders.c.id)
    with reading(engine) as connection:
        rows = connection.execute(query.limit(limit) if limit else query).mappings()
        for row in rows:
            yield Order.of(dict(row))


def order_of_id(engine: Engine, words: str) -> Order | None:
    """The order with this id of ours, written as we write it."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", words):
        return None
    with reading(engine) as connection:
        row = connection.execute(select(*orders.c).where(orders.c.id == int(words))).mappings().one_or_none()
    return Order.of(dict(row)) if row is not None else None


def institutions(engine: Engine) -> list[str]:
    """The names of the Almas that the ledger has orders of, sorted."""
    with reading(engine) as connection:
        return sorted(connection.execute(select(orders.c.institution).distinct()).scalars())


def open_vendors(engine: Engine, institution: str, mapping: str, met: Collection[int]) -> Counter[str]:
    """Vendor → how many orders of a mapping of that name are not at their end: they wait, or are posted and
    neither closed nor cancelled, as far as the ledger knows. Those in `met` (ids) count by whatever they were
    made: what was made before ledgers kept mappings says no name.
    """
    query = (
        select(orders.c.id, orders.c.state, orders.c.vendor, orders.c.verified, mappings.c.name)
        .outerjoin(mappings, mappings.c.hash == orders.c.mapping)
        .where(
            orders.c.institution == institution,
            orders.c.state.in_((*WAITING, State.POSTED)),
            orders.c.vendor.is_not(None),
        )
    )
    found: Counter[str] = Counter()
    with reading(engine) as connection:
        for row in connection.execute(query):
            seen = Verified.read(row.verified) if row.state == State.POSTED else None
            ended = seen is not None and (not seen.there or seen.status in _ENDED)
            if not ended and (row.name == mapping or row.id in met):
                found[row.vendor] += 1
    return found


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
    if wanted.states or wanted.waiting:
        of_states: ColumnElement[bool] = orders.c.state.in_(wanted.states)
        waits = it_waits(wanted.institution)
        if State.HELD in wanted.states:  # and posted ones whose change waits
            of_states = or_(of_states, and_(orders.c.state == State.POSTED, waits))
        query = query.where(or_(of_states, waits) if wanted.waiting else of_states)
    elif not (wanted.words or wanted.delivery):
        query = query.where(orders.c.state != State.SKIPPED)
    if wanted.run:
        touched = select(events.c.order_id).where(events.c.run == wanted.run)
        query = query.where(or_(orders.c.run == wanted.run, orders.c.id.in_(touched)))
    if wanted.delivery:
        came = (
            select(order_records.c.order_id)
            .join(deliveries, deliveries.c.id == order_records.c.delivery_id)
            .where(_of_delivery(wanted.delivery))
        )
        query = query.where(orders.c.id.in_(came))
    if wanted.institution:
        query = query.where(orders.c.institution == wanted.institution)
    if wanted.vendor:
        query = query.where(orders.c.vendor == wanted.vendor)
    if wanted.since:
        query = query.where(orders.c.created_at >= wanted.since)
    if wanted.until:
        query = query.where(orders.c.created_at < wanted.until + "T24")
    return query


def _meanings(words: str) -> list[ColumnElement[bool]]:
    """Every column the words may stand in. A number alone is also our own id."""
    part = _escaped(key_text((words,))[2:-2])
    meanings: list[ColumnElement[bool]] = [
        orders.c.number.in_((words, words.upper())),  # POL-1, and people write pol-1
        orders.c.reference == words,
        orders.c.additional_reference == words,
        orders.c.isbn == bare_number(words),
        orders.c.key.ilike(f'%"{part}"%', escape="\\"),
        and_(_unmade(), or_(*_in_record(words, part))),
    ]
    if len(parts := words.split(" + ")) > 1:  # a key as we show it
        meanings.append(orders.c.key.ilike(f"%{_escaped(key_text(tuple(parts))[1:-1])}%", escape="\\"))
    if re.fullmatch(r"[0-9]{1,9}", words):
        meanings.append(orders.c.id == int(words))
    return meanings
