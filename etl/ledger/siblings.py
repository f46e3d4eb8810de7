"""A line that is mapped alone → the other records of its delivery whose key, or whose reference, it has too.

Within a run of a whole file the run itself remembers them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Engine, select

from etl.ledger.database import reading
from etl.ledger.orders import Order, State, key_text, normal_key
from etl.ledger.tables import deliveries, order_records, orders

_GONE = (State.SKIPPED, State.DISMISSED, State.CANCELLED)
"""Those that have the key no more, or whose key a person decides about when it comes again."""

Rows = Collection[tuple[int, int]]
"""(record, part) of each row of a line."""


def sibling_of_key(engine: Engine, line: Order, rows: Rows, key: tuple[str, ...]) -> tuple[Order, int] | None:
    """The order that has the key, and the record of the line's delivery that it was made of."""
    wanted = orders.c.normal_key == key_text(normal_key(key))
    return next(_siblings(engine, line, rows, wanted, _GONE), None)


def sibling_of_reference(engine: Engine, line: Order, rows: Rows, reference: str) -> int | None:
    """The record of the line's delivery that an order with the reference was made of."""
    found = _siblings(engine, line, rows, orders.c.reference == reference, (*_GONE, State.REJECTED))
    return next((record for _, record in found), None)


def _siblings(
    engine: Engine, line: Order, rows: Rows, wanted: ColumnElement[bool], gone: Collection[State]
) -> Iterator[tuple[Order, int]]:
    query = (
        select(*orders.c, order_records.c.record.label("its_record"), order_records.c.part.label("its_part"))
        .join(order_records, order_records.c.order_id == orders.c.id)
        .join(deliveries, deliveries.c.id == order_records.c.delivery_id)
        .where(
            wanted,
            orders.c.institution == line.institution,
            orders.c.target == line.target,
            orders.c.id != line.id,
            orders.c.state.not_in(gone),
            deliveries.c.institution == line.institution,
            deliveries.c.hash == line.delivery,
        )
        .order_by(order_records.c.record, order_records.c.part)
    )
    with reading(engine) as connection:
        found = connection.execute(query).mappings().all()
    for row in found:
        if (row["its_record"], row["its_part"]) not in rows:
            yield Order.of(dict(row)), row["its_record"]
