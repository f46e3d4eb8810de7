"""A mapping's institution file and its constants → a check of codes, and what it finds before any record."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from etl.institution.check import CodeCheck
from etl.institution.file import load_institution
from etl.plan.plan import Constant, Items, Loop, Members, Named, ValuePlan, When
from etl.plugin import Target
from etl.problems import MappingPlace, Problem, Refusal
from etl.spec.load import Spec, sibling

_Places = dict[tuple[str | int, ...], MappingPlace]


def code_check(spec: Spec, given: str | None, problems: list[Problem]) -> CodeCheck | None:
    """The check of the file named by `given`, else by the mapping; None if neither names one."""
    if given is None and spec.model.institution is None:
        return None
    node = spec.node("institution")
    shown = given if given is not None else sibling(node.file, spec.model.institution or "")
    place = None if given is not None else node.place(len(spec.model.institution or ""))
    try:
        return CodeCheck(load_institution(Path(shown), shown, place), spec.model.target, shown)
    except Refusal as refusal:
        problems += refusal.problems
        return None


def doubts_of(
    warnings: list[Problem], codes: CodeCheck | None, target: Target, fields: Members, run_date: date
) -> list[Problem]:
    """The compiler's warnings; with an institution file, its findings in place of what Alma's tables usually
    hold.
    """
    if codes is None:
        return warnings
    kept = [one for one in warnings if one.code not in target.open_codes]
    return kept + constant_problems(codes, fields, run_date)


def constant_problems(codes: CodeCheck, fields: Members, run_date: date) -> list[Problem]:
    """Every constant code that Alma would refuse (errors), park or drop (warnings), at its place."""
    places: _Places = {}
    values = _constants(fields, (), places)
    found = [
        Problem(
            one.code,
            one.message,
            one.severity,
            mapping=places.get(one.path, fields.place),
            help=one.help,
        )
        for one in codes.of_values(values)
    ]
    old = codes.age_warning(run_date, MappingPlace(codes.file))
    return [*found, old] if old else found


def _constants(plan: ValuePlan, path: tuple[str | int, ...], places: _Places) -> Any:
    """What is written in the mapping, as plain values; what a template will fill is left out."""
    if isinstance(plan, Constant):
        places[path] = plan.place
        return plan.value
    if isinstance(plan, Members):
        return {name: _constants(one, (*path, name), places) for name, one in plan.members.items()}
    if isinstance(plan, Items):
        return [_constants(one, (*path, at), places) for at, one in enumerate(plan.items)]
    if isinstance(plan, When | Loop | Named):
        return _constants(plan.body, path, places)
    return None
