"""Template text → value, with its type, its place, and its bounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from etl.problems import MappingPlace, Problem
from etl.template.compile import Template, compile_template
from etl.template.environment import Failure, Sandbox
from etl.template.filters import FILTERS


def locate(offset: int, length: int) -> MappingPlace:
    return MappingPlace("m.yaml", 1, offset + 1, "", length)


@pytest.fixture
def env() -> Sandbox:
    return Sandbox(FILTERS)


Evaluate = Callable[..., Any]


@pytest.fixture
def value(env: Sandbox) -> Evaluate:
    def evaluate(text: str, **names: Any) -> Any:
        template = compile_template(text, env, locate)
        assert isinstance(template, Template), template
        return template.evaluate(env.context(dict(names)))

    return evaluate


@pytest.fixture
def failure(env: Sandbox) -> Callable[..., Problem]:
    def evaluate(text: str, **names: Any) -> Problem:
        template = compile_template(text, env, locate)
        assert isinstance(template, Template), template
        with pytest.raises(Failure) as caught:
            template.evaluate(env.context(dict(names)))
        return caught.value.problem

    return evaluate


@pytest.fixture
def refused(env: Sandbox) -> Callable[[str], list[Problem]]:
    def compile_(text: str) -> list[Problem]:
        problems = compile_template(text, env, locate)
        assert isinstance(problems, list), f"{text} was accepted"
        return problems

    return compile_


@pytest.mark.parametrize(
    "kept",
    [
        "9789144091234",
        "0123",
        "1_000",
        "None",
        "True",
        "1e3",
        "[1]",
        Decimal("1.50"),
        5,
        None,
        True,
        [1],
        date(2024, 3, 11),
    ],
)
def test_one_expression_keeps_its_type(value: Evaluate, kept: Any) -> None:
    result = value("{{ x }}", x=kept)
    assert result == kept
    assert type(result) is type(kept)


def test_a_trailing_newline_of_a_block_scalar_does_not_make_text(value: Evaluate) -> None:
    assert value("{{ x }}\n", x=5) == 5
    assert value("{# why #}{{ x }}", x=5) == 5


def test_text_around_an_expression_makes_text(value: Evaluate) -> None:
    assert value("a {{ x }}", x=5) == "a 5"
    assert value("{% if x > 1 %}{{ x }}{% endif %}", x=5) == "5"
    assert value("{{ x }}{{ y }}", x=1, y=Decimal("2.50")) == "12.50"


def test_constants_are_typed(value: Evaluate) -> None:
    assert value("{{ 5 }}") == 5
    assert value("{{ 'x' }}") == "x"
    assert value("{{ none }}") is None


def test_money_stays_decimal(value: Evaluate) -> None:
    assert value("{{ p * 1.25 }}", p=Decimal("10.00")) == Decimal("12.5000")
    assert value("{{ 0.1 + p }}", p=Decimal("0.2")) == Decimal("0.3")
    assert value("{{ p >= 1999.99 }}", p=Decimal("1999.99")) is True
    assert value("{{ p == 0.1 }}", p=Decimal("0.1")) is True


@pytest.mark.parametrize(
    ("text", "names", "code", "column"),
    [
        ("{{ isbn | isbn13 }}", {"isbn": "9789199999013"}, "E403", 11),
        ("{{ y }}", {}, "E471", 4),
        ("a {{ x.y }}", {"x": {}}, "E471", 8),
        ("{{ x.y }}", {"x": "text"}, "E471", 6),
        ("{{ x.split() }}", {"x": None}, "E490", 1),
        ("{{ x[3] }}", {"x": [1]}, "E471", 1),
        ("{{ x > 2 }}", {"x": "3"}, "E472", 1),
        ("{{ 1 / x }}", {"x": 0}, "E472", 8),
        ("{{ x | minus_vat(y) }}", {"x": Decimal(1), "y": "many"}, "E472", 8),
        ("a {{ x }}", {"x": None}, "E475", 1),
        ("{{ 'a' ~ x }}", {"x": None}, "E475", 1),
        ("a {{ x }}", {"x": ["b"]}, "E476", 1),
        ("{{ xs | map('isbn13') | list }}", {"xs": ["9789199999013"]}, "E403", 14),
    ],
)
def test_a_failure_has_its_code_and_column(
    failure: Callable[..., Problem], text: str, names: dict[str, Any], code: str, column: int
) -> None:
    problem = failure(text, **names)
    assert problem.mapping is not None
    assert (problem.code, problem.mapping.column) == (code, column)


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("{{ x + }}", "E211", 6),
        ("{{ x", "E211", 1),
        ("{% fi x %}", "E211", 4),
        ("{{ x | isbn31 }}", "E213", 8),
        ("a\n{{ x | int }}", "E213", 10),
        ("{{ x is prime }}", "E213", 9),
        ("{{ x | amount('xx_YY') }}", "E215", 8),
        ("{{ x | isbn13('a') }}", "E215", 8),
        ("{{ x | replace('a') }}", "E215", 8),
        ("{{ x | date('YYYY-QQ') }}", "E215", 8),
        ("{{ a }} {{ b | list }}", "E214", 16),
        ("{{ a }} {{ none }}", "E214", 12),
    ],
)
def test_what_can_be_known_is_refused_beforehand(
    refused: Callable[[str], list[Problem]], text: str, code: str, column: int
) -> None:
    place = refused(text)[0].mapping
    assert place is not None
    assert (refused(text)[0].code, place.column) == (code, column)


def test_a_near_filter_is_suggested(refused: Callable[[str], list[Problem]]) -> None:
    assert refused("{{ x | isbn31 }}")[0].help == 'did you mean "isbn13"?'
    assert refused("{{ x | int }}")[0].help == "use integer"


HOSTILE_BEFORE = [
    "{{ ''.__class__ }}",
    "{{ x.__init__.__globals__ }}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% extends 'x' %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% for a in x recursive %}{{ loop(x) }}{% endfor %}",
    "{{ x | attr('__class__') }}",
    "{{ [1,2] | random }}",
    "{{ x | format(1) }}",
    "{{ x | pprint }}",
    "{% set ns.a = 1 %}",
    "{% block a %}{% endblock %}",
    "{% call x() %}{% endcall %}",
    "{{ x(*y) | replace(*z) }}",
]


@pytest.mark.parametrize("text", HOSTILE_BEFORE)
def test_hostile_templates_are_refused_when_they_are_compiled(
    refused: Callable[[str], list[Problem]], text: str
) -> None:
    assert {problem.code for problem in refused(text)} <= {"E211", "E212", "E213"}


HOSTILE_AT_WORK = [
    "{{ x['__class__'] }}",
    "{{ x['__class__']['__mro__'] }}",
    "{{ '{0.__class__}'.format(x) }}",
    "{{ '{:>999999999}'.format(1) }}",
    "{{ '%999999999d' % 1 }}",
    "{{ 'a' * 10000000000 }}",
    "{{ [0] * 10000000000 }}",
    "{{ 9 ** 9 ** 9 ** 9 ** 9 }}",
    "{{ (10 ** 60) ** 64 ** 64 }}",
    "{{ range(1000000000) | list }}",
    "{{ range(0, 1000000000, 1) | sum }}",
    "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}",
    "{{ x.replace('', 'b' * 99999).replace('', 'c' * 99999) }}",
    "{{ (x * 99999) | replace('t', 'tttttttttt') }}",
    "{{ x | center(999999999) }}",
    "{{ 'a'.ljust(999999999) }}",
    "{{ 'a'.zfill(999999999) }}",
    "{{ [1] | slice(999999999) | list }}",
    "{{ [1] | batch(999999999, 'x') | list }}",
    "{{ x.encode('utf-16') }}",
    "{{ xs.append(1) }}",
    "{{ xs.clear() }}",
    "{{ d.update(a=1) }}",
    "{{ d.pop('a') }}",
    "{{ x.translate({}) }}",
    "{{ cycler }}",
    "{{ lipsum() }}",
    "{{ namespace() }}",
    "{{ self }}",
    "{{ x.maketrans('a', 'b') }}",
    "{{ (x | upper).format_map(d) }}",
    "{{ x | match('(a+)+$') }}",
]
ENORMOUS = [
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ 1" + "+1" * 20000 + " }}",
    "{{ x" + "|upper" * 5000 + " }}",
    "{% if x %}" * 200 + "a" + "{% endif %}" * 200,
    "{% for a in x %}" * 50 + "a" + "{% endfor %}" * 50,
    "{{ " + "[" * 3000 + "]" * 3000 + " }}",
]


@pytest.mark.parametrize("text", ENORMOUS, ids=range(len(ENORMOUS)))
def test_templates_of_enormous_depth_are_refused(refused: Callable[[str], list[Problem]], text: str) -> None:
    assert refused(text)[0].code == "E211"


def test_what_jinja_makes_lazily_is_a_list(value: Evaluate, failure: Callable[..., Problem]) -> None:
    assert value("{{ xs | map('upper') }}", xs=["a", "b"]) == ["A", "B"]
    assert failure("{{ xs | map(attribute='y') }}", xs=[{}]).code == "E471"
    assert failure("{{ xs | map(attribute='__class__') }}", xs=["a"]).code in ("E471", "E473")


_DOUBLE = (
    "{% set a = 'aaaaaaaaaa' %}" + "{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}" * 12 + "{{ a }}"
)


@pytest.mark.parametrize("text", [*HOSTILE_AT_WORK, _DOUBLE])
def test_hostile_templates_are_stopped_at_work(env: Sandbox, text: str) -> None:
    """Refused when compiled or stopped when evaluated; never a value, never a hang."""
    names = {"x": "t" if "match" not in text else "a" * 40 + "b", "xs": [1], "d": {"a": 1}}
    template = compile_template(text, env, locate)
    if isinstance(template, list):
        assert template[0].code in ("E211", "E212", "E213", "E215")
        return
    with pytest.raises(Failure) as caught:
        template.evaluate(env.context(dict(names)))
    assert caught.value.problem.code[:2] == "E4"
    assert (names["xs"], names["d"]) == ([1], {"a": 1})


def test_there_is_no_clock_randomness_environment_or_file(env: Sandbox) -> None:
    assert env.globals == {}
    assert not {"now", "random", "env", "open", "lookup_file"} & set(env.known_filters)


def test_set_in_one_template_is_not_seen_in_another(value: Evaluate, env: Sandbox) -> None:
    context = env.context({"x": 1})
    first = compile_template("{% set x = 2 %}{{ x }}", env, locate)
    second = compile_template("{{ x }}", env, locate)
    assert isinstance(first, Template)
    assert isinstance(second, Template)
    assert (first.evaluate(context), second.evaluate(context)) == ("2", 1)


def test_names_are_split_into_needed_and_optional(env: Sandbox) -> None:
    template = compile_template(
        "{{ a }}{{ b | default('') }}{% for c in d %}{{ c }}{{ loop.index }}{% endfor %}{% set e = a %}{{ e }}"
        "{% if f is defined %}{% endif %}",
        env, locate,
    )  # fmt: skip
    assert isinstance(template, Template)
    assert (set(template.names.needed), set(template.names.optional)) == ({"a", "d"}, {"b", "f"})


def test_every_default_used_is_counted(env: Sandbox, value: Evaluate) -> None:
    value("{{ x | default('a') }}")
    value("{{ x | default('a', true) }}", x="")
    value("{{ x | default('a') }}", x="there")
    assert sum(env.recorder.defaults.values()) == 2
