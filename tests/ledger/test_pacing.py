"""No second and no minute sees more calls than allowed, wherever between going out and being answered they arrive."""

from __future__ import annotations

import heapq
import random
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, func, select, update

from etl.ledger import pacing
from etl.ledger.database import reading, transaction
from etl.ledger.pacing import Pace, Rates, even
from etl.ledger.process import Run
from etl.ledger.tables import calls, runs

_TOLD = threading.Event


def busiest(times: list[float], window: float) -> int:
    """The most calls that any window of this length sees."""
    times = sorted(times)
    first = most = 0
    for last, moment in enumerate(times):
        while times[first] <= moment - window:
            first += 1
        most = max(most, last - first + 1)
    return most


def alive(engine: Engine) -> str:
    """A run that lives as long as this process, without a heart of its own."""
    run = Run(engine)
    run.close()
    with transaction(engine) as connection:
        connection.execute(update(runs).where(runs.c.id == run.id).values(ended_at=None))
    return run.id


def arrivals(
    engine: Engine,
    rates: Rates,
    count: int,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
    slowest: float,
    processes: int = 3,
    clock: Callable[[float], float] = lambda true: true,
) -> list[float]:
    """When calls of `processes` with two threads each arrive, in a time of our own making.

    Each takes up to `slowest` seconds and arrives at any moment of them: the worst a network may do. `clock`: what
    the database's shows at a time.
    """
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    now = 1e9
    monkeypatch.setattr(pacing, "database_clock", lambda _: clock(now))
    monkeypatch.setattr(pacing, "monotonic", lambda: now)
    paces = [Pace(engine, "alma", rates, alive(engine), _TOLD()) for _ in range(processes)]
    agenda: list[tuple[float, int, str, int]] = [(now, thread, "ask", 0) for thread in range(2 * processes)]
    found: list[float] = []
    while agenda:
        now, thread, what, call = heapq.heappop(agenda)
        pace = paces[thread % len(paces)]
        if what == "answer":
            pace.answered(call)
            heapq.heappush(agenda, (now + chance.choice((0, 0, 0.01, 0.3)), thread, "ask", 0))
        elif len(found) < count:
            entered, wait = pace.enter()
            if entered is None:
                heapq.heappush(agenda, (now + wait, thread, "ask", 0))
            else:
                took = chance.choice((0.001, 0.02, slowest * chance.random()))
                found.append(now + took * chance.choice((0, chance.random(), 1)))
                heapq.heappush(agenda, (now + took, thread, "answer", entered))
    return found


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "rates", [Rates(50, 1500), Rates(10, 300), Rates(None, 300), Rates(7, None), Rates(2, 60)], ids=str
)
def test_limits_hold_in_every_window(
    lite: Engine, rates: Rates, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = arrivals(lite, rates, 160, seed, monkeypatch, slowest=1.5)
    assert len(times) == 160
    if rates.per_second is not None:
        assert busiest(times, 1.0) <= rates.per_second
    if rates.per_minute is not None:
        assert busiest(times, 60.0) <= rates.per_minute


def test_the_limit_of_the_second_is_used(lite: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    times = arrivals(lite, Rates(50, None), 300, 1, monkeypatch, slowest=0.02)
    assert len(times) / (max(times) - min(times)) >= 0.9 * 50


def test_the_limit_of_the_minute_is_used_evenly() -> None:
    now, minute, times = 1e9, 0.0, []
    for _ in range(5_000):
        minute, now = even(now, minute, 1500)
        times.append(now)
    assert 0.95 * 25 <= len(times) / (times[-1] - times[0]) <= 25
    assert busiest(times, 60.0) <= 1500
    assert busiest(times[100:], 1.0) <= 26


def test_processes_share_one_pace_and_institutions_do_not(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "database_clock", lambda _: 1e9)
    monkeypatch.setattr(pacing, "monotonic", lambda: 0.0)
    paces = [Pace(engine, "alma", Rates(2, None), alive(engine), _TOLD()) for _ in range(2)]
    under_way = [pace.enter()[0] for pace in paces]
    assert None not in under_way
    assert all(pace.enter()[0] is None for pace in paces)
    assert Pace(engine, "sandbox", Rates(1, None), alive(engine), _TOLD()).enter()[0] is not None
    for pace, call in zip(paces, under_way, strict=True):
        pace.answered(call or 0)
    number, wait = paces[0].enter()  # answered just now: the second is still full
    assert number is None
    assert 0 < wait <= pacing.SECOND


def test_threads_wait_for_their_turn(engine: Engine) -> None:
    pace = Pace(engine, "alma", Rates(20, None), alive(engine), _TOLD())
    went: list[bool] = []

    def work() -> None:
        for _ in range(6):
            with pace() as may:
                went.append(may)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert went == [True] * 24


def test_what_a_dead_process_had_under_way_is_forgotten(engine: Engine) -> None:
    dead, living = Run(engine), Run(engine)
    try:
        for _ in range(3):
            Pace(engine, "alma", Rates(3, None), dead.id, _TOLD()).enter()
        dead.close()
        pace = Pace(engine, "alma", Rates(3, None), living.id, _TOLD())
        number, wait = pace.enter()
        assert number is None
        assert wait > pacing._LOOK  # not a look every now and then until the lease is over, but a second
        with pace() as may:
            assert may
    finally:
        living.close()


def test_old_calls_are_not_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1e9
    monkeypatch.setattr(pacing, "database_clock", lambda _: now)
    monkeypatch.setattr(pacing, "monotonic", lambda: now)
    pace = Pace(engine, "alma", Rates(50, None), alive(engine), _TOLD())
    for _ in range(100):
        now += 0.5
        with pace():
            now += 0.1
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(calls)).scalar_one() < 5


def test_told_to_stop_means_no_call(engine: Engine) -> None:
    stop = _TOLD()
    pace = Pace(engine, "alma", Rates(1, None), alive(engine), stop)
    assert pace.enter()[0] is not None
    threading.Timer(0.2, stop.set).start()
    with pace() as may:
        assert not may


def test_no_limit_asks_nobody(engine: Engine) -> None:
    pace = Pace(engine, "alma", Rates(None, None), alive(engine), _TOLD())
    for _ in range(100):
        with pace() as may:
            assert may
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(calls)).scalar_one() == 0
