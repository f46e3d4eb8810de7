"""A template while its types are read: the names in sight, and what was found that can never be right.

Here stands what the rules of nodes (`etl.template.infer`), operators and filters have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from jinja2 import nodes

from etl.plugin import BadValue
from etl.template.lexer import offset_of
from etl.template.logic import is_true
from etl.template.plain_words import bracketed, shown
from etl.template.spans import span_of
from etl.template.types import INTEGER, NOTHING, NUMBERS, TEXT, UNKNOWN, Type, or_nothing


@dataclass(frozen=True, slots=True)
class Misfit:
    """What can never be right, and where in the template's text: `offset` and `length` in characters."""

    code: str
    offset: int
    length: int
    message: str
    help: str | None = None


@dataclass(slots=True)
class Reading:
    """A template while it is read: the names in sight, and what was found so far."""

    text: str
    names: dict[str, Type]
    filters: Mapping[str, FilterRule]
    rules: Mapping[type[nodes.Node], Callable[[Reading, Any], Type]]
    misfits: list[Misfit] = field(default_factory=list)
    guarded: set[int] = field(default_factory=set)
    """Nodes under `default` or `is defined`: what they read may be absent."""
    asked_constants: set[int] = field(default_factory=set)
    """Constants that are asked as a yes or no, of which that is said."""

    def of(self, node: nodes.Node | None) -> Type:
        """The type of one node."""
        if node is None:
            return NOTHING
        rule = self.rules.get(type(node))
        if rule is not None:
            return rule(self, node)
        for child in node.iter_child_nodes():
            self.of(child)
        return UNKNOWN

    def inner(self, names: Mapping[str, Type]) -> Reading:
        """The same within a loop, a branch or a `with`: names that are set there stay there."""
        return replace(self, names={**self.names, **names})

    def refuse(self, code: str, node: nodes.Node, message: str, help: str | None = None) -> None:
        start, end = span_of(node)
        self.misfits.append(Misfit(code, start, end - start, message, help))

    def shown(self, node: nodes.Node) -> str:
        """The node as it is written, cut to what fits in a line."""
        start, end = span_of(node)
        return shown(self.text[start:end])

    # ------------------------------------------------------------------ what several rules ask for

    def logic(self, node: nodes.Node, instead: str = "") -> Type:
        """A yes or no, or a text that is asked whether it is filled; a number, list or row is refused.

        `instead`: what to write for it.
        """
        found, shown = self.of(node), bracketed(self.shown(node))
        if id(node) in self.asked_constants:
            return found
        if found.kind in NUMBERS:
            constant = isinstance(node, nodes.Const)
            help_ = f"0 is a value: write  {shown} is not none  or  {shown} != 0"
            help_ = "write what is compared with it:  x == …" if constant else help_
        elif found.kind == "list":
            help_ = f"write  {shown} | length > 0"
        elif found.kind == "group":
            help_ = f"ask for one of its members:  {shown}.{found.a_member()}"
        else:
            if not instead:
                self._no_false_text(node, found)
            return found
        self.refuse("E241", node, f"{self.shown(node)} is {found}, not a yes or no", instead or help_)
        return found

    def _no_false_text(self, node: nodes.Node, found: Type) -> None:
        """A constant that is a no to people, and would count as yes; of an `or` it is a choice."""
        try:
            for text in found.one_of:
                is_true(text, self.shown(node))
        except BadValue as error:
            self.refuse(error.code, node, error.message, error.help or "")

    def member(
        self, base: Type, name: str, node: nodes.Node, at: int, guarded: bool = False, length: int = 0
    ) -> Type:
        """The member of a group that is written at the offset `at`; a dot on nothing is nothing. `length` of
        what is written there, if it is not the name itself.
        """
        if base.kind in ("unknown", "nothing"):
            return base
        if base.kind == "date" and name in ("year", "month", "day"):
            return INTEGER
        if base.kind != "group":
            self.misfits.append(
                Misfit("E244", at, len(name), f'{base} has no member "{name}"', _DOT_HELP[base.kind])
            )
            return UNKNOWN
        found = base.member(name)
        if found is None:
            found = UNKNOWN
            if not (base.absent.excused(name) and (guarded or id(node) in self.guarded)):
                said = base.absent.said.format(name)
                length = length or len(name)
                self.misfits.append(Misfit(base.absent.code, at, length, said, base.help_for(name)))
        return found

    def path(self, base: Type, written: nodes.Expr | None, many: bool = False, guarded: bool = False) -> Type:
        """What `attribute='a.b'` of a filter reads; `many`: several, with commas between."""
        if not isinstance(written, nodes.Const) or not isinstance(written.value, str):
            return UNKNOWN if written is None or not isinstance(written, nodes.Const) else self._at(base)
        found = base
        start = self.text.find(written.value, offset_of(written.lineno))
        for one in written.value.split(",") if many else [written.value]:
            found, at = base, start
            for name in one.split("."):
                found = self._at(found) if name.isdigit() else self.member(found, name, written, at, guarded)
                at += len(name) + 1
            start += len(one) + 1
        return UNKNOWN if many else found

    @staticmethod
    def _at(base: Type) -> Type:
        return or_nothing(base.item) if base.kind == "list" and base.item is not None else UNKNOWN

    def members_of(self, node: nodes.Node, what: str) -> Type:
        """The type of what a loop over the node meets; what is no list is refused."""
        found = self.of(node)
        if found.kind == "list" and found.item is not None:
            return found.item
        if found.kind not in ("unknown", "nothing"):
            message = f"{what} runs over a list, and {self.shown(node)} is {found}"
            self.refuse("E245", node, message, LOOP_HELP.get(found.kind))
        return UNKNOWN


@dataclass(frozen=True, slots=True)
class Applied:
    """A filter at its place: the value it gets, and its arguments with their types."""

    reading: Reading
    node: nodes.Node
    name: str
    value: Type
    args: tuple[nodes.Expr, ...]
    kwargs: Mapping[str, nodes.Expr]
    types: Mapping[int, Type]

    def argument(self, position: int, name: str) -> nodes.Expr | None:
        """An argument by its position or its name."""
        return self.args[position] if position < len(self.args) else self.kwargs.get(name)

    def type_of(self, argument: nodes.Expr | None) -> Type:
        return NOTHING if argument is None else self.types[id(argument)]

    def refuse(self, wants: str) -> None:
        """Say that it never takes what it gets."""
        help_ = None
        if self.value.kind == "list":
            help_ = f"use  | first  to take one,  | map('{self.name}')  for each, or $for"
        elif self.value.kind == "group":
            help_ = f"take one of its members:  .{self.value.a_member()}"
        elif self.value.kind == "text" and "list" in wants:
            help_ = LOOP_HELP["text"]
        elif self.value.kind == "yes_no" and "text" in wants:
            help_ = SAY_THE_WORDS
        elif self.value.kind == "text" and "number" in wants:
            help_ = "make a number of it first:  | integer ,  | decimal  or  | amount('sv')"
        elif self.value.kind in (*NUMBERS, "yes_no", "date"):
            help_ = (
                "give it what was read, not what was made of it" if "text" in wants else f"it needs {wants}"
            )
        message = f'"{self.name}" takes {wants}, and gets {self.value}'
        self.reading.refuse("E243", self.node, message, help_)

    def takes(self, kinds: Sequence[str], wants: str) -> bool:
        """Does it take the value, as far as is known? If not, that is said."""
        fits = self.value.kind in (*kinds, "unknown", "nothing")
        if not fits:
            self.refuse(wants)
        return fits

    def members(self, wants: str = "a list") -> Type:
        """What the filter meets in the value: members of a list, names of a group.

        A text is refused as in `$for`: of its letters nobody wants the sum, and 12 copies would become 3.
        """
        if not self.takes(("list", "group"), wants):
            return UNKNOWN
        return self.value.item or (TEXT if self.value.kind == "group" else UNKNOWN)


SAY_THE_WORDS: Final = "say the words:  'ja' if … else 'nej'"
LOOP_HELP: Final = {
    "text": "to take it apart:  .split(',') ;  marc reads a list by a path with []",
    "integer": "for so many turns:  range(…)",
    "group": "take its members one by one, or list them:  [x.a, x.b]",
}
"""What to write where a loop was to run over something else."""
_NO_PARTS: Final = "it has no parts: leave out what stands behind it"
_DOT_HELP: Final = {
    **dict.fromkeys(("integer", "decimal", "yes_no"), _NO_PARTS),
    "date": "a day has  .year , .month , .day ;  | string  writes it YYYY-MM-DD, | alma_date  as Alma does",
    "text": "use a filter:  etl list filters",
    "list": "take one member,  | first,  or go through them all with $for",
}


FilterRule = Callable[[Applied], Type]
"""What a filter says to a value of some type: the type of its result."""
