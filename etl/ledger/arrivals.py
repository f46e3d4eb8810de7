"""What an order line came in → rows of `deliveries`, `order_records` and `order_names`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from etl.identity import RecordOrigin
from etl.ledger.known_by import KnownBy
from etl.ledger.orders import Order
from etl.ledger.same_record import same_record
from etl.ledger.tables import arrivals, deliveries, order_names, order_records

_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
_LOCK = 7_362_012
"""Any number, the same in every version: who holds it may judge which orders look alike."""


def last_arrival(connection: Connection, institution: str, order: Order | None = None) -> int:
    """The number of the last one, of all or of the deliveries that the order stood in; 0 for none."""
    query = select(func.max(arrivals.c.id)).join(deliveries, deliveries.c.id == arrivals.c.delivery_id)
    query = query.where(deliveries.c.institution == institution)
    if order is not None:
        rows = order_records.c.delivery_id == arrivals.c.delivery_id
        query = query.join(order_records, rows).where(order_records.c.order_id == order.id)
    return connection.execute(query).scalar() or 0


def has_come_anew(connection: Connection, order: Order, origin: RecordOrigin | None) -> bool:
    """Has the order arrived as another record since what comes here was mapped?"""
    said = order.record if order.offered_record is None else order.offered_record
    if origin is None or origin.until is None or same_record(said, origin.values):
        return False
    query = (
        select(arrivals.c.id)
        .join(deliveries, deliveries.c.id == arrivals.c.delivery_id)
        .join(order_records, order_records.c.delivery_id == deliveries.c.id)
        .where(
            order_records.c.order_id == order.id,
            arrivals.c.id > origin.until,
            deliveries.c.hash.not_in([one.delivery for one in origin.places]),
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def is_older(connection: Connection, order: Order, origin: RecordOrigin | None) -> bool:
    """Is it a file that is run again, and another has brought the order as another record since? A file of
    the same bytes as one that came before is that one.
    """
    said = order.record if order.offered_record is None else order.offered_record
    if origin is None or same_record(said, origin.values):
        return False
    ours = select(func.max(deliveries.c.id)).where(
        deliveries.c.institution == order.institution,
        deliveries.c.hash.in_([one.delivery for one in origin.places]),
    )
    query = select(order_records.c.delivery_id).where(
        order_records.c.order_id == order.id, order_records.c.delivery_id > ours.scalar_subquery()
    )
    return connection.execute(query.limit(1)).first() is not None


class Arrivals:
    """Within one transaction of one institution."""

    def __init__(self, connection: Connection, institution: str, run: str, now: str) -> None:
        self._connection, self._institution, self._run, self._now = connection, institution, run, now
        self._deliveries: dict[str, int] = {}

    def alone(self) -> None:
        """Nobody else takes in orders until this transaction ends: of two that look alike, the second has to
        see the first. SQLite lets one write at a time anyway.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock, hashtext(:institution))"),
                {"lock": _LOCK, "institution": self._institution},
            )

    def now_known_by(self, order: Order, known_by: KnownBy) -> None:
        """From now on the order, as it was seen, is known by this. What it was called before is forgotten
        where this does not say it too: a mapping that was mended may call it otherwise.
        """
        if order.known_by == known_by:
            return
        ours = order_names.c.order_id == order.id
        if order.known_by | known_by != known_by:
            self._connection.execute(delete(order_names).where(ours))
        self.also_called(order.id, known_by)

    def also_called(self, order: int, known_by: KnownBy) -> None:
        """The order is found by this too."""
        ours = order_names.c.order_id == order
        there = set(self._connection.execute(select(order_names.c.value).where(ours)).scalars())
        names = [
            {"institution": self._institution, "value": value, "order_id": order}
            for value in known_by.values()
            if value not in there
        ]
        if names:
            self._connection.execute(insert(order_names), names)

    def note(self, order: int, known_by: KnownBy, origin: RecordOrigin | None) -> None:
        """What the order is known by, and where it stood."""
        self.note_all([(order, known_by, origin)])

    def note_all(self, met: Iterable[tuple[int, KnownBy, RecordOrigin | None]]) -> None:
        """The same of several orders."""
        names: list[dict[str, Any]] = []
        rows: list[dict[str, Any]] = []
        for order, known_by, origin in met:
            names += (
                {"institution": self._institution, "value": value, "order_id": order}
                for value in known_by.values()
            )
            rows += self._rows(order, origin) if origin is not None else ()
        if names:
            self._connection.execute(insert(order_names), names)
        self.put(order_records, rows)

    def _rows(self, order: int, origin: RecordOrigin) -> list[dict[str, Any]]:
        return [
            {"delivery_id": delivery, "record": record, "part": part, "order_id": order}
            for one in origin.places
            for delivery in [self.delivery(one.delivery, one.file, one.size)]
            for record, part in one.rows
        ]

    def delivery(self, digest: str, name: str, size: int) -> int:
        """The row of the delivery with these bytes, made if there is none."""
        if digest in self._deliveries:
            return self._deliveries[digest]
        query = select(deliveries.c.id).where(
            deliveries.c.institution == self._institution, deliveries.c.hash == digest
        )
        found = self._connection.execute(query).scalar_one_or_none()
        if found is None:
            self.put(
                deliveries,
                [
                    {
                        "institution": self._institution,
                        "hash": digest,
                        "name": name,
                        "size": size,
                        "at": self._now,
                        "run": self._run,
                    }
                ],
            )
            found = self._connection.execute(query).scalar_one()
        self._deliveries[digest] = int(found)
        return int(found)

    def put(self, table: Any, rows: list[dict[str, Any]]) -> None:
        """Rows that are there already stay as they are."""
        if rows:
            statement = _DIALECTS[self._connection.dialect.name].insert(table).on_conflict_do_nothing()
            self._connection.execute(statement, rows)
