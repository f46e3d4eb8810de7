"""Null in an operator → the record is rejected and what is empty is named; a dot on it → nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.evaluated import evaluated, told

ARITHMETIC = ("+", "-", "*", "/", "//", "%", "**")
ORDER = ("<", "<=", ">", ">=")
WRITTEN = ("n", "n | integer", "row.n", "row['n']", "rows[0].n", "(n or n)", "n | default(none)", "xs[0].y.z")
NAMES: dict[str, Any] = {"n": None, "row": {"n": None}, "rows": [{"n": None}], "xs": [], "one": 1}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("operator", [*ARITHMETIC, *ORDER])
def test_null_in_an_operator_is_named(operator: str, written: str) -> None:
    why = "calculate with" if operator in ARITHMETIC else "compare"
    inside = written[1:-1] if written.startswith("(") else written
    for text in (
        f"{{{{ {written} {operator} one }}}}",
        f"{{{{ one {operator} {written} }}}}",
        f"a {{{{ 'x' if one == 1 and one {operator} {written} else 'y' }}}}",
        f"{{% if {written} {operator} 2.5 %}}{{% endif %}}",
    ):
        code, message, place = told(text, **NAMES)
        assert (code, message, place) == ("E490", f"{inside} is empty: nothing to {why}", inside), text


@pytest.mark.parametrize("literal", ["1", "1.5", "'a'", "[1]", "true", "none", "one"])
def test_null_may_be_asked_for(literal: str) -> None:
    equal = literal == "none"
    assert evaluated(f"{{{{ n == {literal} }}}}", **NAMES) is equal
    assert evaluated(f"{{{{ {literal} != n }}}}", **NAMES) is not equal
    assert evaluated(f"{{{{ n in [{literal}] }}}}", **NAMES) is equal
    assert evaluated("{{ n is none and row.n is none and one is not none }}", **NAMES) is True


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("{{ 1 < n < one }}", "n is empty: nothing to compare", "n"),
        ("{{ -n }}", "n is empty: nothing to calculate with", "n"),
        ("{{ +n }}", "n is empty: nothing to calculate with", "n"),
        ("{{ n | abs }}", "a value is empty: nothing to calculate with", "abs"),
        ("{{ n is gt(1) }}", "n is empty: nothing to compare", "n"),
        ("{{ one is le(row.n) }}", "row.n is empty: nothing to compare", "row.n"),
        ("{{ n | integer is odd }}", "n | integer is empty: nothing to compare", "n | integer"),
        ("{{ n is divisibleby(2) }}", "n is empty: nothing to compare", "n"),
        ("{{ one in n }}", "n is empty: nothing to look in", "n"),
        ("{{ one not in row.n }}", "row.n is empty: nothing to look in", "row.n"),
        ("{{ n > none }}", "n is empty: nothing to compare", "n"),
        ("{{ [1, n] | sum }}", "a value is empty: nothing to add up", "sum"),
        ("{{ [1, n] | max }}", "a value is empty: nothing to put in order", "max"),
        ("{{ [n, 1] | sort }}", "a value is empty: nothing to put in order", "sort"),
        ("{{ rows | sort(attribute='n') }}", "a value is empty: nothing to put in order", "sort"),
        ("{{ rows | groupby('n') }}", "a value is empty: nothing to put in order", "groupby"),
        ("{{ [n] | select('gt', 1) }}", "a value is empty: nothing to compare", "select"),
    ],
)
def test_null_wherever_an_order_or_a_number_is_needed(text: str, message: str, place: str) -> None:
    assert told(text, **NAMES) == ("E490", message, place)


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "n.a",
            "n['a']",
            "n.a.b",
            "n[0]",
            "n[one]",
            "n[1:2]",
            "row.n.a",
            "xs[0]",
            "xs[-1]",
            "xs[0].library",
        ),
        *("xs | first", "xs | last", "xs | min", "xs | max", "(xs | first).library", "rows[0].n.x"),
        "[n] | map(attribute='a') | first",
    ],
)
def test_of_nothing_comes_nothing(expression: str) -> None:
    assert evaluated(f"{{{{ {expression} }}}}", **NAMES) is None


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("t.a", "E471"),
        ("one.a", "E471"),
        ("row.b", "E471"),
        ("rows[3]", "E471"),
        ("missing", "E471"),
        ("n.split('|')", "E490"),
        ("a ~ n", "E471"),
        ("t ~ n", "E475"),
        ("n | upper", "E475"),
        ("n | replace('a', 'b')", "E475"),
        ("[t, n] | join", "E475"),
    ],
)
def test_what_stays_an_error(expression: str, code: str) -> None:
    assert told(f"{{{{ {expression} }}}}", t="text", **NAMES)[0] == code


def test_a_long_expression_is_shown_in_part() -> None:
    written = "row.n" + ".x" * 60
    code, message, place = told(f"{{{{ {written} > 1 }}}}", **NAMES)
    assert (code, place) == ("E490", written)
    assert message == f"{written[:59]}… is empty: nothing to compare"
