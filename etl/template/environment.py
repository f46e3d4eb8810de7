"""Filters → the sandbox in which templates of one mapping are compiled and evaluated.

Jinja's immutable sandbox, made narrower: strict undefined, no includes, macros or globals beyond `range`,
only pure filters, methods by list, bounded work. There is no clock, randomness, environment, file or
network to be reached. Values keep their Python type; text is never parsed back into something else.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import Frame
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.runtime import StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from etl.plugin import BadValue
from etl.problems import Problem
from etl.template.bounds import (
    OTHER_METHODS,
    TEXT_METHODS,
    Fuel,
    bounded,
    bounded_range,
    check_call,
    check_operands,
    sized,
)
from etl.template.lexer import PositionLexer

# Jinja's pure filters. Left out: what guesses (int, float: 0 for what is no number; round on floats), what
# writes markup, what is random, and what only repeats another.
BUILTIN_FILTERS = [
    "abs",
    "batch",
    "capitalize",
    "d",
    "default",
    "dictsort",
    "first",
    "groupby",
    "items",
    "join",
    "last",
    "length",
    "count",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "wordcount",
]
INSTEAD = {
    "int": "integer",
    "float": "decimal",
    "round": "round_amount(2)",
    "format": "~ to join texts",
    "escape": "nothing: payloads are never markup",
    "e": "nothing: payloads are never markup",
    "safe": "nothing: payloads are never markup",
    "tojson": "nothing: the payload is written for you",
}
UNSAFE_TESTS = frozenset({"callable", "filter", "test", "escaped", "sameas"})


class Failure(Exception):  # noqa: N818 - it becomes a Problem of the record
    """A template could not give a value for this record."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Noted:
    """A filter's value together with something the run must know: a default used, a record to hold."""

    value: Any
    kind: str  # "default" or "hold"
    what: str
    problem: BadValue | None = None
    origin: Any = None


@dataclass(slots=True)
class Step:
    """One filter at work, for provenance: what went in, what came out."""

    filter: str
    before: Any
    arguments: tuple[Any, ...]
    after: Any
    origin: Any = None


@dataclass(slots=True)
class Recorder:
    """What templates leave behind besides their values."""

    defaults: Counter[str] = field(default_factory=Counter)
    holds: list[tuple[Any, BadValue]] = field(default_factory=list)
    steps: list[Step] | None = None


class _ConstantsStayTyped(NativeCodeGenerator):
    """`{{ 5 }}` is the number 5; nothing but template text is folded while compiling."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> Any:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


class Sandbox(ImmutableSandboxedEnvironment):
    """Environment of one mapping. `domain` are the filters that come in by entry points."""

    code_generator_class = _ConstantsStayTyped
    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))

    def __init__(self, domain: Mapping[str, Callable[..., Any]], **syntax: Any) -> None:
        super().__init__(undefined=StrictUndefined, optimized=False, autoescape=False, cache_size=0, **syntax)
        self.recorder = Recorder()
        self.fuel = Fuel()
        self.sites: list[Any] = []
        built_in = {name: bounded(self.filters[name], name) for name in BUILTIN_FILTERS}
        built_in["default"] = built_in["d"] = _default
        built_in["join"] = _without_nulls(built_in["join"])
        self.known_filters: dict[str, Callable[..., Any]] = {**built_in, **domain}
        self.filters = dict(self.known_filters)
        self.filters["burn fuel"] = self.fuel.burn
        self.filters["join text"] = _join_text
        self.filters["decimal constant"] = Decimal
        self.tests = {name: test for name, test in TESTS.items() if name not in UNSAFE_TESTS}
        self.globals = {}
        self._lexer = PositionLexer(self)

    @property
    def lexer(self) -> PositionLexer:
        return self._lexer

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        check_operands(operator, left, right)
        if isinstance(left, Decimal) and isinstance(right, float):
            right = Decimal(repr(right))
        elif isinstance(left, float) and isinstance(right, Decimal):
            left = Decimal(repr(left))
        return super().call_binop(context, operator, left, right)

    def is_safe_callable(self, obj: Any) -> bool:
        if obj is bounded_range:
            return True
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(owner, str):
            return name in TEXT_METHODS
        return isinstance(owner, dict | list | tuple | date) and name in OTHER_METHODS

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as in Jinja
        name = getattr(__obj, "__name__", "") or type(__obj).__name__
        if isinstance(__obj, Undefined):
            __obj._fail_with_undefined_error()
        if not __self.is_safe_callable(__obj):
            raise BadValue(
                "E473", f'"{name}" may not be called in a template', "use a filter: etl list filters"
            )
        args = tuple(list(one) if isinstance(one, Iterator) else one for one in args)
        check_call(name, getattr(__obj, "__self__", None), args)
        return sized(super().call(__context, __obj, *args, **kwargs))

    def context(self, values: dict[str, Any]) -> jinja2.runtime.Context:
        """One record's names. Templates of the record share it."""
        values["range"] = bounded_range
        return self.context_class(self, values, "mapping", {})


def _default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """Jinja's default, counted: every default used is in the report."""
    if isinstance(value, Undefined) or (boolean and not value):
        return Noted(default_value, "default", "default")
    return value


def _without_nulls(join: Callable[..., Any]) -> Callable[..., Any]:
    """Jinja's join, which would write a null as "None" and a list as Python does."""

    def joined(eval_ctx: Any, value: Any, d: str = "", attribute: str | int | None = None) -> Any:
        members = list(value)
        if attribute is None:
            members = [as_text(member) for member in members]
        return join(eval_ctx, members, d, attribute)

    joined.__name__ = "join"
    joined.__wrapped__ = inspect.unwrap(join)  # type: ignore[attr-defined]
    joined.jinja_pass_arg = join.jinja_pass_arg  # type: ignore[attr-defined]
    return joined


def _join_text(parts: list[Any]) -> str:
    """`a ~ b`. A null has no text: "None" in an order is never meant."""
    return str(sized("".join([as_text(part) for part in parts])))


def as_text(value: Any) -> str:
    """The text of a value inside other text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()
    if value is None:
        raise BadValue(
            "E475", 'a null would become the text "None"', "write  | default('', true)  or use $if"
        )
    if isinstance(value, list | tuple | dict | Iterator):
        raise BadValue("E476", "a list would become the text of a Python list", "use  | join(', ')  or $for")
    if not isinstance(value, int | float | Decimal | date):
        kind = type(value).__name__.lower()  # a lookup's row, say
        raise BadValue("E476", f"a {kind} has no text of its own", f"take one of its values: {kind}.name")
    return str(value)
