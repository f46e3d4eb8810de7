"""A null that is compared, a number that is asked → the record is rejected, wherever in the mapping it happens."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.lookups import Row
from etl.problems import MappingPlace
from etl.run.build import Builder
from etl.run.naming import as_key
from etl.run.outcomes import Built, SourceRow
from etl.template.environment import Failure
from tests.plan.test_shapes import FIELDS, built, plan_of, refused

CONDITIONS = {
    "when": 'when: "{{ %s }}"\n',
    "a check": 'checks: [{if: "{{ %s }}", hold: "too many"}]\n',
    "$if": 'let: {x: {$if: "{{ %s }}", $value: a}}\n',
    "$if in a loop": 'let: {x: [{$for: "one in [1]", $if: "{{ %s }}", $value: a}]}\n',
    "$if in a choice": 'let: {x: {$first: [{$if: "{{ %s }}", $value: a}, b]}}\n',
}
VALUES = {
    "let": 'let: {x: "{{ %s }}"}\n',
    "$let": 'let: {x: {$let: {y: "{{ %s }}"}, $value: "{{ y }}"}}\n',
    "a group": 'let: {x: {a: "{{ %s }}"}}\n',
    "a loop": 'let: {x: [{$for: "one in [%s]", $value: "{{ one }}"}]}\n',
    "a choice": 'let: {x: {$first: ["{{ %s }}", "{{ none }}"]}}\n',
    "an argument": "let: {x: \"{{ 'a' | default(%s) }}\"}\n",
    "a message": 'checks: [{if: "{{ true }}", warn: "{{ [%s] | length }}"}]\n',
}
READ = "  vendor_note: \"{{ 'a' if x is none else 'b' }}\"\n"
ALL = {**CONDITIONS, **VALUES}


def codes(tmp_path: Path, where: str, expression: str, **columns: Any) -> list[tuple[str, str]]:
    text = ALL[where] % expression
    fields = FIELDS + (READ if " {x: " in text else "")
    builder = Builder(plan_of(tmp_path, text, fields))
    row = SourceRow({"order": "1", **columns}, "orders.csv", 1, 2)
    outcome = builder.skipped(row) or builder.build([row])
    return [(one.code, one.message) for one in getattr(outcome, "problems", ())]


def turn(where: str) -> str:
    """What is said of the turn of a loop."""
    return ' ($for one, turn 1: "1")' if where == "$if in a loop" else ""


@pytest.mark.parametrize("where", ALL)
@pytest.mark.parametrize("operator", [">", "<=", "+", "//"])
def test_a_null_is_named(tmp_path: Path, where: str, operator: str) -> None:
    why = "compare" if operator in (">", "<=") else "calculate with"
    expression = f"(n | integer) {operator} 2" + (" > 1" if why != "compare" and where in CONDITIONS else "")
    told = f"n | integer is empty: nothing to {why}{turn(where)}"
    assert codes(tmp_path, where, expression, n="") == [("E490", told)]


@pytest.mark.parametrize("where", CONDITIONS)
@pytest.mark.parametrize(("given", "kind"), [("n | integer", "a number"), ("n.split('|')", "a list")])
def test_what_is_known_only_of_the_record_is_refused_there(
    tmp_path: Path, where: str, given: str, kind: str
) -> None:
    expression = f"{given} if n else n"
    said = f"{expression} is {kind}: only yes, no and text can be asked whether they are there{turn(where)}"
    assert codes(tmp_path, where, expression, n="10") == [("E489", said)]
    assert codes(tmp_path, where, "n", n="0") == [
        ("E477", f'n gave the text "0", which looks false and would count as true{turn(where)}')
    ]


NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.decimals(-(10**20), 10**20, allow_nan=False, places=4),
    st.sampled_from([Decimal("1E+2"), Decimal("1.50"), Decimal("0E-9"), Decimal("-0.0"), Decimal("1E-7")]),
)


@given(st.lists(NUMBERS, min_size=2, max_size=2))
def test_equal_numbers_are_one_key_and_others_two(numbers: list[int | Decimal]) -> None:
    place = MappingPlace("m.yaml", 1, 1)
    texts = [as_key(number, "order", place) for number in numbers]
    assert [Decimal(text) for text in texts] == numbers
    assert "E" not in "".join(texts)
    assert (texts[0] == texts[1]) == (numbers[0] == numbers[1])
    assert as_key(Decimal(numbers[0]) * Decimal("1.000"), "order", place) == texts[0]


@pytest.mark.parametrize(("written", "found"), [("1.5", "A"), ("1.50", "A"), ("100", "B"), ("100.0", "B")])
def test_a_table_is_asked_in_the_same_words(tmp_path: Path, written: str, found: str) -> None:
    table = "lookups: {rates: {key: rate, rows: {'1.5': A, '100': B}}}\n"
    fields = FIELDS + "  vendor_note: \"{{ n | decimal | lookup('rates', 'value') }}\"\n"
    outcome = built(plan_of(tmp_path, table, fields), n=written)
    assert isinstance(outcome, Built)
    assert json.loads(outcome.payload)["vendor_note"] == found


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "is empty"),
        (" \t", "is empty"),
        ([], "is empty"),
        (["a"], "is a list, not a text"),
        (True, "is true or false, not a text"),
        ({"a": "b"}, "is a group of values, not a text"),
        (Row({"a": 0}, ("b",), None), "is a lookup row, not a text"),
        (1.5, "is a number, not a text"),
    ],
)
def test_what_identifies_nothing(value: Any, said: str) -> None:
    with pytest.raises(Failure) as caught:
        as_key(value, "order", MappingPlace("m.yaml", 1, 1))
    assert (caught.value.problem.code, caught.value.problem.message) == ("E478", f'key part "order" {said}')


@pytest.mark.parametrize("where", CONDITIONS)
@pytest.mark.parametrize("around", ["{{ %s }} and", "not {{ %s }}", "{{ %s }}{{ %s }}", "{{ %s }} {{ %s }}"])
def test_text_around_a_condition_is_refused(tmp_path: Path, where: str, around: str) -> None:
    """It was the text "False", which is filled, for every record."""
    text = CONDITIONS[where].replace("{{ %s }}", around.replace("%s", "n == '3'"))
    found = refused(tmp_path, text, FIELDS + (READ if " {x: " in text else ""))
    assert "E202" in [one.code for one in found]


@pytest.mark.parametrize("where", CONDITIONS)
@pytest.mark.parametrize("around", ["{{ %s }} ", "  {{ %s }}", "\\n{{ %s }}\\n \\t"])
def test_blanks_around_a_condition_are_none_of_it(tmp_path: Path, where: str, around: str) -> None:
    text = CONDITIONS[where].replace("{{ %s }}", around.replace("%s", "n == '3'"))
    plan = plan_of(tmp_path, text, FIELDS + (READ if " {x: " in text else ""))
    for value in ("3", "4"):
        row = SourceRow({"order": "1", "n": value}, "orders.csv", 1, 2)
        outcome = Builder(plan).skipped(row) or Builder(plan).build([row])
        assert not {"E477", "E472"} & {one.code for one in getattr(outcome, "problems", ())}
