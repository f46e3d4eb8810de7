"""Calls of every process on this ledger → one at a time, as fast as Alma allows and no faster.

Alma counts calls of the whole institution by second and by minute. A row of the ledger says when the next
call may go out; who takes a slot moves it on, in a transaction, so the limit holds for all processes of the
ledger: on one machine with SQLite, on several with PostgreSQL, whose clock then counts for all. A slot
taken by a process that dies is lost: the limit is kept, a few milliseconds are wasted.

Why not a library: PyrateLimiter's shared buckets need a database of their own beside the ledger's; this is
one row in it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, select, update
from sqlalchemy.dialects import postgresql, sqlite

from etl.ledger.database import transaction
from etl.ledger.process import database_clock
from etl.ledger.tables import pace

_MARGIN = 1.02
"""Slots are 2 % further apart than the limit asks: calls travel unevenly, and a refusal costs more than it
saves.
"""
_BURST = 0.02
"""Share of a minute's calls that may go out at once before the even pace of the minute begins."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Calls allowed; None: no limit. Alma's own in 2026: 50 a second and 1,500 a minute, a fifth of it in
    sandboxes.
    """

    per_second: int | None = 50
    per_minute: int | None = 1500


class Pace:
    """Waits for a slot. Safe to use from several threads."""

    def __init__(
        self, engine: Engine, institution: str, rates: Rates, wait: Callable[[float], object]
    ) -> None:
        self._engine, self._institution, self._rates, self._wait = engine, institution, rates, wait
        self._lock = threading.Lock()
        if rates.per_second is None and rates.per_minute is None:
            return
        dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
        with transaction(engine) as connection:
            connection.execute(
                dialect.insert(pace).on_conflict_do_nothing(),
                {"institution": institution, "second_at": 0.0, "minute_at": 0.0},
            )

    def __call__(self) -> None:
        """Return when the next call may go out."""
        if self._rates.per_second is None and self._rates.per_minute is None:
            return
        with self._lock:
            delay = self._reserve()
        if delay > 0:
            self._wait(delay)

    def _reserve(self) -> float:
        """Take the next slot and say how many seconds away it is."""
        with transaction(self._engine) as connection:
            row = connection.execute(
                select(pace).where(pace.c.institution == self._institution).with_for_update()
            ).one()
            now = database_clock(connection)
            second, minute, slot = next_slot(now, row.second_at, row.minute_at, self._rates)
            connection.execute(
                update(pace)
                .where(pace.c.institution == self._institution)
                .values(second_at=second, minute_at=minute)
            )
        return slot - now


def next_slot(now: float, second_at: float, minute_at: float, rates: Rates) -> tuple[float, float, float]:
    """(second_at, minute_at, slot) after taking one: the generic cell rate algorithm, twice.

    `second_at` and `minute_at` are the theoretical times of the next call by each limit. Calls of one
    second are spaced evenly; a minute allows a small burst first, taken off its even pace, so that no 60
    seconds see more than the limit.
    """
    slot = max(now, second_at)
    if rates.per_minute is not None:
        burst = max(1, int(rates.per_minute * _BURST))
        spacing = 60.0 * _MARGIN / max(1, rates.per_minute - burst)
        slot = max(slot, minute_at - (burst - 1) * spacing)
        minute_at = max(minute_at, slot) + spacing
    if rates.per_second is not None:
        second_at = slot + _MARGIN / rates.per_second
    return second_at, minute_at, slot
