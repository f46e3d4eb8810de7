"""This process → a run others can tell dead from alive.

A run is dead when it said so, or when its process is gone from the same machine (same boot, same process-id
namespace: not merely the same host name, which containers share). There a process id with the start of its
process is certain, whatever the clock does meanwhile. Where that cannot be seen, on another machine above
all, it is dead when its heart has not beaten for `LEASE` seconds. The beat is timed by the database's clock
where there is one (PostgreSQL), so machines need not agree on the time. A beat that is yet to come, by a
clock that was ahead, would keep the dead alive: it is put back to now, and its process has a lease's time to
give another.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select, update

from etl.ledger.aside import refuse_aside
from etl.ledger.clock import AHEAD, database_clock, timestamp, was_ahead
from etl.ledger.database import place_of, told_of, transaction
from etl.ledger.tables import runs
from etl.problems import Problem, Refusal

LEASE = 300.0
"""Seconds without a beat after which a run on another machine counts as dead. Longer than any call takes."""
BEAT = 15.0


@dataclass(frozen=True, slots=True)
class Owner:
    """The process behind a run. `host`: its machine and, where that can be seen, when it started there."""

    host: str
    pid: int

    @classmethod
    def this(cls) -> Owner:
        start = _start_of(os.getpid())
        return cls(f"{_machine()}@{start}" if start else _machine(), os.getpid())


class Run:
    """A row in `runs` that is kept alive until `close`. Its id begins with its start, for people.

    `notices` are warnings for a person, to be said by whoever delivers. Raises LedgerRefusal (E624) when the
    ledger is not the one in use any more: whoever moves it waits for no process, but sees every row.
    """

    def __init__(self, engine: Engine, notices: deque[Problem] | None = None) -> None:
        self._engine = engine
        self.notices: deque[Problem] = deque() if notices is None else notices
        self.notices.extend(told_of(engine))
        self.id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        owner = Owner.this()
        with transaction(engine) as connection:
            refuse_aside(connection, place_of(engine))
            connection.execute(
                insert(runs).values(
                    id=self.id,
                    host=owner.host,
                    pid=owner.pid,
                    started_at=timestamp(),
                    beat=(now := database_clock(connection)),
                )
            )
        self._beat = now
        self.beaten = time.time()
        self.lapsed = False
        self.missed = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep_beating, name="ledger-heart", daemon=True)
        self._thread.start()

    def beat(self) -> None:
        """Say that this process lives, and put right what others said with a clock that was ahead."""
        self.lapsed = self.stale
        with transaction(self._engine) as connection:
            now = database_clock(connection)
            connection.execute(update(runs).where(runs.c.id == self.id).values(beat=now))
            ahead = self._put_right(connection, now)
        self.lapsed = self.stale or abs(now - self._beat) > LEASE / 3  # the database's clock jumped
        self.beaten, self._beat = time.time(), now
        if ahead:
            so = f"it counts as dead unless it gives one within {LEASE:.0f} seconds"
            self.notices.append(was_ahead(self._engine, "the last sign of life of a process", ahead, so))

    def _put_right(self, connection: Connection, now: float) -> float:
        """How far ahead the last sign of life was that is put back to now; 0: none is ahead."""
        ahead = (
            select(runs.c.id, runs.c.beat)
            .where(runs.c.ended_at.is_(None), runs.c.beat > now + AHEAD)
            .with_for_update(skip_locked=True)  # a lock there means that somebody is putting it right
        )
        found = connection.execute(ahead).all()
        if found:
            wrong = runs.c.id.in_([row.id for row in found])
            connection.execute(update(runs).where(wrong).values(beat=now))
        return max((row.beat - now for row in found), default=0.0)

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
            except Refusal:
                self.missed += 1  # the next write of the run itself will say so, and stop it


def alive(connection: Connection, run: str) -> bool:
    """Is this run's process still at work?"""
    row = connection.execute(select(runs).where(runs.c.id == run)).one_or_none()
    if row is None or row.ended_at is not None:
        return False
    machine, _, start = row.host.partition("@")
    if machine == _machine():
        if not _exists(row.pid):
            return False
        if start and (now := _start_of(row.pid)):
            return bool(now == start)
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


def _start_of(pid: int) -> str:
    """When a process started, in ticks since the boot; "" where that cannot be seen; "gone" for one that has
    ended and is only waiting to be buried.
    """
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *rest = told.rpartition(")")[2].split()  # its name may hold anything
    return "gone" if state in "ZX" else rest[18]


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
