"""Any value → is it empty?"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.lookups.row import Row
from etl.normal_form import normal_form
from etl.template.emptiness import is_empty, is_nothing

BLANK = st.sampled_from([None, "", " ", "\t\n", "\u00a0", "\u2003", "\u200b", "\ufeff "])
VALUE = st.one_of(
    st.integers(),
    st.booleans(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.text().filter(lambda text: normal_form(text).strip()),
)


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inside: st.one_of(
            st.lists(inside, max_size=3),
            st.lists(inside, max_size=3).map(tuple),
            st.dictionaries(st.text(max_size=3), inside, max_size=3),
        ),
        max_leaves=8,
    )


@given(nested(BLANK))
def test_empties_in_lists_and_groups_are_empty(value: Any) -> None:
    assert is_empty(value)


@given(value=VALUE, around=st.lists(st.sampled_from(["list", "tuple", "dict"]), max_size=4))
def test_one_value_anywhere_fills_it(value: Any, around: list[str]) -> None:
    for kind in around:
        value = {"list": [None, value], "tuple": ("", value, []), "dict": {"a": " ", "b": value}}[kind]
    assert not is_empty(value)


@pytest.mark.parametrize(
    "value", [0, False, Decimal(0), Decimal("0.00"), "0", "Nej", date(2024, 3, 11), [0], range(1)]
)
def test_zero_and_no_are_values(value: Any) -> None:
    assert not is_empty(value)
    assert not is_nothing(value)


@pytest.mark.parametrize(
    ("cells", "is_null", "empty", "nothing"),
    [((None, None), True, True, True), (("", " "), False, False, False), (("", "a"), False, False, False)],
)
def test_rows(cells: tuple[str | None, ...], is_null: bool, empty: bool, nothing: bool) -> None:
    row = Row({"library": 0, "fund": 1}, cells, None, is_null)
    assert (is_empty(row), is_nothing(row)) == (empty, nothing)


@pytest.mark.parametrize("value", ["", [], {}, ()])
def test_what_is_empty_is_not_nothing(value: Any) -> None:
    assert is_empty(value)
    assert not is_nothing(value)
