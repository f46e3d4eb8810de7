"""The `Date` of Alma's answers → what time it is there.

What Alma has saved is asked for by Alma's clock: this machine's may be wrong by years, and may jump. Between
two answers time passes by the monotonic clock, which never does.
"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime


class AlmaClock:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._ahead: float | None = None

    def hear(self, date: str) -> None:
        """The `Date` of an answer; one that is missing or cannot be read says nothing."""
        try:
            said = parsedate_to_datetime(date).timestamp()
        except (ValueError, OverflowError):
            return
        self._ahead = said - time.monotonic()

    def now(self) -> float | None:
        """Seconds since 1970, up to a second too early, for a `Date` says no parts of a second; None as long
        as Alma has told no time.
        """
        return None if self._ahead is None else self._ahead + time.monotonic()
