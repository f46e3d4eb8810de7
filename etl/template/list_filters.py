"""Filters that go through a list, take from it or take it apart → the type of what they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from jinja2 import nodes

from etl.template.comparing import Side, check_test
from etl.template.reading import Applied, FilterRule
from etl.template.types import INTEGER, NUMBERS, UNKNOWN, Type, join, list_of, or_nothing


def _list(applied: Applied) -> Type:
    return list_of(applied.members())


def _one(applied: Applied) -> Type:
    return or_nothing(applied.members())


def _size(applied: Applied) -> Type:
    applied.takes(("list", "text", "group"), "a list or a text")
    return INTEGER


def _map(applied: Applied) -> Type:
    """`map(attribute='x')`, or a filter that is applied to each member."""
    member = applied.members()
    attribute = applied.kwargs.get("attribute")
    if attribute is not None:
        default = applied.kwargs.get("default")
        found = applied.reading.path(member, attribute, guarded=default is not None)
        return list_of(found if default is None else join([found, applied.type_of(default)]))
    if not applied.args or not isinstance(applied.args[0], nodes.Const):
        return list_of(UNKNOWN)
    name = str(applied.args[0].value)
    rule = applied.reading.filters.get(name)
    inner = replace(applied, name=name, value=member, args=applied.args[1:])
    return list_of(UNKNOWN if rule is None else rule(inner))


def _selected(by_attribute: bool) -> FilterRule:
    """select and selectattr: a test of each member or of its attribute; without a test it is logic."""

    def rule(applied: Applied) -> Type:
        member = applied.members()
        args = list(applied.args)
        tested = applied.reading.path(member, args.pop(0)) if by_attribute and args else member
        if args and isinstance(args[0], nodes.Const):
            reading = applied.reading
            others = [Side(applied.type_of(one), reading.shown(one), one) for one in args[1:]]
            shown = f"{reading.shown(applied.args[0])} of each member" if by_attribute else "each member"
            check_test(reading, applied.node, str(args[0].value), Side(tested, shown), others)
        elif tested.kind in (*NUMBERS, "list", "group"):
            message = f'"{applied.name}" without a test asks of {tested} whether it is filled'
            help_ = f"name a test:  {applied.name}({'…, ' if by_attribute else ''}'ne', none)"
            applied.reading.refuse("E241", applied.node, message, help_)
        return list_of(member)

    return rule


def _grouped(applied: Applied) -> Type:
    applied.reading.path(applied.members(), applied.argument(0, "attribute"))
    return list_of(UNKNOWN)


def _parted(applied: Applied) -> Type:
    return list_of(list_of(join([applied.members(), applied.type_of(applied.argument(1, "fill_with"))])))


def _taken_apart(applied: Applied) -> Type:
    """Names and values of a group, in pairs."""
    applied.takes(("group",), "a group")
    return list_of(UNKNOWN)


LIST_FILTERS: Final[Mapping[str, FilterRule]] = {
    **dict.fromkeys(("count", "length"), _size),
    **dict.fromkeys(("first", "last"), _one),
    **dict.fromkeys(("select", "reject"), _selected(by_attribute=False)),
    **dict.fromkeys(("selectattr", "rejectattr"), _selected(by_attribute=True)),
    **dict.fromkeys(("batch", "slice"), _parted),
    **dict.fromkeys(("dictsort", "items"), _taken_apart),
    "groupby": _grouped,
    **dict.fromkeys(("list", "reverse"), _list),
    "map": _map,
}
