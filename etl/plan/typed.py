"""The parts of a plan and the types of the names they read → everything in them that can never be right.

Types flow one way: from columns, tables and parameters into `let`, and from there into `$for` and `fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from etl.plan.choices import of_several_types
from etl.plan.lookup_filter import LookupTable
from etl.plan.plan import Constant, Expression, First, Items, Loop, Members, Named, ValuePlan, When
from etl.plan.sight import Sight, row_of
from etl.plan.typed_fields import Unfit, unfit, unfit_word
from etl.plugin import Shape
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
    or_nothing,
)

Names = Mapping[str, Type]

_TURN: Final = group_of({"index": INTEGER, "index0": INTEGER, "first": YES_NO, "last": YES_NO})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the plan that reads the whole of let, with what it gives: what of the target it fills, or
    the `word` it says, which may be one of `many`. A condition gives neither.
    """

    plan: ValuePlan
    field: Shape | None = None
    word: str = ""
    many: bool = False


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

    def value(self, plan: ValuePlan, names: Names, field: Shape | None = None) -> Type:
        """The type of what a part of the plan gives. `field`: what of the target it fills."""
        return _RULES[type(plan)](self, plan, names, field)

    def part(self, part: Part, names: Names) -> None:
        """One part that reads the whole of let."""
        before = len(self.problems)
        found = self.value(part.plan, names, part.field)
        if part.word and len(self.problems) == before:
            self.word(part, found)

    def word(self, part: Part, found: Type) -> None:
        """What gives a word is a text, a number or a date."""
        misfit = unfit_word(found, part.word, part.many)
        if misfit is not None:
            problem = Problem(misfit.code, misfit.message, mapping=part.plan.place, help=misfit.help)
            self.problems.append(problem)

    def alike(self, plans: Iterable[ValuePlan], names: Names, field: Shape | None, what: str) -> list[Type]:
        """The types of plans that stand for one another. If it is said `what` they are, they have to be one.

        Of one that is wrong itself it is not known what it was to give, and the target converts constants.
        """
        types, sound = [], []
        for plan in plans:
            before = len(self.problems)
            types.append(self.value(plan, names, field))
            if len(self.problems) == before and (field is None or not isinstance(plan, Constant)):
                sound.append((plan, types[-1]))
        self.problems += of_several_types(sound, what) if what else ()
        return types

    def members_of(self, template: Template, names: Names) -> Type:
        """The type of what `$for` meets."""
        found = self.template(template, names)
        if found.kind not in ("list", "nothing", "unknown"):
            message = f"$for runs over a list, and this is {found}"
            help_ = LOOP_HELP.get(found.kind)
            self.problems.append(Problem("E245", message, mapping=template.place(), help=help_))
        return found.item or UNKNOWN


def _constant(_check: TypeCheck, plan: Constant, _names: Names, field: Shape | None) -> Type:
    if plan.truth is not None and field is None:
        return UNKNOWN  # refused where it stands
    return NOTHING if plan.value is None else replace(TEXT, written=plan.value, one_of=(plan.value,))


def _expression(check: TypeCheck, plan: Expression, names: Names, field: Shape | None) -> Type:
    before = len(check.problems)
    found = check.template(plan.template, names)
    misfit = None if field is None else unfit(found, field)
    if field is not None and field.required and found.kind == "nothing":
        misfit = Unfit("E220", f'"{field.name}" is required and empty for every record', "give it a value")
    if misfit is not None and len(check.problems) == before:  # else it is not known what it was to give
        problem = Problem(misfit.code, misfit.message, mapping=plan.place, help=misfit.help)
        check.problems.append(problem)
    return found


def _members(check: TypeCheck, plan: Members, names: Names, field: Shape | None) -> Type:
    fields = {} if field is None else field.members
    return group_of({name: check.value(one, names, fields.get(name)) for name, one in plan.members.items()})


def _items(check: TypeCheck, plan: Items, names: Names, field: Shape | None) -> Type:
    """A list; what a loop in it gives are its members, not a list within the list.

    An empty one is unknown: it also stands for what could not be compiled, and blames nothing that reads it.
    """
    if not plan.items:
        return UNKNOWN
    what = "" if field is not None else "the members of the list"
    item = None if field is None else field.item
    return list_of(join(check.alike(plan.items, names, item, what)))


def _when(check: TypeCheck, plan: When, names: Names, field: Shape | None) -> Type:
    check.template(plan.condition, names, condition=True)
    return or_nothing(check.value(plan.body, names, field))


def _loop(check: TypeCheck, plan: Loop, names: Names, field: Shape | None) -> Type:
    member = check.members_of(plan.over, names)
    return check.value(plan.body, {**names, plan.name: member, "loop": _TURN}, field)


def _named(check: TypeCheck, plan: Named, names: Names, field: Shape | None) -> Type:
    sight = dict(names)
    for name, value in plan.names:
        sight[name] = check.value(value, sight)
    return check.value(plan.body, sight, field)


def _first(check: TypeCheck, plan: First, names: Names, field: Shape | None) -> Type:
    """The target converts a constant; in `let` it is text, and nothing else beside it is. Without choices,
    which is refused, nothing is known of it.
    """
    if not plan.choices:
        return UNKNOWN
    return or_nothing(join(check.alike([one.body for one in plan.choices], names, field, "the choices")))


_RULES: Final[Mapping[type, Callable[[TypeCheck, Any, Names, Shape | None], Type]]] = {
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
    whole: Iterable[Part],
) -> list[Problem]:
    """What is refused before the first record: E240–E248, and members that are not there.

    `when` and `group_by` see no let; `let` comes in the order of need; `whole` sees all of it, each part with
    what of the target it fills.
    """
    rows = {name: row_of(table) for name, table in tables.items()}
    keys = {name: table.table.key for name, table in tables.items()}
    rules = {**filter_rules(env.domain), "lookup": lookup_rule(rows, keys)}
    check = TypeCheck(env, sight, rules)
    if when is not None:
        check.template(when.template, {}, condition=True)
    groups = [(part, check.value(part, {})) for _, part in group_by]
    answers = [found.kind == "yes_no" for _, found in groups]
    for (part, found), answer in zip(groups, answers, strict=True):
        if not answer or all(answers):  # beside others a yes or no parts them further
            check.word(Part(part, word="group_by"), found)
    names: dict[str, Type] = {}
    for name, value in let.items():
        names[name] = check.value(value, names)
    for one in whole:
        check.part(one, names)
    return check.problems
