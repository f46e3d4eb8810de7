"""etl run MAPPING [INPUT…] → delivered documents and a report."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from etl.cli.begun import begun_or_told, empty_report, no_input
from etl.cli.compiled import Compiled, compiled, folder_of
from etl.cli.options import (
    common,
    mapping_argument,
    mapping_run_options,
    option,
    pairs,
    report_option,
    report_place,
)
from etl.cli.output import Format, Output
from etl.cli.progress import progress_bar
from etl.cli.summary import tell
from etl.plan.plan import Plan
from etl.plugin import Sink
from etl.problems import MappingPlace, Problem, Refusal
from etl.registry import Registry
from etl.run.pipeline import Delivery, Ran, run
from etl.spec.load import load, plain, problems_of
from etl.yaml_tree import Mapping


@click.command(
    "run", epilog="Without a sink in the mapping or on the command line, payloads go to standard output."
)
@mapping_argument
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@option("--sink", metavar="TYPE", help="Where documents go, instead of the mapping's sink: etl list sinks.")
@report_option()
@mapping_run_options
@common
def command(
    mapping: str,
    inputs: tuple[str, ...],
    sink: str | None,
    sink_options: tuple[str, ...],
    report_folder: Path | None,
    institution_file: str | None,
    params: tuple[str, ...],
    run_date: date,
    form: Format,
) -> int:
    """Map every record of INPUT (default: the mapping's own) and deliver the documents.

    INPUT is a file, glob, folder, URL, or - for standard input.
    """
    given = pairs(sink_options, "--sink-option")
    spec = load(mapping)
    folder = report_folder or report_place(spec.model.name)

    def begin() -> tuple[Compiled, Delivery, list[Problem]]:
        ready = compiled(spec, inputs, params, run_date, institution_file)
        if not ready.sources and not ready.warnings:
            raise no_input(spec, "etl run MAPPING FILE")
        delivery = delivery_of(ready.plan, sink, given)
        return ready, delivery, delivery.sink.beforehand(delivery.options, delivery.base)

    kind = sink or (spec.model.sink.type if spec.model.sink else "stdout")
    begun = begun_or_told(begin, empty_report(spec, kind, run_date, inputs), folder)
    if isinstance(begun, Ran):
        return tell(Output(form), begun)
    ready, delivery, warnings = begun
    output = Output(form, taken=delivery.sink.name == "stdout")
    warnings = [*ready.warnings, *warnings]
    with progress_bar() as progress:
        ran = run(ready.plan, ready.sources, delivery, folder, warnings=warnings, progress=progress)
    return tell(output, ran)


def delivery_of(plan: Plan, named: str | None, given: dict[str, str]) -> Delivery:
    """The sink of the command line, or of the mapping; options on the command line win.

    What the mapping's own sink names is relative to the mapping, whatever else is given: a ledger that moved
    with an option would not know what was ordered.
    """
    section = plan.spec.tree.items.get("sink")
    own: dict[str, Any] = plain(section) if isinstance(section, Mapping) else {}
    kind = named or own.get("type", "stdout")
    place = plan.spec.place("sink", "type") if own and named is None else MappingPlace("--sink")
    sink: Sink = Registry.installed().get("sinks", kind, place)()
    of_mapping = own.get("type") == kind
    options = {name: value for name, value in own.items() if name != "type"} if of_mapping else {}
    here = sink.Options.given_in(Path.cwd(), given)
    try:
        checked = sink.Options.model_validate({**options, **here})
    except ValidationError as error:
        if section is not None and not given and named is None:
            raise Refusal(problems_of(error, plan.spec.tree, sink.Options, ("sink",))) from None
        words = "; ".join(str(one["msg"]).removeprefix("Value error, ") for one in error.errors())
        raise click.UsageError(f"sink {kind}: {words}") from None
    return Delivery(sink, checked, folder_of(plan.spec.path) if of_mapping else Path())
