"""All rows of one ledger → another, in one transaction of each: SQLite and PostgreSQL, either way.

What is copied is what the tables hold at one moment, ids and all; and afterwards it is read again and
compared, by numbers of rows and by a hash over them that does not ask in what order they come.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text

from etl.ledger.database import Database, place_of, reading
from etl.ledger.tables import metadata
from etl.problems import MappingPlace, Problem, Refusal

_ROWS = 500
"""Rows of a statement: memory stays small, however large the ledger."""


@contextmanager
def snapshot(engine: Database) -> Iterator[Connection]:
    """All of it as it stood at one moment, while others write. Raises as `reading` does."""
    with reading(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield connection


def copy_rows(source: Connection, target: Connection) -> None:
    """Every row of the source, in place of all that the target holds. Raises Refusal (E625): what was written
    reads otherwise.
    """
    for table in reversed(metadata.sorted_tables):
        target.execute(delete(table))
    for table in metadata.sorted_tables:
        statement = _insert(table, target.dialect.name)
        for rows in _rows(source, table):
            target.execute(statement, rows)
        _continue_ids(table, target)
    for table in metadata.sorted_tables:
        ours, theirs = (_digest(connection, table) for connection in (source, target))
        if ours != theirs:
            raise Refusal(
                Problem(
                    "E625",
                    f"the copy differs: {ours[0]:,} rows of {table.name} were read, {theirs[0]:,} stand there"
                    + (", otherwise" if ours[0] == theirs[0] else ""),
                    mapping=MappingPlace(place_of(target.engine)),
                    help="nothing was kept of it, and the ledger it was made of is as it was. Look through "
                    "that one first: etl ledger check; then try again, or to another place",
                )
            )


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[dict[str, Any]]]:
    found = connection.execute(select(table).execution_options(yield_per=_ROWS)).mappings()
    for rows in found.partitions():
        yield [dict(row) for row in rows]


def _insert(table: Table, dialect: str) -> Any:
    if dialect == "postgresql" and _counts(table):  # GENERATED ALWAYS: ids of another ledger have to be said
        names = [column.name for column in table.columns]
        values = ", ".join(f":{name}" for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        return text(f"INSERT INTO {table.name} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({values})")  # noqa: S608 - names of our own tables
    return insert(table)


def _counts(table: Table) -> bool:
    """Does the database number its rows?"""
    return "id" in table.c and table.c.id.type.python_type is int


def _continue_ids(table: Table, target: Connection) -> None:
    """The next row gets a number that none has; SQLite sees to that itself."""
    if target.dialect.name == "postgresql" and _counts(table):
        highest = target.execute(select(func.max(table.c.id))).scalar()
        target.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest, :used)"),
            {"name": table.name, "highest": highest or 1, "used": highest is not None},
        )


def _digest(connection: Connection, table: Table) -> tuple[int, int]:
    """(rows, the sum of their hashes)."""
    count, total = 0, 0
    for rows in _rows(connection, table):
        for row in rows:
            values = json.dumps(list(row.values()), default=lambda raw: bytes(raw).hex())
            total += int.from_bytes(hashlib.sha256(values.encode()).digest())
            count += 1
    return count, total % 2**256
