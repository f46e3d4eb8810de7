"""Choices of the person who starts it → how this Alma behaves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from etl.simulator.institution import Institution, load_institution


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls allowed. Defaults are production's of 2026 (50 a second, 1,500 a minute); None: no limit.

    `per_day` is what X-Exl-Api-Remaining counts down from (a billion without); a day ends at midnight UTC.
    """

    per_second: int | None = 50
    per_minute: int | None = 1500
    per_day: int | None = 500_000

    @classmethod
    def none(cls) -> Limits:
        """Without a limit per second or minute; the day's budget stays."""
        return cls(None, None)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds by the simulator's clock.

    Writes answer before review and packaging; lists lag behind writes.
    """

    status_delay: float = 2.0
    packaging: float = 3.0
    list_lag: float = 3.0
    slow: float = 7.0

    @classmethod
    def instant(cls) -> Timing:
        """Everything is visible at once: for tests that are not about waiting."""
        return cls(0.0, 0.0, 0.0, 0.0)

    def faster(self, speed: float) -> Timing:
        """The same waits, `speed` times as fast."""
        return Timing(
            self.status_delay / speed, self.packaging / speed, self.list_lag / speed, self.slow / speed
        )


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Faults by seed: a share `rate` (0–1) of the requests with one of `methods` meets one of `kinds`.

    What a request meets depends on the seed, its own method, path and body, and how often it came before:
    so not on the order of arrival, and a repetition draws anew.
    """

    seed: int
    rate: float
    kinds: tuple[str, ...]
    methods: tuple[str, ...] = ("POST",)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything `make_app` needs.

    `state`: a file that survives a kill; None: memory. `clock`: seconds since 1970. `all_refusals`: what is
    wrong with an order or a request is answered at once, not only the first of it, as Alma does. `hosts`:
    what requests may call it besides localhost, 127.0.0.1 and [::1] with its own port.
    """

    institution: Institution = field(default_factory=load_institution)
    state: Path | None = None
    limits: Limits = field(default_factory=Limits)
    timing: Timing = field(default_factory=Timing)
    faults: FaultPlan | None = None
    clock: Callable[[], float] = time.time
    most_hits: int = 10_000
    log_size: int = 2_000
    largest_body: int = 5_000_000
    all_refusals: bool = False
    hosts: frozenset[str] = frozenset()
