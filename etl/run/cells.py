"""What a part of a mapping reads, and the rows of a document → the cell it came from, for messages.

Names are followed through `let`, `$let` and `$for` down to the columns. A place is named where it is certain:
a value made of several columns has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from etl.plan.plan import Loop, Named, Plan, ValuePlan, everything_in, templates_of
from etl.run.outcomes import SourceRow
from etl.template.sources_read import Called, Member, SourcesRead, made_in


class Cells:
    """For one plan: what each of its names reads is found out once."""

    def __init__(self, plan: Plan) -> None:
        self._made: dict[str, SourcesRead] = {}
        self._behind: dict[SourcesRead, SourcesRead] = {}
        self._lines: dict[str, set[tuple[str, int]]] = {}
        for name, value in plan.let:
            self._add(name, reads_below(value))
            self._lines[name] = {(one.place().file, one.place().line) for one in templates_of(value)}
            self._names_in(value)
        self._names_in(plan.fields)

    def _names_in(self, plan: ValuePlan) -> None:
        for one in everything_in(plan):
            if isinstance(one, Loop):
                self._add(one.name, one.over.sources)
            elif isinstance(one, Named):
                for name, value in one.names:
                    self._add(name, reads_below(value))
        for template in templates_of(plan):
            for name, reads in made_in(template.tree):
                self._add(name, reads)

    def _add(self, name: str, reads: SourcesRead) -> None:
        self._made[name] = self._made.get(name, frozenset()) | reads

    def lines(self, reads: SourcesRead) -> set[tuple[str, int]]:
        """The lines of the `let` behind these: file and number."""
        return {line for name, _ in self._followed(reads) for line in self._lines.get(name, ())}

    def columns(
        self, reads: SourcesRead, row: Mapping[str, Any], turns: Mapping[str, Any] | None = None
    ) -> list[str]:
        """The columns of the record that these come from. `turns`: what the loops' names mean now."""
        found = set()
        for name, member in self._followed(reads):
            column = member if name in ("row", "rows") else name
            if isinstance(column, Called):
                column = (turns or {}).get(column.by)
            if isinstance(column, str) and column in row and name not in self._made:
                found.add(column)
        return list(found)

    def cell(
        self,
        reads: SourcesRead,
        rows: Sequence[SourceRow],
        value: object = None,
        at: int | None = None,
        turns: Mapping[str, Any] | None = None,
    ) -> tuple[SourceRow, str | None]:
        """The row, and the column if just one is behind it. `at` is the row if that is known; else it is the
        first whose cell holds the `value`. `turns`: what the loops' names mean now.
        """
        columns = self.columns(reads, rows[0].values, turns)
        column = columns[0] if len(columns) == 1 else None
        if at is None and column is not None and isinstance(value, str):
            at = next((n for n, row in enumerate(rows) if row.values.get(column) == value), None)
        return rows[at or 0], column

    def _followed(self, reads: SourcesRead) -> SourcesRead:
        if reads not in self._behind:
            waiting, seen = list(reads), set[tuple[str, Member]]()
            while waiting:
                name, member = one = waiting.pop()
                if one not in seen:
                    seen.add(one)
                    # what is asked of a turn of a loop over rows is asked of the row
                    waiting += [(inner, own or member) for inner, own in self._made.get(name, ())]
            self._behind[reads] = frozenset(seen)
        return self._behind[reads]


def reads_below(plan: ValuePlan) -> SourcesRead:
    """What all templates of a plan read."""
    return frozenset().union(*(template.sources for template in templates_of(plan)))
