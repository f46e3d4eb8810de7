"""A mapping and its inputs → what the ledger would answer for each order: none is sent, none written down."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from etl.alma.passage import Passage
from etl.ledger.database import is_there, open_database, reading
from etl.ledger.intake import Arrived
from etl.ledger.judging import Foreseen, Judging, stands_corrected
from etl.ledger.lines import Line
from etl.plan.plan import Guards, Plan
from etl.plugin import DataPlace, Item, Receipt, Sink, SinkOptions, Source
from etl.problems import Refusal
from etl.run.memory import LedgerPlace, Memory, version_of
from etl.run.pipeline import Delivery, run

_EXAMPLES = 3
_NO_RUN = ""
"""Nothing that was sent came in this run."""


@dataclass(slots=True)
class Foresight:
    """Orders by how they stand, the first that are known under another key, and every order that is met by
    its key, by id. `aside`: records that the mapping holds or rejects: of them no order would be sent.
    """

    counts: Counter[str] = field(default_factory=Counter)
    alike: list[tuple[Item, Foreseen]] = field(default_factory=list)
    vendors: set[str] = field(default_factory=set)
    met: set[int] = field(default_factory=set)
    aside: int = 0

    def add(self, item: Item, vendor: str, foreseen: Foreseen) -> None:
        self.counts[foreseen.standing] += 1
        self.vendors.add(vendor)
        if foreseen.standing == "like" and len(self.alike) < _EXAMPLES:
            self.alike.append((item, foreseen))
        if foreseen.order is not None:
            self.met.add(foreseen.order.id)

    def as_dict(self) -> dict[str, int]:
        """How many stand how; `not_sent`: those beside them."""
        return {**self.counts, "not_sent": self.aside}

    def keep(self, files: Iterable[Arrived], lines: Iterable[Line]) -> None:
        """What a run would tell the ledger of lines it does not send."""
        del files
        self.aside = sum(1 for _ in lines)


def place_of(item: Item) -> DataPlace | None:
    """Where the order stood in the vendor's file."""
    origin = item.origin
    return None if origin is None else DataPlace(origin.file, origin.rows[0][0], origin.line, origin.offset)


@dataclass(slots=True)
class Foreseer:
    """Asks a ledger about documents, one by one. Without one each is met for the first time."""

    judging: Judging | None
    foresight: Foresight = field(default_factory=Foresight)

    def ask(self, item: Item) -> bytes | None:
        """The payload that a person has put in the place of the item's, if one has."""
        passage = Passage.of(item)
        intent = passage.intent()
        foreseen = Foreseen("new") if self.judging is None else self.judging.foresee(intent)
        self.foresight.add(item, passage.facts.vendor, foreseen)
        order = foreseen.order
        return order.payload.encode() if order is not None and stands_corrected(order, intent) else None


@contextmanager
def foreseer(place: LedgerPlace) -> Iterator[Foreseer]:
    """For the ledger at a place; where there is none yet, nothing is known. Raises Refusal as ledgers do."""
    if not is_there(place.ledger, place.base):
        yield Foreseer(None)
        return
    database = open_database(place.ledger, place.base, to_read=True, make=False)
    try:
        with reading(database) as connection:
            yield Foreseer(Judging(connection, place.institution, _NO_RUN))
    finally:
        database.dispose()


class _ForeseeingSink(Sink):
    """Asks the ledger about documents instead of sending them."""

    name: ClassVar[str] = "check"
    summary: ClassVar[str] = "documents that the ledger is asked about"
    keeps: ClassVar[bool] = False
    sends: ClassVar[bool] = False

    def __init__(self, asks: Foreseer, form: Literal["json", "json-line", "xml"]) -> None:
        self._asks, self._form = asks, form

    def form(self, options: Any) -> Literal["json", "json-line", "xml"]:
        del options
        return self._form

    def deliver(self, items: Iterator[Item], options: SinkOptions, base: Path) -> Iterator[Receipt]:
        del options, base
        for item in items:
            self._asks.ask(item)
            yield Receipt(item.key, "written")


def foresee(
    plan: Plan,
    sources: Sequence[Source],
    sends_to: Delivery,
    place: LedgerPlace,
) -> Foresight:
    """Map everything as a run would, for `sends_to`, and ask about each order. Guards have no say: nothing is
    sent.

    Raises Refusal with whatever would stop a run while it reads, and KeyboardInterrupt.
    """
    version = version_of(plan.spec, plan.codes.file if plan.codes else None, plan.parameters, place)
    with tempfile.TemporaryDirectory() as folder, foreseer(place) as asks:
        sink = _ForeseeingSink(asks, sends_to.sink.form(sends_to.options))
        memory = Memory(place, sink.name, version, plan.run_date.isoformat(), asks.foresight)
        ran = run(
            replace(plan, guards=Guards()),
            sources,
            Delivery(sink, sink.Options(), Path()),
            Path(folder) / "report",
            memory=memory,
        )
    if ran.report.interrupted:
        raise KeyboardInterrupt
    if ran.report.stop is not None:
        raise Refusal([one for group in ran.log.groups() for one in group.examples])
    return asks.foresight
