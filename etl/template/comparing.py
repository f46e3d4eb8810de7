"""Comparisons and tests: what of two types never compares, or is never equal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jinja2 import nodes

from etl.template.builtins import ORDERED_TESTS
from etl.template.reading import Reading
from etl.template.types import NUMBERS, TEXT, UNKNOWN, YES_NO, Type, never_equal

_SIGNS: Final = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_EQUAL: Final = frozenset(("eq", "equalto", "==", "ne", "!="))
_WRITTEN_NUMBER = re.compile(r"\s*+-?[0-9]++(?:[.,][0-9]++)?\s*+")
_OF_NUMBERS: Final = frozenset(("odd", "even", "divisibleby"))
_ORDERED: Final = (ORDERED_TESTS - _OF_NUMBERS) | {"lteq", "gteq"}


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its type, and how it is written."""

    type: Type
    shown: str
    node: nodes.Node | None = None

    def __str__(self) -> str:
        return f"{self.shown} is {self.type}"

    @property
    def constant(self) -> str | None:
        """The text that is written there, if it is a constant text."""
        value = self.node.value if isinstance(self.node, nodes.Const) else None
        return value if isinstance(value, str) else None


def side(reading: Reading, node: nodes.Node) -> Side:
    """The type of a node, and the node as it is written."""
    return Side(reading.of(node), reading.shown(node), node)


def compare(reading: Reading, node: nodes.Compare) -> Type:
    """`a < b < c`: each pair for itself."""
    left = side(reading, node.expr)
    at = node if len(node.ops) == 1 else None
    sure = True
    for operand in node.ops:
        right = side(reading, operand.expr)
        sure &= {left.type.kind, right.type.kind} != {"list"}
        check_pair(reading, operand.op, left, right, at)
        left = right
    return YES_NO if sure else UNKNOWN


def check_pair(
    reading: Reading, operator: str, left: Side, right: Side, at: nodes.Node | None = None
) -> None:
    """Refuse a comparison that fails for all values, or is true for none (but where both are empty)."""
    sign, differ = _SIGNS.get(operator, operator), never_equal(left.type, right.type)
    if operator in ("in", "notin"):
        why = _never_within(left.type, right.type)
    elif operator in _EQUAL and differ:
        why = f"they are never equal ({sign})"
    elif operator in _ORDERED and (differ or left.type.kind == right.type.kind == "group"):
        why = f"{sign} does not compare them"
    elif operator in _ORDERED and left.type.kind == right.type.kind == "text" and _number_in(left, right):
        why = f"{sign} would compare them letter by letter, and '3' comes after '20'"
    else:
        why = None
    if why:
        whole = at or nodes.Tuple([left.node, right.node], "load")
        reading.refuse("E240", whole, f"{left} and {right}: {why}", way_out(left, right))


def _never_within(left: Type, right: Type) -> str | None:
    """`x in list` compares with the members, `x in text` looks for a text, `x in group` for a name."""
    if right.item is not None:
        return f"its members are each {right.item}" if never_equal(left, right.item) else None
    if right.kind in ("text", "group"):
        fits = left.kind in ("text", "unknown", "nothing")
        return None if fits else f"only a text is in {right}"
    return None if right.kind in ("unknown", "nothing") else "nothing is in it"


def _number_in(left: Side, right: Side) -> Side | None:
    """The side that is a number written as a text, where the other is no constant."""
    for side_, other in ((left, right), (right, left)):
        if side_.constant and other.constant is None and _WRITTEN_NUMBER.fullmatch(side_.constant):
            return side_
    return None


def way_out(left: Side, right: Side) -> str | None:
    """What to write: a number without quotes, or the text made a number or a date first."""
    kinds = {left.type.kind, right.type.kind}
    if left.type.kind in NUMBERS and right.type.item == TEXT:
        return "write the numbers in the list without quotes"
    if kinds & {"list", "group"}:
        return "take a member of it:  | first  or  .name"
    if "text" not in kinds:
        return None
    text = left if left.type.kind == "text" else right
    if left.type.kind == right.type.kind and (number := _number_in(left, right)):
        other = right if number is left else left
        plain = (number.constant or "").strip().replace(",", ".")
        return f"compare numbers, with  {plain}:  {other.shown} | integer  or  {other.shown} | amount('sv')"
    if text.constant is not None and kinds & NUMBERS:
        if _WRITTEN_NUMBER.fullmatch(text.constant):
            return f"write the number without quotes:  {text.constant.strip().replace(',', '.')}"
        return None if text.constant.strip() else "whether it is empty is asked with  is none"
    if kinds & NUMBERS:
        return f"make a number of it first:  {text.shown} | integer ,  | decimal  or  | amount('sv')"
    if "date" in kinds:
        return f"make a date of it first:  {text.shown} | date"
    return f"make a yes or no of it first:  {text.shown} | yes_no" if "yes_no" in kinds else None


def check_test(reading: Reading, node: nodes.Node, name: str, value: Side, others: Sequence[Side]) -> None:
    """`x is gt(y)`, also as `select('gt', y)`, where `value` is a member of what is looked through."""
    if name in _OF_NUMBERS and value.type.kind in ("text", "date", "list", "group"):
        message = f'the test "{name}" takes a number, and {value}'
        reading.refuse("E243", node, message, "make a number of it first:  | integer")
    elif others:
        check_pair(reading, name, value, others[0], node)
