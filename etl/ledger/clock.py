"""The time, and stored times that are yet to come → a clock that was wrong, and what is said of it.

A machine whose clock was ahead leaves times in the ledger that later runs would wait for: the pace of the
minute, calls that count as answered, signs of life. What lies further ahead than any right clock writes it
is put right where it is read, and said (E859).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, func, select

from etl.ledger.database import place_of
from etl.problems import MappingPlace, Problem, Severity

AHEAD = 63.0
"""Seconds: no right clock writes a time further ahead. The slowest pace, one call a minute, writes one a
minute (and its margin) ahead.
"""


def timestamp() -> str:
    """Now, UTC, to the millisecond: sorts as text, and any tool can read it."""
    return _text(datetime.now(UTC))


def days_ago(days: int) -> str:
    """A `timestamp` of then."""
    return _text(datetime.now(UTC) - timedelta(days=days))


def yet_to_come(stamp: str) -> bool:
    """Was this `timestamp` written by a clock that was ahead?"""
    return stamp > _text(datetime.now(UTC) + timedelta(seconds=AHEAD))


def database_clock(connection: Connection) -> float:
    """Seconds since 1970 by the one clock that all users of this database share."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())
    return time.time()


def was_ahead(engine: Engine, what: str, seconds: float, now_so: str) -> Problem:
    """The warning: `what` lies `seconds` ahead, and is put right `now_so`."""
    return Problem(
        "E859",
        f"a clock was ahead: {what} lies {seconds / 60:,.0f} minutes in the future; {now_so}",
        Severity.WARNING,
        mapping=MappingPlace(place_of(engine)),
        help="let the machines (and the database server) set their clocks by the network; nothing is lost",
    )


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
