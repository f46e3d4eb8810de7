"""etl check MAPPING... | --payload FILE → everything that is wrong, nothing delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from etl.cli.alma_options import institution_name
from etl.cli.check_ledger import NOTHING_KNOWN, LedgerAnswer, asked
from etl.cli.deliverable import deliverable
from etl.cli.each_mapping import UNUSABLE, UNUSABLE_INPUT, MappingAnswer, answer_each, mappings_argument
from etl.cli.options import (
    PATH,
    common,
    mapping_run_options,
    named_values,
    option,
    report_option,
    report_place,
)
from etl.cli.output import Format, Output
from etl.cli.summary import counted
from etl.plan.compile import compile_plan, is_error
from etl.plugin import Fault, Target
from etl.problems import MappingPlace, Problem, Refusal, Severity
from etl.registry import Registry
from etl.regular_files import read_file
from etl.run.inputs import unreadable
from etl.run.places import refuse_overlaps
from etl.run.rows import unusable_files
from etl.spec.load import STAND_IN, Spec, load
from etl.spec.mapping_files import is_named_base

_LEFT_TO_OTHERS = {"E220", "E223", "E230"}
_LEVELS = {"E251", "E252"}


@click.command("check")
@mappings_argument(required=False)
@option(
    "--input",
    "inputs",
    multiple=True,
    metavar="FILE",
    help="Check columns against this file instead of the mapping's own.",
)
@option(
    "--payload",
    "payloads",
    type=PATH,
    multiple=True,
    metavar="FILE",
    help="Check payload files (JSON or XML) instead of mappings.",
)
@option(
    "--returned",
    is_flag=True,
    help="The payloads are what Alma answered: what it fills belongs there, and nothing is to be sent.",
)
@option(
    "--target",
    default="po_line",
    show_default=True,
    help="What the payloads are: po_line or purchase_request.",
)
@option(
    "--ledger",
    metavar="FILE|URL",
    help="Map the input, and say what this ledger would make of its orders; nothing is written.",
)
@institution_name
@report_option()
@mapping_run_options
@common
def command(
    mappings: tuple[str, ...],
    inputs: tuple[str, ...],
    payloads: tuple[Path, ...],
    returned: bool,
    target: str,
    ledger: str | None,
    institution: str | None,
    sink: str | None,
    sink_options: tuple[str, ...],
    report_folder: Path | None,
    institution_file: str | None,
    params: tuple[str, ...],
    run_date: date,
    form: Format,
) -> int:
    """Find everything that is wrong with mappings before the first record, or with payload files.

    Whatever etl run would refuse with the same options is refused here, but for what only the delivery
    meets: a key or a ledger that is not there. If a mapping's input is at hand, its columns are checked too;
    no record is mapped, unless --ledger asks what becomes of each order. A folder is gone through to its
    end; patterns stand in quotes. Bases, whose names begin with `_`, are checked with the mappings that
    extend them; one that is named by itself is checked alone, as far as it goes.
    """
    output = Output(form)
    if payloads:
        if mappings:
            raise click.UsageError("check either mappings or payloads")
        return _check_payloads(payloads, target, output, returned)
    if returned:
        raise click.UsageError("--returned is about payload files: --payload FILE")
    if not mappings:
        raise click.UsageError("name a mapping file, or payload files with --payload")

    def check(mapping: str) -> MappingAnswer:
        spec = load(mapping, alone=is_named_base(mapping))
        if not spec.is_whole:
            return _alone(spec, params, run_date, institution_file)
        ready, delivery = deliverable(
            spec, inputs, params, run_date, institution_file, sink=sink, sink_options=sink_options
        )
        folder = report_folder or report_place(spec.model.name)
        refuse_overlaps(spec, ready.plan.codes, ready.sources, delivery, folder)
        names = [source.name for source in ready.sources]
        files = names[0] if len(names) == 1 else counted(len(names), "file")
        seen = f"columns checked against {files}" if names else "no input at hand to check columns against"
        warnings = [*ready.plan.warnings, *ready.warnings]
        unusable = unusable_files(ready.plan, ready.sources)
        known = asked(ready, delivery, ledger, institution) if ledger and not unusable else NOTHING_KNOWN
        answer = _good(mapping, warnings, unusable, seen, known)
        if not ledger:
            return answer
        return replace(answer, facts={"ledger": known.counts, "problems": output.listed(answer.problems)})

    words = {0: "good", UNUSABLE_INPUT: "good, but not their input", UNUSABLE: "with errors"}
    return answer_each(mappings, output, check, words)


def _good(
    mapping: str,
    warnings: Sequence[Problem],
    unusable: Sequence[Problem],
    seen: str,
    known: LedgerAnswer = NOTHING_KNOWN,
) -> MappingAnswer:
    worse = "its input is not" if unusable else "a run would hold known orders" if known.holds else ""
    verdict = f"good, but {worse}" if worse else "good"
    warned = [*warnings, *(one for one in known.problems if one.severity is Severity.WARNING)]
    said = f"{mapping}: {verdict} ({counted(len(warned), 'warning')}, {seen})"
    code = UNUSABLE_INPUT if worse else 0
    return MappingAnswer(code, (said, *known.talk), (*warnings, *unusable, *known.problems))


def _alone(
    spec: Spec, params: tuple[str, ...], run_date: date, institution_file: str | None
) -> MappingAnswer:
    """A base without the mappings that extend it: what they may say is not missed. Raises Refusal."""
    left = _LEFT_TO_OTHERS | (set() if spec.model.levels else _LEVELS)
    warnings: Sequence[Problem] = ()
    try:
        warnings = compile_plan(
            spec,
            Registry.installed(),
            run_date=run_date,
            parameters=named_values(params, "--param", spec.model.parameters),
            institution_file=institution_file,
        ).warnings
    except Refusal as refusal:
        own = [one for one in refusal.problems if one.mapping is None or one.mapping.file != STAND_IN.name]
        warnings = [one for one in own if one.code not in left]
        if any(map(is_error, warnings)):
            raise Refusal(warnings) from None
    return _good(spec.path, warnings, (), "a base, checked alone as far as it goes")


def _check_payloads(files: tuple[Path, ...], target_name: str, output: Output, returned: bool) -> int:
    target: Target = Registry.installed().get("targets", target_name, MappingPlace("--target"))()
    problems = []
    for file in files:
        try:
            payload = read_file(file)
        except OSError as error:
            raise Refusal(unreadable(file, error)) from None
        problems += payload_problems(target, file, payload, returned=returned)
    output.every(problems)
    wrong = [problem for problem in problems if problem.severity is Severity.ERROR]
    rest = counted(sum(one.severity in (Severity.HOLD, Severity.WARNING) for one in problems), "warning")
    as_what = " as what Alma returned" if returned else ""
    output.say(f"{counted(len(files), 'payload')} checked{as_what}: {counted(len(wrong), 'error')}, {rest}")
    return 1 if wrong else 0


def payload_problems(
    target: Target, file: Path, payload: bytes, *, returned: bool = False
) -> list[Problem]:
    """Schema and rules of one payload; the place is the file and the path inside the document. What Alma has
    `returned` is not judged as what would be sent.
    """
    from etl.documents.schema_check import schema_errors

    document = target.parse(payload, returned=returned)
    if isinstance(document, list):
        return [_fault_problem(file, fault) for fault in document]
    if returned:
        return []
    problems = []
    if not payload.lstrip().startswith(b"<"):
        canonical = target.payload(document, "json")
        problems += [
            Problem("E503", message, mapping=MappingPlace(str(file)))
            for message in schema_errors(canonical, target.name)
        ]
    for finding in target.predict(document):
        place = MappingPlace(str(file), path=_dotted(finding.path))
        told = Problem(finding.code, finding.message, finding.severity, mapping=place, help=finding.help)
        problems.append(told)
    return problems


def _fault_problem(file: Path, fault: Fault) -> Problem:
    filled = fault.code == "E501"
    help_ = f"{fault.help}; if Alma has answered this, check it with  --returned" if filled else fault.help
    place = MappingPlace(str(file), path=_dotted(fault.path))
    return Problem(fault.code, fault.message, mapping=place, help=help_)


def _dotted(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
