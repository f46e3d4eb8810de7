"""A database of any age → one this program understands.

Each step is a tuple of statements, run once, in order, in one transaction with its number. A step that has
been published is never changed: another one is added.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from etl.problems import MappingPlace, Problem, Refusal

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (  # 1
        """CREATE TABLE orders (
            id {serial},
            institution TEXT NOT NULL, target TEXT NOT NULL, key TEXT NOT NULL,
            state VARCHAR(16) NOT NULL, version INTEGER NOT NULL,
            payload_hash VARCHAR(64) NOT NULL, payload TEXT NOT NULL, user_id TEXT,
            offered_hash VARCHAR(64), offered_payload TEXT,
            number TEXT, mms_id TEXT,
            vendor TEXT, vendor_account TEXT, reference TEXT, additional_reference TEXT,
            isbn TEXT, title TEXT, price TEXT, currency TEXT,
            run TEXT NOT NULL, attempts INTEGER NOT NULL,
            attempted_at TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
            words TEXT,
            UNIQUE (institution, target, key),
            CHECK (state IN ('intended', 'posted', 'refused', 'unknown', 'held', 'released')),
            CHECK (state <> 'posted' OR number IS NOT NULL))""",
        """CREATE TABLE events (
            id {serial},
            order_id INTEGER NOT NULL REFERENCES orders (id),
            at TEXT NOT NULL, run TEXT NOT NULL, state VARCHAR(16) NOT NULL, words TEXT)""",
        """CREATE TABLE runs (
            id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL,
            started_at TEXT NOT NULL, beat {float} NOT NULL, ended_at TEXT)""",
        "CREATE TABLE places (institution TEXT PRIMARY KEY, address TEXT NOT NULL)",
        """CREATE TABLE pace (
            institution TEXT PRIMARY KEY, second_at {float} NOT NULL, minute_at {float} NOT NULL)""",
        "CREATE INDEX orders_number ON orders (number)",
        "CREATE INDEX orders_isbn ON orders (isbn)",
        "CREATE INDEX orders_reference ON orders (reference)",
        "CREATE INDEX orders_run ON orders (run)",
        "CREATE INDEX orders_open ON orders (state) WHERE state <> 'posted'",
        "CREATE INDEX events_order ON events (order_id)",
    ),
    (  # 2: calls under way count for the rate limit; an order corrected by a person stands for the mapping's
        """CREATE TABLE calls (
            id {serial},
            institution TEXT NOT NULL, run TEXT NOT NULL, answered {float})""",
        "CREATE INDEX calls_answered ON calls (institution, answered)",
        "ALTER TABLE pace DROP COLUMN second_at",
        "ALTER TABLE orders ADD COLUMN replaced_hash VARCHAR(64)",
        "ALTER TABLE places ADD COLUMN code TEXT",
    ),
)

_TYPES = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "float": "REAL"},
    "postgresql": {"serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "float": "DOUBLE PRECISION"},
}
_LOCK = 7_362_011  # any number, the same in every version: who holds it migrates


_OURS = ("schema_version", "orders", "events", "runs", "places", "pace", "calls")
_OF_ORDERS = {"institution", "target", "key", "payload_hash", "state"}
"""Columns that only a ledger's table of orders has together, in every version."""


def refuse_others(connection: Connection, place: str) -> None:
    """Raises Refusal (E810) when the database is another program's: nothing is changed in it.

    A SQLite file is a ledger or empty. In PostgreSQL others may have tables beside ours, but not under our
    names.
    """
    found = inspect(connection)
    names = [*found.get_table_names(), *found.get_view_names()]
    columns = {
        name: {column["name"] for column in found.get_columns(name)} for name in _OURS[:2] if name in names
    }
    if columns.get("schema_version") == {"version"} and columns.get("orders", set()) >= _OF_ORDERS:
        return
    others = [name for name in names if connection.dialect.name == "sqlite" or name in _OURS]
    if others:
        some = ", ".join(others[:3]) + (" …" if others[3:] else "")
        raise Refusal(
            Problem(
                "E810",
                f"this is another program's database, not a ledger: it has {some}",
                mapping=MappingPlace(place),
                help="nothing was changed in it; name another place for the ledger",
            )
        )


def migrate(connection: Connection, place: str) -> None:
    """Bring the database up to date, inside the caller's transaction. Raises Refusal if it is newer than we
    are, or another program's.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    refuse_others(connection, place)
    connection.execute(text("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"))
    version = connection.execute(text("SELECT max(version) FROM schema_version")).scalar() or 0
    if version > len(MIGRATIONS):
        raise Refusal(
            Problem(
                "E811",
                f'the ledger "{place}" was written by a newer version of this program (schema {version})',
                help="install that version here too: an older one could overlook what it noted",
            )
        )
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements:
            connection.execute(text(statement.format(**_TYPES[connection.dialect.name])))
        connection.execute(text("INSERT INTO schema_version (version) VALUES (:number)"), {"number": number})
