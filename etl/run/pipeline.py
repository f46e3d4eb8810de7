"""Plan + sources + sink → Report.

    read → map → guard → deliver → report

Everything is mapped before anything is delivered, so that guards can speak and a broken file costs
nothing. What a sink answers is believed only if it answers for every document.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.interruption import interruption
from etl.plan.plan import Plan
from etl.plugin import Item, Receipt, Sink, SinkOptions, Source
from etl.problems import Problem, Refusal, of_the_system
from etl.run.build import fresh_recorder
from etl.run.folder import ReportFolder
from etl.run.guards import broken_guards
from etl.run.mapped import Mapped
from etl.run.places import RunPlace, refuse_overlaps
from etl.run.problem_log import ProblemLog
from etl.run.report import Report, Stop, stop_of
from etl.run.spool import Spool, Spooled


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


def run(
    plan: Plan,
    sources: Sequence[Source],
    delivery: Delivery,
    report_folder: Path,
    *,
    warnings: Sequence[Problem] = (),
    also: Sequence[RunPlace] = (),
    progress: Callable[[float | None], None] = no_progress,
) -> Ran:
    """Run a mapping. `also` are other places that the caller writes to.

    Raises Refusal, with nothing delivered, when the input, a place to write to or the sink is unusable.
    """
    refuse_overlaps(plan.spec, plan.codes, sources, delivery, report_folder, also)
    fresh_recorder(plan)
    report = Report(plan.spec.model.name, plan.target.name, delivery.sink.name, plan.run_date.isoformat())
    report.sends = delivery.sink.sends
    report.files = [source.name for source in sources]
    with interruption.listening(), ReportFolder(report_folder) as folder:
        log = ProblemLog(folder.problem)
        for warning in (*plan.warnings, *warnings, *folder.warnings):
            log.add(warning)
        spool = Spool(folder.work)
        try:
            form = delivery.sink.form(delivery.options)
            Mapped(plan, form, folder, log, report, spool, progress).run(sources)
            entries = iter(spool)
            ending = Ending(folder, report, log)
            ending.end(
                entries,
                broken_guards(plan.guards, plan.spec, report),
                lambda: ending.deliver(entries, delivery),
            )
        finally:
            spool.close()
    return Ran(report, log, folder.found)


class _AbandonedError(Exception):
    """Goes through a sink that delivers all or nothing: not all is coming."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The second half of a run: guards, delivery, report. Signals are only noted in it, so that what was sent
    is always written down.
    """

    folder: ReportFolder
    report: Report
    log: ProblemLog

    def end(self, entries: Iterator[Spooled], guards: Sequence[Problem], deliver: Callable[[], None]) -> None:
        """Deliver unless a guard speaks, and leave the report: whatever `deliver` raises but a bug of ours is
        an answer, and stands in it. What `deliver` left of `entries` was not delivered.

        Raises Refusal, with nothing delivered, when there is no room for a report.
        """
        report, stopped = self.report, guards
        with interruption.deferred():
            if guards:
                report.stop = Stop.GUARD
            else:
                self.folder.delivering(report)
                try:
                    deliver()
                except KeyboardInterrupt:
                    report.interrupted = True
                except Refusal as refusal:
                    report.stop, stopped = stop_of(refusal), refusal.problems
                except (OSError, MemoryError) as error:
                    report.stop, stopped = Stop.OTHER, (of_the_system(error),)
            for problem in stopped:
                self.log.add(problem)
            for entry in entries:
                report.settle("not delivered", entry.records, entry.totals)
            trouble = self.folder.finish(report)
            if trouble is not None:
                self.log.add(trouble)

    def deliver(self, entries: Iterator[Spooled], delivery: Delivery) -> None:
        """Hand documents to the sink and settle what it answers for, one by one and in order.

        Raises whatever stopped it, KeyboardInterrupt after a signal among it. A document handed over and not
        answered for is *unknown*. After a signal, and when the report cannot be written any more, no further
        ones are handed over; a sink that makes one thing of them all has to throw it away then, and where
        it did not come to its end nothing was delivered.
        """
        waiting: deque[Spooled] = deque()
        report, sink = self.report, delivery.sink
        nothing = whole = sink.all_or_nothing(delivery.options)

        def items() -> Iterator[Item]:
            for entry in entries:
                waiting.append(entry)
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
                entry = waiting.popleft()
                if receipt.key != entry.item.key:
                    raise RuntimeError(
                        f"sink {sink.name} answered for {receipt.key}, asked was {entry.item.key}"
                    )
                self._settle(entry, receipt)
            nothing = False
            interruption.look()
        except _AbandonedError:
            interruption.look()
        finally:
            if nothing:
                report.withdraw()
            for entry in waiting:
                report.settle("not delivered" if nothing else "unknown", entry.records, entry.totals)

    def _settle(self, entry: Spooled, receipt: Receipt) -> None:
        self.report.settle(receipt.outcome, entry.records, entry.totals)
        if receipt.note:
            self.report.notes[receipt.note] += 1
        if receipt.problem is not None:
            self.log.add(receipt.problem.at(data=entry.place))  # sinks do not know a vendor's file
