"""etl ledger reprocess, etl ledger preview → lines of the ledger, by the mapping of today or of then."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.cli.begun import begun_or_told, empty_report
from etl.cli.compiled import Compiled, compiled
from etl.cli.deliverable import deliverable
from etl.cli.ledger import command, ledger_option, one_order, opened
from etl.cli.options import (
    PATH,
    common,
    legible,
    mapping_argument,
    mapping_run_options,
    option,
    parameter_option,
    report_option,
    report_place,
    run_date_option,
)
from etl.cli.output import Format, Output
from etl.cli.summary import counted, tell
from etl.problems import Problem, Refusal, Severity
from etl.run.memory import ledger_of, version_of
from etl.run.pipeline import Delivery, Ran, run
from etl.spec.load import load

if TYPE_CHECKING:
    from etl.ledger.database import Database
    from etl.ledger.orders import Order
    from etl.plan.plan import Plan
    from etl.run.again import LeftAlone, LineAgain


@command.command("reprocess")
@mapping_argument
@report_option("reprocess")
@mapping_run_options
@common
def reprocess(
    mapping: str,
    sink: str | None,
    sink_options: tuple[str, ...],
    report_folder: Path | None,
    institution_file: str | None,
    params: tuple[str, ...],
    run_date: date,
    form: Format,
) -> int:
    """Map what waits anew, with the mapping and the tables of today, and deliver what comes through.

    Lines that this mapping held or rejected, and those that Alma refused, from the records the ledger has
    kept: their files are not needed. What may be in Alma is left alone.
    """
    spec = load(mapping)
    folder = report_folder or report_place(spec.model.name, "reprocess")

    def begin() -> tuple[Compiled, Delivery, list[LineAgain], list[Problem]]:
        ready, delivery = deliverable(
            spec, None, params, run_date, institution_file, sink=sink, sink_options=sink_options
        )
        version = version_of(spec, institution_file, ready.plan.parameters, ledger_of(delivery, folder))
        lines, left = _waiting(delivery, folder, version.mapped_as)
        return ready, delivery, lines, left

    kind = sink or (spec.model.sink.type if spec.model.sink else "stdout")
    begun = begun_or_told(begin, empty_report(spec, kind, run_date, ()), folder)
    if isinstance(begun, Ran):
        return tell(Output(form), begun)
    ready, delivery, lines, left = begun
    ran = run(ready.plan, (), delivery, folder, warnings=[*ready.warnings, *left], again=lines)
    return tell(Output(form), ran)


@command.command("preview")
@click.argument("words", metavar="ID|NUMBER|ISBN|KEY", callback=legible)
@option(
    "--mapping",
    type=PATH,
    metavar="FILE",
    help="A mapping of today. Default: the one the line was mapped by, as it was then.",
)
@parameter_option
@run_date_option
@ledger_option
@common
def preview(
    words: str,
    mapping: Path | None,
    params: tuple[str, ...],
    run_date: date,
    ledger: str,
    form: Format,
) -> int:
    """A line that came long ago: its source values, every field's value, and where each value came from."""
    from etl.cli.preview import show_record
    from etl.run.again import line_again

    with opened(ledger, to_read=True) as database:
        order = one_order(database, words)
        line = line_again(database, order)
        if line is None:
            raise _nothing(order, "the values of its record")
        more = {"order": order.id, "mapping": order.mapping, "run_date": order.run_date}
        if mapping is not None:
            plan = compiled(load(str(mapping)), None, params, run_date).plan
            more |= {"mapping": str(mapping), "run_date": run_date.isoformat()}
            show_record(Output(form), plan, line.rows, more)
            return 0
        with _plan_of_then(database, order) as plan:
            output = Output(form)
            if form != "json":
                output.data(f"{plan.spec.files[0]} as of {order.run_date}")
            show_record(output, plan, line.rows, more)
    return 0


# --------------------------------------------------------------------------------------------- inside


def _waiting(delivery: Delivery, folder: Path, mapped_as: str) -> tuple[list[LineAgain], list[Problem]]:
    """What can be mapped anew at the destination, and a warning for what cannot. Raises Refusal."""
    from etl.run.again import LineAgain, waiting_lines, waiting_otherwise

    place = ledger_of(delivery, folder)
    if place is None:
        raise click.UsageError("standard output remembers nothing: name the sink that the lines wait for")
    found: list[LineAgain] = []
    left: list[Problem] = []
    with opened(place.shown, to_read=True) as database:
        for line in waiting_lines(database, place.institution, mapped_as):
            if isinstance(line, LineAgain):
                found.append(line)
            else:
                told = f'order {line.id} ("{line.shown}") is not mapped anew: the ledger has no values of it'
                help_ = f"run its file again, or: etl ledger dismiss {line.id} --reason TEXT"
                left.append(Problem("E837", told, Severity.WARNING, data=line.place, help=help_))
        for other, count in waiting_otherwise(database, place.institution, mapped_as).items():
            left.append(_left(other, count, mapped_as))
    return found, left


def _left(other: LeftAlone, count: int, mapped_as: str) -> Problem:
    lines = counted(count, "line")
    if other.mapping is None:
        told = f"{lines} left: the ledger does not know which mapping made {'it' if count == 1 else 'them'}"
        help_ = "run the files again; what is not wanted: etl ledger dismiss ID --reason TEXT"
    else:
        told = f"{lines} of a mapping of this name left: "
        _, place, parameters = json.loads(other.mapping)
        if place != json.loads(mapped_as)[1]:
            told += f'made by the mapping "{place}", for "{other.institution}"'
            help_ = "reprocess by that mapping; if it is this one, moved since, run the files again"
        else:
            told += f'for "{other.institution}", with {json.dumps(parameters, ensure_ascii=False)}'
            help_ = "say --sink, --sink-option and --param as the run did"
    return Problem("E837", told, Severity.WARNING, help=help_)


@contextmanager
def _plan_of_then(database: Database, order: Order) -> Iterator[Plan]:
    """The plan of the mapping that the ledger has kept, for the day of then. Raises Refusal."""
    from etl.ledger.intake import kept_mapping

    version = kept_mapping(database, order.mapping) if order.mapping else None
    if version is None or order.run_date is None:
        raise _nothing(order, "the mapping it was made by")
    with tempfile.TemporaryDirectory(prefix="etl-mapping-") as folder:
        for name, content in version.files.items():
            place = Path(folder) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        given = tuple(f"{name}={value}" for name, value in _texts(version.parameters).items())
        with chdir(folder):  # places are told as the mapping's own, and not within a folder that goes away
            yield compiled(load(version.path), None, given, date.fromisoformat(order.run_date)).plan


def _texts(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in parameters.items() if value is not None}


def _nothing(order: Order, what: str) -> Refusal:
    unread = order.raw is not None
    why = "could not be read into values" if unread else "is older than that"
    told = f'the ledger has not kept {what}: order {order.id} ("{order.shown}") {why}'
    return Refusal(Problem("E838", told, help="run its file again; etl ledger show says what is known"))
