"""A stream of problems → groups with a count and first examples.

Equal problems (same code, same place in the mapping, same column) are one group, however many records
have them: a run over a hundred thousand bad records prints a page. What has no place in the mapping has its
cause elsewhere, and there another remedy means another cause. Memory is bounded by the groups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from etl.ledger.commands_told import told
from etl.problems import Problem

EXAMPLES = 3
MOST_GROUPS = 2_000
MOST_REMEDIES = 12
"""Groups that differ in their help alone: a help may name something of its record."""
_Key = tuple[object, ...]


@dataclass(slots=True)
class Group:
    """Problems of one cause: how many, and the first few."""

    count: int = 0
    examples: list[Problem] = field(default_factory=list)


class ProblemLog:
    """Collects problems; `keep` gets every single one (the report file). `ledger`: what their commands are
    about; `examples`: so many of a group are kept.
    """

    def __init__(
        self,
        keep: Callable[[Problem], None] | None = None,
        ledger: str | None = None,
        examples: int = EXAMPLES,
    ) -> None:
        self._ledger, self._examples = ledger, examples
        self._groups: dict[_Key, Group] = {}
        self._remedies: dict[_Key, set[str | None]] = {}
        self._keep = keep

    def add(self, problem: Problem) -> None:
        if self._ledger is not None:
            problem = told(problem, self._ledger)
        if self._keep is not None:
            self._keep(problem)
        key = self._cause(problem)
        if key not in self._groups and len(self._groups) >= MOST_GROUPS:
            key = (problem.code, problem.severity)  # places without end: group by code alone
        group = self._groups.setdefault(key, Group())
        group.count += 1
        if len(group.examples) < self._examples:
            group.examples.append(problem)

    def groups(self) -> list[Group]:
        """In the order they first appeared."""
        return list(self._groups.values())

    def __len__(self) -> int:
        return sum(group.count for group in self._groups.values())

    def _cause(self, problem: Problem) -> _Key:
        place, data = problem.mapping, problem.data
        where = (place.file, place.line, place.column) if place else None
        field = data.field if data else None
        if place is not None:
            return (problem.code, problem.severity, where, field)
        # Without a place in the mapping the file, the kind of fault and its remedy are the cause.
        key: _Key = (problem.code, problem.severity, data.file if data else None, field)
        known = self._remedies.setdefault(key, set())
        if problem.help not in known and len(known) >= MOST_REMEDIES:
            return key
        known.add(problem.help)
        return (*key, problem.help)
