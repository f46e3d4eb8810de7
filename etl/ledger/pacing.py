"""Calls of every process on this ledger → as many as Alma allows, and none that it would refuse.

Alma counts calls of the whole institution by second and by minute, when they arrive there. When that is, is
not known here: only that it is after the call was let go and before its answer came. So a call may go out
while those under way and those answered within the last second (minute) are fewer than the limit: whatever
the network does in between, no second (minute) at Alma's end sees more. Calls are rows of the ledger, so the
limit holds for all its processes: on one machine with SQLite, on several with PostgreSQL, whose clock counts.

What a dead process had under way counts as answered when its death is noticed; nothing of it can arrive later
than that. A minute's calls are spread over the minute, for the institution's other programs share the limit.

Clocks jump. A time that lies ahead of what any right clock writes is put back to now, and said: no call waits
for it. When the clock has jumped forward under us, the calls noted before are moved along with it, so that
the windows keep what they have seen.

Why not a library: PyrateLimiter's shared buckets need a database of their own beside the ledger's, and count
calls when they leave, not until they have arrived.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from etl.ledger.clock import AHEAD, database_clock, was_ahead
from etl.ledger.database import transaction
from etl.ledger.process import alive
from etl.ledger.tables import calls, pace
from etl.problems import Problem, Refusal

_MARGIN = 1.02
"""Windows are 2 % longer than Alma's: its clock and ours need not run alike, and a refusal costs more than it
saves.
"""
SECOND, MINUTE = 1.0 * _MARGIN, 60.0 * _MARGIN
_BURST = 0.02
"""Share of a minute's calls that may go out at once before the even pace of the minute begins."""
_LOOK = 0.02
"""Seconds between looks while everything that fills the limit is still under way."""

# Built once: every call needs them.
_OURS = calls.c.institution == bindparam("ours")
_COUNT = (
    select(func.count())
    .select_from(calls)
    .where(_OURS, calls.c.answered.is_(None) | (calls.c.answered > bindparam("since")))
)
_LEAVES = (
    select(calls.c.answered)
    .where(_OURS, calls.c.answered > bindparam("since"))
    .order_by(calls.c.answered)
    .offset(bindparam("skip"))
    .limit(1)
)
_LATEST = select(func.max(calls.c.answered)).where(_OURS).scalar_subquery()
_PACE = (
    select(pace.c.minute_at, func.coalesce(_LATEST, 0.0).label("latest"))
    .where(pace.c.institution == bindparam("ours"))
    .with_for_update(of=pace)
)
_MOVE = update(pace).where(pace.c.institution == bindparam("ours")).values(minute_at=bindparam("minute"))
_GO = insert(calls).returning(calls.c.id)
_END = update(calls).where(calls.c.id == bindparam("call")).values(answered=bindparam("at"))
_FORGET = delete(calls).where(_OURS, calls.c.answered < bindparam("old"))
_BACK = update(calls).where(_OURS, calls.c.answered > bindparam("now")).values(answered=bindparam("now"))
_ALONG = (
    update(calls)
    .where(_OURS, calls.c.answered <= bindparam("before"))
    .values(answered=calls.c.answered + bindparam("jump"))
)


@dataclass(frozen=True, slots=True)
class Rates:
    """Calls allowed; None: no limit. Alma's own in 2026: 50 a second and 1,500 a minute, a fifth of it in
    sandboxes.
    """

    per_second: int | None = 50
    per_minute: int | None = 1500


class Pace:
    """Lets calls go. Safe to use from several threads; `run` is the process, `stop` ends all waiting.

    `notices` are warnings for a person, to be said by whoever delivers.
    """

    def __init__(
        self,
        engine: Engine,
        institution: str,
        rates: Rates,
        run: str,
        stop: threading.Event,
        notices: deque[Problem] | None = None,
    ) -> None:
        self._engine, self._institution, self._rates = engine, institution, rates
        self._run, self._stop = run, stop
        self.notices: deque[Problem] = deque() if notices is None else notices
        self._ours = {"ours": institution}
        self._queue, self._noting = threading.Lock(), threading.Lock()
        self._ended: list[tuple[int, float]] = []  # calls, and when by this process's monotonic clock
        self._offset: float | None = None  # the most that the database's clock was ahead of that one
        if self._free:
            return
        dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
        with transaction(engine) as connection:
            connection.execute(
                dialect.insert(pace).on_conflict_do_nothing(), {"institution": institution, "minute_at": 0.0}
            )

    @contextmanager
    def __call__(self) -> Iterator[bool]:
        """Wait, then hold a place while the call is made. False: told to stop, the call must not be made."""
        if self._free:
            yield True
            return
        call = self._wait()
        try:
            yield call is not None
        finally:
            if call is not None:
                self.answered(call)

    def enter(self) -> tuple[int | None, float]:
        """(the call's number, 0) when it may go out now; (None, seconds until it is worth asking again)."""
        with transaction(self._engine) as connection:
            minute_at, latest = connection.execute(_PACE, self._ours).one()
            now = self._note(connection)
            if max(minute_at, latest) > now + AHEAD:
                minute_at = self._put_right(connection, now, minute_at, latest)
            wait = self._full(connection, now)
            minute, slot = even(now, minute_at, self._rates.per_minute)
            if wait > 0 or slot > now:
                return None, max(wait, slot - now)
            if minute != minute_at:
                connection.execute(_MOVE, {**self._ours, "minute": minute})
            made = connection.execute(_GO, {"institution": self._institution, "run": self._run})
            return int(made.scalar_one()), 0.0

    def answered(self, call: int) -> None:
        """The call has come to its end. If a thread waits for a place, that one writes it down."""
        with self._noting:
            self._ended.append((call, monotonic()))
        if self._queue.locked():
            return
        try:
            with transaction(self._engine) as connection:
                self._note(connection)
        except Refusal:
            return  # until it is written down it counts as under way, which keeps the limit

    # ------------------------------------------------------------------------------------ inside

    @property
    def _free(self) -> bool:
        return self._rates.per_second is None and self._rates.per_minute is None

    def _wait(self) -> int | None:
        with self._queue:  # one of our threads asks, the others stand behind it
            while not self._stop.is_set():
                call, wait = self.enter()
                if call is not None:
                    return call
                self._stop.wait(wait)
        return None

    def _note(self, connection: Connection) -> float:
        """Write down what has ended, and forget what no window sees any more; the time now.

        Should the commit fail, these calls count as under way until this process is gone.
        """
        with self._noting:
            noted, self._ended = self._ended, []
        asked = monotonic()  # before, so that what we take for the database's time is rather late than early
        now = database_clock(connection)
        jump = 0.0 if self._offset is None else now - monotonic() - self._offset
        self._offset = now - asked
        if jump > SECOND - 1:
            connection.execute(_ALONG, {**self._ours, "before": now - jump, "jump": jump})
        ended = [{"call": call, "at": self._offset + at} for call, at in noted]
        if ended:
            connection.execute(_END, ended)
            window = SECOND if self._rates.per_minute is None else MINUTE
            connection.execute(_FORGET, {**self._ours, "old": now - window})
        return now

    def _put_right(self, connection: Connection, now: float, minute_at: float, latest: float) -> float:
        """Put back to now what was written by a clock that was ahead; `minute_at` as it now is."""
        minute = min(now, minute_at)
        connection.execute(_MOVE, {**self._ours, "minute": minute})
        connection.execute(_BACK, {**self._ours, "now": now})
        ahead = max(minute_at, latest) - now
        what = f'the pace of the calls to "{self._institution}"'
        self.notices.append(was_ahead(self._engine, what, ahead, "it begins anew now"))
        return minute

    def _full(self, connection: Connection, now: float) -> float:
        """Seconds until a call fits both limits again; 0: it fits."""
        waits = [
            self._window(connection, now, window, limit)
            for window, limit in ((SECOND, self._rates.per_second), (MINUTE, self._rates.per_minute))
            if limit is not None
        ]
        if max(waits) > 0 and self._bury(connection, now):
            return self._full(connection, now)
        return max(waits)

    def _window(self, connection: Connection, now: float, window: float, limit: int) -> float:
        seen = {**self._ours, "since": now - window}
        count = connection.execute(_COUNT, seen).scalar_one()
        if count < limit:
            return 0.0
        leaves = connection.execute(_LEAVES, {**seen, "skip": count - limit}).scalar()
        return _LOOK if leaves is None else max(leaves + window - now, 0.001)

    def _bury(self, connection: Connection, now: float) -> bool:
        """Count calls of dead processes as answered now; False: there are none."""
        under_way = (calls.c.institution == self._institution, calls.c.answered.is_(None))
        runs = connection.execute(select(calls.c.run).where(*under_way).distinct()).scalars().all()
        dead = [run for run in runs if run != self._run and not alive(connection, run)]
        if dead:
            connection.execute(update(calls).where(*under_way, calls.c.run.in_(dead)).values(answered=now))
        return bool(dead)


def even(now: float, minute_at: float, per_minute: int | None) -> tuple[float, float]:
    """(minute_at, slot) after taking a slot of the minute: the generic cell rate algorithm.

    `minute_at` is the theoretical time of the next call. A small burst may go first, taken off the even pace.
    """
    if per_minute is None:
        return minute_at, now
    burst = max(1, int(per_minute * _BURST))
    spacing = MINUTE / max(1, per_minute - burst)
    slot = max(now, minute_at - (burst - 1) * spacing)
    return max(minute_at, slot) + spacing, slot
