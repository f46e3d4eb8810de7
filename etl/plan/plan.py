"""What will be done, as data. Nothing here evaluates anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from etl.institution.check import CodeCheck
from etl.lookups import Table
from etl.plugin import Connector, Options, Target
from etl.problems import MappingPlace, Problem
from etl.spec.load import Spec
from etl.template.compile import Template
from etl.template.environment import Sandbox


@dataclass(frozen=True, slots=True)
class Constant:
    """A value written in the mapping. None: explicitly nothing (an inherited value taken back)."""

    value: str | None
    place: MappingPlace
    truth: bool | None = None
    """Of true and false without quotes, which YAML means as a yes or no."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A template."""

    template: Template
    place: MappingPlace


@dataclass(frozen=True, slots=True)
class Members:
    """A group, in `fields` an object of the target: name → what fills it."""

    members: Mapping[str, ValuePlan]
    place: MappingPlace


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[ValuePlan, ...]
    place: MappingPlace


@dataclass(frozen=True, slots=True)
class When:
    """`$if`: the body, or nothing."""

    condition: Template
    body: ValuePlan
    place: MappingPlace


@dataclass(frozen=True, slots=True)
class Loop:
    """`$for`: the body once for each member, inside a list. `size` is how many plans the body consists of."""

    name: str
    over: Template
    body: ValuePlan
    place: MappingPlace
    size: int


@dataclass(frozen=True, slots=True)
class Named:
    """`$let`: these names, each after those it needs, and the body that may read them."""

    names: tuple[tuple[str, ValuePlan], ...]
    body: ValuePlan
    place: MappingPlace


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `$first` or `$level`. `level` is who says it; None in a plain list."""

    level: str | None
    body: ValuePlan


@dataclass(frozen=True, slots=True)
class First:
    """`$first` and `$level`: the first choice that is not empty. `given` is the name that gets the value."""

    choices: tuple[Choice, ...]
    given: str
    place: MappingPlace


Value = Constant | Expression
ValuePlan = Value | Members | Items | When | Loop | Named | First


def parts(plan: ValuePlan) -> tuple[ValuePlan, ...]:
    """The plans one step below."""
    if isinstance(plan, Members):
        return tuple(plan.members.values())
    if isinstance(plan, Items):
        return plan.items
    if isinstance(plan, When | Loop):
        return (plan.body,)
    if isinstance(plan, Named):
        return (*(value for _, value in plan.names), plan.body)
    if isinstance(plan, First):
        return tuple(choice.body for choice in plan.choices)
    return ()


def everything_in(plan: ValuePlan) -> Iterator[ValuePlan]:
    """The plan and all below it."""
    yield plan
    for part in parts(plan):
        yield from everything_in(part)


def templates_of(plan: ValuePlan) -> Iterator[Template]:
    """Every template of the plan."""
    for one in everything_in(plan):
        if isinstance(one, Expression):
            yield one.template
        elif isinstance(one, When):
            yield one.condition
        elif isinstance(one, Loop):
            yield one.over


@dataclass(frozen=True, slots=True)
class Check:
    """A rule of the author. `message` may be a template."""

    condition: Template
    verdict: Literal["reject", "hold", "warn"]
    message: Value
    place: MappingPlace


@dataclass(frozen=True, slots=True)
class Guards:
    """Limits of a run. `rejected_share` is in per cent."""

    max_documents: int | None = None
    max_rejected: int | None = None
    rejected_share: Decimal | None = None
    max_total: Mapping[str, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled mapping: everything resolved, nothing left to parse."""

    spec: Spec
    connector: Connector
    options: Options
    target: Target
    env: Sandbox
    tables: Mapping[str, Table]
    parameters: Mapping[str, str]
    run_date: date
    key: tuple[tuple[str, Expression], ...]
    when: Expression | None
    group_by: tuple[tuple[str, Expression], ...]
    user: Value | None
    let: tuple[tuple[str, ValuePlan], ...]
    fields: Members
    identity: Mapping[str, ValuePlan]
    checks: tuple[Check, ...]
    guards: Guards
    wanted: frozenset[str] | None
    members: frozenset[str]
    needs: Mapping[str, MappingPlace]
    warnings: tuple[Problem, ...]
    codes: CodeCheck | None = None
