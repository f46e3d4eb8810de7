"""A mapping and its inputs → what the ledger would answer for each order: none is sent, none written down."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from etl.alma.passage import Passage
from etl.ledger.database import Database, reading
from etl.ledger.intake import Arrived
from etl.ledger.judging import Foreseen, Judging
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


class _ForeseeingSink(Sink):
    """Asks the ledger about documents instead of sending them."""

    name: ClassVar[str] = "check"
    summary: ClassVar[str] = "documents that the ledger is asked about"
    keeps: ClassVar[bool] = False
    sends: ClassVar[bool] = False

    def __init__(
        self, database: Database, institution: str, form: Literal["json", "json-line", "xml"]
    ) -> None:
        self._database, self._institution, self._form = database, institution, form
        self.foresight = Foresight()

    def form(self, options: Any) -> Literal["json", "json-line", "xml"]:
        del options
        return self._form

    def deliver(self, items: Iterator[Item], options: SinkOptions, base: Path) -> Iterator[Receipt]:
        del options, base
        with reading(self._database) as connection:
            judging = Judging(connection, self._institution, _NO_RUN)
            for item in items:
                passage = Passage.of(item)
                self.foresight.add(item, passage.facts.vendor, judging.foresee(passage.intent()))
                yield Receipt(item.key, "written")


def foresee(
    plan: Plan,
    sources: Sequence[Source],
    sends_to: Delivery,
    database: Database,
    ledger: str,
    institution: str,
) -> Foresight:
    """Map everything as a run would, for `sends_to`, and ask about each order. Guards have no say: nothing is
    sent. `ledger`: where the database is.

    Raises Refusal with whatever would stop a run while it reads, and KeyboardInterrupt.
    """
    sink = _ForeseeingSink(database, institution, sends_to.sink.form(sends_to.options))
    version = version_of(plan.spec, plan.codes.file if plan.codes else None, plan.parameters)
    place = LedgerPlace(ledger, Path(), institution, own=True)
    memory = Memory(place, sink.name, version, plan.run_date.isoformat(), sink.foresight)
    with tempfile.TemporaryDirectory() as folder:
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
    return sink.foresight
