"""What became of the records of a sample → text that a reviewer reads, and git compares.

Places in the mapping are told by the name of the field, not by line and column: adding a line to a mapping
must not change the snapshots of records it has nothing to do with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.plugin import Item, Problem, Rejected
from etl.run.folder import ReportFolder
from etl.run.outcomes import Held, SourceRow
from etl.run.report import OUTCOMES, Report
from etl.shown import visible

_FIRST = re.compile(r"[0-9]+ records: (?:none|[0-9]+ [a-z]+\b.*)")
_SUM = re.compile(
    r"(?:[a-z ]+: [0-9]+ documents, [0-9]+ copies|in Alma: [0-9]+ |default used [0-9]+ times: )"
)
_ENTRY = re.compile(r"(?:held|rejected|skipped|warning): ")
_PLACE = re.compile(r"^.*?:\d+ ")  # a default used is reported as "file:line what"


@dataclass(frozen=True, slots=True)
class Entry:
    """The end of one record (or group) that became no payload, or of one that was held."""

    outcome: str
    record: int
    where: str
    problems: tuple[Problem, ...] = ()


class Story(ReportFolder):
    """The trace a run leaves, remembered."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.entries: list[Entry] = []
        self.held_payloads: dict[str, bytes] = {}

    def unreadable(self, file: str, rejected: Rejected) -> None:
        super().unreadable(file, rejected)
        line = next((p.data.line for p in rejected.problems if p.data and p.data.line), None)
        told = "unreadable " + _where(rejected.record, line) + f", {len(rejected.raw)} bytes"
        self.entries.append(Entry("rejected", rejected.record, told, rejected.problems))

    def rejected(self, rows: Iterable[SourceRow], problems: Iterable[Problem]) -> None:
        kept, reasons = list(rows), tuple(problems)
        super().rejected(kept, reasons)
        self.entries.append(Entry("rejected", kept[0].record, _rows(kept), reasons))

    def held(self, rows: Iterable[SourceRow], held: Held) -> None:
        kept = list(rows)
        super().held(kept, held)
        told = _rows(kept)
        if held.payload is None:
            told += ", no payload"
        else:
            self.held_payloads[held.name] = held.payload
            told += f", held/{held.name}.json"
        self.entries.append(Entry("held", kept[0].record, told, held.problems))

    def skipped(self, row: SourceRow) -> None:
        super().skipped(row)
        self.entries.append(Entry("skipped", row.record, _rows([row])))


def story_text(report: Report, entries: Sequence[Entry], warnings: Sequence[Problem]) -> str:
    """Counts and sums, then every record with something to tell, in the order of the file."""
    warned = [
        Entry("warning", one.data.record or 0, _where(one.data.record, one.data.line), (one,))
        for one in warnings
        if one.data is not None
    ]
    paragraphs = ["\n".join(_head(report))]
    for entry in sorted([*entries, *warned], key=lambda entry: entry.record):
        lines = [f"{entry.outcome}: {entry.where}"]
        for problem in entry.problems:
            lines += _told(problem)
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs) + "\n"


def is_story(content: bytes) -> bool:
    """Is it a text as `story_text` makes them, line by line?"""
    head, *others = content.decode("utf-8", "replace").split("\n\n")
    first, *sums = head.removesuffix("\n").split("\n")
    return (
        content.endswith(b"\n")
        and _FIRST.fullmatch(first) is not None
        and all(_SUM.match(line) for line in sums)
        and all(_ENTRY.match(paragraph) for paragraph in others)
    )


def _head(report: Report) -> list[str]:
    counts = [f"{report.records[outcome]} {outcome}" for outcome in OUTCOMES if report.records[outcome]]
    lines = [f"{report.read} records: {', '.join(counts) or 'none'}"]
    for outcome in OUTCOMES:
        totals = report.sums.get(outcome)
        if totals is not None:
            money = "".join(f", {totals.money[currency]} {currency}" for currency in sorted(totals.money))
            lines.append(f"{outcome}: {report.documents[outcome]} documents, {totals.copies} copies{money}")
    lines += [f"in Alma: {count} {name}" for name, count in sorted(report.predicted.items())]
    defaults: Counter[str] = Counter()
    for what, count in report.defaults.items():
        defaults[_PLACE.sub("", what)] += count
    lines += [f"default used {count} times: {visible(what)}" for what, count in sorted(defaults.items())]
    return lines


def users_text(items: Iterable[Item]) -> bytes:
    """Whose request each document is."""
    return "".join(f"{item.name}.json  {visible(item.user or '')}\n" for item in items).encode()


def users_of(content: bytes) -> list[str]:
    """The files that a text of `users_text` is about; in another text, what is no file's name."""
    return [line.partition("  ")[0] for line in content.decode("utf-8", "replace").splitlines()]


def _told(problem: Problem) -> list[str]:
    lines = [f"  {problem.severity.value}[{problem.code}] {visible(problem.message)}"]
    column = problem.data.field if problem.data else None
    field = problem.mapping.path if problem.mapping else None
    places = [f"column {visible(column)}"] if column else []
    if field:
        places.append(visible(field))
    return [*lines, f"    {', '.join(places)}"] if places else lines


def _rows(rows: Sequence[SourceRow]) -> str:
    """`record 5, line 9`; for a group of several records all of them."""
    told = dict.fromkeys(_where(row.record, row.line) for row in rows)
    return " and ".join(told)


def _where(record: int | None, line: int | None) -> str:
    parts = [f"record {record}"] if record else []
    parts += [f"line {line}"] if line else []
    return ", ".join(parts) or "the file"
