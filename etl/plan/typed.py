"""The parts of a plan and the types of the names they read → everything in them that can never be right.

Types flow one way: from columns, tables and parameters into `let`, and from there into `$for` and `fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from etl.plan.lookup_filter import LookupTable
from etl.plan.plan import Constant, Expression, First, Items, Loop, Members, Named, ValuePlan, When
from etl.plan.sight import Sight, row_of
from etl.problems import Problem
from etl.template.compile import Template
from etl.template.environment import Sandbox
from etl.template.filter_types import filter_rules, lookup_rule
from etl.template.infer import infer
from etl.template.reading import LOOP_HELP, FilterRule
from etl.template.types import (
    INTEGER,
    NOTHING,
    TEXT,
    UNKNOWN,
    YES_NO,
    Type,
    group_of,
    join,
    list_of,
)

Names = Mapping[str, Type]

_TURN: Final = group_of({"index": INTEGER, "index0": INTEGER, "first": YES_NO, "last": YES_NO})


@dataclass(slots=True)
class TypeCheck:
    """One mapping's templates being read; problems collect."""

    env: Sandbox
    sight: Sight
    filters: Mapping[str, FilterRule]
    problems: list[Problem] = field(default_factory=list)

    def template(self, template: Template, names: Names, *, condition: bool = False) -> Type:
        """The type of one template's value."""
        read = (*template.names.needed, *template.names.optional)
        undeclared = dict.fromkeys(read, self.sight.others) if self.sight.others else {}
        seen = {**undeclared, **self.sight.given, **names}
        tree = self.env.parse(template.text)
        found, misfits = infer(tree, template.text, seen, self.filters, condition=condition)
        for one in misfits:
            place = template.locate(one.offset, one.length)
            self.problems.append(Problem(one.code, one.message, mapping=place, help=one.help))
        return found

    def value(self, plan: ValuePlan, names: Names) -> Type:
        """The type of what a part of the plan gives."""
        return _RULES.get(type(plan), _of_others)(self, plan, names)

    def members_of(self, template: Template, names: Names) -> Type:
        """The type of what `$for` meets."""
        found = self.template(template, names)
        if found.kind not in ("list", "nothing", "unknown"):
            message = f"$for runs over a list, and this is {found}"
            help_ = LOOP_HELP.get(found.kind)
            self.problems.append(Problem("E245", message, mapping=template.place(), help=help_))
        return found.item or UNKNOWN


def _of_others(_check: TypeCheck, _plan: Any, _names: Names) -> Type:
    return UNKNOWN


def _constant(_check: TypeCheck, plan: Constant, _names: Names) -> Type:
    return NOTHING if plan.value is None else TEXT


def _expression(check: TypeCheck, plan: Expression, names: Names) -> Type:
    return check.template(plan.template, names)


def _members(check: TypeCheck, plan: Members, names: Names) -> Type:
    return group_of({name: check.value(one, names) for name, one in plan.members.items()})


def _items(check: TypeCheck, plan: Items, names: Names) -> Type:
    """A list; what a loop in it gives are its members, not a list within the list.

    An empty one is unknown: it also stands for what could not be compiled, and blames nothing that reads it.
    """
    if not plan.items:
        return UNKNOWN
    return list_of(join([check.value(one, names) for one in plan.items]))


def _when(check: TypeCheck, plan: When, names: Names) -> Type:
    check.template(plan.condition, names, condition=True)
    return check.value(plan.body, names)


def _loop(check: TypeCheck, plan: Loop, names: Names) -> Type:
    member = check.members_of(plan.over, names)
    return check.value(plan.body, {**names, plan.name: member, "loop": _TURN})


def _named(check: TypeCheck, plan: Named, names: Names) -> Type:
    sight = dict(names)
    for name, value in plan.names:
        sight[name] = check.value(value, sight)
    return check.value(plan.body, sight)


def _first(check: TypeCheck, plan: First, names: Names) -> Type:
    return join([check.value(choice.body, names) for choice in plan.choices])


_RULES: Final[Mapping[type, Callable[[TypeCheck, Any, Names], Type]]] = {
    Constant: _constant,
    Expression: _expression,
    Members: _members,
    Items: _items,
    When: _when,
    Loop: _loop,
    Named: _named,
    First: _first,
}


def type_problems(
    env: Sandbox,
    sight: Sight,
    tables: Mapping[str, LookupTable],
    when: Expression | None,
    group_by: Iterable[tuple[str, Expression]],
    let: Mapping[str, ValuePlan],
    whole: Iterable[ValuePlan],
) -> list[Problem]:
    """What is refused before the first record: E240–E245, and members that are not there.

    `when` and `group_by` see no let; `let` comes in the order of need; `whole` sees all of it.
    """
    rows = {name: row_of(table) for name, table in tables.items()}
    keys = {name: table.table.key for name, table in tables.items()}
    rules = {**filter_rules(env.domain), "lookup": lookup_rule(rows, keys)}
    check = TypeCheck(env, sight, rules)
    if when is not None:
        check.template(when.template, {}, condition=True)
    for _, part in group_by:
        check.value(part, {})
    names: dict[str, Type] = {}
    for name, value in let.items():
        names[name] = check.value(value, names)
    for one in whole:
        check.value(one, names)
    return check.problems
