"""Rows, and the trace of what was made of them → the lines of a preview, and where each value came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from etl.cli.plain_value import in_words, leaves
from etl.plan.plan import Constant, Expression, Loop, When
from etl.problems import MappingPlace
from etl.run.evaluate import Path, Traced
from etl.run.outcomes import SourceRow
from etl.run.value_origins import Provenance, ValueOrigin, dotted


def source_lines(rows: Sequence[SourceRow]) -> Iterator[str]:
    """What the vendor says: a line for each filled value, also within lists of groups; then what is empty."""
    for position, row in enumerate(rows):
        yield "source" + (f" row {position + 1} (record {row.record})" if len(rows) > 1 else "")
        cells = [(dotted(path), value) for path, value in leaves(row.values, ())]
        filled = [(name, value) for name, value in cells if value not in (None, "", [])]
        width = max((len(name) for name, _ in filled), default=0)
        for name, value in filled:
            yield f"  {name.ljust(width)}  {in_words(value)}"
        there = {name for name, _ in filled}
        empty = [name for name, _ in cells if name not in there]
        if empty:
            yield f"  empty: {', '.join(empty)}"


def value_lines(trace: Mapping[Path, Traced], provenance: Provenance) -> Iterator[str]:
    """Each `let` with what it read; what is sent, with the whole way back."""
    heading = None
    for path, traced in told(trace):
        section = str(path[0]) if path and path[0] in ("let", "key", "user") else "fields"
        if section != heading:
            heading = section
            yield from ("", section)
        shown = path[1:] if section in ("let", "key") else path
        yield f"  {dotted(shown)} = {in_words(traced.value)}"
        yield f"      {said_at(traced)}"
        looked_up = [step.origin for step in traced.steps if step.origin]  # they are said with the step
        origins = [one for one in provenance.of(path) if one.place not in looked_up]
        yield from _origins(origins, 3, whole=section != "let")
        yield from _steps(traced)


def told(trace: Mapping[Path, Traced]) -> Iterator[tuple[Path, Traced]]:
    """What is shown: no turn of a loop and no message of a check."""
    return ((path, one) for path, one in trace.items() if path[:1] != ("checks",) and path[-1] != "$for")


def _steps(traced: Traced) -> Iterator[str]:
    for step in traced.steps:
        arguments = f"({', '.join(map(in_words, step.arguments))})" if step.arguments else ""
        origin = f"   {_line(step.origin)}" if isinstance(step.origin, MappingPlace) else ""
        yield f"      | {step.filter}{arguments}: {in_words(step.before)} → {in_words(step.after)}{origin}"


def _origins(origins: Iterable[ValueOrigin], depth: int, whole: bool) -> Iterator[str]:
    """A line for each, what it was made of below it."""
    for one in origins:
        if one.kind != "constant":  # the line above has it
            yield "  " * depth + _said(one)
        if whole:
            yield from _origins(one.origins, depth + 1, whole)


def _said(origin: ValueOrigin) -> str:
    if origin.kind == "more":
        return f"and {origin.value:,} more of {origin.name}"
    if origin.kind in ("column", "parameter"):
        value = "the whole row" if isinstance(origin.value, Mapping) else in_words(origin.value)
        return f"{origin.kind} {origin.name}: {value}"
    where = said_at(origin.traced) if origin.traced else _line(origin.place) if origin.place else ""
    return f"{origin.name} = {in_words(origin.value)}   {where}".rstrip()


def _line(place: MappingPlace) -> str:
    return f"{place.file}:{place.line}"


def said_at(traced: Traced) -> str:
    """Where the mapping says a value, and how: its template, the level that gave it, those that were empty.
    """
    plan = traced.plan
    if isinstance(plan, Constant):
        return f"{_line(plan.place)}  written in the mapping"
    if isinstance(plan, Loop):
        return f"{_line(plan.place)}  $for {plan.name} in {plan.over.shown}"
    if isinstance(plan, When):
        return f"{_line(plan.place)}  left out: $if {plan.condition.text.strip()}"
    choices = "none of the choices" if traced.value is None else "a choice"
    said = plan.template.text.strip() if isinstance(plan, Expression) else choices
    level = f"   level {traced.level}" if traced.level else ""
    empty = f"   empty: {', '.join(traced.empty)}" if traced.empty else ""
    return f"{_line(plan.place)}  {said}{level}{empty}"
