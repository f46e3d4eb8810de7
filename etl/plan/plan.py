"""What will be done, as data. Nothing here evaluates anything."""

from __future__ import annotations

from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True)
class Expression:
    """A template."""

    template: Template
    place: MappingPlace


@dataclass(frozen=True, slots=True)
class Members:
    """An object of the target: field name → what fills it."""

    members: Mapping[str, FieldPlan]
    place: MappingPlace


@dataclass(frozen=True, slots=True)
class Items:
    """A list of the target."""

    items: tuple[FieldPlan, ...]
    place: MappingPlace


@dataclass(frozen=True, slots=True)
class When:
    """`$if`: the body, or nothing."""

    condition: Template
    body: FieldPlan
    place: MappingPlace


@dataclass(frozen=True, slots=True)
class Loop:
    """`$for`: the body once for each member, inside a list. `size` is how many plans the body consists of."""

    name: str
    over: Template
    body: FieldPlan
    place: MappingPlace
    size: int


FieldPlan = Constant | Expression | Members | Items | When | Loop
Value = Constant | Expression


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
    let: tuple[tuple[str, Value], ...]
    fields: Members
    checks: tuple[Check, ...]
    guards: Guards
    wanted: frozenset[str] | None
    needs: Mapping[str, MappingPlace]
    warnings: tuple[Problem, ...]
    codes: CodeCheck | None = None
