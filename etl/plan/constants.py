"""Templates that read nothing of a record → what they give, known before the first of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from etl.plan.plan import Constant, Expression, ValuePlan, templates_of
from etl.plan.templates import Use
from etl.problems import Problem
from etl.spec.load import Spec
from etl.template.compile import Template
from etl.template.emptiness import is_empty
from etl.template.environment import Failure, Recorder, Sandbox

_OF_THE_RUN = frozenset(("parameters", "run_date", "range"))
_Lets = Mapping[str, ValuePlan]


_SAME = {
    "key": "name the columns that tell one order line from every other",
    "group_by": "name the columns that the rows of one order line share",
}


def is_nothing(template: Template, env: Sandbox) -> bool:
    """Does it give nothing to any record, as `{{ none }}` and `{{ '' }}` do?"""
    if not _reads_only(template, ()):
        return False
    value, problem = _worked_out(template, env, {})
    return problem is None and (value is None or (isinstance(value, str) and is_empty(value)))


def failing(uses: Sequence[Use], lets: _Lets, env: Sandbox, told: Iterable[Problem]) -> list[Problem]:
    """What every record would meet that comes to these templates: they read constants alone, and fail. Not
    where something is `told` already. Lookups are left to the run, for their tables may change with the day.
    """
    said = {(one.mapping.file, one.mapping.path) for one in told if one.mapping is not None}
    known: dict[str, Any] = {}
    for name, plan in lets.items():
        if isinstance(plan, Constant):
            known[name] = plan.value
        elif isinstance(plan, Expression) and _reads_only(plan.template, known):
            value, problem = _worked_out(plan.template, env, known)
            known |= {name: value} if problem is None else {}
    problems = []
    for use in uses:
        names = known if use.sees_lets else {}
        place = use.template.place()
        if (place.file, place.path) not in said and _reads_only(use.template, names.keys() - use.local):
            problems.append(_worked_out(use.template, env, names)[1])
    return [one for one in problems if one is not None]


def same_for_all(
    spec: Spec,
    lets: _Lets,
    sections: Mapping[str, Sequence[tuple[str, Expression]]],
    told: Iterable[Problem],
) -> list[Problem]:
    """Keys and groups that do not vary: one order line, or one document, of all records. Not where something
    is `told` of a part.
    """
    places = {one.mapping for one in told}
    return [
        Problem("E203", f"{name} is the same for every record", mapping=spec.place(name), help=_SAME[name])
        for name, parts in sections.items()
        if parts and all(one.place not in places and _never_varies(one, lets) for _, one in parts)
    ]


def _never_varies(plan: ValuePlan, lets: _Lets) -> bool:
    """Is nothing of a record in it, also by way of `let`?"""
    asked, seen = [plan], set(_OF_THE_RUN)
    while asked:
        read = {name for one in templates_of(asked.pop()) for name in one.names.all} - seen
        if not read <= lets.keys():
            return False
        seen |= read
        asked += (lets[name] for name in read)
    return True


def _reads_only(template: Template, known: Collection[str]) -> bool:
    return set(template.names.all) <= {*known, "range"} and "lookup" not in template.text


def _worked_out(template: Template, env: Sandbox, names: Mapping[str, Any]) -> tuple[Any, Problem | None]:
    """Its value, or why there is none; with the budget of one record, and nothing left behind."""
    env.budget.refill()
    recorder, env.recorder = env.recorder, Recorder()
    try:
        return template.evaluate(env.context(dict(names))), None
    except Failure as failure:
        return None, failure.problem
    finally:
        env.recorder = recorder
