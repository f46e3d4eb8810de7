"""What becomes of the documents of one run → what its ledger is told, line by line.

A sink that posts has a ledger that it writes itself; of every other the run writes down what it answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Protocol

from etl.ledger.intake import Arrived
from etl.ledger.lines import Line
from etl.ledger.orders import Order, State
from etl.plugin import Item
from etl.problems import Problem
from etl.run.memory import Memory, delivered_line
from etl.run.report import Report
from etl.run.spool import Spooled

_STATES = {
    "written": State.WRITTEN,
    "posted": State.WRITTEN,
    "already posted": State.WRITTEN,
    "refused": State.REFUSED,
    "held": State.HELD,
    "unknown": State.UNKNOWN,
    "not delivered": State.RELEASED,
}
"""What a sink without a ledger answers → how the run writes it down; what else it says is at its end."""


class Came(Protocol):
    """The documents of a run and the lines beside them, as often as they are asked for."""

    def __iter__(self) -> Iterator[Spooled]: ...

    def lines(self) -> Iterator[Line]:
        """Those that are not delivered."""
        ...

    def came(self, key: tuple[str, ...]) -> bool:
        """Is it the key of one of them, in whatever spelling?"""
        ...


@dataclass(slots=True)
class Told:
    """What the ledger is told of one run, and when. `again`: the deliveries, by their hashes, of which lines
    are mapped anew; nothing has come then. `states`: of each document in order, as far as it came; None where
    only the sink knows, or a person has ended it. `causes`: by the place of the document.
    """

    memory: Memory
    run: Came
    files: Collection[Arrived]
    again: Collection[str] | None = None
    states: list[State | None] = field(default_factory=list)
    causes: dict[int, Problem] = field(default_factory=dict)

    def come_anew(self, item: Item) -> Order | None:
        """See `Memory.come_anew`; the sink is not given the document then."""
        order = self.memory.come_anew(item)
        if order is not None:
            self.states.append(State.RELEASED)
        return order

    def handed(self, item: Item) -> int | None:
        """The place of a document that the sink is given; None: a person has dismissed it."""
        dismissed = self.memory.is_dismissed(item.key)
        decision = self.memory.decided(delivered_line(item, State.WRITTEN)) if dismissed else None
        is_ended = decision is not None and decision.dismissed
        self.states.append(None if is_ended else State.RELEASED)
        return None if is_ended else len(self.states) - 1

    def answered(self, place: int, outcome: str, problem: Problem | None = None) -> None:
        """What the sink says of the document, and why."""
        own = self.memory.place.own
        if own and outcome == "unknown":
            return  # it has a row, if anything was sent
        state = _STATES.get(outcome)
        self.states[place] = state if not own or state is State.RELEASED else None
        if problem is not None and self.states[place] in (State.REFUSED, State.HELD, State.UNKNOWN):
            self.causes[place] = problem

    def withdrawn(self) -> None:
        """Nothing stands in a file after all."""
        self.states = [State.RELEASED if state is State.WRITTEN else state for state in self.states]

    def _lines(self) -> Iterator[Line]:
        states = chain(self.states, repeat(State.RELEASED))
        for place, (entry, state) in enumerate(zip(self.run, states, strict=False)):
            if state is not None:
                cause = self.causes.get(place)
                yield delivered_line(entry.item, state, () if cause is None else (cause.as_dict(),))

    def begin(self) -> None:
        """The sink has begun. Raises Refusal as every ledger does."""
        self.memory.begin(self.files if self.again is None else (), self.run.lines())

    def end(self, report: Report) -> None:
        """All has been delivered that is. Raises Refusal as every ledger does."""
        memory = self.memory
        try:
            if memory.begun:
                memory.take(self._lines())
                memory.close([file.hash for file in self.files] if self.again is None else self.again)
                report.waiting, report.ledger = memory.waiting(self.run.came), memory.shown()
        finally:
            memory.leave()
