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

from etl.plan.plan import Plan
from etl.plugin import Item, Sink, SinkOptions, Source
from etl.problems import Problem, Refusal, Unavailable
from etl.run.build import fresh_recorder
from etl.run.folder import ReportFolder
from etl.run.guards import broken_guards
from etl.run.mapped import Mapped
from etl.run.problem_log import ProblemLog
from etl.run.report import Report
from etl.run.spool import Spool, Spooled


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where documents go: the sink, its options, and what its relative paths are relative to."""

    sink: Sink
    options: SinkOptions
    base: Path


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished run."""

    report: Report
    log: ProblemLog


def no_progress(_share: float | None) -> None:
    """For runs nobody watches."""


def run(
    plan: Plan,
    sources: Sequence[Source],
    delivery: Delivery,
    report_folder: Path,
    *,
    warnings: Sequence[Problem] = (),
    progress: Callable[[float | None], None] = no_progress,
) -> Ran:
    """Run a mapping. Raises Refusal, with nothing delivered, when the input or the sink is unusable."""
    fresh_recorder(plan)
    report = Report(plan.spec.model.name, plan.target.name, delivery.sink.name, plan.run_date.isoformat())
    report.files = [source.name for source in sources]
    with ReportFolder(report_folder) as folder:
        log = ProblemLog(folder.problem)
        for warning in (*plan.warnings, *warnings):
            log.add(warning)
        spool = Spool(folder.work)
        try:
            form = delivery.sink.form(delivery.options)
            Mapped(plan, form, folder, log, report, spool, progress).run(sources)
            entries = iter(spool)
            stopped: Sequence[Problem] = broken_guards(plan.guards, plan.spec, report)
            if stopped:
                report.guard = "; ".join(problem.message for problem in stopped)
            else:
                stopped = deliver(entries, delivery, report, log)
            for problem in stopped:
                log.add(problem)
            for entry in entries:
                report.settle("not delivered", entry.records, entry.totals)
        finally:
            spool.close()
        folder.finish(report)
    return Ran(report, log)


def deliver(
    entries: Iterator[Spooled], delivery: Delivery, report: Report, log: ProblemLog
) -> Sequence[Problem]:
    """Hand documents to the sink and settle what it answers for, one by one and in order.

    Returns why the sink stopped, if it did. A document handed over and not answered for is *unknown*.
    """
    waiting: deque[Spooled] = deque()

    def items() -> Iterator[Item]:
        for entry in entries:
            waiting.append(entry)
            yield entry.item

    stopped: Sequence[Problem] = ()
    try:
        for receipt in delivery.sink.deliver(items(), delivery.options, delivery.base):
            entry = waiting.popleft()
            if receipt.key != entry.item.key:
                raise RuntimeError(
                    f"sink {delivery.sink.name} answered for {receipt.key}, asked was {entry.item.key}"
                )
            report.settle(receipt.outcome, entry.records, entry.totals)
            if receipt.note:
                report.notes[receipt.note] += 1
            if receipt.problem is not None:
                log.add(receipt.problem.at(data=entry.place))  # sinks do not know a vendor's file
    except KeyboardInterrupt:
        report.interrupted = True
    except Refusal as refusal:
        report.stopped = True
        report.unavailable = isinstance(refusal, Unavailable)
        stopped = refusal.problems
    if (stopped or report.interrupted) and delivery.sink.all_or_nothing(delivery.options):
        report.withdraw()
    for entry in waiting:
        report.settle("unknown", entry.records, entry.totals)
    return stopped
