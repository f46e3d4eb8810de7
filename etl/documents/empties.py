"""Plain values → the same without what is empty, remembering where list items stood.

Alma treats "" and absence alike (its own responses are full of ""), and payloads omit both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from etl.normal_form import is_blank

Path = tuple[str | int, ...]

_IGNORED = frozenset({"desc", "link"})  # Alma ignores both; without a value beside them they say nothing


@dataclass(slots=True)
class Pruned:
    """What is left of some values.

    `moved` tells, for each list that lost items (by identity: the lists live as long as `values`), the
    original positions of those it kept.
    """

    values: dict[str, Any] = field(default_factory=dict)
    moved: dict[int, list[int]] = field(default_factory=dict)

    def original(self, path: Path) -> Path:
        """Where a place in `values` stood before."""
        if not self.moved:
            return path
        steps: list[str | int] = []
        here: Any = self.values
        for step in path:
            positions = self.moved.get(id(here)) if isinstance(step, int) else None
            steps.append(positions[step] if positions and isinstance(step, int) else step)
            here = _member(here, step)
        return tuple(steps)


def prune(values: Mapping[str, Any]) -> Pruned:
    """Leave out None, "", blanks only, [] and {} at any depth, and codes that are only a `desc`."""
    pruned = Pruned()
    pruned.values = _object(values, pruned.moved)
    return pruned


def _object(values: Mapping[str, Any], moved: dict[int, list[int]]) -> dict[str, Any]:
    kept = {}
    for name, value in values.items():
        left = _value(value, moved)
        if left is not None:
            kept[name] = left
    return kept


def _value(value: Any, moved: dict[int, list[int]]) -> Any:
    """The value without its empty parts; None when nothing is left."""
    if isinstance(value, str):
        return None if is_blank(value) else value
    if isinstance(value, Mapping):
        kept = _object(value, moved)
        return kept if kept and not kept.keys() <= _IGNORED else None
    if isinstance(value, list | tuple):
        return _list(value, moved)
    return value


def _list(items: list[Any] | tuple[Any, ...], moved: dict[int, list[int]]) -> list[Any] | None:
    kept: list[Any] = []
    positions: list[int] = []
    for position, item in enumerate(items):
        left = _value(item, moved)
        if left is not None:
            kept.append(left)
            positions.append(position)
    if kept and len(kept) != len(items):
        moved[id(kept)] = positions
    return kept or None


def _member(holder: Any, step: str | int) -> Any:
    """The member at `step`, or None where a fault names something that is not there."""
    if isinstance(holder, Mapping):
        return holder.get(step)
    if isinstance(holder, list) and isinstance(step, int) and step < len(holder):
        return holder[step]
    return None
