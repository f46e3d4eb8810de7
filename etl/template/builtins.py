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
from jinja2.runtime import Undefined
from jinja2.tests import TESTS
from jinja2.utils import pass_environment

from etl.plugin import BadValue
from etl.template.arithmetic import calculate, unsigned
from etl.template.bounds import MAX_RANGE, RecordBudget, as_text, too_much
from etl.template.emptiness import is_nothing
from etl.template.logic import filled

_OF_TEXT = ("capitalize", "lower", "string", "title", "trim", "truncate", "upper", "wordcount")
_OF_ORDER = ("dictsort", "groupby", "max", "min", "sort", "unique")
_OF_MEMBERS = ("batch", "count", "first", "items", "last", "length", "list", "map", "reverse", "slice")
CHOOSING = {"select": 0, "reject": 0, "selectattr": 1, "rejectattr": 1}
"""Name → arguments before the name of a test. Without a test, the filled ones are meant."""
_FILLED = "that are filled"
_OF_VALUES = frozenset((*CHOOSING, "map"))
"""Their arguments are values for a test or filter, which has its own bounds; those of others are sizes."""
_SIZES = frozenset(("count", "length"))
_NULL_IF_EMPTY = frozenset(("first", "last", "max", "min"))
_EQUAL = ("eq", "equalto", "==", "ne", "!=", "in")
ORDERED_TESTS = frozenset(
    {"lt", "lessthan", "<", "le", "<=", "gt", "greaterthan", ">", "ge", ">=", "odd", "even", "divisibleby"}
)
_UNSAFE_TESTS = frozenset({"callable", "filter", "test", "escaped", "sameas", "float"})
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


BUILTIN_FILTERS = (
    *(*_OF_TEXT, *_OF_ORDER, *_OF_MEMBERS, *CHOOSING),
    *("abs", "d", "default", "join", "replace", "sum"),
)


def builtin_filters(budget: RecordBudget) -> dict[str, Callable[..., Any]]:
    """Jinja's filters for the sandbox that `budget` belongs to."""
    return {
        **{name: _bounded(budget, name, _texts) for name in _OF_TEXT},
        **{name: _bounded(budget, name, _in_order) for name in _OF_ORDER},
        **{name: _bounded(budget, name, _members) for name in (*_OF_MEMBERS, *CHOOSING)},
        "abs": _absolute,
        "join": _join(budget),
        "replace": _replace(budget),
        "sum": _sum(budget),
    }


def builtin_tests(budget: RecordBudget) -> dict[str, Callable[..., Any]]:
    """Jinja's tests for the sandbox that `budget` belongs to."""
    tests: dict[str, Any] = {name: test for name, test in TESTS.items() if name not in _UNSAFE_TESTS}
    for name in (*_EQUAL, *ORDERED_TESTS):
        tests[name] = _comparing(budget, tests[name], name in ORDERED_TESTS)
    tests |= {
        "odd": lambda value: _rest(value, 2) == 1,
        "even": lambda value: _rest(value, 2) == 0,
        "divisibleby": lambda value, number: _rest(value, number) == 0,
        "none": lambda value: not isinstance(value, Undefined) and is_nothing(value),
        _FILLED: lambda value: bool(filled(value, "a member", "name a test:  select('ne', none)")),
    }
    for name in ("lower", "upper"):
        tests[name] = _of_text(budget, tests[name])
    return tests


def walked(value: Any, name: str) -> Any:
    """What a filter goes through. Raises BadValue E483 for a text, whose letters nobody means."""
    if isinstance(value, str) and name not in _SIZES:
        raise BadValue(
            "E483", f'"{name}" goes through a list, not through a text', "to take it apart:  .split(',')"
        )
    return value


Charge = Callable[[RecordBudget, str, Environment | None, Any, tuple[Any, ...], dict[str, Any]], Any]


def _bounded(budget: RecordBudget, name: str, charge: Charge) -> Callable[..., Any]:
    """A built-in whose numbers, value and result are bounded. `charge` gives the value it is to work on."""
    filter_ = FILTERS[name]
    first = 1 if hasattr(filter_, "jinja_pass_arg") else 0

    @wraps(filter_)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        rest = args[first + 1 :]
        for argument in () if name in _OF_VALUES else (*rest, *kwargs.values()):
            if isinstance(argument, int) and abs(argument) > MAX_RANGE:
                raise too_much(f"{name}({argument})")
        if charge is not _texts and is_nothing(walked(args[first], name)):
            return 0 if name in _SIZES else None
        value = charge(budget, name, args[0] if first else None, args[first], rest, kwargs)
        if len(rest) == CHOOSING.get(name):
            rest = (*rest, _FILLED)
        result = filter_(*args[:first], value, *rest, **kwargs)
        if name in _NULL_IF_EMPTY and isinstance(result, Undefined) and not value:
            return None
        return budget.each(result) if isinstance(result, Iterator) else budget.measure(result)

    return bounded


def _texts(budget: RecordBudget, _name: str, _env: Any, value: Any, rest: Any, kwargs: dict[str, Any]) -> Any:
    """A null, a list or a row has no text, here as everywhere."""
    text = as_text(value)
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
    if name != "unique" and any(_has_null(key) for key in keys):
        raise nothing_to("put in order")
    steps, characters = budget.steps, budget.characters
    budget.weigh(keys)
    times = len(keys).bit_length()
    budget.spend((budget.steps - steps) * times, (budget.characters - characters) * times)
    return members


def _join(budget: RecordBudget) -> Callable[..., Any]:
    """Jinja's join would write a null as "None" and a list as Python does."""

    @pass_environment
    def join(
        environment: Environment, value: Any, d: str = "", attribute: str | int | None = None
    ) -> str | None:
        if walked(value, "join") is None:
            return None
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
        if walked(value, "sum") is None:
            return None
        members = value if attribute is None else map(make_attrgetter(environment, attribute), value)
        for member in budget.each(members):
            if member is None:
                raise nothing_to("add up")
            start = budget.measure(calculate("+", start, member))
        return start

    return total


def _absolute(value: Any) -> Any:
    if value is None:
        raise nothing_to("calculate with")
    return unsigned(value)


def _rest(value: Any, number: Any) -> Any:
    if number == 0:
        raise BadValue("E472", "nothing can be divided by 0")
    return calculate("%", value, number)


def _has_null(key: Any) -> bool:
    return key is None or (isinstance(key, list) and None in key)


def nothing_to(what_for: str) -> BadValue:
    """A null where a number or an order is needed."""
    return BadValue(
        "E490", f"a value is empty: nothing to {what_for}", "leave empty ones out:  | select('ne', none)"
    )


def _comparing(budget: RecordBudget, test: Callable[..., Any], ordered: bool) -> Callable[..., Any]:
    def compared(value: Any, *other: Any) -> Any:
        if ordered and (value is None or None in other):
            raise nothing_to("compare")
        budget.weigh(value)
        for one in other:
            budget.weigh(one)
        return test(value, *other)

    return compared


def _of_text(budget: RecordBudget, test: Callable[..., Any]) -> Callable[..., Any]:
    return lambda value: test(budget.weigh(value))
