"""The annotations of a filter → what it takes and what it gives."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from etl.template.types import (
    DATE,
    DECIMAL,
    INTEGER,
    NOTHING,
    TEXT,
    UNKNOWN,
    YES_NO,
    Type,
    group_of,
    join,
    list_of,
)

_OF_PYTHON: Mapping[Any, Type] = {
    str: TEXT,
    int: INTEGER,
    bool: YES_NO,
    Decimal: DECIMAL,
    date: DATE,
    type(None): NOTHING,
    list: list_of(UNKNOWN),
    tuple: list_of(UNKNOWN),
    dict: group_of({}, UNKNOWN),
}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a filter takes and gives, by its annotations. `takes` None: anything."""

    takes: tuple[Type, ...] | None
    gives: Type

    def refuses(self, value: Type) -> bool:
        """Does the filter take no value of this type?"""
        if self.takes is None:
            return False
        return not any(_fits(value, one) for one in self.takes)


def _fits(value: Type, wanted: Type) -> bool:
    """May a value of the type be one that is wanted? Doubt is in favour of the author."""
    if "unknown" in (value.kind, wanted.kind) or value == NOTHING:
        return True
    if value.kind != wanted.kind:
        return wanted.kind == "decimal" and value.kind == "integer"
    return value.item is None or wanted.item is None or _fits(value.item, wanted.item)


def signature_of(filter_: Callable[..., Any]) -> Signature:
    """The annotations of a filter's first parameter and of its result. None where they are missing."""
    try:
        hints = typing.get_type_hints(filter_)
    except (NameError, TypeError, AttributeError):  # a name that only a type checker imports
        hints = {}
    first = next(iter(filter_.__code__.co_varnames), "") if hasattr(filter_, "__code__") else ""
    taken = alternatives(hints.get(first, Any))
    return Signature(None if UNKNOWN in taken else taken, of_annotation(hints.get("return", Any)))


def of_annotation(annotation: Any) -> Type:
    """`Decimal | None` → a decimal number, which may be nothing; what is not among the types is unknown."""
    return join(alternatives(annotation))


def alternatives(annotation: Any) -> tuple[Type, ...]:
    """The types an annotation allows, one by one."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return tuple(one for part in arguments for one in alternatives(part))
    if origin in (list, tuple):
        return tuple(list_of(one) for one in alternatives(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return (group_of({}, of_annotation(arguments[1])),)
    if typing.is_typeddict(annotation):
        members = typing.get_type_hints(annotation)
        return (group_of({name: of_annotation(one) for name, one in members.items()}),)
    return (_OF_PYTHON.get(annotation, UNKNOWN),)
