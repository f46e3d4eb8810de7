"""A ledger → what in it contradicts itself: damage that the database itself does not see, a row that somebody
changed by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from etl.ledger.copying import snapshot
from etl.ledger.database import Database, place_of
from etl.ledger.known_by import KnownBy
from etl.ledger.orders import ERASED, State, key_text, normal_key
from etl.ledger.tables import (
    arrivals,
    changes,
    deliveries,
    events,
    mappings,
    order_names,
    order_records,
    orders,
)
from etl.ledger.twins import twins
from etl.problems import MappingPlace, Problem

_ROWS = 500
_REFERENCES = (
    (order_names.c.order_id, orders.c.id),
    (order_records.c.order_id, orders.c.id),
    (order_records.c.delivery_id, deliveries.c.id),
    (events.c.order_id, orders.c.id),
    (changes.c.order_id, orders.c.id),
    (arrivals.c.delivery_id, deliveries.c.id),
    (arrivals.c.mapping, mappings.c.hash),
)


def contradictions(engine: Database) -> Iterator[Problem]:
    """E623 for each, E829 for keys of one normal form, in order of the orders. What the database's own check
    and the schema's version say was said when it was opened.
    """
    place = MappingPlace(place_of(engine))
    with snapshot(engine) as connection:
        for column, to in _REFERENCES:
            missing = select(func.count()).where(column.is_not(None), column.not_in(select(to)))
            if count := connection.execute(missing).scalar_one():
                where = f"{column.table.name}.{column.name}"
                yield _wrong(place, f"{count:,} rows of {where} point to no row of {to.table.name}", "")
        last = 0
        while rows := _orders_after(connection, last):
            last = rows[-1]["id"]
            names, states = _names(connection, rows), _last_states(connection, rows)
            for row in rows:
                for what in _of_order(row, names.get(row["id"], set()), states.get(row["id"])):
                    yield _wrong(place, f"order {row['id']}: {what}", row["id"])
                yield from _twins_of(connection, row)


def _orders_after(connection: Connection, last: int) -> Sequence[Mapping[str, Any]]:
    query = select(orders).where(orders.c.id > last).order_by(orders.c.id).limit(_ROWS)
    return [dict(row) for row in connection.execute(query).mappings()]


def _names(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[int, set[str]]:
    query = select(order_names.c.order_id, order_names.c.value)
    found: dict[int, set[str]] = {}
    for row in connection.execute(query.where(order_names.c.order_id.in_([row["id"] for row in rows]))):
        found.setdefault(row.order_id, set()).add(row.value)
    return found


def _last_states(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    last = (
        select(func.max(events.c.id))
        .where(events.c.order_id.in_([row["id"] for row in rows]))
        .group_by(events.c.order_id)
    )
    found = connection.execute(select(events.c.order_id, events.c.state).where(events.c.id.in_(last)))
    return {row.order_id: row.state for row in found}


def _of_order(row: Mapping[str, Any], names: set[str], last: str | None) -> Iterator[str]:
    """What is wrong with one order, in words."""
    if row["state"] not in list(State):
        yield f'there is no state "{row["state"]}"'
    if row["state"] == State.POSTED and not row["number"]:
        yield "it is posted, and has no number"
    try:
        normal = key_text(normal_key(tuple(json.loads(row["key"]))))
        known = KnownBy.read(row["known_by"])
    except (ValueError, TypeError):
        yield "its key, or what it is known by, cannot be read"
        return
    if row["normal_key"] not in (None, normal):
        yield f"it is found by {row['normal_key']}, and its key is {row['key']}"
    called = set(known.values())
    if not called <= names or (names and not called):  # of old ledgers, what was offered is a name beside it
        yield "what it is known by is not what it is found by"
    for payload, digest in (("payload", "payload_hash"), ("offered_payload", "offered_hash")):
        kept = row[payload]
        if kept and ERASED not in kept and hashlib.sha256(kept.encode()).hexdigest() != row[digest]:
            yield f"its {payload.replace('_', ' ')} is not the one of its hash"
    if last is not None and last != row["state"]:
        yield f"it is {row['state']}, and its history ends with {last}"


def _twins_of(connection: Connection, row: Mapping[str, Any]) -> Iterator[Problem]:
    """Two keys of one normal form: only the first has it, and the other is found by its own spelling."""
    if row["normal_key"] is not None:
        return
    normal = key_text(normal_key(tuple(json.loads(row["key"]))))
    query = select(orders.c.id).where(
        orders.c.institution == row["institution"],
        orders.c.target == row["target"],
        orders.c.normal_key == normal,
    )
    for first in connection.execute(query).scalars():
        yield twins(first, row["id"], row["key"])


def _wrong(place: MappingPlace, what: str, order: int | str) -> Problem:
    look = f"look at it (etl ledger show {order}) and in Alma before its file is run again. "
    shown = look if order else ""
    return Problem(
        "E623",
        f"the ledger contradicts itself: {what}",
        mapping=place,
        help=f"{shown}If nobody knows how it came, restore a backup: etl ledger restore",
    )
