"""The built-in filters keep the promises of every filter."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from etl.registry import Registry
from etl.testing.filter_suite import FilterSuite

# Filters that need arguments, and arguments that are wrong whatever the value.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "account": ("btj",),
    "date": ("DD.MM.YYYY",),
    "fixed": (0, 2),
    "map_value": ({"BB": "BOOK"},),
    "match": ("([0-9]+)",),
    "minus_vat": (6,),
    "net": (10,),
    "pad_left": (8,),
    "plus_vat": (6,),
    "replace_re": ("a", "b"),
    "share_out": ([2, 1], ["BOOKS", "LAW"]),
    "split_codes": (["HUV"], ["BARN"]),
    "system_number": ("BURK",),
    "truncate_bytes": (20,),
}
WRONG: dict[str, list[tuple[Any, ...]]] = {
    "account": [("no such scheme",)],
    "amount": [("xx",), (7,)],
    "date": [("soon",), (7,)],
    "fixed": [(-1,), ("a",)],
    "match": [("(",), (7,)],
    "pad_left": [(-1,), ("8",)],
    "replace_re": [("(", ""), ("a", "\\9")],
    "truncate_bytes": [(0,), ("many",)],
}

for _name in Registry.installed().names("filters"):
    _class = f"Test_{_name}"
    globals()[_class] = type(
        _class,
        (FilterSuite,),
        {
            "filter": staticmethod(Registry.installed().get("filters", _name)),
            "arguments": ARGUMENTS.get(_name, ()),
            "wrong_arguments": WRONG.get(_name, []),
            "__module__": __name__,
        },
    )


@pytest.mark.parametrize("name", Registry.installed().names("filters"))
def test_the_tables_have_arguments_for_filters_that_need_them(name: str) -> None:
    plain = inspect.signature(Registry.installed().get("filters", name))
    plain.bind("value", *ARGUMENTS.get(name, ()))


def test_the_tables_name_filters_that_exist() -> None:
    assert set(ARGUMENTS) | set(WRONG) <= set(Registry.installed().names("filters"))


def test_a_filter_that_breaks_the_promises_is_found() -> None:
    """The suite can fail: a filter that crashes on text does."""

    class Careless(FilterSuite):
        filter = staticmethod(lambda value: {}[str(value)])

    suite = Careless()
    with pytest.raises(AssertionError):
        suite.test_says_what_it_does()
    with pytest.raises(KeyError):
        suite.test_a_missing_value_stays_missing(None)
    with pytest.raises(KeyError):
        suite.test_answers_or_says_why_not()
