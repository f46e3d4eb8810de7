"""What was taken out of a ledger → gone from its file too, not only from its tables."""

from __future__ import annotations

from etl.ledger.database import Database
from etl.ledger.tables import metadata

_STATEMENTS = {
    "sqlite": ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"),
    "postgresql": (f"VACUUM FULL {', '.join(table.name for table in metadata.sorted_tables)}",),
}


def compact(engine: Database) -> bool:
    """Write the file (the tables, in PostgreSQL) anew, without what was taken away, and empty the journal.
    False: somebody else is at it, or the role may not; what is read is right all the same.
    """
    borrowed = engine.raw_connection()
    connection = borrowed.driver_connection
    borrowed.detach()
    assert connection is not None  # noqa: S101 - it has just been lent to us
    try:
        if engine.dialect.name == "postgresql":
            connection.autocommit = True
        for statement in _STATEMENTS[engine.dialect.name]:
            cursor = connection.cursor()
            cursor.execute(statement)
            done = cursor.fetchone() if statement.startswith("PRAGMA") else None
            cursor.close()
            if done and done[0]:  # a reader keeps the journal as it is
                return False
    except engine.dialect.loaded_dbapi.Error:
        return False
    finally:
        borrowed.close()
        connection.close()
    return True
