"""Whole numbers and decimals → what they are exactly, by whatever operator, filter or test."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.problems import Problem
from etl.template.environment import Sandbox
from etl.template.filters import FILTERS
from tests.template.evaluated import evaluated, told

ENV = Sandbox(FILTERS)
WHOLE = st.integers(-(10**12), 10**12)
MONEY = st.decimals(-(10**9), 10**9, places=2)
SMALL = st.decimals(-10, 10, places=4)
NUMBERS = st.one_of(WHOLE, st.integers(-9, 9), MONEY, SMALL, st.integers(-(10**60), 10**60))
OPERATORS: dict[str, Callable[[Fraction, Fraction], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
ENDLESS = Fraction(1, 10**49)


def spelled(number: int | Decimal) -> str:
    """As an author writes it: a sign and a literal."""
    return f"({number:f})" if isinstance(number, Decimal) else f"({number})"


def no_float(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(no_float, value))
    if isinstance(value, dict):
        return all(map(no_float, value.values()))
    return not isinstance(value, float)


@pytest.mark.parametrize("literal", [False, True], ids=["columns", "literals"])
@pytest.mark.parametrize("operator", OPERATORS)
@given(left=NUMBERS, right=NUMBERS)
def test_operators_give_what_fractions_give(
    operator: str, literal: bool, left: int | Decimal, right: int | Decimal
) -> None:
    a, b = (spelled(left), spelled(right)) if literal else ("a", "b")
    found = evaluated(f"{{{{ {a} {operator} {b} }}}}", ENV, a=left, b=right)
    if operator in ("/", "//", "%") and not right:
        assert isinstance(found, Problem)
        assert (found.code, found.message[:15]) == ("E472", "a division by 0")
        return
    wanted = OPERATORS[operator](Fraction(left), Fraction(right))
    assert no_float(found)
    if operator != "/":
        assert found == wanted
        return
    assert isinstance(found, Decimal)
    if _has_end(wanted):
        assert found == wanted
    else:
        assert abs(Fraction(found) / wanted - 1) <= ENDLESS


def _has_end(number: Fraction) -> bool:
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _rounded(number: Fraction, places: int) -> Fraction:
    """Halves away from zero."""
    step = 10**places
    whole = (abs(number) * step + Fraction(1, 2)) // 1
    return Fraction(whole if number > 0 else -whole, step)


@given(base=st.one_of(st.integers(-99, 99), SMALL), power=st.integers(-9, 12))
def test_powers(base: int | Decimal, power: int) -> None:
    found = evaluated("{{ a ** b }}", ENV, a=base, b=power)
    if not base and power < 0:
        assert isinstance(found, Problem)
        return
    wanted = Fraction(base) ** power
    assert no_float(found)
    assert Fraction(found) == wanted or (power < 0 and abs(Fraction(found) / wanted - 1) <= ENDLESS)


@given(numbers=st.lists(NUMBERS, min_size=1, max_size=6), one=NUMBERS)
def test_filters_tests_chains_and_signs(numbers: list[int | Decimal], one: int | Decimal) -> None:
    exact, middle = [Fraction(number) for number in numbers], Fraction(one)
    for text, wanted in (
        ("xs | sum", sum(exact)),
        ("xs | min", min(exact)),
        ("xs | max", max(exact)),
        ("xs | sort", sorted(exact)),
        ("xs | map('abs')", [abs(number) for number in exact]),
        ("-x", -middle),
        ("+x", middle),
        ("x | abs", abs(middle)),
        ("x | round_amount(0)", _rounded(middle, 0)),
        ("x | round_amount", _rounded(middle, 2)),
        ("x in xs", middle in exact),
        ("x not in xs", middle not in exact),
        ("xs[0] < x <= xs[-1]", exact[0] < middle <= exact[-1]),
        ("x is gt(xs[0])", middle > exact[0]),
        ("x is le(xs[0])", middle <= exact[0]),
        ("x is eq(xs[0])", middle == exact[0]),
        ("xs | select('ge', x)", [number for number in exact if number >= middle]),
        ("x is divisibleby(5)", middle % 5 == 0),
        ("x is odd", middle % 2 == 1),
        ("{'a': -x, 'b': [x]}['b'][0]", middle),
    ):
        found = evaluated(f"{{{{ {text} }}}}", ENV, xs=numbers, x=one)
        assert no_float(found), text
        assert found == wanted, text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{{ ('2490' | integer) / 100 >= 24.90 }}", True),
        ("{{ 0.1 + 0.2 == 0.3 }}", True),
        ("{{ 0.3 in [0.1 + 0.2] }}", True),
        ("{{ x is gt(24.90) }}", False),
        ("{{ 1_000.50 == 1000.5 }}", True),
        ("{{ 24.9 | round_amount }}", Decimal("24.90")),
        ("{{ y | default(0.1) }}", Decimal("0.1")),
        ("{{ {'a': [0.1, (0.2,)]} }}", {"a": [Decimal("0.1"), (Decimal("0.2"),)]}),
        ("{{ -7 // 2.0 }}", Decimal(-4)),
        ("{{ 'ab' * 2 }}", "abab"),
        ("{{ [1] + [2] }}", [1, 2]),
    ],
)
def test_literals_are_what_is_written(text: str, wanted: Any) -> None:
    found = evaluated(text, x=Decimal("24.90"))
    assert found == wanted
    assert no_float(found)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("7 / 2", "3.5"),
        ("6 / 2", "3"),
        ("2490 / 100", "24.9"),
        ("5 / 0.5", "10"),
        ("1e3", "1000"),
        ("1e-7", "0.0000001"),
        ("2.50", "2.50"),
        ("-0.0", "0.0"),
        ("0 * -1.5", "0.0"),
        ("10 ** 30 * 1.0", "1" + "0" * 30 + ".0"),
        ("1 / 3", "0." + "3" * 50),
        ("2 / 3", "0." + "6" * 49 + "7"),
        ("huge", "2" + "0" * 40),
    ],
)
def test_numbers_are_written_without_an_exponent(expression: str, text: str) -> None:
    huge = Decimal("2E+40")
    assert evaluated(f"a {{{{ {expression} }}}}", huge=huge) == f"a {text}"
    assert evaluated(f"{{{{ '' ~ ({expression}) }}}}", huge=huge) == text
    assert evaluated(f"{{{{ ({expression}) | string }}}}", huge=huge) == text


def test_the_context_of_the_thread_changes_nothing() -> None:
    texts = ("{{ 1 / 3 }}", "{{ 1.23456 * 2 }}", "{{ -1.23456 }}", "{{ 5 | net(0.5) | round_amount(4) }}")
    before = [evaluated(text) for text in texts]
    with decimal.localcontext(prec=2, rounding=decimal.ROUND_UP, traps=[]):
        assert [evaluated(text) for text in texts] == before


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ d * d }}", "E474"),
        ("{{ d + 1 }}", "E474"),
        ("{{ d // 3 }}", "E474"),
        ("{{ d % 3 }}", "E474"),
        ("{{ d ** 9 }}", "E474"),
        ("{{ d ~ '' }}", "E474"),
        ("{{ 2 ** 0.5 }}", "E472"),
        ("{{ 1e9999 }}", "E211"),
        ("{{ 1e99999999999999999999 }}", "E211"),
    ],
)
def test_what_cannot_be_exact_is_refused(text: str, code: str) -> None:
    problem = evaluated(text, d=Decimal("1.1E+999999"))
    assert isinstance(problem, Problem)
    assert problem.code == code


def test_a_division_by_zero_says_what_is_zero() -> None:
    assert told("{{ price / (copies - 1) }}", price=1, copies=1) == (
        "E472",
        "a division by 0: copies - 1 is 0",
        "copies - 1",
    )
    assert told("{{ 5 % 0 }}")[:2] == ("E472", "a division by 0")
    assert told("{{ x is divisibleby(0) }}", x=1)[0] == "E472"


def test_a_float_of_a_connector_is_what_its_shortest_spelling_says() -> None:
    assert evaluated("{{ x * 3 }}", x=0.1) == Decimal("0.3")
    assert evaluated("{{ -x }}", x=0.1) == Decimal("-0.1")
    assert evaluated("a {{ x }}", x=0.0000001) == "a 0.0000001"
