"""Filters that put in order, add up or join, by members or an attribute of theirs → the type they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from jinja2 import nodes

from etl.template.operator_types import refuse_in_text
from etl.template.reading import Applied, FilterRule
from etl.template.types import NUMBERS, RUN_TOGETHER, TEXT, UNKNOWN, Type, list_of, or_nothing, ordered_by


def _by(applied: Applied, member: Type, position: int, many: bool = False) -> Type:
    """What members are put in order or added up by: an attribute, or they themselves."""
    attribute = applied.argument(position, "attribute")
    if attribute is not None:
        return applied.reading.path(member, attribute, many)
    return member


def _in_order(position: int, whole: bool, many: bool = False, order: bool = True) -> FilterRule:
    """sort, unique, min and max: members that are groups need an attribute to go by.

    Texts are put in `order` by their letters.
    """

    def rule(applied: Applied) -> Type:
        member = applied.members()
        by = _by(applied, member, position, many)
        if by.kind == "group":
            message = f'"{applied.name}" gets {applied.value} of groups, and not by what to compare them'
            applied.reading.refuse("E243", applied.node, message, f"say it:  attribute='{by.a_member()}'")
        if order and (by.kind == "text" or many):
            attribute = applied.argument(position, "attribute")
            written = attribute.value if isinstance(attribute, nodes.Const) else ""
            member = ordered_by(member, str(written).split(","))
        return list_of(member) if whole else or_nothing(member)

    return rule


def _sum(applied: Applied) -> Type:
    member = _by(applied, applied.members(), 0)
    started = applied.argument(1, "start") is not None
    never = ("text", "yes_no") if started else ("text", "yes_no", "date", "group", "list")
    if member.kind in never:
        message = f'"sum" adds numbers, and gets {applied.value}, each of them {member}'
        help_ = "make numbers of them first:  | map('decimal')"
        if member.kind == "yes_no":
            help_ = "to count those that are true:  | select('eq', true) | list | length"
        applied.reading.refuse("E240", applied.node, message, help_)
    return member if member.kind in NUMBERS and not started else UNKNOWN


def _join(applied: Applied) -> Type:
    member = _by(applied, applied.members(), 1)
    refuse_in_text(applied.reading, applied.node, member)
    between = applied.argument(0, "d")
    return TEXT if between is not None else replace(TEXT, no_number=RUN_TOGETHER)


BY_MEMBER: Final[Mapping[str, FilterRule]] = {
    **dict.fromkeys(("max", "min"), _in_order(1, whole=False)),
    "join": _join,
    "sort": _in_order(2, whole=True, many=True),
    "sum": _sum,
    "unique": _in_order(1, whole=True, order=False),
}
