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
    join,
)

_KEYS: Final = ("text", "integer", "decimal", "date")
_SCALARS: Final = (*_KEYS, "yes_no")


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
        return signature.gives

    return rule


def _text(gives: Type) -> FilterRule:
    def rule(applied: Applied) -> Type:
        applied.takes(_SCALARS, "a text")
        return gives

    return rule


def _absolute(applied: Applied) -> Type:
    applied.takes((*NUMBERS, "yes_no"), "a number")
    return applied.value if applied.value.kind in NUMBERS else UNKNOWN


def _default(applied: Applied) -> Type:
    """With `true` it takes the place of whatever counts as false: of 0 and of an empty list too."""
    boolean, given = applied.argument(1, "boolean"), applied.argument(0, "default_value")
    eager = isinstance(boolean, nodes.Const) and boolean.value is True
    if eager and applied.value.kind in (*NUMBERS, "list", "group"):
        message = f"default(…, true) would take the place of a value that is there: it gets {applied.value}"
        applied.reading.refuse("E241", applied.node, message, WRITE_FIRST)
    return join([applied.value, TEXT if given is None else applied.type_of(given)])


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
_OWN: Final[Mapping[str, FilterRule]] = {"map_value": _map_value}


def lookup_rule(tables: Mapping[str, Type]) -> FilterRule:
    """`lookup('table')` gives a row of it, `lookup('table', 'column')` a cell."""

    def rule(applied: Applied) -> Type:
        name, column = applied.argument(0, "table"), applied.argument(1, "column")
        applied.takes((*_KEYS, "list"), "a text or a list of them")
        row = tables.get(str(name.value), UNKNOWN) if isinstance(name, nodes.Const) else UNKNOWN
        if column is None:
            return row
        if not isinstance(column, nodes.Const) or row.kind != "group":
            return UNKNOWN
        return row if column.value is None else row.member(str(column.value)) or UNKNOWN

    return rule
