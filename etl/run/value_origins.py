"""What a record's values came of → for each value the way back to columns, table rows, parameters, constants.

`places[0].library` is followed to the member of the `let` that says it, by the level that said it, to the
row of the table that holds it. What a loop's name stands for is followed to the member of its list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from etl.lookups import Row, row_place
from etl.plan.plan import Constant, Expression, First, Loop
from etl.problems import MappingPlace
from etl.run.evaluate import Path, Traced
from etl.template.compile import Template
from etl.template.references import EVERY, Reads, Reference
from etl.template.sources_read import Called

Kind = Literal["column", "table row", "parameter", "constant", "run", "value", "more"]
"""`run`: its date, or where the record stands. `value`: it comes of others. `more`: others of the kind."""

_SHOWN, _DEEP = 8, 40
"""How many members of one list are followed, and how far: a list of copies may have thousands."""


@dataclass(frozen=True, slots=True)
class ValueOrigin:
    """What a value was made of. `place` is the row of the table, or where the mapping says the value.

    `traced` is how a value came about that comes of others, its `origins`; of one that was told already in
    the same answer they are left out. For `more`, the value is how many.
    """

    kind: Kind
    name: str
    value: Any
    place: MappingPlace | None = None
    traced: Traced | None = None
    origins: tuple[ValueOrigin, ...] = ()

    def ends(self) -> Iterator[ValueOrigin]:
        """Those that come of no others."""
        if self.origins:
            for one in self.origins:
                yield from one.ends()
        else:
            yield self


class Provenance:
    """The trace of one record (or group), to be asked for what its values were made of. `names` are those
    that the record itself has.
    """

    def __init__(self, trace: Mapping[Path, Traced], names: Mapping[str, Any]) -> None:
        self._trace, self._names = trace, names
        self._below: dict[Path, list[Path]] = {}
        for path in trace:
            for length in range(len(path)):
                if path[length] not in ("$let", "$for"):
                    self._below.setdefault(path[:length], []).append(path)
        self._reads: dict[int, Reads] = {}
        self._told: set[tuple[Path, Path]] = set()
        self._depth = 0

    def of(self, path: Path) -> tuple[ValueOrigin, ...]:
        """What the value at a path of the trace was made of, each once."""
        self._told, self._depth = set(), 0
        return self._made_of(self._trace[path])

    def _made_of(self, traced: Traced) -> tuple[ValueOrigin, ...]:
        plan = traced.plan
        if isinstance(plan, Constant):
            return (ValueOrigin("constant", "", plan.value, plan.place),)
        if isinstance(plan, Expression):
            found = [*self._table_rows(traced), *self._read_by(plan.template, traced.sight)]
            return tuple(found) or (ValueOrigin("constant", "", traced.value, plan.place),)
        return ()

    @staticmethod
    def _table_rows(traced: Traced) -> Iterator[ValueOrigin]:
        """The rows that its own filters looked up."""
        for step in traced.steps:
            if isinstance(step.origin, MappingPlace):
                table = ".".join(map(str, step.arguments[:2]))
                yield ValueOrigin("table row", f"lookup {table}", step.after, step.origin)

    def _read_by(self, template: Template, sight: Mapping[str, Path]) -> Iterator[ValueOrigin]:
        for one in self._reads_of(template).references:
            yield from self._follow(one.name, self._way(one, sight), sight)

    def _way(self, one: Reference, sight: Mapping[str, Path]) -> Path:
        """The path of a reference, with what its names call: `row[branch]` is the column of this turn."""
        return tuple(self._called(part.by, sight) if isinstance(part, Called) else part for part in one.path)

    def _called(self, name: str, sight: Mapping[str, Path]) -> str | int:
        traced = self._trace.get(sight.get(name, ()))
        value: Any = self._names.get(name) if traced is None else traced.value
        if traced is not None and isinstance(traced.plan, Loop):
            value = value[name]
        return value if isinstance(value, str | int) else EVERY

    def _reads_of(self, template: Template) -> Reads:
        if id(template) not in self._reads:
            self._reads[id(template)] = template.reads()
        return self._reads[id(template)]

    # ------------------------------------------------------------------------------------ names

    def _follow(self, name: str, rest: Path, sight: Mapping[str, Path]) -> Iterator[ValueOrigin]:
        """What a name and the way from it stand for: a name of the mapping, or one of the record."""
        traced = self._trace.get(sight.get(name, ()))
        if traced is not None and isinstance(traced.plan, Loop):
            yield from self._turn(traced, traced.plan, name, rest)
            return
        if name in sight:
            yield from self._at(sight[name], rest, dotted((name, *rest)))
            return
        if name == "row" or name in self._names["row"]:
            path = rest if name == "row" else (name, *rest)
            yield ValueOrigin("column", dotted(path), member(self._names["row"], path))
        elif name == "rows":
            yield from self._of_rows(rest or (EVERY,))
        elif name == "parameters":
            for one in rest[:1] or tuple(self._names[name]):
                yield ValueOrigin("parameter", str(one), self._names[name].get(one))
        else:
            yield ValueOrigin("run", dotted((name, *rest)), member(self._names.get(name), rest))

    def _of_rows(self, rest: Path) -> Iterator[ValueOrigin]:
        """The column of the row that is meant, or of each."""
        every = range(len(self._names["rows"]))
        asked = every if rest[0] == EVERY else [at for at in every if at == rest[0]]
        for at in asked[:_SHOWN]:
            path = (at, *rest[1:])
            yield ValueOrigin("column", dotted(("rows", *path)), member(self._names["rows"], path))
        if len(asked) > _SHOWN:
            yield ValueOrigin("more", "rows", len(asked) - _SHOWN)

    # ------------------------------------------------------------------------------------ the trace

    def _at(self, path: Path, rest: Path, said: str) -> Iterator[ValueOrigin]:
        """What is at a place of the trace, and the way on from there."""
        self._depth += 1
        if self._depth > _DEEP:
            yield ValueOrigin("more", said, 1)
        else:
            yield from self._part(path, rest, said)
        self._depth -= 1

    def _part(self, path: Path, rest: Path, said: str) -> Iterator[ValueOrigin]:
        traced = self._trace.get(path)
        if traced is not None and not self._is_made_of_parts(path, traced):
            yield from self._leaf(path, traced, rest)
        elif rest and rest[0] != EVERY:
            part = rest[0]
            if isinstance(part, int) and part < 0:
                part += len({one[len(path)] for one in self._below.get(path, ())})
            yield from self._at((*path, part), rest[1:], said)
        else:
            yield from self._all_below(path, rest[1:], said)

    def _is_made_of_parts(self, path: Path, traced: Traced) -> bool:
        """A choice that is a group or a list: its parts are in the trace."""
        return isinstance(traced.plan, First) and traced.value is not None and path in self._below

    def _turn(self, traced: Traced, plan: Loop, name: str, rest: Path) -> Iterator[ValueOrigin]:
        """A loop's name: the member of the list that it runs over, or what the list was made of."""
        reads = self._reads_of(plan.over)
        if reads.alone and name == plan.name:
            one = reads.references[0]
            position: int = traced.value["loop"]["index0"]
            path = (*self._way(one, traced.sight), position, *rest)
            yield from self._follow(one.name, path, traced.sight)
            return
        sources = tuple(self._read_by(plan.over, traced.sight))
        kind: Kind = "value" if sources else "constant"
        value = member(traced.value[name], rest)
        yield ValueOrigin(kind, dotted((name, *rest)), value, plan.place, traced, sources)

    def _leaf(self, path: Path, traced: Traced, rest: Path) -> Iterator[ValueOrigin]:
        """A value of the mapping's, or the member of it that is read."""
        value, plan = member(traced.value, rest), traced.plan
        inner = max((at + 1 for at, part in enumerate(path) if part == "$let"), default=1)
        name = dotted((*path[inner:], *rest))
        if rest and isinstance(traced.value, Row) and (row := row_place(traced.value)) is not None:
            yield ValueOrigin("table row", name, value, row)
            return
        if rest and isinstance(plan, Expression) and (reads := self._reads_of(plan.template)).alone:
            one = reads.references[0]
            yield from self._follow(one.name, (*self._way(one, traced.sight), *rest), traced.sight)
            return
        told = (path, rest) in self._told
        self._told.add((path, rest))
        yield ValueOrigin("value", name, value, plan.place, traced, () if told else self._made_of(traced))

    def _all_below(self, path: Path, rest: Path, said: str) -> Iterator[ValueOrigin]:
        """Every member of a list or group, or the same part of each."""
        places = list(dict.fromkeys(one[: len(path) + 1] for one in self._below.get(path, ())))
        if not places:
            yield ValueOrigin("value", said, None)
        for place in places[:_SHOWN]:
            yield from self._at(place, rest or ((EVERY,) if place in self._below else ()), said)
        if len(places) > _SHOWN:
            yield ValueOrigin("more", said, len(places) - _SHOWN)


def member(value: Any, path: Path) -> Any:
    """The part of a value; of every member of a list, the list of their parts. None where there is none."""
    for at, part in enumerate(path):
        if part == EVERY:
            parts = value if isinstance(value, list | tuple) else []
            return [member(one, path[at + 1 :]) for one in parts]
        if isinstance(value, tuple) and isinstance(part, str):  # what `groupby` makes
            value = getattr(value, part, None)
            continue
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def dotted(path: Path) -> str:
    """`("places", 0, "library")` → `places[0].library`."""
    parts = (f"[{part}]" if isinstance(part, int) or part == EVERY else f".{part}" for part in path)
    return "".join(parts).lstrip(".")
