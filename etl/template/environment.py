"""Filters → the sandbox in which templates of one mapping are compiled and evaluated.

Jinja's immutable sandbox, made narrower: strict undefined, no includes, macros or globals beyond `range`,
only pure filters, methods by list, bounded work. There is no clock, randomness, environment, file or
network to be reached. Values keep their Python type; text is never parsed back into something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import Frame
from jinja2.exceptions import UndefinedError
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.runtime import StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from etl.plugin import BadValue
from etl.problems import Problem
from etl.template.bounds import RecordBudget, as_list, bounded_range
from etl.template.builtins import builtin_filters, builtin_tests, walked
from etl.template.lexer import PositionLexer
from etl.template.logic import as_choice
from etl.template.named_currencies import Currencies
from etl.template.sources_read import SourcesRead
from etl.template.spans import SpanParser

TEXT_METHODS = frozenset(
    [
        "capitalize",
        "casefold",
        "count",
        "endswith",
        "find",
        "index",
        "isalnum",
        "isalpha",
        "isascii",
        "isdecimal",
        "isdigit",
        "islower",
        "isnumeric",
        "isspace",
        "istitle",
        "isupper",
        "join",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
    ]
)
OTHER_METHODS = frozenset(["items", "keys", "values", "get", "isoformat", "index", "count"])


class Failure(Exception):  # noqa: N818 - it becomes a Problem of the record
    """A template could not give a value for this record.

    `reads` is what the part that failed reads, if that is known; `value` the text that it could not use.
    """

    def __init__(self, problem: Problem, reads: SourcesRead = frozenset(), value: object = None) -> None:
        super().__init__(problem.message)
        self.problem, self.reads, self.value = problem, reads, value


class NoMember(UndefinedError):  # noqa: N818 - as Failure
    """A group has no member of that name; these are the names it has."""

    def __init__(self, name: str, known: Iterable[str], message: str | None = None) -> None:
        super().__init__(message)
        self.name, self.known = name, [one for one in known if isinstance(one, str)]


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
    """What a record leaves behind besides its document. `respelt` counts fields of the target."""

    defaults: Counter[str] = field(default_factory=Counter)
    respelt: Counter[str] = field(default_factory=Counter)
    holds: list[tuple[Any, BadValue, SourcesRead]] = field(default_factory=list)
    misses: list[tuple[Any, str]] = field(default_factory=list)
    """What was used instead of something for this record, and where."""
    steps: list[Step] | None = None
    currencies: Currencies = field(default_factory=Currencies)

    def forget(self) -> None:
        """Another record begins. What is counted for the whole run stays."""
        self.holds.clear()
        self.misses.clear()
        self.currencies.forget()


class _ConstantsStayTyped(NativeCodeGenerator):
    """`{{ 5 }}` is the number 5; nothing but template text is folded while compiling."""

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:  # noqa: N802 - Jinja's naming
        """A decimal is no literal of Python's: it is read once and looked up."""
        if isinstance(node.value, Decimal):
            name = str(node.value)
            self.environment.decimals[name] = node.value  # type: ignore[attr-defined]
            self.write(f"environment.decimals[{name!r}]")
        else:
            super().visit_Const(node, frame)

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> Any:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


class Sandbox(ImmutableSandboxedEnvironment):
    """Environment of one mapping. `domain` are the filters that come in by entry points."""

    code_generator_class = _ConstantsStayTyped
    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))
    """Never computed while a mapping loads; in a template each has a site of its own (operator_site.py)."""

    def __init__(self, domain: Mapping[str, Callable[..., Any]], **syntax: Any) -> None:
        super().__init__(undefined=StrictUndefined, optimized=False, autoescape=False, cache_size=0, **syntax)
        self.recorder = Recorder()
        self.budget = RecordBudget()
        self.sites: list[Any] = []
        self.decimals: dict[str, Decimal] = {}
        self.domain = domain
        built_in = {**builtin_filters(self.budget), "default": _default, "d": _default}
        self.known_filters: dict[str, Callable[..., Any]] = {**built_in, **domain}
        self.filters = {
            **self.known_filters,
            "each": self.budget.each,
            "join text": self.budget.join,
            "measure": self.budget.measure,
            "weigh": self.budget.weigh,
            "part": self._part,
        }
        self.tests.clear()
        self.tests.update(builtin_tests(self.budget))
        self.globals = {}
        self._lexer = PositionLexer(self)

    @property
    def lexer(self) -> PositionLexer:
        return self._lexer

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return SpanParser(self, source, name, filename).parse()

    def getitem(self, obj: Any, argument: Any) -> Any:
        """What is in nothing is nothing, and so is any place of an empty list."""
        if obj is None or (isinstance(obj, list | tuple) and not obj and isinstance(argument, int)):
            return None
        found = super().getitem(obj, argument)
        if isinstance(found, Undefined) and isinstance(obj, Mapping) and isinstance(argument, str):
            return StrictUndefined(obj=obj, name=argument, exc=partial(NoMember, argument, tuple(obj)))  # type: ignore[arg-type]
        return found

    def _part(self, value: Any, start: Any, stop: Any, step: Any) -> Any:
        """`value[start:stop:step]`."""
        return None if value is None else self.budget.measure(value[start:stop:step])

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A dot on nothing is nothing; a group's members come before its methods, such as `spot.items`."""
        if obj is None:
            return None
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

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
        if __obj is None:
            raise BadValue("E490", "a method of nothing: the value before the dot is null", "ask with $if")
        if not __self.is_safe_callable(__obj):
            raise BadValue(
                "E473", f'"{name}" may not be called in a template', "use a filter: etl list filters"
            )
        owner = getattr(__obj, "__self__", None)
        __self.budget.weigh((*args, *kwargs.values()))  # what is called may look at all of it
        if isinstance(owner, str):
            if name == "join":
                return __self.budget.join(walked(args[0], "join") if args else (), owner)
            if name == "replace":
                return __self.budget.replace(owner, *args)
            __self.budget.search(owner, args)
        elif name in ("index", "count"):  # every member is compared
            __self.budget.weigh(owner)
        result = super().call(__context, __obj, *args, **kwargs)
        return result if __obj is bounded_range else __self.budget.measure(as_list(result))

    def context(self, values: dict[str, Any]) -> jinja2.runtime.Context:
        """One record's names. Templates of the record share it."""
        values["range"] = bounded_range
        return self.context_class(self, values, "mapping", {})


def _default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """Jinja's default, counted: every default used is in the report."""
    if isinstance(value, Undefined) or (boolean and not as_choice(value, "what default stands behind")):
        return Noted(default_value, "default", "default")
    return value
