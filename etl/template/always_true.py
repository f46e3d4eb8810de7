"""A template's syntax tree → the places where a constant is asked, or where two choices leave nothing out.

`status == 'NEW' or 'CHANGED'` reads well and is true for every record: a text that is filled is a yes.
So is `status != 'A' or status != 'B'`, and the same with `and` and `==` is true for none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard

from jinja2 import nodes

from etl.normal_form import is_blank
from etl.plain_answer import looks_false
from etl.template.reading import Reading
from etl.template.spans import span_of

_SIGNS: Final = {"eq": False, "in": False, "ne": True, "notin": True}
"""Comparisons with constants that can be written as one list; is it one that the value is not in?"""
_EXPRESSION = re.compile(r"[=<>|()]|\s(?:and|or|in|is|not)\s")


@dataclass(frozen=True, slots=True)
class _Choice:
    """`of in values`, or `not in`, however it is written."""

    of: nodes.Node
    negated: bool
    values: tuple[nodes.Const, ...]

    def also(self, values: Iterable[nodes.Const]) -> _Choice:
        """The same with more values, each once."""
        each = {one.value: one for one in (*self.values, *values)}
        return _Choice(self.of, self.negated, tuple(each.values()))


def refuse_constants(reading: Reading, tree: nodes.Template, condition: bool) -> None:
    """Refuse (E202) what decides nothing. `condition`: the whole of the template is asked."""
    walk = _Walk(reading)
    for part in tree.body:
        asked = condition and isinstance(part, nodes.Output)
        for child in part.nodes if asked and isinstance(part, nodes.Output) else (part,):
            walk.node(child, asked)


@dataclass(frozen=True, slots=True)
class _Walk:
    reading: Reading

    def node(self, node: nodes.Node, asked: bool, like: nodes.Node | None = None) -> None:
        """One node and all below it. `asked`: it is a condition; `like`: what is compared beside it."""
        if isinstance(node, nodes.And | nodes.Or):
            self._chain(node, asked or isinstance(node, nodes.And), like)
        elif isinstance(node, nodes.Const):
            if asked and _counts_as_yes(node):
                self._refuse(node, self._instead(node, like))
        elif isinstance(node, nodes.Not):
            self.node(node.node, True, like)
        elif isinstance(node, nodes.CondExpr | nodes.If | nodes.For) and node.test is not None:
            self._two_texts(node, asked)
            self.node(node.test, True)
            for child in node.iter_child_nodes(exclude=("test",)):
                self.node(child, False)
        elif isinstance(node, nodes.Compare) and (whole := _constants_compared(node)) is not None:
            said = f"{self.reading.shown(whole[1])} is always {self.reading.shown(_leaves(whole[1])[0])}"
            self.reading.refuse("E202", node, said, f"write  {self._written(whole[0])}")
        else:
            for child in node.iter_child_nodes():
                self.node(child, False)

    def _chain(self, node: nodes.And | nodes.Or, asked: bool, like: nodes.Node | None) -> None:
        """`a or b or c`, looked at as one."""
        leaves = _leaves(node)
        choices = {id(one): found for one in leaves if (found := _choice(one)) is not None}
        slips = [one for at, one in enumerate(leaves) if asked or _is_slip(leaves, at) if _is_bare(one)]
        first = next(iter(choices.values()), None)
        named = nodes.Name | nodes.Getattr | nodes.Filter
        beside = next((one for one in leaves if isinstance(one, named)), None)
        like = first.of if first is not None else like or beside
        if choices and slips:
            self.reading.asked_constants.update(map(id, slips))
            self._refuse(slips[0], f"write  {self._merged(node, leaves, choices, slips)}")
        elif slips := [one for one in slips if _is_filled(one)]:
            self.node(slips[0], True, like)
        elif _decides_nothing(choices.values(), isinstance(node, nodes.Or)):
            never = "true" if isinstance(node, nodes.Or) else "false"
            said = f"{self.reading.shown(node)} would always be {never}"
            self.reading.refuse("E202", node, said, f"write  {self._merged(node, leaves, choices, ())}")
        for one in leaves:
            if one not in slips:
                self.node(one, asked and not isinstance(one, nodes.Const), like)

    def _two_texts(self, node: nodes.CondExpr | nodes.If | nodes.For, asked: bool) -> None:
        """`'a' if x else 'b'` as a condition: the question alone was meant."""
        texts = [node.expr1, node.expr2] if asked and isinstance(node, nodes.CondExpr) else []
        if texts and all(isinstance(one, nodes.Const) and _counts_as_yes(one) for one in texts):
            assert node.test is not None  # noqa: S101 - an inline if has one
            self._refuse(node, f"write the question alone:  {self._text(node.test)}")

    def _refuse(self, node: nodes.Node, help_: str) -> None:
        self.reading.refuse("E202", node, f"{self.reading.shown(node)} alone would always be true", help_)

    def _instead(self, node: nodes.Const, like: nodes.Node | None) -> str:
        """What to write for a constant that no comparison stands beside."""
        if node.value in self.reading.names or _EXPRESSION.search(node.value):
            return f"write it without quotes:  {node.value}"
        name = "x" if like is None else self._text(like)
        return f"write what is compared with it:  {name} == {self._text(node)}"

    def _merged(
        self,
        node: nodes.And | nodes.Or,
        leaves: Sequence[nodes.Node],
        choices: dict[int, _Choice],
        slips: Sequence[nodes.Node],
    ) -> str:
        """The chain as it was meant: each constant goes to the comparison before it, else to the next."""
        said: list[_Choice | nodes.Node] = []
        waiting: list[nodes.Const] = []
        for one in leaves:
            found = choices.get(id(one))
            if found is not None:
                same = [at for at, other in enumerate(said) if _are_alike(other, found)]
                before = said.pop(same[0]) if same else found
                assert isinstance(before, _Choice)  # noqa: S101 - what is alike is one
                whole = _Choice(before.of, before.negated, ()).also(waiting)
                said.insert(same[0] if same else len(said), whole.also((*before.values, *found.values)))
                waiting = []
            elif one not in slips:
                said.append(one)
            elif isinstance(one, nodes.Const):
                last = said[-1] if said else None
                if isinstance(last, _Choice):
                    said[-1] = last.also([one])
                else:
                    waiting.append(one)
        for at, each in enumerate(said):
            if waiting and isinstance(each, _Choice):
                said[at], waiting = each.also(waiting), []
        word = " or " if isinstance(node, nodes.Or) else " and "
        return word.join(map(self._written, said))

    def _written(self, one: _Choice | nodes.Node) -> str:
        if isinstance(one, _Choice):
            sign = "not in" if one.negated else "in"
            return f"{self._text(one.of)} {sign} [{', '.join(map(self._text, one.values))}]"
        text = self._text(one)
        return f"({text})" if isinstance(one, nodes.Or | nodes.And | nodes.CondExpr) else text

    def _text(self, node: nodes.Node) -> str:
        start, end = span_of(node)
        return self.reading.text[start:end]


def _leaves(node: nodes.Node) -> list[nodes.Node]:
    """The operands of `a or b or c`; another chain in parentheses is one of them."""
    kind = type(node)

    def below(one: nodes.Node) -> Iterator[nodes.Node]:
        if type(one) is kind and isinstance(one, nodes.And | nodes.Or):
            yield from below(one.left)
            yield from below(one.right)
        else:
            yield one

    return list(below(node))


def _is_bare(node: nodes.Node) -> TypeGuard[nodes.Const]:
    """A text or number that is written there. An empty text is a no, and may stand behind `or`."""
    return _is_word(node) and (_is_filled(node) or not isinstance(node.value, str))


def _is_filled(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, str) and not is_blank(node.value)


def _counts_as_yes(node: nodes.Const) -> bool:
    """What looks false is refused where it is asked, with words of its own."""
    return _is_filled(node) and not looks_false(node.value)


def _is_slip(leaves: Sequence[nodes.Node], at: int) -> bool:
    """Of the constants in an `or` that gives a value: one beside a yes or no, or a text before others."""
    answers = nodes.Compare | nodes.Test | nodes.Not | nodes.And
    beside = any(isinstance(one, answers) for one in leaves)
    return beside or (_is_filled(leaves[at]) and at < len(leaves) - 1)


def _choice(node: nodes.Node) -> _Choice | None:
    """A comparison with constants, `not` before it included; None if it is none."""
    if isinstance(node, nodes.Not):
        found = _choice(node.node)
        return None if found is None else _Choice(found.of, not found.negated, found.values)
    if not isinstance(node, nodes.Compare) or len(node.ops) != 1 or node.ops[0].op not in _SIGNS:
        return None
    left, operator, right = node.expr, node.ops[0].op, node.ops[0].expr
    if operator in ("eq", "ne") and isinstance(left, nodes.Const):
        left, right = right, left
    members = right.items if isinstance(right, nodes.List | nodes.Tuple) else ()
    written = members if operator in ("in", "notin") else (right,)
    values = tuple(one for one in written if _is_word(one))
    if isinstance(left, nodes.Const) or not values or len(values) < len(written):
        return None
    return _Choice(left, _SIGNS[operator], values)


def _is_word(node: nodes.Node) -> TypeGuard[nodes.Const]:
    return isinstance(node, nodes.Const) and type(node.value) is not bool and node.value is not None


def _are_alike(one: _Choice | nodes.Node, other: _Choice) -> bool:
    return isinstance(one, _Choice) and (one.of, one.negated) == (other.of, other.negated)


def _decides_nothing(choices: Iterable[_Choice], any_is_enough: bool) -> bool:
    """Is one of two always true (`or`), or both never (`and`)? They name the same, and no value in common."""
    found = [one for one in choices if one.negated is any_is_enough]
    return any(
        one.of == other.of and not {each.value for each in one.values} & {each.value for each in other.values}
        for at, one in enumerate(found)
        for other in found[at + 1 :]
    )


def _constants_compared(node: nodes.Compare) -> tuple[_Choice, nodes.Or] | None:
    """`form == ('ebok' or 'e-bok')` → what was meant, and the `or`, of which the first is always taken."""
    if len(node.ops) != 1 or node.ops[0].op not in _SIGNS:
        return None
    sides = (node.expr, node.ops[0].expr)
    for one, other in (sides, sides[::-1]):
        if isinstance(one, nodes.Or) and all(map(_is_filled, _leaves(one))):
            values = tuple(leaf for leaf in _leaves(one) if isinstance(leaf, nodes.Const))
            return _Choice(other, _SIGNS[node.ops[0].op], values), one
    return None
