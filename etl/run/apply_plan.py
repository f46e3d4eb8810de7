"""A plan file → delivered documents and a report, in two parts if the first is to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from etl.interruption import interruption
from etl.plan.plan import Guards
from etl.plugin import Target, Totals
from etl.problems import Problem
from etl.run.folder import ReportFolder
from etl.run.guards import broken_guards
from etl.run.memory import Memory, ledger_of, place_of_memory, version_of
from etl.run.pipeline import Delivery, Ending, Ran
from etl.run.places import RunPlace, local_path, refuse_overlaps
from etl.run.problem_log import ProblemLog
from etl.run.report import Report, Stop
from etl.run.sealed_plan import SealedPlan
from etl.run.spool import Spooled
from etl.run.told import Told
from etl.spec.load import Spec

GoOn = Callable[[], bool]


@dataclass(slots=True)
class Application:
    """One plan on its way. `canary`: so many documents first, then `go_on` decides on the others."""

    sealed: SealedPlan
    target: Target
    delivery: Delivery
    spec: Spec
    guards: Guards
    canary: int = 0
    go_on: GoOn = lambda: True
    log: ProblemLog = field(default_factory=ProblemLog)

    def run(self, folder: Path) -> Ran:
        """Deliver. A broken guard delivers nothing (exit code 4)."""
        header = self.sealed.header
        report = Report(header["name"], header["target"], self.delivery.sink.name, header["run_date"])
        report.files = [str(self.sealed.path)]
        report.predicted.update(header["predicted"])
        made_of = (
            RunPlace("file of the plan", path) for name in header["files"] if (path := local_path(name))
        )
        also = (RunPlace("plan", str(self.sealed.path)), *made_of)
        version = version_of(
            self.spec, header["institution_file"], header["parameters"], ledger_of(self.delivery, folder)
        )
        memory = Memory.of(self.delivery, version, header["run_date"], folder)
        also = (*also, *place_of_memory(memory))
        refuse_overlaps(self.spec, None, (), self.delivery, folder, also)
        with interruption.listening(), ReportFolder(folder) as place:
            self.log = ProblemLog(place.problem, None if memory is None else memory.place.told)
            sealed = replace(self.sealed, mapped_as=version.mapped_as)
            entries = sealed.entries(self.target)
            told = None if memory is None else Told(memory, sealed.coming(self.target), sealed.files)
            ending = Ending(place, report, self.log, told)
            ending.end(
                lambda: self._guarded(report, place.warnings), entries, lambda: self._deliver(ending, entries)
            )
        return Ran(report, self.log, place.found)

    def _count(self, report: Report) -> None:
        total = Totals()
        for entry in self.sealed.entries(self.target):
            total += entry.item.totals
        report.read = report.built_documents = self.sealed.documents
        report.built = total

    def _guarded(self, report: Report, warnings: Iterable[Problem]) -> list[Problem]:
        """The mapping's guards once more, with the records that were rejected when the plan was made."""
        for warning in warnings:
            self.log.add(warning)
        self._count(report)
        seen = Report(report.mapping, report.target, report.sink, report.run_date)
        seen.read, seen.built = self.sealed.header["read"], report.built
        seen.records.update(self.sealed.header["records"])
        held = seen.records["held"]
        seen.built_documents = report.built_documents + held
        return broken_guards(self.guards, self.spec, seen)

    def _deliver(self, ending: Ending, entries: Iterator[Spooled]) -> None:
        if self.canary:
            ending.deliver(islice(entries, self.canary), self.delivery)
            if not self.go_on():
                ending.report.stop = Stop.CANARY
                return
        ending.deliver(entries, self.delivery)
