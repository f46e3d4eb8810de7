"""etl check MAPPING | --payload FILE → everything that is wrong, nothing delivered."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from etl.cli.compiled import compiled
from etl.cli.options import common, institution_option, option, parameter_option, run_date_option
from etl.cli.output import Format, Output
from etl.cli.summary import counted
from etl.plugin import Fault, Target
from etl.problems import MappingPlace, Problem, Refusal, Severity
from etl.registry import Registry
from etl.regular_files import read_file
from etl.spec.load import load


@click.command("check")
@click.argument("mapping", type=click.Path(dir_okay=False), required=False)
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option(
    "--payload",
    "payloads",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Check payload files (JSON or XML) instead of a mapping.",
)
@option(
    "--target",
    default="po_line",
    show_default=True,
    help="What the payloads are: po_line or purchase_request.",
)
@institution_option
@parameter_option
@run_date_option
@common
def command(
    mapping: str | None,
    inputs: tuple[str, ...],
    payloads: tuple[Path, ...],
    target: str,
    institution_file: str | None,
    params: tuple[str, ...],
    run_date: date,
    form: Format,
) -> int:
    """Find everything that is wrong with a mapping before the first record, or with payload files.

    If the mapping's input is at hand, its columns are checked too; no record is mapped.
    """
    output = Output(form)
    if payloads:
        if mapping is not None:
            raise click.UsageError("check either a mapping or payloads")
        return _check_payloads(payloads, target, output)
    if mapping is None:
        raise click.UsageError("name a mapping file, or payload files with --payload")
    ready = compiled(load(mapping), inputs, params, run_date, institution_file)
    warnings = [*ready.plan.warnings, *ready.warnings]
    output.problems(warnings)
    seen = (
        f", columns checked against {ready.sources[0].name}"
        if ready.sources
        else ", no input at hand to check columns against"
    )
    output.say(f"{mapping}: good ({counted(len(warnings), 'warning')}{seen})")
    return 0


def _check_payloads(files: tuple[Path, ...], target_name: str, output: Output) -> int:
    target: Target = Registry.installed().get("targets", target_name, MappingPlace("--target"))()
    problems = []
    for file in files:
        try:
            payload = read_file(file)
        except OSError as error:
            raise Refusal(
                Problem("E601", f'cannot read "{file}": {error.strerror}', mapping=MappingPlace(str(file)))
            ) from None
        problems += _payload_problems(target, file, payload)
    output.problems(problems)
    wrong = [problem for problem in problems if problem.severity is Severity.ERROR]
    rest = counted(len(problems) - len(wrong), "warning")
    output.say(f"{counted(len(files), 'payload')} checked: {counted(len(wrong), 'error')}, {rest}")
    return 1 if wrong else 0


def _payload_problems(target: Target, file: Path, payload: bytes) -> list[Problem]:
    """Schema and rules of one payload; the place is the file and the path inside the document."""
    from etl.documents.schema_check import schema_errors

    document = target.parse(payload)
    if isinstance(document, list):
        return [_fault_problem(file, fault) for fault in document]
    problems = []
    if not payload.lstrip().startswith(b"<"):
        canonical = target.payload(document, "json")
        problems += [
            Problem("E503", message, mapping=MappingPlace(str(file)))
            for message in schema_errors(canonical, target.name)
        ]
    for finding in target.predict(document):
        severity = Severity.ERROR if finding.outcome == "refused" else Severity.WARNING
        place = MappingPlace(str(file), path=_dotted(finding.path))
        problems.append(Problem(finding.code, finding.message, severity, mapping=place, help=finding.help))
    return problems


def _fault_problem(file: Path, fault: Fault) -> Problem:
    return Problem(
        fault.code, fault.message, mapping=MappingPlace(str(file), path=_dotted(fault.path)), help=fault.help
    )


def _dotted(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
