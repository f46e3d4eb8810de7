"""Everything a template can do with something large → within the record's budget, or the record is rejected."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from etl.plugin import BadValue
from etl.problems import MappingPlace
from etl.template import bounds
from etl.template.bounds import (
    MAX_BITS,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_STEPS,
    MAX_TEXT,
    RecordBudget,
    check_operands,
)
from etl.template.builtins import BUILTIN_FILTERS
from etl.template.compile import Template, compile_template
from etl.template.environment import TEXT_METHODS, Failure, Sandbox
from etl.template.filters import FILTERS


def shared(levels: int) -> list[Any]:
    """Ten lists that hold one another ten times each: few objects, 10**levels members."""
    value: list[Any] = ["x"]
    for _ in range(levels):
        value = [value] * 10
    return value


def names_of(size: int) -> dict[str, Any]:
    """Values of every kind, most of them as large as one value may be (`same` is far larger)."""
    return {
        "t": "a" * size,
        "words": "a " * (size // 2),
        "xs": list(range(size)),
        "ts": ["a" * 50 + str(i) for i in range(size // 10)],
        "same": ["a" * size] * size,
        "rows": [{"x": "a" * 100, "y": shared(6)} for _ in range(size // 10)],
        "n": shared(9),
        "m": shared(9),
        "d": {str(i): "a" for i in range(size // 2)},
        "texts": ("ab",) * size,
        "deep": (("ab",) * 10,) * (size // 10),
        "big": 1 << 4_000,
        "dec": Decimal("1E+999999"),
        "day": date(2024, 3, 11),
        "one": 1,
        "one_of": {("ab",): 1},
        "u": "x",
    }


SWEPT = ("t", "xs", "n", "rows", "d", "texts", "deep", "big", "dec")
ARGUMENTS = ("", "(t)", "(n)", "(texts)", "('a', t)", "(9999)", "(9999, t)", "(attribute='x')")
OPERATORS = ("+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">=", "in", "not in", "or", "and")
AROUND = (
    ("-", ""),
    ("+", ""),
    ("not ", ""),
    ("", "[1:9]"),
    ("", "[0]"),
    ("1 if ", " else 2"),
    ("[", "] | sum"),
)
STATEMENTS = (
    "{% for a in xs %}{{ a }}{% endfor %}",
    "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}",
    "{% for a in range(10000) %}{% for b in range(10000) %}{{ u }}{% endfor %}{% endfor %}",
    "{% for a in range(10000) %}{{ t }}{% endfor %}",
    "{% for a in xs if a in xs %}{% endfor %}",
    "{% for a in xs %}{{ loop.length }}{{ loop.last }}{% endfor %}",
    "{% for a in xs %}{% set b = t ~ a %}{% endfor %}",
    "{% for a in xs %}{% with b = xs + [a] %}{% endwith %}{% endfor %}",
    "{% for a in n recursive %}{{ loop(a) }}{% endfor %}",
    "{% set a = t %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
    "{% set a = [u] %}" + "{% set a = [a, a, a, a] %}" * 40 + "{{ a == a }}{{ a | string }}",
    "{% set a = (1,) %}" + "{% set a = (a, a) %}" * 40 + "{{ {a: 1} }}",
    "{% set a = [u] %}" + "{% set a = [a] %}" * 500 + "{{ [a] == [[a]] }}",
    "{% set a = (u,) %}" + "{% set a = (a,) %}" * 500 + "{{ [a] | unique | list | length }}",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% set a %}{{ t }}{% endset %}{{ a }}",
    "{% filter upper %}{{ t }}{{ t }}{% endfilter %}",
    "{% call a() %}{% endcall %}",
    "{% include 'a' %}",
    "{% block a %}{% endblock %}",
    "{{ t }}{{ t }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%1000000000d' is odd }}",
    "{{ '%1000000000d' is divisibleby(1) }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 10 ** 999999999 }}",
    "{{ 'a' * 999999999 }}",
    "{{ " + "9" * 50_000 + " }}",
    "{{ 0x" + "f" * 50_000 + " }}",
    "{{ u | pad_left('a' * 999999999) }}",
    "{{ " + "t ~ " * 3_000 + "t }}",
    "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "{{ [[xs] * 10000] * 10000 | string }}",
    "{{ ([xs] * 1000) | sum(start=[]) }}",
    "{{ (same, t) | join(t) }}",
    "{{ t.join(same) }}",
    "{{ t | replace(old='', new=t) }}",
    "{{ t.rfind('a' + 'b' + 'a' * 50000) }}",
    "{{ xs.index(n) }}",
    "{{ [n, m].count(m) }}",
    "{{ d.get((n, m)) }}",
    "{{ xs[::1] == xs[::2] }}",
    "{{ n == m }}",
    "{{ n in [m] }}",
    "{{ xs | select('in', xs) | list | length }}",
    "{{ xs" + " | select('defined')" * 100 + " | list }}",
    "{{ xs" + " | select('even')" * 100 + " | list }}",
    "{{ xs | batch(9999, t) | list }}",
    "{{ range(10000) | batch(1, t) | map('join', t) | list }}",
    "{{ range(10000) | map('pad_left', 1000) | list }}",
    "{{ same | isbns }}",
    "{{ same | join_nonempty }}",
)
REFUSED_WHEN_READ = {"E211", "E212", "E213", "E214", "E215"}


def place(offset: int, length: int) -> MappingPlace:
    return MappingPlace("m.yaml", 1, offset + 1, "", length)


def outcome(text: str, env: Sandbox, names: dict[str, Any]) -> str:
    """`refused`, the code the record is rejected with, or `value`; the budget shows what it took."""
    template = compile_template(text, env, place)
    if not isinstance(template, Template):
        assert {problem.code for problem in template} <= REFUSED_WHEN_READ, (text[:100], template)
        return "refused"
    env.budget.refill()
    problem = None
    try:
        template.evaluate(env.context(dict(names)))
    except Failure as failure:
        problem = failure.problem
    if problem is None:
        assert not env.budget.is_spent
        return "value"
    assert problem.code.startswith("E4")
    assert problem.mapping is not None
    return problem.code


@pytest.fixture
def end(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """How a template ends, with every limit and everything large a part of what it is, to be faster."""
    for limit in ("MAX_STEPS", "MAX_CHARACTERS", "MAX_TEXT"):
        monkeypatch.setattr(bounds, limit, getattr(bounds, limit) // 200)
    env, names = Sandbox(FILTERS), names_of(bounds.MAX_TEXT)
    return lambda text: outcome(text, env, names)


def test_everything_is_within_the_budget_or_rejected(end: Callable[[str], str]) -> None:
    """Every filter, test, method and operator on everything large: a value was paid for, a failure is the record's."""
    env = Sandbox(FILTERS)
    texts = [f"{name} | {one}{given}" for one in env.known_filters for name in SWEPT for given in ARGUMENTS]
    texts += [f"{name} is {test}{given}" for test in env.tests for name in SWEPT for given in ("", "(n)")]
    texts += [f"t.{method}{given}" for method in TEXT_METHODS for given in ("()", *ARGUMENTS[1:6])]
    texts += [
        f"{one} {operator} {other}" for operator in OPERATORS for one in SWEPT for other in (*SWEPT, "one")
    ]
    texts += [f"{before}{one}{behind}" for before, behind in AROUND for one in (*SWEPT, "one")]
    ends = Counter(end(f"{{{{ {text} }}}}") for text in texts)
    assert ends["value"] > 400
    assert ends["E488"] > 100
    assert ends["E474"] > 100


@pytest.mark.parametrize("filter_", sorted({*BUILTIN_FILTERS} - {"default", "d", "abs", "map"}))
def test_every_builtin_charges_for_the_size_of_its_value(filter_: str, end: Callable[[str], str]) -> None:
    """A thousand times the longest list or text is more than a record has."""
    of_text = {"wordcount", "truncate", "replace", "trim", "upper", "lower", "title", "capitalize", "string"}
    name = "words" if filter_ in of_text else "d" if filter_ in ("items", "dictsort") else "xs"
    given = {
        "replace": "('b', 'a')",
        "groupby": "('real')",
        "select": "('ge', 0)",
        "reject": "('ge', 0)",
        "selectattr": "('real', 'ge', 0)",
        "rejectattr": "('real', 'ge', 0)",
    }
    given |= {"batch": "(9)", "slice": "(9)"}
    called = f"{name} | {filter_}{given.get(filter_, '')}"
    assert end(f"{{% for a in range(1000) %}}{{% set b = {called} %}}{{% endfor %}}") in ("E474", "E488")


@pytest.mark.parametrize(
    "expression",
    [
        *("xs == m", "n == m", "t in words", "u in xs", "xs + []", "xs[:]", "t[1:]", "t ~ ''", "t * 1"),
        *("t is eq(words)", "u is in([n])", "t.upper()", "t.find(u)", "xs.count(u)", "xs.index(499)"),
        *("t | squeeze | length", "[t] | join_nonempty | length", "xs | select('eq', n) | list | length"),
        *(
            "ts | sort | first",
            "ts | map('upper') | list",
            "{t: 1}",
            "d[t]",
            "[xs, xs] | map('length') | sum",
        ),
        *(f"u.{method}(texts)" for method in ("startswith", "endswith")),
        *(f"{owner}.{method}" for owner in ("d", "one_of") for method in ("get(texts)", "get(deep)")),
        *(
            f"{owner}.{method}(texts)"
            for owner in ("(texts, texts)", "[texts]")
            for method in ("index", "count")
        ),
        *(
            "texts in one_of",
            "one_of[texts]",
            "texts in [texts]",
            "texts == deep",
            "{texts: 1}",
            "(texts, 1) < deep",
        ),
    ],
)
def test_what_is_done_to_something_large_cannot_be_done_often(
    expression: str, end: Callable[[str], str]
) -> None:
    text = f"{{% for a in range(9999) %}}{{% set c = {expression} %}}{{% endfor %}}"
    assert end(text) in ("E488", "E471")


def test_the_same_template_spends_the_same() -> None:
    env, names, spent = Sandbox(FILTERS), names_of(1_000), []
    for _ in range(2):
        outcome("{% for a in range(50) %}{{ ts | sort | join(',') | length }}{% endfor %}", env, names)
        spent.append((env.budget.steps, env.budget.characters))
    assert spent[0] == spent[1]
    assert spent[0] > (1_000, 1_000)


def test_an_ordinary_value_spends_next_to_nothing() -> None:
    env = Sandbox(FILTERS)
    assert outcome("{{ u | squeeze }} {{ 'a' if one == 1 else 'b' }}", env, names_of(100)) == "value"
    assert env.budget.steps < 30
    assert env.budget.characters < 30


def test_a_budget_once_spent_stays_spent_until_the_next_record() -> None:
    budget = RecordBudget()
    with pytest.raises(BadValue, match="1,000,000 steps"):
        budget.spend(MAX_STEPS + 1)
    with pytest.raises(BadValue):
        budget.spend(0)
    budget.refill()
    budget.spend(MAX_STEPS, MAX_CHARACTERS)
    assert not budget.is_spent


def test_a_value_is_weighed_as_often_as_it_is_there() -> None:
    budget = RecordBudget()
    budget.weigh(shared(3))
    assert (budget.steps, budget.characters) == (10 + 1 + 10 * 11 + 100 * 11 + 1_000 * 2, 1_000)
    deep: list[Any] = []
    for _ in range(MAX_DEPTH):
        deep = [deep]
    with pytest.raises(BadValue, match="nested more than"):
        budget.weigh(deep)


_WORST = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1_500 << 20, 1_500 << 20))
from tests.template.test_budget import FILTERS, STATEMENTS, Sandbox, names_of, outcome
env, names = Sandbox(FILTERS), names_of(100_000)
print(len([outcome(text, env, names) for text in STATEMENTS]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process as Linux has them")
def test_the_worst_of_them_leave_the_machine_alone() -> None:
    """All in one process that may not have more than 1.5 GB of addresses: it lives, and takes less."""
    done = subprocess.run([sys.executable, "-c", _WORST], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    count, megabytes = map(int, done.stdout.split())
    assert count == len(STATEMENTS)
    assert megabytes < 700


@pytest.mark.parametrize("one", ["x", [1], (1,)])
def test_what_grows_by_adding_is_refused_at_its_bound(one: Any) -> None:
    half = one * (MAX_TEXT // 2)
    check_operands("+", half, half)
    with pytest.raises(BadValue):
        check_operands("+", half, half + one)
    check_operands("+", MAX_TEXT, MAX_TEXT)


def test_powers_have_bounds() -> None:
    check_operands("**", 2, 64)
    check_operands("**", 1.5, 64)
    with pytest.raises(BadValue):
        check_operands("**", 1 << MAX_BITS, 2)
