"""Rows of all sources → documents on the spool, and a trace of everything else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from etl.alma import said
from etl.interruption import interruption
from etl.ledger.lines import Line
from etl.ledger.orders import Order, State, same_record
from etl.ledger.waiting import MAY_BE_THERE
from etl.plan.plan import Plan
from etl.plugin import Item, Rejected, Source, Totals
from etl.problems import Problem, Refusal, Severity
from etl.run.again import LineAgain
from etl.run.arriving import RecordOrigins, digest_of
from etl.run.build import Builder, Form
from etl.run.folder import ReportFolder
from etl.run.groups import Groups
from etl.run.known_as import KnownAs
from etl.run.memory import Memory, held_line
from etl.run.naming import name_of
from etl.run.outcomes import Built, Held, Outcome, Refused, SourceRow, sent_digest
from etl.run.problem_log import ProblemLog
from etl.run.report import Report
from etl.run.rows import Progress, Unusable, read_rows
from etl.run.spool import Spool, Spooled
from etl.run.unread import UnreadValues

ENDED_AS = {
    State.POSTED: "already posted",
    State.DISMISSED: "dismissed",
    State.CANCELLED: "dismissed",
}
"""What the report calls a line about which nothing is left to do."""


@dataclass(slots=True)
class Mapped:
    """The first half of a run: everything is mapped, nothing delivered."""

    plan: Plan
    form: Form
    folder: ReportFolder
    log: ProblemLog
    report: Report
    spool: Spool
    progress: Progress
    memory: Memory | None = None
    origins: RecordOrigins = field(default_factory=RecordOrigins)
    seen: dict[bytes, int] = field(default_factory=dict)
    aside_keys: set[bytes] = field(default_factory=set)
    watched: dict[bytes, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    total: int = 0
    behind: int = 0
    skipped: set[bytes] = field(default_factory=set)
    unwanted: list[tuple[SourceRow, Line, Order]] = field(default_factory=list)
    unread: UnreadValues = field(default_factory=UnreadValues)
    again: LineAgain | None = None
    _known_as: KnownAs | None = None

    def run(self, sources: Sequence[Source]) -> None:
        """Map every record of every source. Raises Refusal when none of them can be used at all."""
        builder = Builder(self.plan, self.form)
        grouped = Groups(self.folder.work, self.plan.spec.place("group_by")) if self.plan.group_by else None
        sizes = [source.size for source in sources]
        self.total = sum(size for size in sizes if size) if None not in sizes else 0
        unusable: list[tuple[str, Unusable]] = []
        for source in sources:
            self.files.setdefault(source.name, len(self.files))
            if self.memory is not None:
                self.origins.see(source)
            for row in read_rows(self.plan, source, self.log.add, self.folder.work, self.unread.add):
                if isinstance(row, Unusable):  # by itself it stops the run, among others it is rejected
                    unusable.append((source.name, row))
                    continue
                if isinstance(row, Rejected):
                    self._unreadable(source.name, row)
                    if grouped:
                        grouped.lost(source.name, row)
                    continue
                self.report.read += 1
                self.progress(self._share(row.offset))
                skipped = builder.skipped(row)
                if isinstance(skipped, Refused) and grouped:  # no order without one of its rows
                    row, skipped = replace(row, spoilt=skipped.problems[0]), False
                if isinstance(skipped, Refused):
                    self._refused([row], skipped)
                elif skipped:
                    self._skipped(row)
                elif grouped is None:
                    self._settle(builder.build([row]), [row])
                else:
                    group = builder.group(row)
                    if isinstance(group, Refused):
                        self._refused([row], group)
                    else:
                        with self.folder.writing():
                            grouped.add(group, row)
            self.behind += source.size or 0
        if unusable and len(unusable) == len(sources):
            raise Refusal([problem for _, file in unusable for problem in file.problems])
        for name, file in unusable:
            self._unreadable(name, file)
        if grouped:
            with self.folder.writing():
                grouped.finish()
            for rows in grouped.rows():
                interruption.look()
                self._settle(builder.build(rows), rows)
        self._finish()

    def run_again(self, lines: Sequence[LineAgain]) -> None:
        """Map lines of the ledger anew, each from the rows it was made of."""
        builder = Builder(self.plan, self.form)
        for line in lines:
            interruption.look()
            self.report.read += len(line.rows)
            self.files.setdefault(line.came.name, len(self.files))
            self.origins.files = {line.came.name: line.came}
            self.again, self.origins.until = line, line.until
            wanted = []
            for row in line.rows:
                skipped = builder.skipped(row)
                if isinstance(skipped, Refused):
                    wanted.append(replace(row, spoilt=skipped.problems[0]))
                elif skipped:
                    self.report.settle("skipped", 1)
                else:
                    wanted.append(row)
            if wanted:
                self._settle(builder.build(wanted), wanted)
            else:
                self._set_aside(self._line(State.SKIPPED, line.rows[:1]))
        self._finish()

    def _finish(self) -> None:
        self._withdrawn()
        self.unread.tell(self.plan.spec, self.log.add)
        with self.folder.writing():
            self.spool.finish()
        recorder = self.plan.env.recorder
        self.report.defaults, self.report.respelt = dict(recorder.defaults), dict(recorder.respelt)

    def _share(self, offset: int | None) -> float | None:
        """How far we are, if the sizes of the files and the places of the records are known."""
        return min((self.behind + offset) / self.total, 1.0) if self.total and offset is not None else None

    # ----------------------------------------------------------------------------- ends of records

    def _unreadable(self, file: str, rejected: Rejected) -> None:
        self.report.read += 1
        self.progress(self._share(None))
        line = None
        if self.memory is not None:
            causes = tuple(problem.as_dict() for problem in rejected.problems)
            origin = self.origins.of_unreadable(file, rejected.record)
            line = Line(State.REJECTED, self.plan.target.name, (), origin, causes, raw=rejected.raw)
        if self._is_ended(self._decision(line), 1):
            return
        self.folder.unreadable(file, rejected)
        self._set_aside(line)
        for problem in rejected.problems:
            self.log.add(problem)
        self.report.settle("rejected", 1)

    def _refused(self, rows: Sequence[SourceRow], refused: Refused, state: State = State.REJECTED) -> None:
        line = self._line(state, rows, refused.problems, refused.key)
        decision = self._decision(line)
        if self._is_ended(decision, len(rows)):
            return
        self.folder.rejected(rows, refused.problems)
        self._set_aside(line)
        self._not_asked(decision, rows)
        for problem in refused.problems:
            self.log.add(problem)
        self.report.settle("rejected", len(rows))

    def _skipped(self, row: SourceRow) -> None:
        """What `when` passes over; if it was sent as another record, that is told when all has been read."""
        line = self._line(State.SKIPPED, [row])
        order = None if line is None or not line.key or self.memory is None else self.memory.sent(line)
        if line is not None and order is not None and order.mapped_as not in (None, line.origin.mapped_as):
            order = None  # another mapping's: this one leaves the record to that
        if line is None or order is None or same_record(order.record, line.origin.values):
            self._not_asked(order, [row])
            self._passed_over(row, line)
        else:
            self.unwanted.append((row, line, order))

    def _passed_over(self, row: SourceRow, line: Line | None) -> None:
        self.folder.skipped(row)
        self.report.settle("skipped", 1)
        if line is not None and line.key:
            digest = digest_of(line.key)
            line = replace(line, key=()) if digest in self.skipped else line
            self.skipped.add(digest)
        self._set_aside(line)

    def _withdrawn(self) -> None:
        """Orders that were sent, of which nothing came but records that are skipped, and others than then."""
        for row, line, order in self.unwanted:
            digest = digest_of(line.key)
            if digest in self.seen or digest in self.aside_keys or digest in self.skipped:
                self._passed_over(row, line)
                continue
            self.skipped.add(digest)
            problem = said.skipped(line.key, order).at(mapping=self.plan.spec.place("when"), data=row.place())
            self.folder.held([row], Held(line.key, name_of(line.key), None, (problem,), Totals()))
            self._set_aside(replace(line, causes=(problem.as_dict(),)))
            self.log.add(problem)
            self.report.settle("held", 1)

    def _settle(self, outcome: Outcome, rows: Sequence[SourceRow]) -> None:
        if not isinstance(outcome, Refused) and outcome.key is not None:
            twice = self._twice(outcome, rows[0])
            if twice is not None:  # without a help it is at its end: delivered twice, and written once
                self._refused(rows, Refused((twice,)), State.REJECTED if twice.help else State.SKIPPED)
                return
        if isinstance(outcome, Refused):
            self._refused(rows, outcome)
            return
        self.report.built_documents += 1
        self.report.built += outcome.totals
        if isinstance(outcome, Held):
            self._held(outcome, rows)
            return
        for problem in (*outcome.notes, *self._repeated(outcome, rows[0])):
            self.log.add(problem)
        review = any(finding.outcome == "review" for finding in outcome.findings)
        self.report.predicted["in review" if review else "clean"] += 1
        self._deliverable(outcome, outcome.payload, rows)

    def _held(self, held: Held, rows: Sequence[SourceRow]) -> None:
        line = None
        if self.memory is not None:
            origin = self.origins.of(rows)
            line = held_line(held, self.plan.target.name, origin, lambda: self._aside(rows[0])[1])
        decision = self._decision(line)
        if decision is not None and decision.state in ENDED_AS:
            self._ended(decision, len(rows), held.totals)
        elif decision is not None and held.payload is not None and decision.passed is not None:
            self.report.notes["held by the mapping, let pass by a person"] += 1
            self._deliverable(held, held.payload, rows)
        else:
            self.folder.held(rows, held)
            self._set_aside(line)
            self._not_asked(decision, rows)
            for problem in held.problems:
                self.log.add(problem)
            self.report.settle("held", len(rows), held.totals)
            self.report.unpriced += held.payload is None

    def _deliverable(self, made: Built | Held, payload: bytes, rows: Sequence[SourceRow]) -> None:
        item = Item(
            made.key or (),
            made.name,
            payload,
            self.plan.target.name,
            made.user,
            identity=made.identity,
            origin=self.origins.of(rows) if self.memory is not None else None,
            totals=made.totals,
        )
        with self.folder.writing():
            self.spool.add(Spooled(item, len(rows), rows[0].place()))

    # ------------------------------------------------------------------------- what the ledger is told

    def _line(
        self,
        state: State,
        rows: Sequence[SourceRow],
        problems: Sequence[Problem] = (),
        key: tuple[str, ...] | None = None,
    ) -> Line | None:
        """A line that is not delivered. Of several rejected ones with one key, the first has it: each is one
        that waits. What is skipped has its key, but for rows of groups: others may be wanted.
        """
        if self.memory is None or not rows:
            return None
        causes = tuple(problem.as_dict() for problem in problems)
        if key is not None:
            digest = digest_of(key)
            key = None if digest in self.seen or digest in self.aside_keys else key
            self.aside_keys.add(digest)
        told, found_by = self._aside(rows[0])
        if state is State.SKIPPED and not self.plan.group_by and not problems:  # the first has it
            key = told
        return Line(
            state, self.plan.target.name, key or (), self.origins.of(rows), causes, found_by=found_by
        )

    def _aside(self, row: SourceRow) -> tuple[tuple[str, ...] | None, dict[str, str]]:
        if self._known_as is None:
            self._known_as = KnownAs(self.plan)
        return self._known_as.aside(row)

    def _set_aside(self, line: Line | None) -> None:
        if line is not None:
            with self.folder.writing():
                self.spool.set_aside(line)

    def _decision(self, line: Line | None) -> Order | None:
        return None if line is None or self.memory is None else self.memory.decided(line)

    def _is_ended(self, decision: Order | None, records: int) -> bool:
        """Has it been posted or dismissed, as this very record? Then it is not rejected again."""
        if decision is None or decision.state not in ENDED_AS:
            return False
        self._ended(decision, records)
        return True

    def _not_asked(self, order: Order | None, rows: Sequence[SourceRow]) -> None:
        """It may be in Alma, and the sink, which would ask, is not given it."""
        if order is not None and order.state in MAY_BE_THERE:
            self.log.add(replace(said.not_asked(order.key, order), data=rows[0].place()))

    def _ended(self, decision: Order, records: int, totals: Totals | None = None) -> None:
        self.report.settle(ENDED_AS[decision.state], records, totals)
        if decision.state is State.POSTED:
            self.report.notes["posted before, and held or rejected by the mapping of today"] += 1

    # ----------------------------------------------------------------------- seen before in the run

    def _twice(self, outcome: Built | Held, row: SourceRow) -> Problem | None:
        """The same key twice in one run: the second is never delivered."""
        digest = digest_of(outcome.key or ())
        payload = sent_digest(outcome.user, outcome.payload)
        first = self.seen.get(digest) or self._sibling(outcome, row)
        if first is None:
            self.seen[digest] = self._one(payload, row.record, row.file)
            return None
        same = first >> 96 == payload
        words = "the same order line as" if same else "the same key as"
        file, record = list(self.files)[first & 0xFFFFFFFF], first >> 32 & 0xFFFFFFFFFFFFFFFF
        return Problem(
            "E480",
            f"{words} record {record} of {file}: {' + '.join(outcome.key or ())}",
            mapping=self.plan.spec.place("key"),
            data=row.place(),
            help=self._apart_or_together(same, file == row.file and record == row.record),
        )

    def _one(self, payload: int, record: int, file: str) -> int:
        """An integer, not a tuple: there may be a million of them."""
        return payload << 96 | record << 32 | self.files[file]

    def _sibling(self, outcome: Built | Held, row: SourceRow) -> int | None:
        """Of a line that is mapped alone: the record of its delivery that has the key already."""
        again, memory = self.again, self.memory
        found = memory.sibling(again.order, again.places, outcome.key or ()) if again and memory else None
        if again is None or found is None:
            return None
        order, record = found
        same = same_record(order.record, again.order.record)
        mine = (outcome.user, outcome.payload) if same else (order.user_id, order.payload.encode())
        return self._one(sent_digest(*mine), record, row.file)

    def _apart_or_together(self, same: bool, one_record: bool) -> str | None:
        """What to do about two documents of one key. Rows of `one_record` are mostly parts of one line; what
        is the same and comes of another record was delivered twice.
        """
        if same and not one_record:
            return None
        named = [name if name.isidentifier() else f'"{{{{ {name} }}}}"' for name, _ in self.plan.key]
        parts = ", ".join(named)
        together = f"one order line in several rows:  group_by: [{parts}]"
        apart = "two order lines: add a column to key that tells them apart"
        if self.plan.group_by:
            return apart
        return f"{together};  {apart}" if one_record else f"{apart};  {together}"

    def _referred(self, value: str) -> int | None:
        """Of a line that is mapped alone: the record of its delivery that has the reference."""
        if self.again is None or self.memory is None:
            return None
        return self.memory.referred(self.again.order, self.again.places, value)

    def _repeated(self, built: Built, row: SourceRow) -> Iterator[Problem]:
        """Values that should differ from document to document (a vendor's line reference), but do not."""
        for name in self.plan.target.unique_in_run:
            value = getattr(built.document, name, None)
            if not value:
                continue
            digest = hashlib.blake2b(f"{name}\x1f{value}".encode(), digest_size=12).digest()
            first = self.watched.setdefault(digest, self._referred(value) or row.record)
            if first != row.record:
                yield Problem(
                    "E484",
                    f'{name} "{value}" was also sent for record {first}',
                    Severity.WARNING,
                    mapping=self.plan.spec.place("fields", name),
                    data=row.place(),
                    help="fine if it names the whole order; if it should name the line, add the line number",
                )
