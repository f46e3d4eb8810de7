"""A line that is mapped alone → the other records of its delivery whose key, or whose reference, it has too.

Within a run of a whole file the run itself remembers them.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, Engine, and_, select

from etl.ledger.database import reading
from etl.ledger.orders import Order, State, key_text, normal_key
from etl.ledger.tables import deliveries, order_records, orders

_GONE = (State.SKIPPED, State.DISMISSED, State.CANCELLED)
"""Those that have the key no more, or whose key a person decides about when it comes again."""

Rows = Collection[tuple[int, int]]
"""(record, part) of each row of a line."""


def sibling_of_key(engine: Engine, line: Order, rows: Rows, key: tuple[str, ...]) -> tuple[Order, int] | None:
    """The order that has the key, and the record of the line's delivery that it was made of."""
    of_key = orders.c.normal_key == key_text(normal_key(key))
    ours = (orders.c.institution == line.institution, orders.c.target == line.target)
    with reading(engine) as connection:
        found = connection.execute(select(orders).where(*ours, of_key)).mappings().one_or_none()
        order = None if found is None else Order.of(dict(found))
        if order is None or order.id == line.id or order.state in _GONE:
            return None
        record = _record(connection, line, rows, orders.c.id == order.id)
    return None if record is None else (order, record)


def sibling_of_reference(engine: Engine, line: Order, rows: Rows, reference: str) -> int | None:
    """The record of the line's delivery that an order with the reference was made of."""
    made = orders.c.state.not_in((*_GONE, State.REJECTED))
    with reading(engine) as connection:
        return _record(connection, line, rows, and_(orders.c.reference == reference, made))


def _record(connection: Connection, line: Order, rows: Rows, wanted: ColumnElement[bool]) -> int | None:
    """Of all that fit, one: a reference may be that of a thousand lines."""
    query = (
        select(order_records.c.record, order_records.c.part)
        .distinct()
        .join(orders, orders.c.id == order_records.c.order_id)
        .join(deliveries, deliveries.c.id == order_records.c.delivery_id)
        .where(
            wanted,
            orders.c.institution == line.institution,
            orders.c.target == line.target,
            orders.c.id != line.id,
            deliveries.c.institution == line.institution,
            deliveries.c.hash == line.delivery,
        )
        .limit(len(rows) + 1)
    )
    found = {(row.record, row.part) for row in connection.execute(query)}
    return min((record for record, _ in found - set(rows)), default=None)
