"""Batches of a source → what is in it, counted: for somebody who has a file and no mapping yet.

Memory is bounded by the columns, not by the file: values are counted and let go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from etl.interruption import interruption
from etl.plugin import Batch, Rejected
from etl.records import RESERVED
from etl.run.problem_log import ProblemLog
from etl.run.value_shapes import shape_of

_EXAMPLES = 3
_EXAMPLE = 200
"""Characters of an example that are kept."""
MANY = 10_000
"""Different values of a column that are told apart."""


@dataclass(slots=True)
class ColumnSurvey:
    """One column: values that are there, how many different ones, the first of them, shapes of texts."""

    filled: int = 0
    longest: int = 0
    examples: list[str] = field(default_factory=list)
    shapes: Counter[str] = field(default_factory=Counter)
    _seen: set[int] = field(default_factory=set)

    @property
    def different(self) -> str:
        """A number, or `10000+`."""
        return f"{MANY}+" if len(self._seen) >= MANY else str(len(self._seen))

    def add(self, value: object) -> None:
        text = value if isinstance(value, str) else str(value)
        self.filled += 1
        self.longest = max(self.longest, len(text))
        if len(self._seen) < MANY:
            before = len(self._seen)
            self._seen.add(hash(text))
            if len(self._seen) > before and len(self.examples) < _EXAMPLES:
                self.examples.append(text[:_EXAMPLE])
        if isinstance(value, str) and (shape := shape_of(value.strip())):
            self.shapes[shape] += 1

    def facts(self) -> list[str]:
        """`57 of 60: valid ISBN`, the most frequent first; none where fewer than half have a known shape."""
        if self.shapes.total() * 2 < self.filled:
            return []
        return [f"{count} of {self.filled}: {shape}" for shape, count in self.shapes.most_common()]


@dataclass(slots=True)
class Survey:
    """A whole source. `whole` is false if a run would reject every record of it."""

    records: int = 0
    rejected: int = 0
    whole: bool = True
    columns: dict[str, ColumnSurvey] = field(default_factory=dict)
    first: list[dict[str, Any]] = field(default_factory=list)
    problems: ProblemLog = field(default_factory=ProblemLog)


def survey(batches: Iterable[Batch], rows: int) -> Survey:
    """SourcesRead to the end; the first `rows` rows are kept. Raises Refusal as the connector does."""
    found = Survey()
    for batch in batches:
        interruption.look()
        frame = batch.frame.drop(list(RESERVED))
        found.records += frame.height
        found.rejected += len(batch.rejected)
        for problem in (*(one for rejected in batch.rejected for one in rejected.problems), *batch.notes):
            found.problems.add(problem)
            found.whole = found.whole and problem.code != Rejected.NOT_WHOLE
        for name in frame.columns:
            column = found.columns.setdefault(name, ColumnSurvey())
            for value in frame[name].to_list():
                if value not in (None, "", []):
                    column.add(value)
        if len(found.first) < rows:
            found.first += frame.head(rows - len(found.first)).to_dicts()
    return found
