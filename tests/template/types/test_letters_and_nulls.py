"""A text is no list, a yes or no is no text, nothing stays nothing, and what always fails is known beforehand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from typed_values import ENV, RULES, SCOPE, read

from etl.problems import Problem
from etl.template.filters_by_member import BY_MEMBER
from etl.template.infer import infer
from etl.template.list_filters import LIST_FILTERS
from etl.template.types import TEXT
from tests.template.evaluated import evaluated, told

ARGUMENTS = {"batch": "(2)", "slice": "(2)", "groupby": "('a')", "map": "('integer')", "selectattr": "('a')"}
ARGUMENTS |= {"rejectattr": "('a')"}
SIZES = ("count", "length")
OF_GROUPS = ("dictsort", "items")
WALKS = sorted({*LIST_FILTERS, *BY_MEMBER} - {*SIZES, *OF_GROUPS})


def codes(expression: str) -> list[str]:
    return [one.code for one in read(expression)[1]]


@pytest.mark.parametrize("name", WALKS)
def test_a_text_is_never_walked_letter_by_letter(name: str) -> None:
    """Nor where its type is not known before the record."""
    written = f"{name}{ARGUMENTS.get(name, '')}"
    assert "E243" in codes(f"word | {written}")
    assert told(f"{{{{ x | {written} }}}}", x="12")[0] == "E483"


def test_a_separator_joins_no_letters() -> None:
    assert told("{{ '-'.join(x) }}", x="12")[0] == "E483"
    assert evaluated("{{ '-'.join(x) }}", x=["1", "2"]) == "1-2"


@pytest.mark.parametrize("name", [*WALKS, *OF_GROUPS, *SIZES])
def test_nothing_stays_nothing(name: str) -> None:
    """A missing list has no members, so its length can be compared; all else of it is missing."""
    wanted = 0 if name in SIZES else None
    assert evaluated(f"{{{{ x | {name}{ARGUMENTS.get(name, '')} }}}}", x=None) == wanted
    assert evaluated(f"{{{{ x | isbns | {name}{ARGUMENTS.get(name, '')} }}}}", x="") == wanted


@pytest.mark.parametrize(
    "expression",
    [
        "word[0] | integer",
        "word[-1] | decimal",
        "words[0][0] | integer",
        "words | join | integer",
        "places | map(attribute='library') | join | amount('sv')",
    ],
)
def test_letters_and_texts_run_together_are_no_number(expression: str) -> None:
    assert codes(expression) == ["E240"]


@pytest.mark.parametrize(
    "expression",
    [
        "word[0] ~ '-'",
        "word[0] == 'A'",
        "word[:2] | integer",
        "words[0] | integer",
        "words | join('.') | decimal",
    ],
)
def test_parts_of_texts_and_members_are_what_they_were(expression: str) -> None:
    assert codes(expression) == []


@pytest.mark.parametrize(
    "text",
    [
        "sent: {{ flag }}",
        "{{ 'a' ~ flag }}",
        "{{ [flag] | join }}",
        "{{ word }} {{ word == 'J' }}",
        "{{ flag | string }}",
    ],
)
def test_a_yes_or_no_has_no_text(text: str) -> None:
    _, misfits = infer(ENV.parse(text), text, SCOPE, RULES)
    assert [one.help for one in misfits] == ["say the words:  'ja' if … else 'nej'"]
    assert told(text, flag=True, word="J")[0] == "E476"


def test_two_days_differ_by_a_whole_number_of_days() -> None:
    found, misfits = read("day - run_day")
    assert (str(read("day - day")[0]), misfits) == ("a whole number", [])
    days: dict[str, Any] = {"a": date(2024, 3, 11), "b": date(2024, 2, 28)}
    assert evaluated("{{ a - b }}", **days) == 12
    assert evaluated("{{ 'late' if a - b > 10 else 'soon' }}", **days) == "late"
    assert str(found) == "unknown"


@pytest.mark.parametrize("name", [one for one in dir(date) if not one.startswith("_")])
def test_a_day_has_three_members_and_its_text(name: str) -> None:
    known = name in ("year", "month", "day")
    assert codes(f"day.{name}") == ([] if known else ["E244"])
    assert codes(f"day.{name}()")[:1] != [] or known or name == "isoformat"


@pytest.mark.parametrize(
    ("fails", "works"),
    [
        ("word | truncate(2)", "word | truncate(3)"),
        ("words | slice(0)", "words | slice(2)"),
        ("word | replace('a', 'b', 'c')", "word | replace('a', 'b', 1)"),
        ("word.startswith(1)", "word.startswith('1')"),
        ("word.endswith(count)", "word.endswith(word)"),
        ("word.split('')", "word.split('a')"),
        ("word.index(price)", "word.index('missing')"),
        ("word.removeprefix(none)", "word.removeprefix('a')"),
        ("word[0:'a']", "word[0:count]"),
        ("word[:word]", "word[:-1]"),
        ("words[::0]", "words[::2]"),
        ("range(0, 10, 0)", "range(0, 10, 2)"),
        ("range('a')", "range(count)"),
        ("range(1.5)", "range(1)"),
    ],
)
def test_what_always_fails_is_known_beforehand(fails: str, works: str) -> None:
    """By the parsed tree where the filter has constants, else by the types."""
    found = evaluated("{{ " + fails + " }}", word="a", words=["a"], count=1, price=1)
    early = isinstance(found, Problem) and found.code == "E215"
    assert early or codes(fails) == ["E215"]
    assert codes(works) == []


@pytest.mark.parametrize("given", ["cell", "word", "count"])
def test_a_default_that_never_comes_to_anything_is_refused(given: str) -> None:
    names = {**SCOPE, "cell": read("word")[0].__class__("text", never_null=True)}
    seen = {"cell": "cell | default('G')", "word": "word | isbn13 | default('G')"}
    seen["count"] = "count + 1 | integer | default(1)"
    text = "{{ " + seen[given] + " }}"
    _, (misfit, *others) = infer(ENV.parse(text), text, names, RULES)
    wanted = "write $first" if given == "count" else "for what is empty write  default('G', true)"
    assert (misfit.code, others) == ("E247", [])
    assert misfit.help is not None
    assert misfit.help.startswith(wanted)
    for fine in ("cell | default('G', true)", "cell | default('')", "word | default('G')"):
        assert not infer(ENV.parse("{{ " + fine + " }}"), "{{ " + fine + " }}", names, RULES)[1], fine
    assert names["cell"] == TEXT
