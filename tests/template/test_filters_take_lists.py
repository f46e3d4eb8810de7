"""What gives its members only once → the same to every filter as the list of them."""

from __future__ import annotations

from typing import Any

import pytest

from etl.problems import Problem
from etl.template.builtins import BUILTIN_FILTERS
from etl.template.environment import Sandbox
from etl.template.filters import FILTERS
from tests.template.evaluated import evaluated

ROWS = [{"n": 2, "fund": "A", "d": {"x": "1"}}, {"n": 1, "fund": "B", "d": {"x": "1"}}]
LAZY = {
    "[2, 1]": (
        "rows | map(attribute='n')",
        "rows | map(attribute='n') | select('number')",
        "numbers.values()",
    ),
    "['A', 'B']": ("rows | map(attribute='fund')", "funds.keys()", "funds | reject('none')"),
    "[0, 1, 2]": ("range(3)",),
    "[['A', 2], ['B', 1]]": ("[['A', 2], ['B', 1]] | map('list')",),
}
GIVEN = {
    "default": "('x')", "d": "('x')", "minus_vat": "(6)", "plus_vat": "(6)", "net": "(5)", "map_value": "({'a': 'b'})",
    "share_out": "([1, 1], ['A', 'B'])", "first_filled": "('x')", "pad_left": "(3)", "truncate_bytes": "(9)",
    "match": "('a')", "replace_re": "('a', 'b')", "fixed": "(0, 1)", "leader_type": "", "map": "('string')",
    "groupby": "('n')", "selectattr": "('n', 'gt', 1)", "rejectattr": "('n', 'gt', 1)", "batch": "(2)", "slice": "(2)",
    "replace": "('A', 'B')", "date": "('iso')", "system_number": "('x')",
}  # fmt: skip


def shown(text: str) -> Any:
    names = {"rows": ROWS, "numbers": {"a": 2, "b": 1}, "funds": {"A": 1, "B": 2}}
    found = evaluated(f"{{{{ {text} }}}}", Sandbox(FILTERS), **names)
    return (found.code, found.message) if isinstance(found, Problem) else found


@pytest.mark.parametrize("filter_", sorted({*FILTERS, *BUILTIN_FILTERS}))
def test_as_the_value_of_any_filter(filter_: str) -> None:
    for as_list, lazy in LAZY.items():
        for one in lazy:
            called = f"{filter_}{GIVEN.get(filter_, '')}"
            assert shown(f"({one}) | {called}") == shown(f"{as_list} | {called}"), one


@pytest.mark.parametrize(
    ("lazy", "plain"),
    [
        ("100 | share_out(rows | map(attribute='n'), rows | map(attribute='fund'))", "100 | share_out([2, 1], ['A', 'B'])"),
        ("100 | share_out(weights=rows | map(attribute='n'), names=funds.keys())", "100 | share_out([2, 1], ['A', 'B'])"),
        ("100 | share_out(range(1, 3), funds.keys())", "100 | share_out([1, 2], ['A', 'B'])"),
        ("(rows | map(attribute='fund')) + (rows | map(attribute='n'))", "['A', 'B'] + [2, 1]"),
        ("(rows | map(attribute='n'))[1]", "[2, 1][1]"),
        ("(rows | map(attribute='n')) == [2, 1]", "true"),
        ("2 in (rows | map(attribute='n'))", "true"),
        ("', '.join(rows | map(attribute='fund'))", "'A, B'"),
        ("rows | map(attribute='d') | map('items') | list", "[[('x', '1')], [('x', '1')]]"),
        ("range(3)", "[0, 1, 2]"),
    ],
)  # fmt: skip
def test_anywhere_else(lazy: str, plain: str) -> None:
    found = shown(lazy)
    assert not (isinstance(found, tuple) and str(found[0]).startswith("E")), found
    assert found == shown(plain)


def test_a_list_that_is_named_is_read_as_often_as_one_likes() -> None:
    text = "{% set ns = rows | map(attribute='n') %}{{ ns | sum }}{{ ns | sum }}{{ ns | length }}"
    assert evaluated(text, rows=ROWS) == "332"
