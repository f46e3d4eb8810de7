"""etl run MAPPING [INPUT…] → delivered documents and a report."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from etl.cli.begun import begun_or_told, empty_report, no_input
from etl.cli.compiled import Compiled
from etl.cli.deliverable import deliverable
from etl.cli.offered_ledger import offer_ledger
from etl.cli.options import common, mapping_argument, mapping_run_options, report_option, report_place
from etl.cli.output import Format, Output
from etl.cli.progress import progress_bar
from etl.cli.summary import tell
from etl.run.pipeline import Delivery, Ran, run
from etl.spec.load import load


@click.command(
    "run", epilog="Without a sink in the mapping or on the command line, payloads go to standard output."
)
@mapping_argument
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
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
    spec = load(mapping)
    folder = report_folder or report_place(spec.model.name)

    def begin() -> tuple[Compiled, Delivery]:
        ready, delivery = deliverable(
            spec, inputs, params, run_date, institution_file, sink=sink, sink_options=sink_options
        )
        if not ready.sources and not ready.warnings:
            raise no_input(spec, "etl run MAPPING FILE")
        offer_ledger(delivery)
        return ready, delivery

    kind = sink or (spec.model.sink.type if spec.model.sink else "stdout")
    begun = begun_or_told(begin, empty_report(spec, kind, run_date, inputs), folder)
    if isinstance(begun, Ran):
        return tell(Output(form), begun)
    ready, delivery = begun
    output = Output(form, taken=delivery.sink.name == "stdout")
    with progress_bar() as progress:
        ran = run(ready.plan, ready.sources, delivery, folder, warnings=ready.warnings, progress=progress)
    return tell(output, ran)
