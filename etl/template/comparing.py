"""Comparisons and tests: what of two types never compares, or is never equal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jinja2 import nodes

from etl.template.builtins import ORDERED_TESTS
from etl.template.lexer import offset_of
from etl.template.plain_words import bracketed
from etl.template.reading import Reading
from etl.template.types import NUMBERS, UNKNOWN, YES_NO, Type, never_equal

_SIGNS: Final = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_EQUAL: Final = frozenset(("eq", "equalto", "==", "ne", "!="))
_BEGINS_A_NUMBER = re.compile(r"\W*+(?:[0-9]|\Z)")
_WRITTEN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WRITTEN_NUMBER = re.compile(r"\s*+-?[0-9]++(?:[.,][0-9]++)?\s*+")
_BETWEEN = re.compile("[,;|]")
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
    elif operator in _ORDERED and left.type.kind == right.type.kind == "text" and not _named(left, right):
        why = f"{sign} would compare them letter by letter, and '3' comes after '20'"
    else:
        why = None
    if why is None and operator in ("in", "notin") and left.constant is None and right.type.kind == "text":
        _refuse_part_of_text(reading, sign, left, right, at)
    if operator in ("in", "notin") and right.type.kind == "group" and left.constant:
        _look_for(reading, left, right)
    if operator in _EQUAL and "nothing" in (left.type.kind, right.type.kind):
        refuse_null(reading, at, left if right.type.kind == "nothing" else right)
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


def _refuse_part_of_text(
    reading: Reading, sign: str, value: Side, looked_in: Side, at: nodes.Node | None
) -> None:
    """`form in ('ebok')`, `form in 'ebok, e-bok'`: a list is meant; the empty cell is in any text."""
    text = looked_in.constant if looked_in.type.written is None else looked_in.type.written
    if text is None:
        return
    letters = isinstance(value.node, nodes.Getitem) and _BETWEEN.search(text) is None
    words = list(text.strip()) if letters else [one.strip() for one in _BETWEEN.split(text.strip(" ,;|"))]
    members = ", ".join(map(repr, words))
    word = "not in" if sign == "notin" else "in"
    if value.node is None:
        help_ = f"write the list:  [{members}]"
    else:
        help_ = f"write  {bracketed(value.shown)} {word} [{members}]"
    said = f"{looked_in.shown} is one text, of which any part is in it, and so is the empty cell"
    whole = at or nodes.Tuple([one for one in (value.node, looked_in.node) if one is not None], "load")
    reading.refuse("E240", whole, said, help_)


def _look_for(reading: Reading, name: Side, group: Side) -> None:
    """A name that a group never has is a misspelt one; where it may be absent, that is what is asked."""
    if name.constant and name.node is not None:
        at = reading.text.find(name.constant, offset_of(name.node.lineno))
        reading.member(group.type, name.constant, name.node, max(at, 0), guarded=True)


def refuse_null(reading: Reading, at: nodes.Node | None, asked: Side) -> None:
    """Say so where what is at least the empty text is asked whether it is null: a check never fires."""
    if asked.type.never_null:
        shown = bracketed(asked.shown)
        message = f"{asked.shown} is never null: where the cell is empty it is the empty text"
        number = f"({asked.shown} | integer) is none"
        help_ = f"ask whether it is empty with  not {shown} ; of a number with  {number}"
        if asked.node is None:
            help_ = "without a test the filled ones are chosen:  | select  or  | selectattr('name')"
        reading.refuse("E247", at or asked.node or nodes.Const(None), message, help_)


def _named(left: Side, right: Side) -> bool:
    """Is one side a constant that begins with a letter, so that an order of names is meant?"""
    constants = (one.constant for one in (left, right))
    return any(one is not None and not _BEGINS_A_NUMBER.match(one) for one in constants)


def _constant_in(left: Side, right: Side) -> tuple[str, Side] | None:
    """A text that is written there, without the blanks around it, and the other side."""
    for one, other in ((left, right), (right, left)):
        if one.constant is not None and other.constant is None:
            return one.constant.strip(), other
    return None


def way_out(left: Side, right: Side) -> str | None:
    """What to write: a number without quotes, or the text made a number or a date first."""
    kinds = {left.type.kind, right.type.kind}
    item = right.type.item.kind if right.type.item is not None else ""
    if left.node is None and left.type.kind == "text":  # a member, of which nothing can be written there
        return "make numbers of them first,  | map('integer') ,  or go through the list with $for and $if"
    if left.type.kind in NUMBERS and item == "text":
        return "write the numbers in the list without quotes"
    if left.type.kind == "text" and item in NUMBERS:
        shown = bracketed(left.shown)
        return f"make a number of it first:  {shown} | integer ,  or write the members of the list in quotes"
    if kinds & {"list", "group"}:
        return "take a member of it:  | first  or  .name"
    if "yes_no" in kinds and kinds & NUMBERS:
        answer = bracketed((left if left.type.kind == "yes_no" else right).shown)
        return f"a yes or no is no number: ask it alone,  {answer} ,  or write  1 if {answer} else 0"
    if "text" not in kinds:
        return None
    text = left if left.type.kind == "text" else right
    if left.type.kind == right.type.kind:
        return _way_out_of_texts(left, right)
    if text.type.written is not None and text.constant is None and kinds & (NUMBERS | {"yes_no"}):
        return f'a constant in let is text: write  "{{{{ {text.type.written} }}}}"  there'
    if text.constant is not None and kinds & NUMBERS:
        if _WRITTEN_NUMBER.fullmatch(text.constant):
            return f"write the number without quotes:  {text.constant.strip().replace(',', '.')}"
        return None if text.constant.strip() else "whether it is empty is asked with  is none"
    if kinds & NUMBERS:
        return f"make a number of it first:  {text.shown} | integer ,  | decimal  or  | amount('sv')"
    if "date" in kinds:
        return f"make a date of it first:  {text.shown} | date"
    return f"make a yes or no of it first:  {text.shown} | yes_no" if "yes_no" in kinds else None


def _way_out_of_texts(left: Side, right: Side) -> str:
    """Numbers or days that can be compared: the literal without quotes, or both sides converted."""
    found = _constant_in(left, right)
    if found is None:
        one, other = bracketed(left.shown), bracketed(right.shown)
        return f"make numbers of both, ({one} | integer) and ({other} | integer), or days:  | date"
    constant, other_side = found
    other = bracketed(other_side.shown)
    if _WRITTEN_DAY.match(constant):
        return f"compare days:  ({other} | date)  and  ('{constant}' | date)"
    if _WRITTEN_NUMBER.fullmatch(constant):
        plain = constant.replace(",", ".")
        return f"compare numbers, with  {plain}:  {other} | integer  or  {other} | amount('sv')"
    return f"make a number of it first:  {other} | integer ,  | decimal  or  | amount('sv')"


def check_test(reading: Reading, node: nodes.Node, name: str, value: Side, others: Sequence[Side]) -> None:
    """`x is gt(y)`, also as `select('gt', y)`, where `value` is a member of what is looked through."""
    if name in _OF_NUMBERS and value.type.kind not in (*NUMBERS, "unknown", "nothing"):
        message = f'the test "{name}" takes a number, and {value}'
        reading.refuse("E243", node, message, "make a number of it first:  | integer")
    elif name == "none":
        refuse_null(reading, node, value)
    elif others:
        check_pair(reading, name, value, others[0], node)
