"""A call → the same call again, where that is certain to be safe.

Alma refuses calls over its limit before it looks at them, so a throttled call may be repeated even if it is
a POST; a reading may be repeated always. Nothing else is. Alma sends no Retry-After: the pauses are ours,
doubled each time, with jitter so that several programs of an institution do not come back together.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from etl.alma.client import Outcome
from etl.alma.recovery import Kind, not_sent, reserved

_LONGEST = 60.0


@dataclass(slots=True)
class Budget:
    """Calls of the day: `left` as Alma last said (None: not yet), `reserve` of them for other programs."""

    reserve: int = 0
    left: int | None = None

    @property
    def spent(self) -> bool:
        return self.left is not None and self.left < self.reserve


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long. `first` is seconds; `stop` cuts every pause short; `pace` waits until a call
    may go out (False: it may not any more).
    """

    tries: int = 8
    read_tries: int = 4
    first: float = 1.0
    stop: threading.Event = field(default_factory=threading.Event)
    pace: Callable[[], AbstractContextManager[bool]] = lambda: nullcontext(True)
    jitter: Callable[[], float] = random.SystemRandom().random
    budget: Budget = field(default_factory=Budget)

    def write(self, call: Callable[[], Outcome]) -> Outcome:
        """A POST: again only after it was throttled."""
        return self._again(call, self.tries, {Kind.THROTTLED})

    def read(self, call: Callable[[], Outcome]) -> Outcome:
        """A GET: again also after it was lost on the way."""
        return self._again(call, self.read_tries, {Kind.THROTTLED, Kind.UNAVAILABLE})

    def once(self, call: Callable[[], Outcome]) -> Outcome:
        """A GET that can be done without: not again, whatever came of it."""
        return self._again(call, 1, set())

    def _again(self, call: Callable[[], Outcome], tries: int, kinds: set[Kind]) -> Outcome:
        pause = self.first
        for left in range(tries - 1, -1, -1):
            if self.budget.spent:
                return Outcome(reserved(f"{self.budget.left:,} left, {self.budget.reserve:,} kept"))
            with self.pace() as may:
                outcome = call() if may else Outcome(not_sent("told to stop"))
            if outcome.remaining is not None:
                self.budget.left = outcome.remaining
            if outcome.verdict.kind not in kinds or not left:
                break
            if self.stop.wait(pause * (0.5 + self.jitter())):
                break
            pause = min(2 * pause, _LONGEST)
        return outcome
