"""This process → a run others can tell dead from alive.

A run is dead when it said so, when its process is gone from the same machine (same boot, same process-id
namespace: not merely the same host name, which containers share), or when its heart has not beaten for
`LEASE` seconds. The beat is timed by the database's clock where there is one (PostgreSQL), so machines need
not agree on the time.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select, update

from etl.ledger.database import transaction
from etl.ledger.tables import runs
from etl.problems import Unavailable

LEASE = 300.0
"""Seconds without a beat after which a run on another machine counts as dead. Longer than any call takes."""
BEAT = 15.0


def timestamp() -> str:
    """Now, UTC, to the millisecond: sorts as text, and any tool can read it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def database_clock(connection: Connection) -> float:
    """Seconds since 1970 by the one clock that all users of this database share."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())
    return time.time()


@dataclass(frozen=True, slots=True)
class Owner:
    """The process behind a run."""

    host: str
    pid: int

    @classmethod
    def this(cls) -> Owner:
        return cls(_machine(), os.getpid())


class Run:
    """A row in `runs` that is kept alive until `close`. Its id begins with its start, for people."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        owner = Owner.this()
        with transaction(engine) as connection:
            connection.execute(
                insert(runs).values(
                    id=self.id,
                    host=owner.host,
                    pid=owner.pid,
                    started_at=timestamp(),
                    beat=database_clock(connection),
                )
            )
        self.beaten = time.time()
        self.lapsed = False
        self.missed = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep_beating, name="ledger-heart", daemon=True)
        self._thread.start()

    def beat(self) -> None:
        """Say that this process lives."""
        self.lapsed = self.stale
        with transaction(self._engine) as connection:
            now = database_clock(connection)
            connection.execute(update(runs).where(runs.c.id == self.id).values(beat=now))
        self.beaten = time.time()

    def close(self) -> None:
        """Say that this process is done: what it left behind is nobody's."""
        self._done.set()
        self._thread.join()
        with transaction(self._engine) as connection:
            connection.execute(update(runs).where(runs.c.id == self.id).values(ended_at=timestamp()))

    @property
    def stale(self) -> bool:
        """Others may have believed us dead (a laptop asleep, a stopped process): from then on, ask first."""
        return self.lapsed or abs(time.time() - self.beaten) > LEASE / 3

    def _keep_beating(self) -> None:
        while not self._done.wait(BEAT):
            try:
                self.beat()
            except Unavailable:
                self.missed += 1  # the next write of the run itself will say so, and stop it


def alive(connection: Connection, run: str) -> bool:
    """Is this run's process still at work?"""
    row = connection.execute(select(runs).where(runs.c.id == run)).one_or_none()
    if row is None or row.ended_at is not None:
        return False
    if row.host == _machine() and not _exists(row.pid):
        return False
    return bool(database_clock(connection) - row.beat < LEASE)


def _machine() -> str:
    """Host name, boot and process-id namespace: where these are equal, process ids mean the same."""
    parts = [socket.gethostname()]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8])
        parts.append(str(Path("/proc/self/ns/pid").stat().st_ino))
    except OSError:
        parts.append(
            f"{os.name}-{os.getuid() if hasattr(os, 'getuid') else ''}"
        )  # not Linux: no containers here
    return "/".join(parts)


def _exists(pid: int) -> bool:
    """Does a process have this id? One that took it over later counts too: that only means waiting for the
    lease.
    """
    if os.name == "nt":
        return True  # there, signal 0 is no question but Ctrl-C
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
