"""Groups, lists and directives of `let` and `fields` → a tree of what gives what, or every reason why not.

Both sections take the same shapes. What may stand at a place is asked of a `Slot`: in `let` anything goes,
in `fields` the target has a say (etl/plan/fields.py).
"""

from __future__ import annotations

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import replace
from graphlib import CycleError

from etl.plan.constants import is_nothing
from etl.plan.order import by_need, circle, needs, reached
from etl.plan.plan import (
    Choice,
    Constant,
    Expression,
    First,
    Items,
    Loop,
    Members,
    Named,
    ValuePlan,
    When,
    everything_in,
)
from etl.plan.templates import Templates
from etl.problems import MappingPlace, Problem, Refusal
from etl.spec.directives import DIRECTIVES, WAYS
from etl.spec.laying import lay_under
from etl.template.compile import Template
from etl.yaml_tree import MAX_DEPTH, Mapping, Node, Scalar, Sequence

MAX_PLANS = 100_000
"""Fragments are copies: a small file may not become a large tree."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")

Path = tuple[str, ...]


class Slot(ABC):
    """What may stand at one place."""

    @abstractmethod
    def group(self, node: Mapping, path: Path) -> ValuePlan:
        """The plan of a group of names, directives aside."""

    @abstractmethod
    def member(self, node: Sequence, /) -> Slot | None:
        """What a list's members may be; None if no list belongs here, which has been said."""

    @abstractmethod
    def constant(self, value: Constant, path: Path) -> None:
        """Look at a value that is written in the mapping."""


class ShapeCompiler:
    """Walks shapes. `levels`: level → the name whose row says it; `rows_of`: a plan → its table's columns;
    `taken`: names that mean the same everywhere.
    """

    def __init__(
        self,
        templates: Templates,
        fragments: MappingType[str, Node],
        levels: MappingType[str, str],
        rows_of: Callable[[ValuePlan], frozenset[str] | None],
        parameters: frozenset[str],
        taken: frozenset[str],
    ) -> None:
        self.templates, self.fragments, self.levels, self._rows_of = templates, fragments, levels, rows_of
        self._taken = taken
        self.rows: dict[str, frozenset[str]] = {"parameters": parameters}
        self.row_names: set[str] = {"parameters"}
        """Names that give a row by which a level can say something, wherever they are in sight."""
        self.passed_over: set[str] = set()
        """Levels that some `$level` went without."""
        self.inner_lets: dict[MappingPlace, tuple[str, bool]] = {}
        """Where a `$let` makes a name → the name, and whether anything reads it in a copy of a fragment."""
        self.unread: set[str] = set()
        self.anything = _Anything(self)
        self.count = 0

    # ------------------------------------------------------------------------------- groups of names

    def named(self, node: Mapping, at: Path) -> dict[str, ValuePlan]:
        """The values of a `let` or `$let`, in the order of need. Their names are in sight for all of them.

        Values that ask levels come last, because levels are rows that others of these names may be.
        """
        plans: dict[str, ValuePlan] = {}
        for name in sorted(node.items, key=lambda one: _asks_levels(node.items[one])):
            plans[name] = self.node(node.items[name], self.anything, (*at, name))
            columns = self._rows_of(plans[name])
            if columns is not None:
                self.rows[name] = columns
                self.row_names |= {name} if columns else set()
            elif plans[name] == Items((), plans[name].place):
                self.unread.add(name)
        written = {name: plans[name] for name in node.items}
        try:
            return {name: written[name] for name in by_need(written)}
        except CycleError as error:
            path = circle(error, written)
            said = f'"{path[0]}" needs itself' if len(path) == 2 else f"{' → '.join(path)} is a circle"
            help_ = "a column of that name needs another name here" if len(path) == 2 else None
            self.templates.refuse("E227", said, node.key_place(path[0]), help_)
            return written

    # -------------------------------------------------------------------------------------- one node

    def node(self, node: Node, wanted: Slot, path: Path, in_list: bool = False) -> ValuePlan:
        """Anything at all."""
        self._expanded(1, node)
        if isinstance(node, Mapping):
            return self._directives(self.included(node), wanted, path, in_list)
        if isinstance(node, Sequence):
            member = wanted.member(node)
            members = [self.node(one, member, path, in_list=True) for one in node.items] if member else []
            return Items(tuple(members), node.place())
        before = len(self.templates.problems)
        value = self.templates.value(node)
        if len(self.templates.problems) > before:
            return Items((), node.place())  # something, so that it is not called "never set" as well
        of_field = wanted is not self.anything
        if of_field and isinstance(value, Expression) and is_nothing(value.template, self.templates.env):
            return Constant(None, value.place)
        if isinstance(value, Constant) and value.value:
            wanted.constant(value, path)
        return value

    def _directives(self, node: Mapping, wanted: Slot, path: Path, in_list: bool = False) -> ValuePlan:
        """`$for`, then `$let`, then `$if`, then one of `$value`, `$first`, `$level`, or the group itself."""
        outer, rows, before = self.templates.local, dict(self.rows), len(self.templates.uses)
        loop = self._loop(node, in_list)
        names = self._let(node, path)
        condition = self.templates.condition(node.items["$if"], "$if") if "$if" in node.items else None
        body = self._body(node, wanted, path)
        self.templates.local, self.rows = outer, rows
        self._note_readers(node, names, before)
        early = reached(needs(condition, names), names) if condition else set(names)
        late = tuple((name, plan) for name, plan in names.items() if name not in early)
        if late:
            body = Named(late, body, node.key_place("$let"))
        if condition is not None:
            body = When(condition.template, body, node.key_place("$if"))
        if early:
            first = tuple((name, plan) for name, plan in names.items() if name in early)
            body = Named(first, body, node.key_place("$let"))
        if loop is not None:
            name, over = loop
            if over is None:
                return Items((), node.place())  # what its members are is not known
            size = sum(1 for _ in everything_in(body))
            body = Loop(name, over, body, node.key_place("$for"), size)
        return body

    def _note_readers(self, node: Mapping, names: MappingType[str, ValuePlan], before: int) -> None:
        """Whether what stands below a `$let` reads its names: `before`, so many templates stood above it."""
        made = node.items.get("$let")
        if not isinstance(made, Mapping):
            return
        read = {name for use in self.templates.uses[before:] for name in use.template.names.all}
        for name in names:
            place = made.key_place(name)
            _, known = self.inner_lets.get(place, (name, False))
            self.inner_lets[place] = name, known or name in read

    def _loop(self, node: Mapping, in_list: bool) -> tuple[str, Template | None] | None:
        if "$for" not in node.items:
            return None
        loop = self.templates.loop(node.items["$for"])
        place = node.key_place("$for")
        if not in_list:
            self.templates.refuse("E204", "$for belongs inside a list", place, "begin the line with -")
        if loop:
            self._make({loop[0]: node.items["$for"].place()})
            self.templates.local |= {"loop"}
        return loop

    def _let(self, node: Mapping, path: Path) -> dict[str, ValuePlan]:
        asked = node.items.get("$let")
        if asked is None:
            return {}
        if not isinstance(asked, Mapping):
            self.templates.refuse("E201", "$let is a group: name: value", asked.place())
            return {}
        for name in asked.items:
            self.check_name(name, asked.key_place(name))
        self._make({name: asked.key_place(name) for name in asked.items})
        return self.named(asked, path)

    def check_name(self, name: str, place: MappingPlace) -> None:
        if not _NAME.match(name):
            said = f'"{name}" is no name: use letters, digits and _, and begin with a letter'
            self.templates.refuse("E203", said, place)

    def _make(self, names: MappingType[str, MappingPlace]) -> None:
        """These names are in sight from here on. One that is in sight already would hide it."""
        for name, place in names.items():
            if name in self.templates.local | self._taken:
                self.templates.refuse("E225", f'"{name}" is in sight already here', place, "another name")
            self.templates.made.append((name, place))
        self.templates.local |= names.keys()

    def _body(self, node: Mapping, wanted: Slot, path: Path) -> ValuePlan:
        ways = [name for name in WAYS if name in node.items]
        rest = [name for name in node.items if name not in DIRECTIVES]
        if len(ways) > 1:
            said = f"{' and '.join(ways)} together: which one is the value?"
            self.templates.refuse("E207", said, node.key_place(ways[1]), "keep one of them")
        elif ways and ways[0] != "$level" and rest:
            said = f'"{rest[0]}" cannot stand beside {ways[0]}'
            self.templates.refuse("E207", said, node.key_place(rest[0]))
        if not ways:
            plain = {name: child for name, child in node.items.items() if name not in DIRECTIVES}
            return wanted.group(replace(node, items=plain), path)
        asked = node.items[ways[0]]
        if ways[0] == "$value":
            return self.node(asked, wanted, path)
        if ways[0] == "$first":
            return self._first(asked, wanted, path)
        return self._level(node, wanted, path)

    # ----------------------------------------------------------------------------- $first and $level

    def _first(self, node: Node, wanted: Slot, path: Path) -> ValuePlan:
        if isinstance(node, Sequence):
            choices = [Choice(None, self.node(one, wanted, path)) for one in node.items]
        elif isinstance(node, Mapping):
            for name in node.items:
                if self.levels and name not in self.levels:
                    self._unknown_level(node, name)
            choices = [Choice(name, self.node(one, wanted, path)) for name, one in node.items.items()]
        else:
            choices = []
        if not choices:
            said = "$first is a list of choices, or a group  level: choice"
            self.templates.refuse("E250", said, node.place())
        return First(tuple(choices), path[-1], node.place())

    def _level(self, node: Mapping, wanted: Slot, path: Path) -> ValuePlan:
        asked = node.items["$level"]
        column = asked.text if isinstance(asked, Scalar) else ""
        for name in node.items:
            if name not in DIRECTIVES and name not in self.levels:
                self._unknown_level(node, name)
        choices = []
        for level, source in self.levels.items():
            if level in node.items:
                choices.append(Choice(level, self.node(node.items[level], wanted, path)))
            elif column in self.rows.get(source, ()) and isinstance(asked, Scalar):
                template = self.templates.attribute(asked, source, column)
                if template is not None:
                    choices.append(Choice(level, template))
            else:
                self.passed_over.add(level)
        if not choices and not self.unread.isdisjoint(self.levels.values()):
            return Items((), asked.place())  # the row that would say it could not be compiled, which is told
        if not choices:
            said = f'no level says "{column}"'
            known = sorted({one for name in self.levels.values() for one in self.rows.get(name, ())})
            near = difflib.get_close_matches(column, known, 1)
            help_ = (
                f'did you mean "{near[0]}"?'
                if near
                else "a level is a row in sight here, of a table that lists the column under  columns:"
            )
            self.templates.refuse("E251", said, asked.place(len(column)), help_)
        return First(tuple(choices), path[-1], asked.place(len(column)))

    def _unknown_level(self, node: Mapping, name: str) -> None:
        if name.startswith("$"):
            self.unknown_directive(node, name)
            return
        near = difflib.get_close_matches(name, self.levels, 1)
        known = f"levels: {', '.join(self.levels)}" if self.levels else "declare it under  levels:"
        help_ = f'did you mean "{near[0]}"?' if near else known
        self.templates.refuse("E252", f'no level "{name}" is declared', node.key_place(name), help_)

    def unknown_directive(self, node: Mapping, name: str) -> None:
        near = difflib.get_close_matches(name, DIRECTIVES, 1)
        help_ = f"did you mean {near[0]}?" if near else f"there are {', '.join(DIRECTIVES)}"
        self.templates.refuse("E208", f'unknown directive "{name}"', node.key_place(name), help_)

    # ------------------------------------------------------------------------------------- $include

    def _expanded(self, size: int, node: Node) -> None:
        self.count += size
        if self.count > MAX_PLANS:
            what = f"the file expands to too much: more than {MAX_PLANS:,} values, fragments included"
            raise Refusal(Problem("E104", what, mapping=node.place()))

    def included(self, node: Mapping, trail: tuple[str, ...] = ()) -> Mapping:
        """The node with `$include` resolved: the fragment below, the node's own keys on top."""
        self._expanded(len(node.items), node)
        asked = node.items.get("$include")
        if asked is None:
            return node
        name = asked.text if isinstance(asked, Scalar) else ""
        rest = replace(
            node,
            items={key: child for key, child in node.items.items() if key != "$include"},
            keys={key: child for key, child in node.keys.items() if key != "$include"},
        )
        place = asked.place(len(name))
        fragment = self.fragments.get(name)
        if len(trail) == MAX_DEPTH:
            said = f"fragments include one another more than {MAX_DEPTH} deep"
            self.templates.refuse("E210", said, place)
        elif name in trail:
            self.templates.refuse("E210", f'fragment "{name}" includes itself', place)
        elif not isinstance(fragment, Mapping):
            near = difflib.get_close_matches(name, self.fragments, 1)
            help_ = f'did you mean "{near[0]}"?' if near else "name it under fragments:"
            self.templates.refuse("E210", f'no fragment "{name}" with fields', place, help_)
        else:
            return lay_under(self.included(fragment, (*trail, name)), rest)
        return rest


class _Anything(Slot):
    """In `let`: groups and lists have the names and members their author gives them."""

    def __init__(self, compiler: ShapeCompiler) -> None:
        self._compiler = compiler

    def group(self, node: Mapping, path: Path) -> ValuePlan:
        members = {}
        for name, child in node.items.items():
            if name.startswith("$"):
                self._compiler.unknown_directive(node, name)
            else:
                self._compiler.check_name(name, node.key_place(name))
                members[name] = self._compiler.node(child, self, (*path, name))
        return Members(members, node.place())

    def member(self, _node: Sequence, /) -> Slot:
        return self

    def constant(self, value: Constant, path: Path) -> None:
        """Any text is as good as another; a yes or no without quotes is none."""
        yes_no = str(value.truth).lower()
        help_ = f'the yes or no:  "{{{{ {yes_no} }}}}" ;  the text, in quotes:  "{value.value}"'
        self._compiler.templates.refuse_truth(value, f'a constant in let ("{path[-1]}")', help_)


def never_given(plan: ValuePlan | None) -> bool:
    """Is there no plan, or one that gives nothing to any record?"""
    return plan is None or (isinstance(plan, Constant) and not plan.value)


def rows_of(
    plan: ValuePlan, table_of: Callable[[Expression], frozenset[str] | None]
) -> frozenset[str] | None:
    """The columns of the row that a plan gives; None when it gives no row of a table."""
    if isinstance(plan, Expression):
        return table_of(plan)
    if isinstance(plan, When | Named):
        return rows_of(plan.body, table_of)
    if isinstance(plan, First):
        found = [rows_of(choice.body, table_of) for choice in plan.choices]
        known = [one for one in found if one is not None]
        return frozenset.intersection(*known) if known and len(known) == len(found) else None
    return None


def _asks_levels(node: Node) -> bool:
    if isinstance(node, Mapping):
        return "$level" in node.items or any(_asks_levels(child) for child in node.items.values())
    return isinstance(node, Sequence) and any(_asks_levels(child) for child in node.items)
