"""What time it is in Alma, by the `Date` of its answers; nothing of it depends on the clock of this machine."""

from __future__ import annotations

import pytest

from etl.alma import alma_clock
from etl.alma.alma_clock import AlmaClock
from etl.alma.client import AlmaClient
from etl.alma.wire import Received

SAID = "Mon, 11 Mar 2024 10:00:00 GMT"
THEN = 1710151200.0


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds since this machine was started, to be set."""
    since = [1000.0]
    monkeypatch.setattr(alma_clock.time, "monotonic", lambda: since[0])
    monkeypatch.setattr(alma_clock.time, "time", lambda: 4e9)
    return since


def test_time_passes_between_answers_and_each_answer_tells_it_anew(passed: list[float]) -> None:
    clock = AlmaClock()
    assert clock.now() is None
    clock.hear(SAID)
    assert clock.now() == THEN
    passed[0] += 90
    assert clock.now() == THEN + 90
    clock.hear("Mon, 11 Mar 2024 09:00:00 GMT")
    assert clock.now() == THEN - 3600, "Alma's clock was put right meanwhile"


@pytest.mark.parametrize(
    "date", ["", " ", "soon", "2024-03-11", "Mon, 99 Mar 2024 10:00:00 GMT", "Mon, 11 Mar 99999 10:00:00 GMT",
             "Mon, 11 Mar 2024 25:61:61 GMT", "\x00", "Mon, 11 Mar 2024 10:00:00 +99999999999", f"Mon, 11 Mar {'9' * 30} 10:00:00 GMT", "0" * 5000],
)  # fmt: skip
def test_a_date_that_cannot_be_read_says_nothing(passed: list[float], date: str) -> None:
    clock = AlmaClock()
    clock.hear(date)
    assert clock.now() is None
    clock.hear(SAID)
    clock.hear(date)
    assert clock.now() == THEN


@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_every_answer_is_heard(passed: list[float], status: int) -> None:
    client = AlmaClient(lambda _: Received(status, {"date": SAID}, b"{}"))
    client.line("POL-1")
    assert client.clock.now() == THEN
