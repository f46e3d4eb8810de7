"""What a filter is given → what it gives: a rule for each of Jinja's, its annotations for one of the project.

A rule says what the filter never takes (E243) and which members it reads of what it goes through (E242).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import nodes

from etl.template.annotations import signature_of
from etl.template.filters_by_member import BY_MEMBER
from etl.template.list_filters import LIST_FILTERS
from etl.template.logic import WRITE_FIRST
from etl.template.reading import Applied, FilterRule
from etl.template.types import (
    INTEGER,
    NOTHING,
    NUMBERS,
    TEXT,
    UNKNOWN,
    Type,
    group_of,
    join,
    list_of,
)

_KEYS: Final = ("text", "integer", "decimal", "date")


def filter_rules(domain: Mapping[str, Callable[..., Any]]) -> dict[str, FilterRule]:
    """The rules for Jinja's filters and for those that come in by entry points, which declare their types."""
    declared = {name: _declared(function) for name, function in domain.items()}
    return {**_BUILT_IN, **declared, **{name: _OWN[name] for name in _OWN if name in domain}}


def _declared(function: Callable[..., Any]) -> FilterRule:
    signature = signature_of(function)

    def rule(applied: Applied) -> Type:
        if signature.refuses(applied.value):
            kinds = dict.fromkeys(str(one) for one in signature.takes or () if one != NOTHING)
            applied.refuse(" or ".join(kinds))
        doubt = applied.value.no_number
        if doubt is not None and signature.gives.kind in NUMBERS:
            message = f'"{applied.name}" gets {doubt.said}'
            applied.reading.refuse("E240", applied.node, message, doubt.help.format(applied.name))
        return signature.gives

    return rule


def _text(gives: Type) -> FilterRule:
    def rule(applied: Applied) -> Type:
        applied.takes(_KEYS, "a text")
        return gives

    return rule


def _absolute(applied: Applied) -> Type:
    applied.takes(tuple(NUMBERS), "a number")
    return applied.value if applied.value.kind in NUMBERS else UNKNOWN


def _default(applied: Applied) -> Type:
    """With `true` it takes the place of whatever counts as false: of 0 and of an empty list too."""
    boolean, given = applied.argument(1, "boolean"), applied.argument(0, "default_value")
    eager = isinstance(boolean, nodes.Const) and boolean.value is True
    if boolean is None:
        _default_of_what_is_there(applied, given)
    if eager and applied.value.kind in (*NUMBERS, "list", "group"):
        message = f"default(…, true) would take the place of a value that is there: it gets {applied.value}"
        applied.reading.refuse("E241", applied.node, message, WRITE_FIRST)
    return join([applied.value, TEXT if given is None else applied.type_of(given)])


def _default_of_what_is_there(applied: Applied, given: nodes.Expr | None) -> None:
    """Say so where `default` stands behind what is always there, be it empty: it never comes to that."""
    made = isinstance(applied.node, nodes.Filter) and isinstance(applied.node.node, _MADE)
    if not (applied.value.never_null or made) or given is None or _is_empty(given):
        return
    shown = applied.reading.shown(given)
    message = f"default({shown}) is for a name that may be absent: an empty cell is there, and stays empty"
    if made:
        message = (
            f"default({shown}) is for a name that may be absent: what a filter or operator gives is there"
        )
    help_ = (
        f"for what is empty write  default({shown}, true)" if applied.value.kind == "text" else WRITE_FIRST
    )
    applied.reading.refuse("E247", applied.node, message, help_)


_MADE: Final = (nodes.Filter, nodes.BinExpr, nodes.UnaryExpr, nodes.Concat, nodes.Compare)


def _is_empty(given: nodes.Expr) -> bool:
    return isinstance(given, nodes.Const) and given.value in ("", None)


def _map_value(applied: Applied) -> Type:
    applied.takes(("text", "integer"), "a text")
    table = applied.type_of(applied.argument(0, "table"))
    missing = applied.argument(1, "missing")
    if table.kind != "group" or table.rest is not None:
        return UNKNOWN
    return join([*(table.members or {}).values(), applied.type_of(missing)])


_BUILT_IN: Final[Mapping[str, FilterRule]] = {
    **LIST_FILTERS,
    **BY_MEMBER,
    **dict.fromkeys(("capitalize", "lower", "replace", "string", "title", "trim", "truncate"), _text(TEXT)),
    **dict.fromkeys(("default", "d"), _default),
    "abs": _absolute,
    "upper": _text(TEXT),
    "wordcount": _text(INTEGER),
}


def _side_by_side(applied: Applied) -> Type:
    applied.takes(("group",), "a group of lists")
    if applied.value.kind != "group" or applied.value.rest is not None:
        return list_of(UNKNOWN)
    members = applied.value.members or {}
    for name, one in members.items():
        if one.kind not in ("list", "nothing", "unknown"):
            said = f'"side_by_side" takes a group of lists, and gets {one} as "{name}"'
            applied.reading.refuse("E243", applied.node, said, "to take a text apart:  .split(',')")
    return list_of(group_of({name: one.item or UNKNOWN for name, one in members.items()}))


_OWN: Final[Mapping[str, FilterRule]] = {"map_value": _map_value, "side_by_side": _side_by_side}


def wrong_parts(table: str, key: tuple[str, ...], got: int) -> tuple[str, str]:
    """What is said of a key of too few or too many parts, and what to write."""
    names = ", ".join(key)
    many = "1 part" if len(key) == 1 else f"{len(key)} parts"
    said = f'lookup "{table}" has a key of {many} ({names}), got {got}'
    return said, f"write  {names if len(key) == 1 else f'[{names}]'} | lookup('{table}')"


def no_day(got: str) -> tuple[str, str]:
    """What is said of an `on` that is no date, and what to write."""
    return f'"lookup" takes a day as "on", and gets {got}', "make a date of it:  on=(… | date('YYYY-MM-DD'))"


def lookup_rule(tables: Mapping[str, Type], keys: Mapping[str, tuple[str, ...]]) -> FilterRule:
    """`lookup('table')` gives a row of it, `lookup('table', 'column')` a cell. `keys`: the tables' own."""

    def rule(applied: Applied) -> Type:
        name, column = applied.argument(0, "table"), applied.argument(1, "column")
        applied.takes((*_KEYS, "list"), "a text or a list of them")
        on = applied.argument(2, "on")
        if applied.type_of(on).kind not in ("date", "nothing", "unknown"):
            said, help_ = no_day(str(applied.type_of(on)))
            applied.reading.refuse("E482", applied.node, said, help_)
        if not isinstance(name, nodes.Const):
            return UNKNOWN
        parts = 1 if applied.value.kind in _KEYS else None
        written = applied.node
        if isinstance(written, nodes.Filter) and written.name == "lookup":  # and not map('lookup')
            listed = written.node if isinstance(written.node, nodes.List | nodes.Tuple) else None
            parts = parts if listed is None else len(listed.items)
        key = keys.get(str(name.value))
        if key is not None and parts is not None and parts != len(key):
            applied.reading.refuse("E482", applied.node, *wrong_parts(str(name.value), key, parts))
        row = tables.get(str(name.value), UNKNOWN)
        if column is None:
            return row
        if not isinstance(column, nodes.Const) or row.kind != "group":
            return UNKNOWN
        return row if column.value is None else row.member(str(column.value)) or UNKNOWN

    return rule
