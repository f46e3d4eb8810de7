"""Rows of all sources → documents on the spool, and a trace of everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from etl.alma import said
from etl.alma.ordered import worth
from etl.interruption import interruption
from etl.ledger.lines import Line
from etl.ledger.orders import Intent, Order, State
from etl.ledger.same_record import same_record
from etl.ledger.waiting import MAY_BE_THERE
from etl.plan.plan import Plan
from etl.plugin import Item, Rejected, Source, Totals
from etl.problems import Problem, Refusal
from etl.run.again import LineAgain
from etl.run.arriving import RecordOrigins, digest_of
from etl.run.build import Builder, Form
from etl.run.folder import ReportFolder
from etl.run.groups import Groups
from etl.run.known_as import KnownAs
from etl.run.memory import Memory, held_line
from etl.run.naming import name_of
from etl.run.outcomes import Built, Held, Outcome, Refused, SourceRow
from etl.run.problem_log import ProblemLog
from etl.run.report import Report
from etl.run.rows import Progress, Unusable, read_rows
from etl.run.seen_before import SeenBefore
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
    aside_keys: set[bytes] = field(default_factory=set)
    total: int = 0
    behind: int = 0
    skipped: set[bytes] = field(default_factory=set)
    unwanted: list[tuple[SourceRow, Line, Order]] = field(default_factory=list)
    unread: UnreadValues = field(default_factory=UnreadValues)
    _known_as: KnownAs | None = None
    _seen: SeenBefore = field(init=False)

    def __post_init__(self) -> None:
        self._seen = SeenBefore(self.plan, self.memory, self.origins)

    def run(self, sources: Sequence[Source]) -> None:
        """Map every record of every source. Raises Refusal when none of them can be used at all."""
        builder = Builder(self.plan, self.form)
        grouped = Groups(self.folder.work, self.plan.spec.place("group_by")) if self.plan.group_by else None
        sizes = [source.size for source in sources]
        self.total = sum(size for size in sizes if size) if None not in sizes else 0
        unusable: list[tuple[str, Unusable]] = []
        for source in sources:
            self._seen.file(source.name)
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
            self._seen.file(line.came.name)
            self.origins.files = {line.came.name: line.came}
            self._seen.again, self.origins.until = line, line.until
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
        self.unread.tell(self.plan.spec, self.log.add, self.plan.members)
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
        self.report.no_orders += any(one.code == Rejected.NO_ORDER for one in rejected.problems)
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
        if self._is_ended(decision, len(rows)) or self._is_older(line, rows):
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
        if order is not None and self._newer(line) is not None:
            order = None  # the record of before says nothing new
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
            if digest in self._seen.keys or digest in self.aside_keys or digest in self.skipped:
                self._passed_over(row, line)
                continue
            self.skipped.add(digest)
            problem = said.skipped(line.key, order).at(mapping=self.plan.spec.place("when"), data=row.place())
            self.folder.held([row], Held(line.key, name_of(line.key), None, (problem,), Totals()))
            self._set_aside(replace(line, causes=(problem.as_dict(),)))
            self.log.add(problem)
            self.report.settle("held", 1)

    def _settle(self, outcome: Outcome, rows: Sequence[SourceRow]) -> None:
        if isinstance(outcome, Refused):
            self._refused(rows, outcome)
            return
        if outcome.key is not None:
            twice = self._seen.of_key(outcome, rows[0])
            if twice is not None:  # without a help it is at its end: delivered twice, and written once
                self._refused(rows, Refused((twice,)), State.REJECTED if twice.help else State.SKIPPED)
                return
        told = self._seen.told_of(outcome)
        for problem in self._seen.of_title(outcome, told, rows[0]):
            self.log.add(problem)
        shared = self._seen.of_barcode(outcome, told, rows)
        if shared is not None:
            outcome = outcome.held(shared)
        outcome = self._as_sent(outcome, rows)
        self.report.built_documents += 1
        self.report.built += outcome.totals
        if isinstance(outcome, Held):
            self._held(outcome, rows)
            return
        for problem in (*outcome.notes, *self._seen.of_reference(outcome, rows[0])):
            self.log.add(problem)
        review = any(finding.outcome == "review" for finding in outcome.findings)
        self.report.predicted["in review" if review else "clean"] += 1
        self._deliverable(outcome, outcome.payload, rows)

    def _as_sent(self, made: Built | Held, rows: Sequence[SourceRow]) -> Built | Held:
        """With the sums of what is sent, or was: a person may have corrected what the mapping makes."""
        if self.memory is None or made.key is None or made.payload is None:
            return made
        key, payload, target = made.key, made.payload, self.plan.target.name
        order = self.memory.corrected(
            key, lambda: Intent(target, key, payload, made.user, origin=self.origins.of(rows))
        )
        totals = None if order is None else worth(order)
        return made if totals is None else replace(made, totals=totals)

    def _held(self, held: Held, rows: Sequence[SourceRow]) -> None:
        line = None
        if self.memory is not None:
            origin = self.origins.of(rows)
            line = held_line(held, self.plan.target.name, origin, lambda: self._aside(rows[0])[1])
        decision = self._decision(line)
        if self._is_older(line, rows, held.totals):
            return
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
            self.report.unpriced += held.payload is None and not held.totals.money

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
            key = None if digest in self._seen.keys or digest in self.aside_keys else key
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

    def _newer(self, line: Line | None) -> Order | None:
        return None if line is None or self.memory is None else self.memory.newer(line)

    def _is_older(self, line: Line | None, rows: Sequence[SourceRow], totals: Totals | None = None) -> bool:
        """Has a newer file brought the order as another record? Then this one waits for nobody, whatever the
        mapping says of it: a sink is not asked either.
        """
        newer = self._newer(line)
        if newer is None:
            return False
        if newer.state in ENDED_AS:
            self.report.settle(ENDED_AS[newer.state], len(rows), totals)
        else:
            self.report.settle("not delivered", len(rows), totals)
            self.log.add(said.come_anew(newer.key, newer).at(data=rows[0].place()))
        return True

    def _not_asked(self, order: Order | None, rows: Sequence[SourceRow]) -> None:
        """It may be in Alma, and the sink, which would ask, is not given it."""
        if order is not None and order.state in MAY_BE_THERE:
            self.log.add(replace(said.not_asked(order.key, order), data=rows[0].place()))

    def _ended(self, decision: Order, records: int, totals: Totals | None = None) -> None:
        self.report.settle(ENDED_AS[decision.state], records, totals)
        if decision.state is State.POSTED:
            self.report.notes["posted before, and held or rejected by the mapping of today"] += 1
