"""No second and no minute sees more calls than allowed."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from etl.ledger.pacing import Pace, Rates, next_slot

RATES = [Rates(50, 1500), Rates(10, 300), Rates(None, 300), Rates(7, None), Rates(1, 1)]


def slots(rates: Rates, pauses: list[float]) -> list[float]:
    """When calls go out that are asked for at these moments."""
    now, second, minute, found = 1e9, 0.0, 0.0, []
    for pause in pauses:
        now += pause
        second, minute, slot = next_slot(now, second, minute, rates)
        found.append(slot)
        now = max(now, slot)
    return found


def busiest(times: list[float], window: float) -> int:
    first = most = 0
    for last, moment in enumerate(times):
        while times[first] <= moment - window:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize("rates", RATES)
@settings(max_examples=25, deadline=None)
@given(pauses=st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.001, 0.02, 0.5, 61.0]), min_size=1, max_size=400))
def test_limits_hold_in_every_window(rates: Rates, pauses: list[float]) -> None:
    times = slots(rates, [*pauses, *[0.0] * 200])
    if rates.per_second is not None:
        assert busiest(times, 1.0) <= rates.per_second
    if rates.per_minute is not None:
        assert busiest(times, 60.0) <= rates.per_minute


def test_the_limit_is_used() -> None:
    limit = 1500
    times = slots(Rates(50, limit), [0.0] * 10_000)
    assert 0.95 * limit / 60 <= len(times) / (times[-1] - times[0]) <= limit / 60


def test_processes_share_one_pace(engine: Engine) -> None:
    waited: list[float] = []
    paces = [Pace(engine, "alma", Rates(100, None), waited.append) for _ in range(3)]
    threads = [threading.Thread(target=lambda one=pace: [one() for _ in range(10)]) for pace in paces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waited
    with_another = Pace(engine, "sandbox", Rates(1, None), waited.append)
    before = len(waited)
    with_another()
    assert len(waited) == before  # another institution, another limit


def test_no_limit_asks_nobody(engine: Engine) -> None:
    waited: list[float] = []
    pace = Pace(engine, "alma", Rates(None, None), waited.append)
    for _ in range(100):
        pace()
    assert waited == []
