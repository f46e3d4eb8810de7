"""Plan + sources + sink → Report.

    read → map → guard → deliver → report

Everything is mapped before anything is delivered, so that guards can speak and a broken file costs
nothing. What a sink answers is believed only if it answers for every document.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from etl.alma.said import come_anew
from etl.interruption import interruption
from etl.plan.plan import Plan
from etl.plugin import Item, Receipt, Sink, SinkOptions, Source
from etl.problems import Problem, Refusal
from etl.run.again import LineAgain
from etl.run.arriving import RecordOrigins
from etl.run.build import fresh_recorder
from etl.run.folder import ReportFolder
from etl.run.guards import broken_guards, of_selection
from etl.run.mapped import Mapped
from etl.run.memory import Memory, ledger_of, place_of_memory, version_of
from etl.run.places import RunPlace, refuse_overlaps
from etl.run.problem_log import ProblemLog
from etl.run.report import Report, Stop, stop_of
from etl.run.spool import Spool, Spooled
from etl.run.told import Told


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where documents go: the sink, its options, and what its relative paths are relative to."""

    sink: Sink
    options: SinkOptions
    base: Path


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished run. `folder` is where its report is, which may be beside the one that was asked for."""

    report: Report
    log: ProblemLog
    folder: Path


def no_progress(_share: float | None) -> None:
    """For runs nobody watches."""


def nothing_more(_report: Report) -> None:
    """For runs that are over when the last document is delivered."""


def run(
    plan: Plan,
    sources: Sequence[Source],
    delivery: Delivery,
    report_folder: Path,
    *,
    warnings: Sequence[Problem] = (),
    also: Sequence[RunPlace] = (),
    memory: Memory | None = None,
    again: Sequence[LineAgain] | None = None,
    progress: Callable[[float | None], None] = no_progress,
    sealing: Callable[[Report], None] = nothing_more,
) -> Ran:
    """Run a mapping. `also` are other places that the caller writes to; `memory`: what is told and asked
    instead of the ledger that belongs to the sink; `again`: lines of the ledger to be mapped in place of
    sources; `sealing` is what the caller does when all has been delivered, as a part of the delivery.

    Whatever stops the run (an input that cannot be read, a signal, a sink that refuses) is in the report: see
    `Report.exit_code`. Raises Refusal, with nothing done, when there can be no report: E603, E604 for its
    folder, E615 for places that get in each other's way.
    """
    if memory is None:
        codes = plan.codes.file if plan.codes else None
        version = version_of(plan.spec, codes, plan.parameters, ledger_of(delivery, report_folder))
        memory = Memory.of(delivery, version, plan.run_date.isoformat(), report_folder)
    also = [*also, *place_of_memory(memory)]
    refuse_overlaps(plan.spec, plan.codes, sources, delivery, report_folder, also)
    fresh_recorder(plan)
    report = Report(plan.spec.model.name, plan.target.name, delivery.sink.name, plan.run_date.isoformat())
    report.sends, report.codes_checked = delivery.sink.sends, plan.codes is not None
    report.files = [source.name for source in sources]
    with interruption.listening(), ReportFolder(report_folder) as folder:
        log = ProblemLog(folder.problem, None if memory is None else memory.place.told)
        origins = RecordOrigins() if memory is None else memory.origins()
        with closing(Spool(folder.work)) as spool:
            entries = iter(spool)
            came = None if again is None else {line.came.hash for line in again}
            told = None if memory is None else Told(memory, spool, origins.files.values(), came)
            ending = Ending(folder, report, log, told)

            def prepared() -> list[Problem]:
                beforehand = delivery.sink.beforehand(delivery.options, delivery.base)
                for warning in (*plan.warnings, *warnings, *folder.warnings, *beforehand):
                    log.add(warning)
                form = delivery.sink.form(delivery.options)
                mapped = Mapped(plan, form, folder, log, report, spool, progress, memory, origins)
                if again is None:
                    mapped.run(sources)
                else:
                    mapped.run_again(again)
                guards = plan.guards if again is None else of_selection(plan.guards)
                return broken_guards(guards, plan.spec, report)

            ending.end(prepared, entries, lambda: ending.deliver(entries, delivery, sealing))
    return Ran(report, log, folder.found)


def not_begun(report: Report, folder: Path, reason: BaseException) -> Ran:
    """A run that was stopped before it could read anything: its report says so.

    Raises the reason itself if that is a bug, and, with E603 or E604 beside it, when there can be none.
    """
    try:
        opened = ReportFolder(folder)
    except Refusal as no_report:
        if isinstance(reason, Refusal):
            raise type(reason)([*reason.problems, *no_report.problems]) from None
        raise reason from None
    with interruption.listening(), opened as place:
        ending = Ending(place, report, ProblemLog(place.problem))

        def stopped() -> list[Problem]:
            raise reason

        ending.end(stopped, iter(()), lambda: None)
    return Ran(report, ending.log, place.found)


class _AbandonedError(Exception):
    """Goes through a sink that delivers all or nothing: not all is coming."""


@dataclass(slots=True)
class Ending:
    """How a run ends: whatever happens, the report says it. Signals are only noted in here, so that what was
    sent is always written down; what waits for others to write or read looks for them itself.
    """

    folder: ReportFolder
    report: Report
    log: ProblemLog
    told: Told | None = None

    def end(
        self,
        prepare: Callable[[], Sequence[Problem]],
        entries: Iterator[Spooled],
        deliver: Callable[[], None],
    ) -> None:
        """Prepare, deliver unless a guard speaks, and leave the report. Whatever either raises is an answer
        and stands in it, a bug of ours too, which is raised again. What `deliver` left of `entries`, and all
        of them if it was not asked, was not delivered.

        Raises Refusal, with nothing delivered, when there is no room for a report.
        """
        report, bug, ready = self.report, None, False
        stopped: Sequence[Problem] = ()
        with interruption.deferred():
            try:
                stopped = prepare()
                ready = True
                if stopped:
                    report.stop = Stop.GUARD
                else:
                    self.folder.delivering(report)
                    deliver()
            except KeyboardInterrupt:
                report.interrupted = True
            except Exception as error:
                if self.folder.refused:
                    raise
                stop, stopped = stop_of(error)
                report.stop = report.stop or stop
                bug = error if stop is Stop.BUG else None
            if not ready:
                report.abandon()
            for entry in entries if ready else ():
                report.settle("not delivered", entry.records, entry.item.totals)
            self._leave([*stopped, *self._remember()])
        if bug is not None:
            raise bug

    def _remember(self) -> Sequence[Problem]:
        """Tell the ledger how it ended; why not, if it takes no more."""
        if self.told is None:
            return ()
        try:
            self.told.end(self.report)
        except Refusal as refusal:
            self.report.stop = self.report.stop or stop_of(refusal)[0]
            return refusal.problems
        return ()

    def _leave(self, stopped: Sequence[Problem]) -> None:
        """The report in its place. Raises Refusal, with what stopped the run, if there is no room for it."""
        try:
            for problem in stopped:
                self.log.add(problem)
            trouble = self.folder.finish(self.report)
        except Refusal as no_room:
            raise Refusal([*stopped, *no_room.problems]) from None
        if trouble is not None:
            self.log.add(trouble)

    def deliver(
        self,
        entries: Iterator[Spooled],
        delivery: Delivery,
        sealing: Callable[[Report], None] = nothing_more,
    ) -> None:
        """Hand documents to the sink and settle what it answers for, one by one and in order.

        Raises whatever stopped it, KeyboardInterrupt after a signal among it. A document handed over and not
        answered for is *unknown*. After a signal, and when the report cannot be written any more, no further
        ones are handed over; a sink that makes one thing of them all has to throw it away then, and where
        it did not come to its end nothing was delivered.
        """
        waiting: deque[tuple[int, Spooled]] = deque()
        report, sink = self.report, delivery.sink
        nothing = whole = sink.all_or_nothing(delivery.options)

        def items() -> Iterator[Item]:
            if self.told is not None:
                self.told.begin()
            for entry in entries:
                newer = self.told.come_anew(entry.item) if self.told is not None else None
                if newer is not None:
                    report.settle("not delivered", entry.records, entry.item.totals)
                    self.log.add(come_anew(entry.item.key, newer).at(data=entry.place))
                    continue
                place = self.told.handed(entry.item) if self.told is not None else 0
                if place is None:
                    report.settle("dismissed", entry.records, entry.item.totals)
                    continue
                waiting.append((place, entry))
                yield entry.item
                if self.folder.trouble is not None or interruption.asked:
                    if whole:
                        raise _AbandonedError
                    break

        try:
            interruption.look()
            for receipt in sink.deliver(items(), delivery.options, delivery.base):
                if isinstance(receipt, Problem):
                    self.log.add(receipt)
                    continue
                place, entry = waiting[0]
                if receipt.key != entry.item.key:
                    raise RuntimeError(
                        f"sink {sink.name} answered for {receipt.key}, asked was {entry.item.key}"
                    )
                waiting.popleft()
                self._settle(place, entry, receipt)
            sealing(report)
            nothing = False
            interruption.look()
        except _AbandonedError:
            interruption.look()
        finally:
            if nothing:
                report.withdraw()
                if self.told is not None:
                    self.told.withdrawn()
            for place, entry in waiting:
                outcome = "not delivered" if nothing else "unknown"
                report.settle(outcome, entry.records, entry.item.totals)
                if self.told is not None:
                    self.told.answered(place, outcome)

    def _settle(self, place: int, entry: Spooled, receipt: Receipt) -> None:
        self.report.settle(receipt.outcome, entry.records, entry.item.totals)
        if self.told is not None:
            self.told.answered(place, receipt.outcome, receipt.problem)
        if receipt.note:
            self.report.notes[receipt.note] += 1
        if receipt.problem is not None:
            self.log.add(receipt.problem.at(data=entry.place))  # sinks do not know a vendor's file
