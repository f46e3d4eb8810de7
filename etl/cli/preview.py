"""etl preview MAPPING [INPUT] --record N | --find TEXT → how one record becomes a document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
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
from etl.cli.plain_value import plain
from etl.cli.provenance_lines import said_at, source_lines, told, value_lines
from etl.cli.summary import as_far_as_known
from etl.plan.plan import Plan
from etl.problems import Problem
from etl.run.build import Builder, fresh_recorder
from etl.run.evaluate import Path, Traced
from etl.run.outcomes import Built, Held, Refused, SourceRow
from etl.run.sought import Sought, called, numbered
from etl.run.value_origins import Provenance, ValueOrigin, dotted
from etl.spec.load import load


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
    help="Which record, by its key, order number, ISBN (hyphens or not, ten or thirteen), ISSN, barcode, "
    "title or words of it.",
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
    output = Output(form)
    if form != "json":
        output.say(*_others(sought, text or ""))
    show_record(output, plan, sought.rows, _found(sought))
    return 0


def show_record(output: Output, plan: Plan, rows: Sequence[SourceRow], more: Mapping[str, Any]) -> None:
    """How the rows of one document become it; `more` joins the JSON form."""
    fresh_recorder(plan, traced=True)
    trace: dict[Path, Traced] = {}
    builder = Builder(plan)
    skipped = builder.skipped(rows[0])
    plan.env.recorder.steps = []
    outcome = builder.build(rows, trace)
    provenance = Provenance(trace, builder.names(rows))
    verdict = "skipped by `when`" if skipped is True else _verdict(outcome, plan)
    problems = _problems(outcome)
    if output.form == "json":
        output.json({**_as_dict(rows, trace, provenance, outcome, verdict, problems), **more})
        return
    output.data(f"{rows[0].place()}  {verdict}", "", *source_lines(rows), *value_lines(trace, provenance))
    if isinstance(outcome, Built | Held) and outcome.payload is not None:
        output.data("", "payload", *payload_lines(outcome.payload.decode()))
    output.problems(problems)


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


def _verdict(outcome: Built | Held | Refused, plan: Plan) -> str:
    if isinstance(outcome, Refused):
        return "rejected"
    if isinstance(outcome, Held):
        return "held"
    reasons = [finding.message for finding in outcome.findings if finding.outcome == "review"]
    said = as_far_as_known("in review" if reasons else "clean", codes_checked=plan.codes is not None)
    return f"would be written as {outcome.name}; in Alma: {said}"


def _problems(outcome: Built | Held | Refused) -> tuple[Problem, ...]:
    return outcome.notes if isinstance(outcome, Built) else outcome.problems


def _as_dict(
    rows: Sequence[SourceRow],
    trace: Mapping[Path, Traced],
    provenance: Provenance,
    outcome: Built | Held | Refused,
    verdict: str,
    problems: Sequence[Problem],
) -> dict[str, Any]:
    payload = None if isinstance(outcome, Refused) or outcome.payload is None else json.loads(outcome.payload)
    return {
        "record": rows[0].place().record,
        "file": rows[0].file,
        "verdict": verdict,
        "source": [plain(row.values) for row in rows],
        "values": [
            {
                "path": dotted(path),
                "value": plain(traced.value),
                "from": said_at(traced),
                "steps": [
                    {"filter": step.filter, "before": plain(step.before), "after": plain(step.after)}
                    for step in traced.steps
                ],
                "origins": [_origin(one) for one in provenance.of(path)],
            }
            for path, traced in told(trace)
        ],
        "payload": payload,
        "problems": [problem.as_dict() for problem in problems],
    }


def _origin(origin: ValueOrigin) -> dict[str, Any]:
    said = {"kind": origin.kind, "name": origin.name, "value": plain(origin.value)}
    if origin.place is not None:
        said |= {"file": origin.place.file, "line": origin.place.line}
    if origin.traced is not None:
        said |= {"from": said_at(origin.traced)}
    return said | {"origins": [_origin(one) for one in origin.origins]} if origin.origins else said
