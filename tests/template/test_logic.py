"""Where a yes or no is asked → the answer; what is neither yes, no nor text → refused, at its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.layouts.values import find_format
from etl.problems import Problem
from etl.template.environment import Sandbox
from etl.template.filters import FILTERS
from etl.testing.steady import STEADY
from tests.template.evaluated import evaluated, told

YES = ("text", " x ", "Nej tack", "10", "Norr", True, date(2024, 3, 11))
NO = ("", "  ", "\u00a0\n", "\u200b", "\ufeff \u2060", None, False)
SAYS_NO = ("0", "false", "no", "nej", "n", "No.", "falskt", "00", "0.00", "0,0", "-0", "nej!", "\u200bnej")
LOOKS_FALSE = (
    *SAYS_NO,
    "f",
    "off",
    "-",
    "\u2013",
    "--",
    "?",
    "n/a",
    "N.A.",
    "none",
    "null",
    "nil",
    "saknas",
    "ingen",
)
UNANSWERED = (0, 1, Decimal("0.0"), Decimal(2), [], [1], (), {}, {"a": 1})
ASKED = {
    "an inline if": "{{ 'yes' if x else 'no' }}",
    "not": "{{ 'no' if not x else 'yes' }}",
    "and, left": "{{ 'yes' if x and true else 'no' }}",
    "and, right": "{{ 'yes' if true and x else 'no' }}",
    "or, in a condition": "{{ 'yes' if x or false else 'no' }}",
    "a statement": "{% if x %}yes{% else %}no{% endif %}",
    "a filtered loop": "{% for one in [1] if x %}yes{% else %}no{% endfor %}",
}
CHOSEN = {
    "select": "{{ 'yes' if [x] | select | length > 0 else 'no' }}",
    "reject": "{{ 'no' if [x] | reject | length > 0 else 'yes' }}",
    "selectattr": "{{ 'yes' if [{'a': x}] | selectattr('a') | length > 0 else 'no' }}",
    "rejectattr": "{{ 'no' if [{'a': x}] | rejectattr('a') | length > 0 else 'yes' }}",
}


@pytest.mark.parametrize("text", CHOSEN.values(), ids=CHOSEN)
def test_choosing_from_a_list_takes_the_filled_ones(text: str) -> None:
    """Which of these is there: a fund's code may be "F"."""
    assert {evaluated(text, x=value) for value in (*YES, *LOOKS_FALSE)} == {"yes"}
    assert {evaluated(text, x=value) for value in NO} == {"no"}
    for value in UNANSWERED:
        assert told(text, x=value)[0] == "E489", value


@pytest.mark.parametrize("text", ASKED.values(), ids=ASKED)
def test_a_condition_is_answered_alike_everywhere(text: str) -> None:
    assert {evaluated(text, x=value) for value in YES} == {"yes"}
    assert {evaluated(text, x=value) for value in NO} == {"no"}
    for word in LOOKS_FALSE:
        for spelled in (word, word.upper(), f" {word} "):
            assert told(text, x=spelled)[0] == "E477", spelled
    for value in UNANSWERED:
        assert told(text, x=value)[0] == "E489", value


@pytest.mark.parametrize("value", UNANSWERED, ids=repr)
@pytest.mark.parametrize("text", ["{{ x or 'a' }}", "{{ '' or x }}", "{{ none or x or 'a' }}"])
def test_a_number_list_or_row_is_no_choice(text: str, value: Any) -> None:
    code, message, place = told(text, x=value)
    assert (code, place) == ("E489", "x")
    assert message.startswith(("x is a number", "x is a list", "x is a group of values"))
    assert told("{{ x | default('a', true) }}", x=value)[0] == "E489"


@pytest.mark.parametrize("x", ["", " ", None, "0", "Nej", "a", False, True])
@pytest.mark.parametrize("y", ["", None, "0", "b", False, True])
def test_or_gives_the_first_that_is_filled(x: Any, y: Any) -> None:
    filled = [one for one in (x, y) if one is True or (isinstance(one, str) and one.strip())]
    found = evaluated("{{ x or y }}", x=x, y=y)
    assert found == filled[0] if filled else not found
    assert evaluated("{{ x | default('d', true) }}", x=x) == (x if x in filled else "d")


@pytest.mark.parametrize("x", ["", None, "a", False, True])
@pytest.mark.parametrize("y", ["", None, "b", False, True])
def test_and_gives_yes_or_no(x: Any, y: Any) -> None:
    assert evaluated("{{ x and y }}", x=x, y=y) is (bool(x) and bool(y))
    assert evaluated("{{ not x }}", x=x) is not bool(x)


def test_what_decides_already_stops() -> None:
    assert evaluated("{{ x is not none and x > 2 }}", x=None) is False
    assert evaluated("{{ x is none or x > 2 }}", x=None) is True
    assert evaluated("{{ 'a' or 1 / 0 }}") == "a"
    assert evaluated("{{ 'a' if x is none else x + 1 }}", x=None) == "a"


@pytest.mark.parametrize(
    ("value", "help_"),
    [
        (0, "write  x.y is not none  or  x.y > 0"),
        ([], "write  x.y | length > 0"),
        ({}, "write  x.y is not none"),
    ],
)
def test_it_says_what_to_write(value: Any, help_: str) -> None:
    problem = evaluated("{{ 'a' if x.y else 'b' }}", x={"y": value})
    assert isinstance(problem, Problem)
    assert problem.help == help_


def test_a_row_not_found_is_none_and_answers_nothing() -> None:
    class _Row(Mapping[str, str | None]):
        def __getitem__(self, name: str) -> str | None:
            return None

        def __iter__(self) -> Any:
            return iter(["library"])

        def __len__(self) -> int:
            return 1

        def __bool__(self) -> bool:
            return False

    assert evaluated("{{ row is none }}", row=_Row()) is True
    assert evaluated("{{ row.library is none }}", row=_Row()) is True
    assert told("{{ row or 'a' }}", row=_Row())[0] == "E489"


def _lookup(value: Any, table: str, column: str = "") -> Any:
    return f"{table}{column}" and value


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("(a | lookup('t')) if b else c", "lookup"),
        ("c if a | lookup('t', 'd') else b", "lookup"),
        ("b or a | lookup('t')", "lookup"),
        ("b and (a | lookup('t', 'd')) == 'x'", "lookup"),
        ("([a] | map('lookup', 't') | first) or b", "lookup"),
        ("[a | lookup('t'), 1] if b else c", "lookup"),
        ("raw.get('a', '1')", "'1'"),
        ("{'a': 1}.get(b, c)", "c"),
    ],
)
def test_a_choice_that_nobody_counts_is_refused_beforehand(expression: str, place: str) -> None:
    env = Sandbox({**FILTERS, "lookup": _lookup})
    assert told(f"{{{{ {expression} }}}}", env)[::2] == ("E249", place)


@pytest.mark.parametrize(
    "expression",
    ["[a if b else c] | lookup('t')", "not (a | lookup('t', 'd')) == 'x'", "raw.get('a') or '1'"],
)
def test_a_lookup_that_is_always_made_is_fine(expression: str) -> None:
    env = Sandbox({**FILTERS, "lookup": _lookup})
    found = evaluated(f"{{{{ {expression} }}}}", env, a="1", b=True, c="2", raw={})
    assert not isinstance(found, Problem)


_WORDS = st.sampled_from([*LOOKS_FALSE, "ja", "yes", "1", "x", "sant", "kanske", "10", "0,01", "", "\u200b"])
_AROUND = st.text(alphabet=" \u00a0\u200b\t.0,-/njxNJ1", max_size=4)


@settings(STEADY)
@given(st.builds("{}{}{}".format, _AROUND, _WORDS, _AROUND))
def test_what_is_read_as_no_is_never_a_yes(text: str) -> None:
    """The filter and the condition are one reader: what the one calls no, the other refuses."""
    said, asked = evaluated("{{ x | yes_no }}", x=text), evaluated("{{ 'yes' if x else 'no' }}", x=text)
    if said is False:
        assert isinstance(asked, Problem)
        assert asked.code == "E477"
    elif said is True:
        assert asked == "yes"
    elif said is None:  # nothing to be seen in it is nothing, for both
        assert asked == "no"


@pytest.mark.parametrize("word", SAYS_NO)
def test_a_no_is_read_as_no_by_filters_and_connectors(word: str) -> None:
    assert evaluated("{{ x | yes_no }}", x=word) is False
    assert find_format("yes_no").reader(word) is False
