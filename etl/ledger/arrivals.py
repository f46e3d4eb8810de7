"""What an order line came in → rows of `deliveries`, `order_records` and `order_names`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from etl.identity import RecordOrigin
from etl.ledger.orders import Intent
from etl.ledger.tables import deliveries, order_names, order_records

_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
_LOCK = 7_362_012
"""Any number, the same in every version: who holds it may judge which orders look alike."""


class Arrivals:
    """Within one transaction of one institution."""

    def __init__(self, connection: Connection, institution: str, run: str, now: str) -> None:
        self._connection, self._institution, self._run, self._now = connection, institution, run, now

    def alone(self) -> None:
        """Nobody else takes in orders until this transaction ends: of two that look alike, the second has to
        see the first. SQLite lets one write at a time anyway.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock, hashtext(:institution))"),
                {"lock": _LOCK, "institution": self._institution},
            )

    def forget(self, order: int) -> None:
        """What the order was known by: a mapping that was mended may call it otherwise."""
        self._connection.execute(delete(order_names).where(order_names.c.order_id == order))

    def note(self, order: int, intent: Intent) -> None:
        """What the order is known by, and where it stood."""
        values = [
            {"institution": self._institution, "value": value, "order_id": order}
            for value in intent.known_by.values()
        ]
        if values:
            self._connection.execute(insert(order_names), values)
        if intent.origin is not None:
            self._insert(order_records, self._rows(order, intent.origin))

    def _rows(self, order: int, origin: RecordOrigin) -> list[dict[str, Any]]:
        delivery = self._delivery(origin)
        return [
            {"delivery_id": delivery, "record": record, "part": part, "order_id": order}
            for record, part in origin.rows
        ]

    def _delivery(self, origin: RecordOrigin) -> int:
        ours = (deliveries.c.institution == self._institution, deliveries.c.hash == origin.delivery)
        query = select(deliveries.c.id).where(*ours)
        found = self._connection.execute(query).scalar_one_or_none()
        if found is None:
            self._insert(
                deliveries,
                [
                    {
                        "institution": self._institution,
                        "hash": origin.delivery,
                        "name": origin.file,
                        "size": origin.size,
                        "at": self._now,
                        "run": self._run,
                    }
                ],
            )
            found = self._connection.execute(query).scalar_one()
        return int(found)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            statement = _DIALECTS[self._connection.dialect.name].insert(table).on_conflict_do_nothing()
            self._connection.execute(statement, rows)
