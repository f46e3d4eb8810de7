"""Jinja's pure filters and tests, by list → the same, charged to the record's budget.

Left out: what guesses (int, float: 0 for what is no number; round on floats), what writes markup, what is
random, and what only repeats another.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any

from jinja2 import Environment
from jinja2.filters import FILTERS, make_attrgetter, make_multi_attrgetter
from jinja2.tests import TESTS
from jinja2.utils import pass_environment

from etl.template.bounds import MAX_RANGE, RecordBudget, as_text, check_operands, too_much

_OF_TEXT = ("capitalize", "lower", "string", "title", "trim", "truncate", "upper", "wordcount")
_OF_ORDER = ("dictsort", "groupby", "max", "min", "sort", "unique")
_OF_MEMBERS = (
    *("abs", "batch", "count", "first", "items", "last", "length", "list", "map", "reject", "rejectattr"),
    *("reverse", "select", "selectattr", "slice"),
)
_EQUAL = ("eq", "equalto", "==", "ne", "!=", "in")
_ORDERED = ("lt", "lessthan", "<", "le", "<=", "gt", "greaterthan", ">", "ge", ">=")
_UNSAFE_TESTS = frozenset({"callable", "filter", "test", "escaped", "sameas"})
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


BUILTIN_FILTERS = (*_OF_TEXT, *_OF_ORDER, *_OF_MEMBERS, "d", "default", "join", "replace", "sum")


def builtin_filters(budget: RecordBudget) -> dict[str, Callable[..., Any]]:
    """Jinja's filters for the sandbox that `budget` belongs to."""
    return {
        **{name: _bounded(budget, name, _texts) for name in _OF_TEXT},
        **{name: _bounded(budget, name, _in_order) for name in _OF_ORDER},
        **{name: _bounded(budget, name, _members) for name in _OF_MEMBERS},
        "join": _join(budget),
        "replace": _replace(budget),
        "sum": _sum(budget),
    }


def builtin_tests(budget: RecordBudget) -> dict[str, Callable[..., Any]]:
    """Jinja's tests for the sandbox that `budget` belongs to."""
    tests: dict[str, Any] = {name: test for name, test in TESTS.items() if name not in _UNSAFE_TESTS}
    for name in (*_EQUAL, *_ORDERED):
        tests[name] = _comparing(budget, tests[name])
    for name in ("odd", "even", "divisibleby"):
        tests[name] = _of_number(tests[name])
    for name in ("lower", "upper"):
        tests[name] = _of_text(budget, tests[name])
    return tests


Charge = Callable[[RecordBudget, str, Environment | None, Any, tuple[Any, ...], dict[str, Any]], Any]


def _bounded(budget: RecordBudget, name: str, charge: Charge) -> Callable[..., Any]:
    """A built-in whose numbers, value and result are bounded. `charge` gives the value it is to work on."""
    filter_ = FILTERS[name]
    first = 1 if hasattr(filter_, "jinja_pass_arg") else 0

    @wraps(filter_)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        rest = args[first + 1 :]
        for argument in (*rest, *kwargs.values()):
            if isinstance(argument, int) and abs(argument) > MAX_RANGE:
                raise too_much(f"{name}({argument})")
        value = charge(budget, name, args[0] if first else None, args[first], rest, kwargs)
        result = filter_(*args[:first], value, *rest, **kwargs)
        return budget.each(result) if isinstance(result, Iterator) else budget.measure(result)

    return bounded


def _texts(budget: RecordBudget, _name: str, _env: Any, value: Any, rest: Any, kwargs: dict[str, Any]) -> Any:
    """Anything but a text is written as Python writes it, so all of it counts."""
    text = value if isinstance(value, str) else str(budget.weigh(value))
    budget.search(text, (*rest, *kwargs.values()))
    return text


def _members(budget: RecordBudget, _name: str, _env: Any, value: Any, _rest: Any, _kwargs: Any) -> Any:
    return budget.measure(value)


def _in_order(
    budget: RecordBudget, name: str, env: Any, value: Any, rest: Any, kwargs: dict[str, Any]
) -> Any:
    """Every member is compared with about log2(n) others, by its attribute if one is named."""
    members = value if isinstance(value, Mapping) else list(value)
    given = inspect.signature(FILTERS[name]).bind(env, value, *rest, **kwargs).arguments if env else {}
    attribute = given.get("attribute")
    keys: Any = members
    if attribute is not None:
        getter = make_multi_attrgetter if name == "sort" else make_attrgetter
        keys = list(map(getter(env, attribute), members))
    steps, characters = budget.steps, budget.characters
    budget.weigh(keys)
    times = len(keys).bit_length()
    budget.spend((budget.steps - steps) * times, (budget.characters - characters) * times)
    return members


def _join(budget: RecordBudget) -> Callable[..., Any]:
    """Jinja's join would write a null as "None" and a list as Python does."""

    @pass_environment
    def join(environment: Environment, value: Any, d: str = "", attribute: str | int | None = None) -> str:
        members = value if attribute is None else map(make_attrgetter(environment, attribute), value)
        return budget.join(members, as_text(d))

    return join


def _replace(budget: RecordBudget) -> Callable[..., Any]:
    def replace(value: Any, old: str, new: str, count: int | None = None) -> str:
        return budget.replace(as_text(value), as_text(old), as_text(new), count)

    return replace


def _sum(budget: RecordBudget) -> Callable[..., Any]:
    """One by one: lists added up are copied as often as there are lists."""

    @pass_environment
    def total(environment: Any, value: Iterable[Any], attribute: Any = None, start: Any = 0) -> Any:
        members = value if attribute is None else map(make_attrgetter(environment, attribute), value)
        for member in budget.each(members):
            start = environment.call_binop(None, "+", start, member)
        return start

    return total


def _comparing(budget: RecordBudget, test: Callable[..., Any]) -> Callable[..., Any]:
    def compared(value: Any, other: Any) -> Any:
        budget.weigh(value)
        budget.weigh(other)
        return test(value, other)

    return compared


def _of_number(test: Callable[..., Any]) -> Callable[..., Any]:
    def tested(value: Any, *rest: Any) -> Any:
        check_operands("%", value, 2)
        return test(value, *rest)

    return tested


def _of_text(budget: RecordBudget, test: Callable[..., Any]) -> Callable[..., Any]:
    return lambda value: test(budget.weigh(value))
