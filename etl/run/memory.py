"""A run → what the ledger is told of it, and what the ledger knows that a mapping does not.

A sink that posts writes down itself what it sends; of every other the run does, in a ledger beside its
report. Lines that are held, rejected or skipped are written down by the run, before the first document is
handed over, but after the sink has begun: then it is known that the ledger is the right one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from etl.alma.facts import facts_of_payload
from etl.alma.ordered import worth
from etl.alma.passage import found_by, known_by
from etl.ledger.arrivals import has_come_anew, is_older, last_arrival
from etl.ledger.database import Database, is_there, open_database, place_of, reading, shown_location
from etl.ledger.intake import Arrived, Intake, MappingVersion
from etl.ledger.judging import Judging, stands_corrected
from etl.ledger.known_by import KnownBy
from etl.ledger.lines import Line
from etl.ledger.orders import Intent, Order, State
from etl.ledger.process import Run
from etl.ledger.siblings import Rows, holder_of_barcode, sibling_of_key, sibling_of_reference
from etl.ledger.stored_values import storable
from etl.ledger.waiting import Waiting, corrected_keys, decided, dismissed_keys, sent, waiting_at
from etl.lookups import MAX_TABLE
from etl.plugin import Item, RecordOrigin
from etl.problems import Refusal
from etl.regular_files import read_file
from etl.run.arriving import RecordOrigins, digest_of
from etl.run.mapping_place import mapping_place
from etl.run.outcomes import Held
from etl.run.places import RunPlace, local_path
from etl.run.plan_sources import tables_of
from etl.spec.load import Spec

if TYPE_CHECKING:
    from etl.run.pipeline import Delivery

LEDGER = "etl-ledger.sqlite"
@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """Where a run is remembered. `ledger`: relative to `base`, or a URL. `own`: the sink writes down itself
    what it sends.
    """

    ledger: str
    base: Path
    institution: str
    own: bool

    @property
    def file(self) -> Path | None:
        """None for a database elsewhere."""
        return None if "://" in self.ledger else self.base / self.ledger

    @property
    def shown(self) -> str:
        """As --ledger takes it."""
        return self.ledger if self.file is None else str(self.file)

    @property
    def told(self) -> str:
        """The same in messages: without a password."""
        return shown_location(self.ledger, self.base)


def ledger_of(delivery: Delivery, report: Path) -> LedgerPlace | None:
    """By the sink; None where nothing is remembered."""
    if not delivery.sink.keeps:
        return None
    own = delivery.sink.own_ledger(delivery.options)
    if own is not None:
        return LedgerPlace(own[0], delivery.base, own[1], own=True)
    beside = report.parent
    return LedgerPlace(LEDGER, beside, _destination(delivery, beside), own=False)


@dataclass(slots=True)
class Memory:
    """The ledger of one run."""

    place: LedgerPlace
    sink: str
    version: MappingVersion
    run_date: str
    plan: Planned | None = None
    """Where what would be told is kept, while nothing is delivered."""
    begun: bool = False
    _dismissed: set[bytes] | None = None
    _corrected: set[bytes] | None = None
    _database: Database | None = None
    _run: Run | None = field(default=None)

    @classmethod
    def of(cls, delivery: Delivery, version: MappingVersion, day: str, report: Path) -> Memory | None:
        """By the sink; None where nothing is remembered. `day` of the run, as 2026-01-31."""
        place = ledger_of(delivery, report)
        return None if place is None else cls(place, delivery.sink.name, version, day)

    def origins(self) -> RecordOrigins:
        """What is noted of each record."""
        version, until = self.version, None
        if self.plan is not None:  # it is delivered later
            there, until = self._readable(), 0
            if there is not None:
                with reading(there) as connection:
                    until = last_arrival(connection, self.place.institution)
        return RecordOrigins(version.hash, self.run_date, version.mapped_as, until)

    def come_anew(self, item: Item) -> Order | None:
        """The order of an item, if it has come as another record since the item was mapped. A sink that posts
        asks its ledger itself.
        """
        there = None if self.place.own else self._readable()
        if there is None or item.origin is None or item.origin.until is None:
            return None
        with reading(there) as connection:
            intent = Intent(item.target, item.key, item.payload, origin=item.origin)
            order = Judging(connection, self.place.institution, "").of_key(intent)
            return order if order is not None and has_come_anew(connection, order, item.origin) else None

    def decided(self, line: Line) -> Order | None:
        """See `etl.ledger.waiting.decided`; nothing where there is no ledger yet."""
        there = self._readable()
        return None if there is None else decided(there, self.place.institution, line)

    def sent(self, line: Line) -> Order | None:
        """See `etl.ledger.waiting.sent`; nothing where there is no ledger yet."""
        there = self._readable()
        return None if there is None else sent(there, self.place.institution, line)

    def newer(self, line: Line) -> Order | None:
        """The order of a line that a newer file has brought as another record, in a ledger of a sink that
        posts: what is written to files may be written again.
        """
        there = self._readable() if self.place.own else None
        if there is None:
            return None
        with reading(there) as connection:
            intent = Intent(line.target, line.ledger_key, line.payload)
            order = Judging(connection, self.place.institution, "").of_key(intent)
            return order if order is not None and is_older(connection, order, line.origin) else None

    def sibling(self, line: Order, rows: Rows, key: tuple[str, ...]) -> tuple[Order, int] | None:
        """See `etl.ledger.siblings`."""
        there = self._readable()
        return None if there is None else sibling_of_key(there, line, rows, key)

    def referred(self, line: Order, rows: Rows, reference: str) -> int | None:
        """See `etl.ledger.siblings`."""
        there = self._readable()
        return None if there is None else sibling_of_reference(there, line, rows, reference)

    def holder_of_barcode(
        self, key: tuple[str, ...], origin: RecordOrigin, barcodes: Sequence[str]
    ) -> tuple[str, Order] | None:
        """See `etl.ledger.siblings`."""
        there = self._readable()
        if there is None:
            return None
        rows = {place.delivery: place.rows for place in origin.places}
        return holder_of_barcode(there, self.place.institution, key, rows, barcodes)

    def _readable(self) -> Database | None:
        """The ledger, if there is one."""
        if self._database is None:
            ledger, base = self.place.ledger, self.place.base
            if not is_there(ledger, base):
                return None
            self._database = open_database(ledger, base, to_read=self.plan is not None, make=False)
        return self._database

    def is_dismissed(self, key: tuple[str, ...]) -> bool:
        """May a person have dismissed the line with this key? A sink that posts asks its ledger itself."""
        if self.place.own:
            return False
        if self._dismissed is None:
            self._dismissed = self._keys(dismissed_keys)
        return bool(self._dismissed) and digest_of(key) in self._dismissed

    def corrected(self, key: tuple[str, ...], intent: Callable[[], Intent]) -> Order | None:
        """The order with this key whose payload a person has corrected; only then is `intent` asked."""
        if self._corrected is None:
            self._corrected = set()
            with suppress(Refusal):  # a ledger that cannot be opened is told when it is to be written
                self._corrected = self._keys(corrected_keys) if self.place.own else set()
        there = self._readable() if self._corrected and digest_of(key) in self._corrected else None
        if there is None:
            return None
        with reading(there) as connection:
            came = intent()
            order = Judging(connection, self.place.institution, "").of_key(came)
        return order if order is not None and stands_corrected(order, came) else None

    def _keys(self, of: Callable[[Database, str], Iterable[tuple[str, ...]]]) -> set[bytes]:
        there = self._readable()
        return set() if there is None else set(map(digest_of, of(there, self.place.institution)))

    def begin(self, files: Iterable[Arrived], lines: Iterator[Line]) -> None:
        """Write down what came and what is not delivered. Raises Refusal as every ledger does."""
        if self.begun:
            return
        if self.plan is not None:
            self.plan.keep(files, lines)
            return
        intake = self._intake()
        self.begun = True
        intake.arrive(files, self.version, self.run_date, self.sink)
        intake.take(lines)

    def take(self, lines: Iterable[Line]) -> None:
        """What has become of documents: they are written to files, or have not been delivered."""
        if self.plan is None:
            self._intake().take(lines)

    def close(self, deliveries: Collection[str]) -> None:
        """End lines of these deliveries that are something else by now."""
        self._intake().close(deliveries)

    def waiting(self, came: Callable[[tuple[str, ...]], bool]) -> Waiting:
        """What waits from before: of all that waits, what has not come in this run."""
        assert self._database is not None  # noqa: S101 - `begin` has opened it
        every = waiting_at(self._database, self.place.institution)
        return Waiting.of((order for order in every if not came(order.key)), worth)

    def shown(self) -> str:
        """Where the ledger is, without a password."""
        return place_of(self._database) if self._database is not None else self.place.shown

    def leave(self) -> None:
        """Nothing more is asked or told."""
        if self._run is not None:
            self._run.close()
        if self._database is not None:
            self._database.dispose()

    def _intake(self) -> Intake:
        if self._database is None:
            ledger, base = self.place.ledger, self.place.base
            self._database = open_database(ledger, base, make=not self.place.own)
        if self._run is None:
            self._run = Run(self._database)
        return Intake(self._database, self.place.institution, self._run, posts=self.place.own)


class Planned(Protocol):
    """A plan that is being made."""

    def keep(self, files: Iterable[Arrived], lines: Iterable[Line]) -> None:
        """What the ledger is to be told when the plan is applied."""
        ...


def place_of_memory(memory: Memory | None) -> Iterator[RunPlace]:
    """A ledger beside the report, among the places of a run; the sink names its own."""
    if memory is not None and not memory.place.own and memory.place.file is not None:
        yield RunPlace("ledger", str(memory.place.file), written=True)


def version_of(
    spec: Spec, institution_file: str | None, parameters: Mapping[str, Any], ledger: LedgerPlace | None
) -> MappingVersion:
    """The mapping as it stands in its files; without those that are gone. `ledger`: where it is told of."""
    names = [*spec.files, *tables_of(spec, institution_file)]
    places = {name: os.path.abspath(name) for name in names}  # noqa: PTH100 - links are part of the name
    root = os.path.commonpath([os.path.dirname(place) for place in places.values()])  # noqa: PTH120
    files: dict[str, bytes] = {}
    for name, place in places.items():
        with suppress(OSError):  # taken away since it was read: then it cannot be kept
            files[Path(os.path.relpath(place, root)).as_posix()] = read_file(name, MAX_TABLE)
    main = Path(os.path.relpath(places[spec.files[0]], root)).as_posix()
    place = mapping_place(spec.files[0], None if ledger is None else ledger.file)
    return MappingVersion(spec.model.name, main, files, dict(parameters), place)


def held_line(
    held: Held, target: str, origin: RecordOrigin, of_row: Callable[[], Mapping[str, str]]
) -> Line:
    """A document that the mapping holds, as far as it was made. `of_row`: what its record is found by, asked
    where there is no document.
    """
    facts = facts_of_payload(held.payload or b"")
    return Line(
        State.HELD,
        target,
        held.key or (),
        origin,
        tuple(problem.as_dict() for problem in held.problems),
        held.payload or b"",
        held.user,
        held.totals if held.payload is not None else None,
        known_by=known_by(held.identity, facts),
        found_by=of_row() if held.payload is None else found_by(facts),
    )


def delivered_line(item: Item, state: State, causes: tuple[Mapping[str, Any], ...] = ()) -> Line:
    """A document that was made: written to a file, free to be delivered and not yet, or what a sink without
    a ledger said of it and why.
    """
    assert item.origin is not None  # noqa: S101 - asked for, for every sink that keeps
    facts = facts_of_payload(item.payload)
    known = known_by(item.identity, facts)
    return Line(
        state,
        item.target,
        item.key,
        item.origin,
        causes,
        item.payload,
        item.user,
        item.totals,
        known_by=KnownBy(barcodes=known.barcodes) if state is State.WRITTEN else known,
        found_by=found_by(facts),
    )


def _destination(delivery: Delivery, base: Path) -> str:
    """What the ledger calls the place where files go: the sink, and its folder or file from the ledger."""
    for name, _ in delivery.sink.writes(delivery.options):
        path = local_path(name)
        if path is not None:
            name = Path(os.path.relpath(delivery.base / path, base)).as_posix()
        return storable(f"{delivery.sink.name} {name}")
    return delivery.sink.name
