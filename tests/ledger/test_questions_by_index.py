"""What a run asks the ledger goes by an index: it costs the same among a thousand orders as among a million.

Shown by SQLite's own plans, of every statement that was executed, and not by time.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filled_ledger import fill, intent
from sqlalchemy import Engine, event, select

from etl.identity import RecordOrigin
from etl.ledger.changes import Changes
from etl.ledger.database import open_database, reading
from etl.ledger.find import Wanted, delivered, find
from etl.ledger.intake import Arrived, Intake, MappingVersion
from etl.ledger.ledger import Ledger
from etl.ledger.lifetime import grow
from etl.ledger.lines import Line
from etl.ledger.orders import Order, Settlement, State, cancelled_as
from etl.ledger.pacing import Pace, Rates
from etl.ledger.process import Run
from etl.ledger.tables import orders
from etl.ledger.waiting import corrected_keys, decided, dismissed_keys, waiting_at

SMALL = {"lifetime", "pace", "places", "calls"}
"""Tables of a row, or of one for each institution; and of the calls of a minute."""
ALL = re.compile(
    r"SCAN (?P<scanned>[a-z]\w*)\b(?! USING (?:COVERING )?INDEX changes_(?:open|by_hand)\b)|"
    r"SEARCH (?P<table>\w+) USING (?:AUTOMATIC|(?:COVERING )?INDEX (?!orders_(?:offered|corrected)\b)\w+ \(institution=\?\))"
)
"""A step through all of a table, or all that an institution has there; but for indexes of what is open only."""


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database("ledger.sqlite", tmp_path)
    fill(engine)
    yield engine
    engine.dispose()


@contextmanager
def watched(engine: Engine) -> Iterator[dict[str, Any]]:
    """Statement → its parameters, of all that are executed inside."""
    met: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool) -> None:
        met.setdefault(statement, given[0] if many and isinstance(given, list) else given)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield met
    finally:
        event.remove(engine, "before_cursor_execute", note)


def steps(engine: Engine, met: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(statement, step) for each step of their plans."""
    with reading(engine) as connection:
        for statement, given in met.items():
            if statement.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
                plan = connection.connection.cursor()
                plan.execute(f"EXPLAIN QUERY PLAN {statement}", given or ())
                for *_, step in plan.fetchall():
                    yield " ".join(statement.split())[:200], step


def _stops(statement: str) -> bool:
    """At the first that it finds, whichever."""
    return "LIMIT" in statement and "ORDER BY" not in statement


def grows(engine: Engine, met: dict[str, Any]) -> list[tuple[str, str]]:
    """Those that go through a table, or all of an institution."""
    every = ((statement, step, ALL.match(step)) for statement, step in steps(engine, met))
    return [
        (statement, step)
        for statement, step, whole in every
        if whole is not None and not SMALL & {whole["scanned"], whole["table"]} and not _stops(statement)
    ]


def line(name: str, state: State, values: str) -> Line:
    one = intent(name)
    assert one.origin is not None
    origin = RecordOrigin("d" * 64, f"{name}.csv", 100, one.origin.rows, values)
    return Line(state, one.target, one.key, origin, payload=one.payload, known_by=one.known_by)


def stored(engine: Engine, name: str) -> Order:
    with reading(engine) as connection:
        row = connection.execute(select(orders).where(orders.c.reference == name)).mappings().one()
    return Order.of(dict(row))


def everything(engine: Engine) -> None:
    """All that a run does, with orders of every kind."""
    run = Run(engine)
    ledger, intake = Ledger(engine, "alma", run), Intake(engine, "alma", run)
    ledger.bind("https://alma.example.org", "01ABC")
    run.beat()
    grow(engine)
    with Pace(engine, "alma", Rates(), run.id, threading.Event())() as free:
        assert free
    version = MappingVersion("m", "m.yaml", {"m.yaml": b"version: 1\n"}, {})
    intake.arrive([Arrived("d.csv", "d" * 64, 100)], version, "2026-01-31", "alma")
    for state in (State.REJECTED, State.HELD, State.SKIPPED):
        intake.take([line(name, state, f'[{{"a": "{state}"}}]') for name in ("O-1", "O-2", "O-4", "O-7")])
    intake.close(["d" * 64])
    names = ("O-1", "O-2", "O-3", "O-4", "O-5", "O-6", "O-8", "O-9")
    claims = ledger.advance([], [intent(name, price="300.00") for name in names])[1]
    mine = [claim.order for claim in claims if claim.verdict == "mine"]
    assert mine
    for order in mine:
        assert ledger.still_mine(order)
        assert not ledger.settled_since(order)
    ledger.advance([Settlement(order, State.POSTED, "", f"POL-9{order.id}") for order in mine], [])
    ledger.advance([Settlement(mine[0], State.UNKNOWN)], [])  # too late
    ledger.open_orders()
    ledger.owners_of(["POL-91", "POL-O-1", "POL-404"])
    changes, posted = Changes(ledger, "alma"), stored(engine, "O-6")
    asked = changes.begin(posted, "cancel", "eva", "{}", None, "asked")
    assert asked is not None
    assert changes.open(posted) == asked
    changes.end(asked, "done", "cancelled", cause=cancelled_as("POL-O-6"))
    assert ledger.owners_of(["POL-O-6"]) == {"POL-O-6": 0}
    assert ledger.decide(stored(engine, "O-3"), State.RELEASED, "eva: not there")
    list(waiting_at(engine, "alma"))
    dismissed_keys(engine, "alma")
    corrected_keys(engine, "alma")
    decided(engine, "alma", line("O-1", State.REJECTED, "[{}]"))
    run.close()


def test_no_question_of_a_run_goes_through_a_table(full: Engine) -> None:
    with watched(full) as met:
        everything(full)
    assert len(met) > 40
    assert grows(full, met) == []


def test_what_waits_is_found_without_what_was_posted(full: Engine) -> None:
    with watched(full) as met:
        list(waiting_at(full, "alma"))
    used = {word for _, step in steps(full, met) for word in step.split()}
    assert used >= {"orders_of_state", "orders_offered", "changes_open", "changes_by_hand"}


def test_waiting_is_what_waits(full: Engine) -> None:
    """However it is asked."""
    waits = [order.id for order in waiting_at(full, "alma")]
    assert waits == [order.id for order in find(full, Wanted()) if order.waits]
    assert waits == [order.id for order in find(full, Wanted(waiting=True))]
    assert list(waiting_at(full, "sandbox")) == []


def test_only_the_deliveries_asked_for_are_read(full: Engine) -> None:
    with watched(full) as met:
        assert [one.name for one in delivered(full, "O-1", None, None)] != []
    assert {step for _, step in grows(full, met)} == {"SCAN deliveries"}
