"""A clock that was ahead, or jumps: nothing waits for what it wrote, and the limits hold all the same."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

import pytest
from sqlalchemy import Engine, Table, insert, select, update
from test_pacing import alive, arrivals, busiest

from etl.ledger import clock, pacing, process
from etl.ledger.clock import AHEAD, database_clock
from etl.ledger.database import reading, transaction
from etl.ledger.ledger import Ledger
from etl.ledger.orders import Intent, Settlement, State
from etl.ledger.pacing import MINUTE, Pace, Rates
from etl.ledger.process import LEASE, Run
from etl.ledger.tables import calls, orders, pace, runs

MINUTES = (1.1, 5, 60, 60 * 24, 60 * 24 * 365)


@pytest.mark.parametrize(
    ("micros", "end"), [(0, "00.000Z"), (999, "00.000Z"), (1500, "00.001Z"), (600000, "00.600Z")]
)
def test_times_sort_as_text_and_any_tool_reads_them(
    monkeypatch: pytest.MonkeyPatch, micros: int, end: str
) -> None:
    """Of one length, also those of a whole second."""

    class Fixed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime(2024, 3, 11, 10, 0, 0, micros, tz)

    monkeypatch.setattr(clock, "datetime", Fixed)
    assert clock.timestamp() == f"2024-03-11T10:00:{end}"
    assert datetime.fromisoformat(clock.timestamp()).tzinfo is UTC


def now(engine: Engine) -> float:
    with reading(engine) as connection:
        return database_clock(connection)


def write(engine: Engine, table: Table, **values: object) -> None:
    with transaction(engine) as connection:
        connection.execute(update(table).values(**values))


def slot_ahead(engine: Engine, seconds: float) -> None:
    write(engine, pace, minute_at=now(engine) + seconds)


def answers_ahead(engine: Engine, seconds: float) -> None:
    """As many as the limit allows: none would go out until they have left the window."""
    rows = [{"institution": "alma", "run": "gone", "answered": now(engine) + seconds} for _ in range(3)]
    with transaction(engine) as connection:
        connection.execute(insert(calls), rows)


def one_answer_ahead(engine: Engine, seconds: float) -> None:
    """Fewer than the limit: the others would share what is left of it until then."""
    with transaction(engine) as connection:
        connection.execute(
            insert(calls).values(institution="alma", run="gone", answered=now(engine) + seconds)
        )


@pytest.mark.parametrize("minutes", MINUTES)
@pytest.mark.parametrize("wrong", [slot_ahead, answers_ahead, one_answer_ahead])
def test_a_slot_or_an_answer_that_is_yet_to_come(
    engine: Engine, wrong: Callable[[Engine, float], None], minutes: float
) -> None:
    """Put right and said (E859), once; what may be an answer of just now keeps the limit for one window."""
    sandbox = Pace(engine, "sandbox", Rates(3, 1500), alive(engine), threading.Event())
    pace_ = Pace(engine, "alma", Rates(3, 1500), alive(engine), threading.Event())
    wrong(engine, minutes * 60)
    assert pace_.enter()[1] <= pacing.SECOND
    assert [notice.code for notice in pace_.notices] == ["E859"]
    assert "in the future" in pace_.notices[0].message
    assert pace_.enter()[1] <= pacing.SECOND
    assert len(pace_.notices) == 1
    with reading(engine) as connection:
        latest = (
            connection.execute(select(calls.c.answered).order_by(calls.c.answered.desc())).scalars().first()
        )
    assert latest is None or latest <= now(engine)
    assert sandbox.enter()[0] is not None
    if wrong is not slot_ahead:
        assert not sandbox.notices


@pytest.mark.parametrize("wrong", [slot_ahead, one_answer_ahead])
def test_what_a_right_clock_may_write_is_no_wrong_clock(
    engine: Engine, wrong: Callable[[Engine, float], None]
) -> None:
    pace_ = Pace(engine, "alma", Rates(3, 1), alive(engine), threading.Event())
    wrong(engine, MINUTE)
    assert 0 < pace_.enter()[1] <= 2 * MINUTE
    assert not pace_.notices


def test_the_slowest_pace_is_no_wrong_clock(lite: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the limit, no call of ours writes a slot that the next one takes for wrong."""
    at = 1e9
    monkeypatch.setattr(pacing, "database_clock", lambda _: at)
    run = alive(lite)
    for per_minute in (*range(1, 130), 300, 1500, 100_000):
        pace_ = Pace(lite, f"alma-{per_minute}", Rates(None, per_minute), run, threading.Event())
        for _ in range(3):
            _, wait = pace_.enter()
            assert wait <= 2 * MINUTE
        assert not pace_.notices, per_minute


JUMPS = (0.3, 1, 5, 30, 61, 3600, 864_000)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rates", [Rates(10, None), Rates(10, 300), Rates(2, 60)], ids=str)
def test_limits_hold_while_the_clock_jumps(
    lite: Engine, rates: Rates, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Back and forth, by less than a second and by days: no window sees too much, and nobody waits for days."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    changes = sorted(
        (1e9 + chance.uniform(0, 60), chance.choice(JUMPS) * chance.choice((1, -1))) for _ in range(4)
    )

    def jumping(true: float) -> float:
        return true + sum(by for at, by in changes if at <= true)

    times = arrivals(lite, rates, 160, seed, monkeypatch, slowest=0.5, processes=1, clock=jumping)
    assert len(times) == 160
    assert rates.per_second is not None
    assert busiest(times, 1.0) <= rates.per_second
    needed = 160 / rates.per_second
    if rates.per_minute is not None:
        assert busiest(times, 60.0) <= rates.per_minute
        needed = max(needed, 160 / rates.per_minute * 60)
    assert max(times) - min(times) <= 1.2 * needed + len(changes) * (AHEAD + MINUTE)


def dead_elsewhere(engine: Engine, beat: float) -> str:
    """A process of another machine that gave its last sign of life at `beat`."""
    gone = alive(engine)
    with transaction(engine) as connection:
        connection.execute(update(runs).where(runs.c.id == gone).values(host="elsewhere", beat=beat))
    return gone


@pytest.mark.parametrize("minutes", MINUTES)
def test_a_sign_of_life_that_is_yet_to_come(
    engine: Engine, minutes: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether its process lives: it has a lease's time to say so, and not until that day."""
    gone, run = dead_elsewhere(engine, now(engine) + minutes * 60), Run(engine)
    run.beat()
    run.beat()
    run.close()
    assert [notice.code for notice in run.notices] == ["E859"]
    later = now(engine)
    with transaction(engine) as connection:
        assert process.alive(connection, gone)
        monkeypatch.setattr(process, "database_clock", lambda _: later + LEASE + 1)
        assert not process.alive(connection, gone)


def test_a_living_process_whose_clock_was_put_back_stays_alive(engine: Engine) -> None:
    one, other = Run(engine), Run(engine)
    write(engine, runs, beat=now(engine) + 3600)
    one.beat()
    other.beat()
    with transaction(engine) as connection:
        assert process.alive(connection, one.id)
        assert process.alive(connection, other.id)
        beats = connection.execute(select(runs.c.beat)).scalars().all()
    assert max(beats) <= now(engine)
    assert len(one.notices) == 1
    assert not other.notices
    one.close()
    other.close()


@pytest.mark.parametrize("by", [LEASE, -LEASE])
def test_who_sees_the_clock_jump_asks_before_it_sends(
    engine: Engine, by: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database's clock alone: others may have believed this process dead."""
    run = Run(engine)
    run.beat()
    assert not run.stale
    at = now(engine) + by
    monkeypatch.setattr(process, "database_clock", lambda _: at)
    run.beat()
    assert run.stale
    run.close()


def test_a_first_attempt_counts_as_yet_to_come_by_the_same_measure(engine: Engine) -> None:
    run = Run(engine)
    intent = Intent("po_line", ("BTJ", "O-1"), b"{}")
    order = Ledger(engine, "alma", run).advance([], [intent])[1][0].order
    assert not clock.yet_to_come(order.created_at)
    assert clock.yet_to_come("2999-01-01T00:00:00.000Z")
    assert Ledger(engine, "alma", run).advance([Settlement(order, State.UNKNOWN)], [])[0][0] is not None
    write(engine, orders, created_at="2999-01-01T00:00:00.000Z")
    (found,) = Ledger(engine, "alma", run).open_orders()
    assert clock.yet_to_come(found.created_at)
    run.close()
