"""What one process reads and another changes before it writes → as if one had come after the other.

In each test the second is let in between the first's look and its writing. That it does not get in is what is shown, not
how long it waits: whoever is kept out goes on when the first has ended.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from filled_ledger import USER, fill, intent
from sqlalchemy import Engine, select

from etl.identity import RecordOrigin
from etl.ledger import erasure, ledger, retention
from etl.ledger.changes import Changes
from etl.ledger.database import transaction
from etl.ledger.erasure import erase_person
from etl.ledger.find import Wanted, find
from etl.ledger.intake import Intake
from etl.ledger.ledger import Ledger
from etl.ledger.lines import Line
from etl.ledger.orders import ERASED, Intent, Order, Settlement, State
from etl.ledger.process import Run
from etl.ledger.retention import prune
from etl.ledger.soundness import contradictions
from etl.ledger.tables import changes, places
from etl.problems import Problem, Refusal

A_MOMENT = 0.3
"""Seconds in which the second would be done if it got in; no outcome hangs on them."""


class Second:
    """Another process's deed, begun when the first has looked and has not written yet."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self._thread = threading.Thread(target=deed)
        self.got_in = False

    def before(self, monkeypatch: pytest.MonkeyPatch, room: Any, name: str) -> None:
        """Let it in before the first call of a function, and then no more."""
        real = getattr(room, name)

        def looked(*given: Any, **named: Any) -> Any:
            if self._thread.ident is None:
                self._thread.start()
                self._thread.join(A_MOMENT)
                self.got_in = not self._thread.is_alive()
            return real(*given, **named)

        monkeypatch.setattr(room, name, looked)

    def end(self) -> None:
        """It was begun, and comes to its end."""
        assert self._thread.ident is not None
        self._thread.join()


def order_of(engine: Engine, name: str) -> Order:
    return next(order for order in find(engine, Wanted(name)) if order.key[1] == name)


def refused(engine: Engine, name: str, user: str) -> None:
    run = Run(engine)
    alma = Ledger(engine, "alma", run)
    [claim] = alma.advance([], [intent(name, user=user, note=user)])[1]
    alma.advance([Settlement(claim.order, State.REFUSED, "no")], [])
    run.close()


def test_an_order_that_is_sent_anew_while_a_person_is_erased_is_whole(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(engine, "O-1", USER)
    run, wanted = Run(engine), intent("O-1", price="500.00", user=USER)
    second = Second(lambda: Ledger(engine, "alma", run).advance([], [wanted]))
    second.before(monkeypatch, erasure, "_cleaned")
    assert erase_person(engine, USER).changed["orders"] == 1
    second.end()
    order = order_of(engine, "O-1")
    assert (order.state, order.payload.encode()) == (State.INTENDED, wanted.payload)
    assert order.payload_hash == hashlib.sha256(wanted.payload).hexdigest()
    assert list(contradictions(engine)) == []
    assert not second.got_in
    run.close()


def test_what_was_seen_before_a_person_was_erased_is_not_written_back(engine: Engine) -> None:
    refused(engine, "O-1", USER)
    seen, run = order_of(engine, "O-1"), Run(engine)
    erase_person(engine, USER)
    assert not Ledger(engine, "alma", run).decide(seen, State.RELEASED, "bo: send it", payload=seen.payload)
    assert ERASED in order_of(engine, "O-1").payload
    run.close()


def test_a_change_that_is_begun_while_old_orders_are_pruned_keeps_its_documents(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine)
    run, order = Run(engine), order_of(engine, "O-1")
    asked = Changes(Ledger(engine, "alma", run), "alma")
    second = Second(lambda: asked.begin(order, "change", "eva", '{"before": 1}', '{"after": 1}', "asked"))
    second.before(monkeypatch, retention, "_take_away")
    prune(engine, "2021-01-01T00:00:00.000Z")
    second.end()
    with transaction(engine) as connection:
        [change] = connection.execute(select(changes.c.state, changes.c.before, changes.c.after)).all()
    assert tuple(change) == ("intended", '{"before": 1}', '{"after": 1}')
    assert not second.got_in
    run.close()


@pytest.mark.parametrize("names", [("alma", "prod"), ("alma", "alma")])
def test_two_first_runs_bind_one_name_to_one_alma(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, names: tuple[str, str]
) -> None:
    run = Run(engine)
    told: list[Problem] = []

    def bind(name: str) -> None:
        try:
            Ledger(engine, name, run).bind("https://alma.example.org", "46HBG")
        except Refusal as refusal:
            told.extend(refusal.problems)

    second = Second(lambda: bind(names[1]))
    second.before(monkeypatch, ledger, "insert")
    bind(names[0])
    second.end()
    with transaction(engine) as connection:
        assert connection.execute(select(places.c.institution)).scalars().all() == [names[0]]
    assert [problem.code for problem in told] == ([] if names[0] == names[1] else ["E814"])
    assert not second.got_in
    run.close()


def test_lines_and_outcomes_in_opposite_orders_do_not_wait_for_each_other(engine: Engine) -> None:
    """Rows in the order of the file, backwards, against rows by their keys."""
    names = [f"O-{number:02}" for number in range(20)]
    runs = [Run(engine) for _ in range(2)]
    alma = Ledger(engine, "alma", runs[0])
    claims = alma.advance([], [intent(name) for name in names])[1]
    standing: list[Order | None] = [claim.order for claim in claims]
    failed: list[BaseException] = []

    def settle() -> None:
        for turn in range(15):
            state = (State.REFUSED, State.RELEASED)[turn % 2]
            found = [order_of(engine, name) for name in names]
            standing[:] = alma.advance([Settlement(order, state) for order in found], [])[0]

    def take() -> None:
        intake = Intake(engine, "alma", runs[1])
        for turn in range(15):
            intake.take([line(intent(name), turn) for name in reversed(names)])

    def watched(deed: Callable[[], None]) -> None:
        try:
            deed()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the other thread must not hide it
            failed.append(error)

    threads = [threading.Thread(target=watched, args=(deed,)) for deed in (settle, take)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for run in runs:
        run.close()
    assert failed == []
    assert len(standing) == len(names)


def line(one: Intent, turn: int) -> Line:
    """The same order line, of a record that has changed."""
    assert one.origin is not None
    origin = RecordOrigin(
        one.origin.file, one.origin.delivery, one.origin.size, one.origin.rows, json.dumps([{"turn": turn}])
    )
    return Line(State.REJECTED, one.target, one.key, origin, known_by=one.known_by)
