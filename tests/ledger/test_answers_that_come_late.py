"""Answers to what is settled already, signs of life and days: what each writes down, and what it leaves alone."""

from __future__ import annotations

import threading

import pytest
from filled_ledger import intent
from sqlalchemy import Engine

from etl.ledger import process
from etl.ledger.changes import Changes
from etl.ledger.find import Wanted, delivered, find, history
from etl.ledger.intake import Arrived, Intake, MappingVersion
from etl.ledger.ledger import Ledger
from etl.ledger.orders import Order, Settlement, State
from etl.ledger.process import Run


def posted(engine: Engine, run: Run) -> tuple[Order, Order]:
    """(as it was when it was sent, as it is)."""
    ledger = Ledger(engine, "alma", run)
    (claim,) = ledger.advance([], [intent("O-77")])[1]
    (order,) = ledger.advance([Settlement(claim.order, State.POSTED, number="POL-77")], [])[0]
    assert order is not None
    return claim.order, order


def stored(engine: Engine, order: Order) -> Order:
    return next(one for one in find(engine, Wanted()) if one.id == order.id)


@pytest.mark.parametrize("second", ["refused", "unknown", "by hand"])
def test_a_second_answer_to_a_change_is_only_noted(lite: Engine, second: str) -> None:
    run, other = Run(lite), Run(lite)
    _, order = posted(lite, run)
    changes = Changes(Ledger(lite, "alma", run), "alma")
    asked = changes.begin(order, "cancel", "anna", "{}", None, "asked")
    assert asked is not None
    assert changes.end(asked, "done", "it is cancelled") is not None
    before = stored(lite, order)
    late = Changes(Ledger(lite, "alma", other), "alma")
    assert late.end(asked, second, "no answer") is None  # type: ignore[arg-type]
    assert stored(lite, order) == before
    last = history(lite, order)[-1]
    assert (last.state, last.run, last.words) == ("cancelled", other.id, "late answer, not applied: no answer")
    assert last.at
    for one in (run, other):
        one.close()


def test_an_answer_to_an_order_as_it_no_longer_is_changes_nothing(lite: Engine) -> None:
    run, other = Run(lite), Run(lite)
    sent, order = posted(lite, run)
    (late,) = Ledger(lite, "alma", other).advance([Settlement(sent, State.REFUSED, "no")], [])[0]
    assert late is None
    now = stored(lite, order)
    assert (now.state, now.number, now.version, now.words) == ("posted", "POL-77", order.version, order.words)
    assert "late answer, not applied" in (history(lite, order)[-1].words or "")
    for one in (run, other):
        one.close()


def test_an_answer_goes_to_its_own_order_only(lite: Engine) -> None:
    run = Run(lite)
    ledger = Ledger(lite, "alma", run)
    claims = ledger.advance([], [intent("O-1"), intent("O-2")])[1]
    ledger.advance([Settlement(claims[0].order, State.POSTED, number="POL-1")], [])
    assert [stored(lite, one.order).state for one in claims] == ["posted", "intended"]
    run.close()


def test_a_day_is_whole(lite: Engine) -> None:
    run = Run(lite)
    version = MappingVersion("m", "m.yaml", {}, {})
    Intake(lite, "alma", run).arrive([Arrived("a.csv", "a" * 64, 1)], version, "2024-03-11", "alma")
    (came,) = delivered(lite, None, None, None)
    day = came.at[:10]
    assert [one.name for one in delivered(lite, None, day, day)] == ["a.csv"]
    assert delivered(lite, None, None, "2001-01-01") == []
    assert delivered(lite, None, "9999-01-01", None) == []
    run.close()


def test_a_process_says_by_itself_that_it_lives(lite: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = threading.Event()
    monkeypatch.setattr(process, "BEAT", 0.01)
    monkeypatch.setattr(Run, "beat", lambda _: heard.set())
    run = Run(lite)
    assert heard.wait(30)
    run.close()
