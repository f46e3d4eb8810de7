"""Conditions that decide nothing: a constant that is asked, and a text looked for in another."""

from __future__ import annotations

import pytest
from typed_values import ENV, RULES, SCOPE

from etl.template.infer import infer
from etl.template.reading import Misfit

SLIPS = {
    "word == 'a' or 'b'": ("E202", "'b'", "word in ['a', 'b']"),
    "'b' or word == 'a'": ("E202", "'b'", "word in ['b', 'a']"),
    "word == 'a' or word == 'b' or 'c'": ("E202", "'c'", "word in ['a', 'b', 'c']"),
    "word != 'a' and 'b'": ("E202", "'b'", "word not in ['a', 'b']"),
    "word == 'a' or 'b' and flag": ("E202", "'b'", "word == 'b'"),
    "count == 1 or 2": ("E202", "2", "count in [1, 2]"),
    "not 'b'": ("E202", "'b'", "x == 'b'"),
    "'x' if word == 'a' or 'b' else 'y'": ("E202", "'b'", "word in ['a', 'b']"),
    "word == ('a' or 'b')": ("E202", "word == ('a' or 'b')", "word in ['a', 'b']"),
    "word != 'A' or word != 'B'": ("E202", "word != 'A' or word != 'B'", "word not in ['A', 'B']"),
    "word == 'A' and word == 'B'": ("E202", "word == 'A' and word == 'B'", "word in ['A', 'B']"),
    "word in ('a')": ("E240", "word in ('a')", "word in ['a']"),
    "word not in 'a, b'": ("E240", "word not in 'a, b'", "word not in ['a', 'b']"),
}
FINE = ["word or 'a'", "(word or 'a') == 'b'", "'a' in word", "word in ['a']", "word != 'A' and word != 'B'"]
ASKED = {"'price > 1000'": "price > 1000", "'word'": "word", "word or 'a'": "word == 'a'"}


def _misfits(text: str, condition: bool = False) -> list[Misfit]:
    return infer(ENV.parse(text), text, SCOPE, RULES, condition=condition)[1]


@pytest.mark.parametrize("expression", SLIPS)
def test_what_decides_nothing_is_refused_with_what_to_write(expression: str) -> None:
    text, (code, place, wanted) = f"{{{{ {expression} }}}}", SLIPS[expression]
    (one,) = _misfits(text)
    assert (one.code, text[one.offset : one.offset + one.length]) == (code, place)
    assert (one.help or "").endswith(f"  {wanted}")
    assert not _misfits(f"{{{{ {wanted.replace('x ==', 'word ==')} }}}}")


@pytest.mark.parametrize("expression", FINE)
def test_a_fallback_and_an_honest_question_are_none(expression: str) -> None:
    assert not _misfits(f"{{{{ {expression} }}}}")


@pytest.mark.parametrize("expression", ASKED)
def test_the_whole_condition(expression: str) -> None:
    (one,) = _misfits(f"{{{{ {expression} }}}}", condition=True)
    assert (one.code, (one.help or "").endswith(f"  {ASKED[expression]}")) == ("E202", True)
