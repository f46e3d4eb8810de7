"""Every example in the docstring of a filter is executed; every filter has at least two."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from etl.plugin import BadArgument, BadValue
from etl.template.filters import FILTERS

NEVER_FAILS = {"valid_isbn"}


def examples_of(name: str) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(inspect.getdoc(FILTERS[name]) or "")


@pytest.mark.parametrize("name", FILTERS)
def test_examples_are_true(name: str) -> None:
    function = FILTERS[name]
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder().find(function, name, globs=dict(function.__globals__)):
        runner.run(test, out=said.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(said)


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_shows_a_success_and_a_failure(name: str) -> None:
    examples = examples_of(name)
    assert len(examples) >= 2
    failures = [one for one in examples if one.exc_msg]
    assert len(failures) < len(examples)
    assert bool(failures) is (name not in NEVER_FAILS)


@pytest.mark.parametrize("name", FILTERS)
def test_docstring_names_every_argument(name: str) -> None:
    doc = inspect.getdoc(FILTERS[name]) or ""
    for argument in list(inspect.signature(FILTERS[name]).parameters)[1:]:
        assert f"`{argument}`" in doc


ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "minus_vat": (6,),
    "plus_vat": (6,),
    "net": (10,),
    "account": ("btj",),
    "pad_left": (8,),
    "system_number": ("BURK",),
    "map_value": ({"BB": "BOOK"},),
    "split_codes": (["HUV"], ["BARN"]),
    "truncate_bytes": (20,),
    "match": ("a",),
    "replace_re": ("a", "b"),
    "fixed": (0,),
    "share_out": ([1, 2], ["A", "B"]),
}


@pytest.mark.parametrize("missing", [None, "", "  \t", "\u00a0"])
@pytest.mark.parametrize("name", FILTERS)
def test_a_missing_value_stays_missing(name: str, missing: str | None) -> None:
    assert FILTERS[name](missing, *ARGUMENTS.get(name, ())) is None


@pytest.mark.parametrize("value", [3.5, {"a": 1}, object(), ["x"]], ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("name", [name for name in FILTERS if name != "join_nonempty"])
def test_a_value_of_the_wrong_kind_is_a_bad_value(name: str, value: object) -> None:
    with pytest.raises(BadValue) as caught:
        FILTERS[name](value, *ARGUMENTS.get(name, ()))
    assert caught.value.code in ("E400", "E415", "E402")
    assert not caught.value.message.endswith(".")


BAD: list[tuple[str, tuple[Any, ...]]] = [
    ("amount", ("klingon",)),
    ("amount", (7,)),
    ("currency", ("kronor",)),
    ("round_amount", (-1,)),
    ("round_amount", (True,)),
    ("minus_vat", (None,)),
    ("minus_vat", ("0.06",)),
    ("plus_vat", (-6,)),
    ("net", (101,)),
    ("net", ("NaN",)),
    ("net", ("tio",)),
    ("date", ("%Y-%m-%d",)),
    ("date", ("YYYY",)),
    ("date", ("DD.MM.YYYY", "MM.DD.YYYY")),
    ("date", ("YYMMDD", "DDMMYY")),
    ("date", ("YYYYMMDD", "DDMMYYYY")),
    ("account", ("bjt",)),
    ("pad_left", ("8",)),
    ("pad_left", (0,)),
    ("pad_left", (8, "00")),
    ("system_number", (7,)),
    ("yes_no", ("no",)),
    ("map_value", ("BOOK",)),
    ("map_value", ({1: "BOOK"},)),
    ("split_codes", ("HUV", "BARN")),
    ("split_codes", ([], ["BARN"])),
    ("split_codes", (["HUV"], [""])),
    ("split_codes", (["HUV"], ["BARN"], 2024)),
    ("truncate_bytes", (0,)),
    ("join_nonempty", (7,)),
    ("match", ("(",)),
    ("match", ("a", "yes")),
    ("match", ("a" * 1001,)),
    ("replace_re", ("a", r"\1")),
    ("replace_re", ("a", 7)),
    ("fixed", (-1,)),
    ("share_out", ([], [])),
    ("share_out", ([0], ["A"])),
    ("share_out", ([1, -1], ["A", "B"])),
    ("share_out", ("12", ["A"])),
    ("share_out", ([1], 7)),
    ("share_out", ([1], [7])),
    ("share_out", ([1], ["A"], 7)),
    ("share_out", ([1, 1], ["A"])),
    ("fixed", (0, 0)),
]


@pytest.mark.parametrize(("name", "arguments"), BAD, ids=lambda part: str(part)[:40])
def test_wrong_arguments_are_found_without_a_value(name: str, arguments: tuple[Any, ...]) -> None:
    function: Callable[..., Any] = FILTERS[name]
    with pytest.raises(BadArgument):
        function(None, *arguments)
