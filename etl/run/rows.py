"""Sources → rows and unreadable records, in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from etl.interruption import interruption
from etl.plan.compile import check_columns
from etl.plan.plan import Plan
from etl.plugin import Batch, Rejected, Source
from etl.problems import Problem, Refusal
from etl.records import LINE, OFFSET, RECORD
from etl.run.outcomes import SourceRow

Progress = Callable[[float | None], None]
"""Called once a record with the share of the input behind it (0 to 1); None if that cannot be told."""


def read_rows(plan: Plan, source: Source, note: Callable[[Problem], None]) -> Iterator[SourceRow | Rejected]:
    """Everything in one source. Warnings about rows that were read go to `note`.

    Raises Refusal when the source as a whole is unusable, or lacks a column the mapping needs.
    """
    columns = plan.connector.columns(plan.options, source)
    problems = check_columns(plan, columns)
    if problems:
        raise Refusal(problems)
    wanted = plan.wanted & columns.names.keys() if plan.wanted is not None and columns.closed else plan.wanted
    for batch in plan.connector.read(source, plan.options, wanted):
        for problem in batch.notes:
            note(problem)
        for row in _in_order(batch, source.name):
            interruption.look()
            yield row


def _in_order(batch: Batch, file: str) -> Iterator[SourceRow | Rejected]:
    """Rows and rejected records of a batch, merged by record number."""
    waiting = iter(batch.rejected)
    rejected = next(waiting, None)
    for values in batch.frame.iter_rows(named=True):
        record, line, offset = values.pop(RECORD), values.pop(LINE), values.pop(OFFSET)
        while rejected is not None and rejected.record < record:
            yield rejected
            rejected = next(waiting, None)
        yield SourceRow(values, file, record, line, offset)
    while rejected is not None:
        yield rejected
        rejected = next(waiting, None)
