"""A database of any age → one this program understands.

Each step is a tuple of statements (or functions, for what SQL does not know), run once, in order, in one
transaction with its number. A step that has been published is never changed: another one is added.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, inspect, text

from etl.ledger.known_by import KnownBy
from etl.ledger.twins import twins
from etl.normal_form import normal_form
from etl.problems import LedgerRefusal, MappingPlace, Problem, Refusal


def _allow(*states: str) -> Callable[[Connection], list[Problem]]:
    """These states and no others. SQLite has no statement for that, but a documented way: a check leaves no
    trace in the rows, so that its text may be exchanged.
    """
    listed = ", ".join(f"'{state}'" for state in states)

    def allow(connection: Connection) -> list[Problem]:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE orders DROP CONSTRAINT orders_state_check"))
            connection.execute(
                text(f"ALTER TABLE orders ADD CONSTRAINT orders_state_check CHECK (state IN ({listed}))")
            )
            return []
        made = connection.execute(text("SELECT sql FROM sqlite_schema WHERE name = 'orders'")).scalar_one()
        version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        connection.execute(
            text("UPDATE sqlite_schema SET sql = :made WHERE name = 'orders'"),
            {"made": _STATES.sub(f"CHECK (state IN ({listed}))", made)},
        )
        connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
        connection.exec_driver_sql("PRAGMA writable_schema = OFF")
        return []

    return allow


def _name_it(connection: Connection) -> list[Problem]:
    """A name of its own, by which it is told from every other ledger."""
    connection.execute(
        text("INSERT INTO lifetime (ledger, serial) VALUES (:name, 0)"), {"name": secrets.token_hex(16)}
    )
    return []


def _know_them(connection: Connection) -> list[Problem]:
    """What the orders of old are known by: all that their payloads say. Of several keys with one normal form
    the first has it; the others are found by their own spelling, and told.
    """
    taken: dict[tuple[str, str, str], int] = {}
    found: list[tuple[int, int, str]] = []
    rows = connection.execute(
        text(
            "SELECT id, institution, target, key, vendor, reference, additional_reference, isbn, title, "
            "words FROM orders ORDER BY id"
        )
    )
    for row in rows.mappings().all():
        known = _known_by_payload(dict(row))
        normal = json.dumps(
            [normal_form(part) for part in json.loads(row["key"])], ensure_ascii=False, separators=(",", ":")
        )
        first = taken.setdefault((row["institution"], row["target"], normal), row["id"])
        connection.execute(
            text("UPDATE orders SET normal_key = :normal, known_by = :known WHERE id = :id"),
            {"normal": normal if first == row["id"] else None, "known": known.written(), "id": row["id"]},
        )
        if first != row["id"]:
            found.append((first, row["id"], row["key"]))
        connection.execute(
            text("UPDATE orders SET verified = :verified WHERE id = :id AND state = 'posted'"),
            {"verified": _verified_in(row["words"] or ""), "id": row["id"]},
        )
        connection.execute(
            text("UPDATE orders SET refusal = :refusal WHERE id = :id AND state = 'refused'"),
            {"refusal": _refusal_in(row["target"], row["words"] or ""), "id": row["id"]},
        )
        for value in known.values():
            connection.execute(
                text(
                    "INSERT INTO order_names (institution, value, order_id) "
                    "VALUES (:institution, :value, :id)"
                ),
                {"institution": row["institution"], "value": value, "id": row["id"]},
            )
    return [twins(*pair) for pair in found]


def _verified_in(words: str) -> str | None:
    """What the sentence says that version 2 wrote when it had looked at a posted order."""
    found = _VERIFIED.match(words)
    if found is None:
        return None
    values = {"there": found["gone"] is None, "status": found["status"] or "", "po_line": found["line"] or ""}
    return json.dumps(values)


def _refusal_in(target: str, words: str) -> str | None:
    """What the sentence says that version 2 wrote for Alma's no: ours, then Alma's code and message."""
    found = _REFUSED.fullmatch(words)
    operation = "post_request" if target == "purchase_request" else "post_line"
    message = found and found["message"].partition(", tracking ")[0]
    return found and json.dumps({"operation": operation, "code": found["code"], "message": message})


def _known_by_payload(said: Mapping[str, Any]) -> KnownBy:
    """What an order line is known by where only its payload tells: a reference of its own may be the order's
    or the line's.
    """
    references = [said["reference"] or "", said["additional_reference"] or ""]
    return KnownBy.of(
        vendors=[said["vendor"] or ""],
        orders=references,
        lines=references[:1],
        numbers=[said["isbn"] or ""],
        title=said["title"] or "",
    )


_VERIFIED = re.compile(
    r"verified: (?:(?P<gone>Alma has no )|status (?P<status>\w++)(?:; order line (?P<line>[^;]++))?+)"
)
_STATES = re.compile(r"CHECK \(state IN \([^()]*+\)\)")
_REFUSED = re.compile(r"[^(]*+\((?P<code>\w++) (?P<message>.*)\)", re.S)
Step = str | Callable[[Connection], list[Problem]]
MIGRATIONS: tuple[tuple[Step, ...], ...] = (
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
    (  # 3: an order line is one line under every key, in every file
        "ALTER TABLE orders ADD COLUMN normal_key TEXT",
        "ALTER TABLE orders ADD COLUMN known_by TEXT",
        "ALTER TABLE orders ADD COLUMN delivery VARCHAR(64)",
        "ALTER TABLE orders ADD COLUMN record TEXT",
        "ALTER TABLE orders ADD COLUMN offered_record TEXT",
        "ALTER TABLE orders ADD COLUMN cause TEXT",
        "ALTER TABLE orders ADD COLUMN another TEXT",
        "ALTER TABLE orders ADD COLUMN refusal TEXT",
        "ALTER TABLE orders ADD COLUMN verified TEXT",
        """CREATE TABLE order_names (
            institution TEXT NOT NULL, value TEXT NOT NULL,
            order_id INTEGER NOT NULL REFERENCES orders (id))""",
        """CREATE TABLE deliveries (
            id {serial}, institution TEXT NOT NULL, hash VARCHAR(64) NOT NULL, name TEXT NOT NULL,
            size BIGINT NOT NULL, at TEXT NOT NULL, run TEXT NOT NULL, UNIQUE (institution, hash))""",
        """CREATE TABLE order_records (
            delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
            record INTEGER NOT NULL, part INTEGER NOT NULL,
            order_id INTEGER NOT NULL REFERENCES orders (id),
            UNIQUE (delivery_id, record, part, order_id))""",
        "CREATE INDEX order_names_value ON order_names (institution, value, order_id)",
        "CREATE INDEX order_names_order ON order_names (order_id)",
        "CREATE INDEX order_records_order ON order_records (order_id)",
        "CREATE TABLE lifetime (ledger VARCHAR(32) NOT NULL, serial INTEGER NOT NULL)",
        _name_it,
        _know_them,
        "CREATE UNIQUE INDEX orders_normal_key ON orders (institution, target, normal_key)",
        _allow("intended", "posted", "refused", "unknown", "held", "released", "dismissed"),
    ),
    (  # 4: every line of every delivery, also one that no order was made of, and the mapping of then
        """CREATE TABLE mapping_files (hash VARCHAR(64) PRIMARY KEY, content {bytes} NOT NULL)""",
        """CREATE TABLE mappings (
            hash VARCHAR(64) PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL, files TEXT NOT NULL,
            parameters TEXT NOT NULL, at TEXT NOT NULL)""",
        """CREATE TABLE arrivals (
            id {serial}, delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
            name TEXT NOT NULL, feed TEXT, mapping VARCHAR(64) NOT NULL REFERENCES mappings (hash),
            run_date TEXT NOT NULL, sink TEXT NOT NULL, run TEXT NOT NULL, at TEXT NOT NULL)""",
        """CREATE TABLE changes (
            id {serial}, order_id INTEGER NOT NULL REFERENCES orders (id),
            kind VARCHAR(16) NOT NULL, state VARCHAR(16) NOT NULL,
            at TEXT NOT NULL, run TEXT NOT NULL, who TEXT NOT NULL,
            before TEXT NOT NULL, after TEXT, refusal TEXT, cause TEXT,
            CHECK (kind IN ('change', 'cancel')),
            CHECK (state IN ('intended', 'done', 'refused', 'unknown', 'by hand')))""",
        "CREATE INDEX arrivals_delivery ON arrivals (delivery_id)",
        "CREATE INDEX changes_order ON changes (order_id)",
        "ALTER TABLE orders ADD COLUMN causes TEXT",
        "ALTER TABLE orders ADD COLUMN totals TEXT",
        "ALTER TABLE orders ADD COLUMN place TEXT",
        "ALTER TABLE orders ADD COLUMN raw {bytes}",
        "ALTER TABLE orders ADD COLUMN mapping VARCHAR(64)",
        "ALTER TABLE orders ADD COLUMN run_date TEXT",
        "ALTER TABLE orders ADD COLUMN passed TEXT",
        "ALTER TABLE orders ADD COLUMN mapped_as TEXT",
        "CREATE INDEX orders_of_number ON orders (institution, number)",
        "CREATE INDEX orders_of_state ON orders (institution, state)",
        "CREATE INDEX orders_offered ON orders (institution, state) WHERE offered_hash IS NOT NULL",
        "CREATE UNIQUE INDEX changes_open ON changes (order_id) WHERE state IN ('intended', 'unknown')",
        "ALTER TABLE lifetime ADD COLUMN aside TEXT",
        "ALTER TABLE lifetime ADD COLUMN restored TEXT",
        """CREATE TABLE ages (
            id {serial}, serial INTEGER NOT NULL UNIQUE, token VARCHAR(32) NOT NULL, at TEXT NOT NULL,
            who TEXT)""",
        "INSERT INTO ages (serial, token, at) SELECT serial, '', '' FROM lifetime",
        "CREATE INDEX orders_delivery ON orders (delivery)",
        "CREATE INDEX changes_done ON changes (cause) WHERE state = 'done'",
        "CREATE INDEX changes_by_hand ON changes (order_id) WHERE state = 'by hand'",
        "CREATE INDEX runs_open ON runs (beat) WHERE ended_at IS NULL",
        _allow(
            *("intended", "posted", "refused", "unknown", "held", "released", "dismissed"),
            *("rejected", "skipped", "written", "cancelled"),
        ),
    ),
    (  # 5: a purchase request is of a user, whom its payload does not name
        "ALTER TABLE orders ADD COLUMN offered_user TEXT",
    ),
    (  # 6: what a person has put in the place of a mapping's payload is counted as that
        "CREATE INDEX orders_corrected ON orders (institution) WHERE replaced_hash IS NOT NULL",
    ),
)

_TYPES = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "float": "REAL", "bytes": "BLOB"},
    "postgresql": {
        "serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "float": "DOUBLE PRECISION",
        "bytes": "BYTEA",
    },
}
_LOCK = 7_362_011  # any number, the same in every version: who holds it migrates


_OURS = (
    "schema_version", "orders", "events", "runs", "places", "pace", "calls",
    "order_names", "deliveries", "order_records", "lifetime", "mapping_files", "mappings", "arrivals",
    "changes", "ages",
)  # fmt: skip
_OF_ORDERS = {"institution", "target", "key", "payload_hash", "state"}
"""Columns that only a ledger's table of orders has together, in every version."""


def refuse_others(connection: Connection, place: str) -> bool:
    """Is it a ledger; False: it is empty. Raises Refusal (E810) when the database is another program's:
    nothing is changed in it.

    A SQLite file is a ledger or empty. In PostgreSQL others may have tables beside ours, but not under our
    names.
    """
    found = inspect(connection)
    names = [*found.get_table_names(), *found.get_view_names()]
    columns = {
        name: {column["name"] for column in found.get_columns(name)} for name in _OURS[:2] if name in names
    }
    if columns.get("schema_version") == {"version"} and columns.get("orders", set()) >= _OF_ORDERS:
        return True
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
    return False


def no_ledger(place: str, to_read: bool = False) -> LedgerRefusal:
    """E802: there is none, and whoever asks may not make one; for who only asks about orders (`to_read`) a
    new one would be of no use.
    """
    if to_read:
        return LedgerRefusal(
            Problem(
                "E802",
                f'there is no ledger "{place}"',
                mapping=MappingPlace(place),
                help="this place was looked at; say where the ledger is (--ledger FILE or URL), as the "
                "summary of a run names it",
            )
        )
    return LedgerRefusal(
        Problem(
            "E802",
            f'there is no ledger "{place}"',
            mapping=MappingPlace(place),
            help="nothing was sent. If orders were sent from here before, put the ledger back (etl ledger "
            "restore), for a new one knows of none. If not, make one, once: etl ledger create --ledger "
            f"{place}",
        )
    )


def migrate(connection: Connection, place: str) -> list[Problem]:
    """Bring the database up to date, inside the caller's transaction; what a person should know of it.

    Raises Refusal if it is newer than we are, or another program's.
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
    told: list[Problem] = []
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        for step in statements:
            if isinstance(step, str):
                connection.execute(text(step.format(**_TYPES[connection.dialect.name])))
            else:
                told += step(connection)
        connection.execute(text("INSERT INTO schema_version (version) VALUES (:number)"), {"number": number})
    return told
