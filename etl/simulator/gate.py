"""A request's key and time → let in, or refused before anything is done.

The order is the gateway's: key, then permission, then thresholds.
"""

from __future__ import annotations

from collections import deque
from urllib.parse import unquote

from etl.simulator.call import Area, Request
from etl.simulator.errors import DAILY, PER_SECOND, UNAUTHORIZED, AlmaError
from etl.simulator.institution import Institution
from etl.simulator.institution_parts import ApiKey
from etl.simulator.settings import Limits
from etl.simulator.store import Store

# every answer says how many calls are left (reference §1.3), so without a limit there is a number too
_NO_LIMIT = 1_000_000_000


class InvalidKey(Exception):  # noqa: N818 - an answer of its own: text/plain, no envelope
    """HTTP 400 `Invalid API Key` as text/plain."""


def key_of(request: Request, institution: Institution) -> ApiKey:
    """The key of the Authorization header, or else of the query. Raises InvalidKey."""
    kind, _, word = request.headers.get("authorization", "").partition(" ")
    given = word.strip() if kind.lower() == "apikey" else unquote(request.query.get("apikey", ""))
    key = institution.keys.get(given)
    if key is None:
        raise InvalidKey
    return key


def check_permission(key: ApiKey, area: Area, method: str) -> None:
    """A key is granted per API area, read-only or read/write."""
    right = key.areas.get(area)
    if right is None or (right == "read" and method != "GET"):
        raise AlmaError(UNAUTHORIZED, tracked=False)


class Gate:
    """Counts calls.

    Windows slide: never more than the limit in *any* second or minute, the strictest reading.
    """

    def __init__(self, limits: Limits, store: Store) -> None:
        self._limits, self._store = limits, store
        self._second: deque[float] = deque()
        self._minute: deque[float] = deque()
        self._day, self._used = store.calls_of_day()
        self._spent = store.spent_day()
        self.busiest_second = 0

    def pass_through(self, now: float) -> None:
        """Count one call. Raises the AlmaError of the threshold it would break: HTTP 429, nothing counted."""
        self._roll(now)
        limits = self._limits
        if self.remaining() == 0:
            raise AlmaError(DAILY, status=429, tracked=False)
        over = (limits.per_second is not None and len(self._second) >= limits.per_second) or (
            limits.per_minute is not None and len(self._minute) >= limits.per_minute
        )
        if over:
            raise AlmaError(PER_SECOND, status=429, tracked=False)
        self._second.append(now)
        if limits.per_minute is not None:
            self._minute.append(now)
        self.busiest_second = max(self.busiest_second, len(self._second))
        self._used += 1
        self._store.count_call(self._day, self._used)

    def remaining(self) -> int:
        """What is left of the day, for X-Exl-Api-Remaining; without a daily limit the rest of a billion."""
        if self._spent == self._day:
            return 0
        limit = self._limits.per_day
        return max(0, (_NO_LIMIT if limit is None else limit) - self._used)

    def spend_day(self) -> None:
        """Use up the budget: the fault daily-limit lasts until midnight, whatever the limit is."""
        self._spent = self._day
        self._store.spend_day(self._day)

    def _roll(self, now: float) -> None:
        for window, length in ((self._second, 1.0), (self._minute, 60.0)):
            while window and window[0] <= now - length:
                window.popleft()
        day = int(now // 86400)
        if day != self._day:
            self._day, self._used = day, 0
