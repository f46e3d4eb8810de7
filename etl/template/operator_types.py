"""Operators → the type of their result, and what never goes together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import nodes

from etl.template.comparing import Side, compare, side, way_out
from etl.template.logic import WRITE_FIRST
from etl.template.plain_words import bracketed
from etl.template.reading import SAY_THE_WORDS, Reading
from etl.template.types import (
    DECIMAL,
    INTEGER,
    NUMBERS,
    TEXT,
    UNKNOWN,
    YES_NO,
    Type,
    join,
)


def concat(reading: Reading, node: nodes.Output | nodes.Concat) -> Type:
    """Text made of parts: a list or a row has no text of its own."""
    for part in node.nodes:
        refuse_in_text(reading, part, reading.of(part))
    return TEXT


def refuse_in_text(reading: Reading, part: nodes.Node, found: Type) -> None:
    """Say so where a list, a group or a yes or no stands as part of a text: none of them has one."""
    if found.kind == "list":
        message = "a list inside text would become the text of a Python list"
        reading.refuse("E214", part, message, "use  | join(', ')  or $for")
    elif found.kind == "group":
        shown = reading.shown(part)
        help_ = f"take one of its members:  {shown}.{found.a_member()}"
        reading.refuse("E214", part, f"{shown} is {found}, which has no text of its own", help_)
    elif found.kind == "yes_no":
        reading.refuse("E214", part, 'a yes or no inside text would become "True" or "False"', SAY_THE_WORDS)


# --------------------------------------------------------------------------------------- reckoning


def _arithmetic(reading: Reading, node: nodes.BinExpr) -> Type:
    sides = side(reading, node.left), side(reading, node.right)
    left, right = sides[0].type, sides[1].type
    kinds = {left.kind, right.kind}
    if kinds & {"unknown", "nothing"}:
        return UNKNOWN
    if kinds <= NUMBERS:
        exact = kinds == {"integer"} and node.operator not in ("/", "**")
        return INTEGER if exact else DECIMAL
    if (node.operator, kinds) == ("-", {"date"}):
        return INTEGER
    if (node.operator, kinds) == ("+", {"list"}):
        return UNKNOWN
    if node.operator == "*" and kinds == {"list", "integer"}:
        return left if left.kind == "list" else right
    help_ = way_out(*sides) if kinds & NUMBERS else None
    if kinds == {"text"}:
        one, other = (f"({bracketed(one.shown)} | integer)" for one in sides)
        numbers = f"make numbers of them:  {one} {node.operator} {other}"
        help_ = f"texts are joined with ~ ; or {numbers}" if node.operator == "+" else numbers
    message = f"{sides[0]} and {sides[1]}: {node.operator} does not go with them"
    reading.refuse("E240", node, message, help_)
    return UNKNOWN


def _signed(reading: Reading, node: nodes.Neg | nodes.Pos) -> Type:
    found = side(reading, node.node)
    if found.type.kind in ("text", "yes_no", "date", "list", "group"):
        help_ = way_out(found, Side(INTEGER, ""))
        reading.refuse("E240", node, f"{found}: {node.operator} takes a number", help_)
    return found.type if found.type.kind in NUMBERS else UNKNOWN


# ------------------------------------------------------------------------------------------- logic


def _not(reading: Reading, node: nodes.Not) -> Type:
    reading.logic(node.node)
    return YES_NO


def _either(reading: Reading, node: nodes.And | nodes.Or) -> Type:
    """`and` gives yes or no, `or` the first that is filled.

    What is wrong on the left is not said of the right once more: `copies or 0` is one slip.
    """
    instead = WRITE_FIRST if isinstance(node, nodes.Or) else ""
    before = len(reading.misfits)
    left = reading.logic(node.left, instead)
    said = len(reading.misfits) > before
    found = join([left, reading.of(node.right) if said else reading.logic(node.right, instead)])
    if isinstance(node, nodes.And):
        return YES_NO
    return found if len(reading.misfits) == before else UNKNOWN


OPERATORS: Final[Mapping[type[nodes.Node], Callable[[Reading, Any], Type]]] = {
    nodes.Concat: concat,
    nodes.Compare: compare,
    nodes.Not: _not,
    nodes.And: _either,
    nodes.Or: _either,
    nodes.Neg: _signed,
    nodes.Pos: _signed,
    **dict.fromkeys((nodes.Add, nodes.Sub, nodes.Mul, nodes.Div), _arithmetic),
    **dict.fromkeys((nodes.FloorDiv, nodes.Mod, nodes.Pow), _arithmetic),
}
