"""Sources → rows and unreadable records, in the order of the file, and whether the file is whole.

A file is read to its end before its first row is given out: only the end says whether it is whole, and of one
that is not, no record is used. What was read waits in memory or, when it is much, on the disk.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from etl.identity import HOLDS
from etl.interruption import interruption
from etl.plan.compile import at_column, at_source, check_columns
from etl.plan.plan import Plan
from etl.plugin import Batch, Rejected, Source, Unread
from etl.problems import DataPlace, MappingPlace, Problem, Refusal, Severity
from etl.records import LINE, OFFSET, RECORD, NumberCell, about_content
from etl.run.outcomes import SourceRow, kept_hold

Progress = Callable[[float | None], None]
"""Called once a record with the share of the input behind it (0 to 1); None if that cannot be told."""

_HELD = 10_000
"""Records that wait in memory; the rest of a larger file waits on the disk."""
_KEPT = 1 << 20


@dataclass(frozen=True, slots=True)
class Unusable(Rejected):
    """A file that is empty, in no encoding, or not what the connector reads. It counts as one record."""


def read_rows(
    plan: Plan,
    source: Source,
    note: Callable[[Problem], None],
    work: Path | None = None,
    unread: Callable[[str, Mapping[str, Unread]], None] = lambda _file, _found: None,
) -> Iterator[SourceRow | Rejected]:
    """Everything in one source. Warnings about rows that were read go to `note`, and what no wanted column
    holds to `unread`, with the file; `work` is on the disk.

    Every row of a file that is not whole is spoilt, and a file of which nothing can be used is one
    `Unusable`. Raises Refusal when the system does not let it be read, or it lacks a column the mapping
    needs.
    """
    try:
        with interruption.breaking():  # whoever writes into a pipe may never come to an end
            wanted = _wanted(plan, source)
            reading = read_to_the_end(plan.connector.read(source, plan.options, wanted), work)
    except Refusal as refusal:
        if not about_content(refusal.problems):
            raise
        cut = any(problem.code == Rejected.NOT_WHOLE for problem in refusal.problems)
        problems = tuple(at_source(plan.spec, one) for one in refusal.problems)
        yield (Rejected if cut else Unusable)(1, problems, _beginning(source))
        return
    for batch in reading.batches:
        for problem in batch.notes:
            if not _holds(problem):
                note(at_column(plan.spec, problem))
        unread(source.name, batch.unread)
        for row in _in_order(batch, source.name, reading.spoilt):
            interruption.look()
            yield row


def unusable_files(plan: Plan, sources: Sequence[Source]) -> list[Problem]:
    """Why some of these files cannot be used, as far as the first bytes of each tell.

    Raises Refusal for what makes a run stop: a file that cannot be read or lacks a column.
    """
    found: list[Problem] = []
    for source in sources:
        try:
            _wanted(plan, source)
        except Refusal as refusal:
            if not about_content(refusal.problems):
                raise
            found += [at_source(plan.spec, one) for one in refusal.problems]
    return found


def _wanted(plan: Plan, source: Source) -> frozenset[str] | None:
    columns = plan.connector.columns(plan.options, source)
    problems = check_columns(plan, columns)
    if problems:
        raise Refusal(problems)
    return plan.wanted & columns.names.keys() if plan.wanted is not None and columns.closed else plan.wanted


@dataclass(frozen=True, slots=True)
class WholeReading:
    """A source that was read to its end. `batches` are given once; `spoilt`: the file is not whole."""

    batches: Iterator[Batch]
    spoilt: Problem | None


def read_to_the_end(batches: Iterable[Batch], work: Path | None = None) -> WholeReading:
    """Raises Refusal as the connector does, and E604 when the disk does not take what has to wait."""
    held: list[Batch] = []
    overflow = _Overflow(work)
    spoilt: Problem | None = None
    records = 0
    try:
        for batch in batches:
            interruption.look()
            records += batch.frame.height + len(batch.rejected)
            spoilt = spoilt or next(_not_whole(batch.rejected), None)
            if records <= _HELD or not held:
                held.append(batch)
            else:
                overflow.add(batch)
    except BaseException:
        overflow.close()
        raise
    return WholeReading(_waiting(held, overflow), spoilt)


def _waiting(held: list[Batch], overflow: _Overflow) -> Iterator[Batch]:
    with closing(overflow):
        yield from held
        yield from overflow


class _Overflow:
    """Batches on the disk, in a file without a name that is made when the first one comes."""

    def __init__(self, work: Path | None) -> None:
        self._work = work
        self._file: BinaryIO | None = None

    def add(self, batch: Batch) -> None:
        """Raises Refusal E604."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._work)  # noqa: SIM115 - closed by close()
            pickle.dump(batch, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            raise no_room(error, self._work) from None

    def __iter__(self) -> Iterator[Batch]:
        if self._file is not None:
            end = self._file.tell()
            self._file.seek(0)
            while self._file.tell() < end:
                yield pickle.load(self._file)  # noqa: S301 - written by ourselves, never by others

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # what is not on the disk is not wanted any more
                self._file.close()


def _not_whole(rejected: Iterable[Rejected]) -> Iterator[Problem]:
    return (problem for one in rejected for problem in one.problems if problem.code == Rejected.NOT_WHOLE)


def _beginning(source: Source) -> bytes:
    try:
        with source.open() as stream:
            return stream.read(_KEPT)
    except OSError as error:
        told = f"the file cannot be read any more: {error.strerror or error}"
        raise Refusal(Problem(Source.UNREADABLE, told, data=DataPlace(source.name))) from None


def no_room(error: OSError, work: Path | None) -> Refusal:
    """E604, for input that has to wait on the disk."""
    return Refusal(
        Problem(
            "E604",
            f"what was read cannot be kept until it is mapped: {error.strerror or error}",
            mapping=MappingPlace(str(work or tempfile.gettempdir())),
            help="see to it that the folder can be written to and has room; nothing was delivered",
        )
    )


def _in_order(batch: Batch, file: str, spoilt: Problem | None) -> Iterator[SourceRow | Rejected]:
    """Rows and rejected records of a batch, merged by record number."""
    waiting = iter(_spoiling(batch.rejected, spoilt))
    rejected = next(waiting, None)
    before, part = None, 0
    holds: dict[int | None, list[dict[str, str]]] = {}
    for problem in filter(_holds, batch.notes):
        record = problem.data.record if problem.data else None
        holds.setdefault(record, []).append(kept_hold(problem))
    numbers = {name: series.to_list() for name, series in batch.numbers.items()}
    for at, values in enumerate(batch.frame.iter_rows(named=True)):
        record, line, offset = values.pop(RECORD), values.pop(LINE), values.pop(OFFSET)
        while rejected is not None and rejected.record < record:
            yield rejected
            rejected = next(waiting, None)
        part = part + 1 if record == before else 0  # a record is never cut in two by a batch
        before = record
        for name, beside in numbers.items():
            if beside[at] is not None:
                values[name] = NumberCell(values[name], beside[at])
        if record in holds:
            values[HOLDS] = holds[record]
        yield SourceRow(values, file, record, line, offset, part, spoilt)
    while rejected is not None:
        yield rejected
        rejected = next(waiting, None)


def _holds(problem: Problem) -> bool:
    """Is it about one record, and is that to wait for a person?"""
    return problem.severity is Severity.HOLD and problem.data is not None and problem.data.record is not None


def _spoiling(rejected: Iterable[Rejected], spoilt: Problem | None) -> Iterator[Rejected]:
    """Records that cannot be read keep their own reasons, and get that of the file."""
    for one in rejected:
        if spoilt is None or any(_not_whole([one])):
            yield one
        else:
            place = one.problems[0].data if one.problems else spoilt.data
            yield replace(one, problems=(*one.problems, replace(spoilt, data=place)))
