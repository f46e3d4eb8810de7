"""etl preview MAPPING [INPUT] --record N | --find TEXT → how one record becomes a document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import click

from etl.cli.compiled import compiled
from etl.cli.options import (
    common,
    legible,
    mapping_argument,
    option,
    parameter_option,
    run_date_option,
)
from etl.cli.output import Format, Output, payload_lines
from etl.lookups import Row, row_cells
from etl.plan.plan import Constant, Expression
from etl.plugin import BadValue
from etl.problems import MappingPlace, Problem
from etl.run.build import Builder, fresh_recorder
from etl.run.evaluate import Path, Traced
from etl.run.outcomes import Built, Held, Refused, SourceRow
from etl.run.sought import Sought, called, numbered
from etl.spec.load import load
from etl.template.bounds import RecordBudget


@click.command("preview")
@mapping_argument
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@option(
    "--record",
    type=click.IntRange(min=1),
    help="Which record, counted from 1 in its file. Default: the first.",
)
@option(
    "--find",
    "text",
    callback=legible,
    metavar="TEXT",
    help="Which record, by its key, order number or ISBN (ten or thirteen, with or without hyphens).",
)
@parameter_option
@run_date_option
@common
def command(
    mapping: str,
    inputs: tuple[str, ...],
    record: int | None,
    text: str | None,
    params: tuple[str, ...],
    run_date: date,
    form: Format,
) -> int:
    """One record: its source values, every field's value, and where each value came from."""
    if text is not None and (record is not None or not text.strip()):
        raise click.UsageError("name a record either by --record N or by --find TEXT")
    ready = compiled(load(mapping), inputs, params, run_date)
    plan = ready.plan
    if text is None:
        sought = numbered(plan, ready.sources, record or 1)
    else:
        sought = called(plan, ready.sources, text.strip())
    rows = sought.rows
    fresh_recorder(plan, traced=True)
    trace: dict[Path, Traced] = {}
    builder = Builder(plan)
    skipped = builder.skipped(rows[0])
    plan.env.recorder.steps = []
    outcome = builder.build(rows, trace)
    output = Output(form)
    verdict = "skipped by `when`" if skipped is True else _verdict(outcome)
    problems = _problems(outcome)
    if form == "json":
        output.json(_as_dict(rows, trace, outcome, verdict, problems) | _found(sought))
        return 0
    output.say(*_others(sought, text or ""))
    output.data(f"{rows[0].place()}  {verdict}", "", *_source(rows), *_fields(trace, rows[0]))
    if isinstance(outcome, Built | Held) and outcome.payload is not None:
        output.data("", "payload", *payload_lines(outcome.payload.decode()))
    output.problems(problems)
    return 0


def _others(sought: Sought, text: str) -> Iterator[str]:
    """Which of several this is, and how to see another."""
    if sought.count == 1:
        return
    yield f'{sought.count:,} records have the {sought.kind} "{text}"; this is the first'
    for other in sought.others:
        yield f"  also  {other.place}" + (f"  key {other.key}" if other.key else "")
    if (rest := sought.count - 1 - len(sought.others)) > 0:
        yield f"  and {rest:,} more"
    yield "  to see another:  --find  with its whole key, or its file and  --record  with its number"


def _found(sought: Sought) -> dict[str, Any]:
    if sought.kind is None:
        return {}
    others = [{"file": one.place.file, "record": one.place.record, "key": one.key} for one in sought.others]
    return {"found": {"by": sought.kind, "count": sought.count, "others": others}}


def _verdict(outcome: Built | Held | Refused) -> str:
    if isinstance(outcome, Refused):
        return "rejected"
    if isinstance(outcome, Held):
        return "held"
    reasons = [finding.message for finding in outcome.findings if finding.outcome == "review"]
    return f"would be written as {outcome.name}; in Alma: " + ("in review" if reasons else "clean")


def _problems(outcome: Built | Held | Refused) -> tuple[Problem, ...]:
    return outcome.notes if isinstance(outcome, Built) else outcome.problems


def _source(rows: Sequence[SourceRow]) -> Iterator[str]:
    for position, row in enumerate(rows):
        yield "source" + (f" row {position + 1} (record {row.record})" if len(rows) > 1 else "")
        filled = {name: value for name, value in row.values.items() if value not in (None, "", [])}
        width = max((len(name) for name in filled), default=0)
        for name, value in filled.items():
            yield f"  {name.ljust(width)}  {_shown(value)}"
        empty = [name for name in row.values if name not in filled]
        if empty:
            yield f"  empty: {', '.join(empty)}"


def _fields(trace: dict[Path, Traced], row: SourceRow) -> Iterator[str]:
    heading = None
    for path, traced in trace.items():
        section = str(path[0]) if path and path[0] in ("let", "key", "user", "checks") else "fields"
        if section == "checks":
            continue
        if section != heading:
            heading = section
            yield from ("", section)
        shown = path[1:] if section in ("let", "key") else path
        yield f"  {_dotted(shown)} = {_shown(traced.value)}"
        yield f"      {_where(traced)}"
        for name in _columns_read(traced, row):
            yield f"      column {name}: {_shown(row.values[name])}"
        for step in traced.steps:
            arguments = (
                f"({', '.join(_shown(argument) for argument in step.arguments)})" if step.arguments else ""
            )
            origin = (
                f"   {step.origin.file}:{step.origin.line}" if isinstance(step.origin, MappingPlace) else ""
            )
            yield f"      | {step.filter}{arguments}: {_shown(step.before)} → {_shown(step.after)}{origin}"


def _columns_read(traced: Traced, row: SourceRow) -> list[str]:
    if not isinstance(traced.plan, Expression):
        return []
    return [name for name in traced.plan.template.names.needed if name in row.values]


def _where(traced: Traced) -> str:
    plan = traced.plan
    place = f"{plan.place.file}:{plan.place.line}"
    if isinstance(plan, Constant):
        return f"{place}  written in the mapping"
    choices = "none of the choices" if traced.value is None else "a choice"
    said = plan.template.text.strip() if isinstance(plan, Expression) else choices
    level = f"   level {traced.level}" if traced.level else ""
    empty = f"   empty: {', '.join(traced.empty)}" if traced.empty else ""
    return f"{place}  {said}{level}{empty}"


def _dotted(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _shown(value: Any) -> str:
    if isinstance(value, Row):
        return "row {" + ", ".join(f"{name}: {cell}" for name, cell in row_cells(value).items()) + "}"
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 200 else value[:199] + "…", ensure_ascii=False)
    if value is None:
        return "null"
    try:
        RecordBudget().weigh(value)
    except BadValue:  # lists that hold one another are larger on the screen than in memory
        return "a value too large to be shown"
    return str(value)


def _as_dict(
    rows: Sequence[SourceRow],
    trace: dict[Path, Traced],
    outcome: Built | Held | Refused,
    verdict: str,
    problems: Sequence[Problem],
) -> dict[str, Any]:
    payload = None if isinstance(outcome, Refused) or outcome.payload is None else json.loads(outcome.payload)
    return {
        "record": rows[0].place().record,
        "file": rows[0].file,
        "verdict": verdict,
        "source": [dict(row.values) for row in rows],
        "values": [
            {
                "path": _dotted(path),
                "value": _shown(traced.value),
                "from": _where(traced),
                "columns": _columns_read(traced, rows[0]),
                "steps": [
                    {"filter": step.filter, "before": _shown(step.before), "after": _shown(step.after)}
                    for step in traced.steps
                ],
            }
            for path, traced in trace.items()
        ],
        "payload": payload,
        "problems": [problem.as_dict() for problem in problems],
    }
