"""A line → what else of its destination has what only one line may have: its key or its reference in its
own delivery, for a line that is mapped alone (within a run of a whole file the run itself remembers them),
and the barcodes of its items in files that were written earlier.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Engine, and_, select

from etl.ledger.database import reading
from etl.ledger.orders import Order, State, key_text, normal_key
from etl.ledger.tables import deliveries, order_names, order_records, orders

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


def holder_of_barcode(
    engine: Engine, institution: str, key: tuple[str, ...], rows: Mapping[str, Rows], barcodes: Sequence[str]
) -> tuple[str, Order] | None:
    """One of the barcodes, folded, and the order written to a file that has it; None if the order of this
    key has them already, or none has. `rows`, by the hash of their delivery, are those of the line: what was
    written of them under an older key is the line itself.
    """
    names = [f"barcode {one}" for one in barcodes]
    query = (
        select(order_names.c.value, *orders.c)
        .join(orders, orders.c.id == order_names.c.order_id)
        .where(
            order_names.c.institution == institution,
            order_names.c.value.in_(names),
            orders.c.state == State.WRITTEN,
        )
        .order_by(orders.c.id)
    )
    with reading(engine) as connection:
        found = [(row["value"], Order.of(dict(row))) for row in connection.execute(query).mappings()]
        ours = {name for name, order in found if order.normal_key == normal_key(key)}
        for name, order in found:
            if name not in ours and not _is_made_of(connection, order, rows):
                return name.removeprefix("barcode "), order
    return None


def _is_made_of(connection: Connection, order: Order, rows: Mapping[str, Rows]) -> bool:
    query = (
        select(deliveries.c.hash, order_records.c.record, order_records.c.part)
        .join(deliveries, deliveries.c.id == order_records.c.delivery_id)
        .where(order_records.c.order_id == order.id, deliveries.c.hash.in_(list(rows)))
    )
    return any((row.record, row.part) in rows[row.hash] for row in connection.execute(query))


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
