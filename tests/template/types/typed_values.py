"""Names of every type, values of each type (evil ones included), and a template made of them, tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from etl.plugin import BadValue
from etl.problems import MappingPlace
from etl.registry import Registry
from etl.template.compile import compile_template
from etl.template.environment import Failure, Sandbox
from etl.template.filter_types import filter_rules
from etl.template.infer import infer
from etl.template.reading import Misfit
from etl.template.types import (
    DATE,
    DECIMAL,
    INTEGER,
    TEXT,
    UNKNOWN,
    YES_NO,
    Type,
    group_of,
    list_of,
)

REGISTRY = Registry.installed()
DOMAIN = {name: REGISTRY.get("filters", name) for name in REGISTRY.names("filters")}
ENV = Sandbox(DOMAIN)
RULES = filter_rules(DOMAIN)

PLACE = group_of({"library": TEXT, "copies": INTEGER, "sum": DECIMAL})
SCOPE: Mapping[str, Type] = {
    "word": TEXT,
    "count": INTEGER,
    "price": DECIMAL,
    "flag": YES_NO,
    "day": DATE,
    "words": list_of(TEXT),
    "counts": list_of(INTEGER),
    "place": PLACE,
    "places": list_of(PLACE),
}
VALUES: Mapping[str, tuple[Any, ...]] = {
    "word": ("Å", "", " ", "0", "007", "ﬁß\u00a0İ", "9789199999012", "1.50", "2024-03-11", "e\u0301" * 40),
    "count": (0, 1, -1, 7, 10**18),
    "price": (Decimal(0), Decimal("-0"), Decimal("0.1"), Decimal("249.00"), Decimal("1E+3")),
    "flag": (True, False),
    "day": (date(2024, 3, 11), date.min, date.max),
    "words": ([], ["a"], ["", "å", "0"]),
    "counts": ([], [0], [3, 1, 2]),
    "place": (
        {"library": "MAIN", "copies": 0, "sum": Decimal("1.5")},
        {"library": "", "copies": 3, "sum": Decimal(0)},
    ),
    "places": (
        [],
        [{"library": "MAIN", "copies": 0, "sum": Decimal("1.5")}],
        [
            {"library": "B", "copies": 2, "sum": Decimal(2)},
            {"library": "", "copies": 1, "sum": Decimal("0.1")},
        ],
    ),
}
_OF_TYPES = frozenset(("E400", "E476", "E482", "E489"))
"""Codes of failures that say: this kind of value is not taken."""
_EMPTY = ("NoneType", "sequence was empty", "no element", "no member", "'None'", "null", "is empty")
"""What is said of a value that is not there: a matter for records, not for types."""


@dataclass(frozen=True)
class Tried:
    """What one evaluation came to: a value, or the failure and whether it is one of types."""

    value: Any = None
    failed: bool = False
    of_types: bool = False
    said: str = ""


def read(expression: str) -> tuple[Type, list[Misfit]]:
    """The type of an expression over SCOPE, and its misfits."""
    text = "{{ " + expression + " }}"
    return infer(ENV.parse(text), text, SCOPE, RULES)


def tried(expression: str, values: Mapping[str, Any]) -> Tried:
    """The expression evaluated with these values."""
    return _Compiled.of(expression).tried(values)


class _Compiled:
    known: ClassVar[dict[str, _Compiled]] = {}

    def __init__(self, expression: str) -> None:
        template = compile_template("{{ " + expression + " }}", ENV, lambda *_: MappingPlace("m.yaml", 1))
        assert not isinstance(template, list), (expression, template)
        self.template = template

    @classmethod
    def of(cls, expression: str) -> _Compiled:
        if expression not in cls.known:
            if len(cls.known) > 64:
                cls.known.clear()
            cls.known[expression] = cls(expression)
        return cls.known[expression]

    def tried(self, values: Mapping[str, Any]) -> Tried:
        ENV.budget.refill()
        try:
            return Tried(_listed(self.template.evaluate(ENV.context(dict(values)))))
        except Failure as failure:
            said = f"{failure.problem.message} {failure.__cause__!r}"
            code = failure.problem.code
            if isinstance(failure.__cause__, BadValue):
                code = failure.__cause__.code
            missing = any(word in said for word in _EMPTY)
            of_types = code in _OF_TYPES or isinstance(failure.__cause__, TypeError) or code == "E471"
            return Tried(failed=True, of_types=of_types and not missing, said=f"{code} {said}")


def _listed(value: Any) -> Any:
    """The value with what is gone through only once made lists, at every depth."""
    if isinstance(value, list | tuple | Iterator):
        return [_listed(one) for one in value]
    return {name: _listed(one) for name, one in value.items()} if isinstance(value, dict) else value


def known_all_through(expression: str) -> bool:
    """Is the type of every part of the expression known?"""
    from etl.template.reading import Reading

    found: list[Type] = []
    original = Reading.of

    def noting(self: Reading, node: Any) -> Type:
        found.append(original(self, node))
        return found[-1]

    Reading.of = noting  # type: ignore[method-assign]
    try:
        read(expression)
    finally:
        Reading.of = original  # type: ignore[method-assign]
    return not any(one == UNKNOWN or (one.item == UNKNOWN) for one in found)
