"""A good mapping with one thing damaged → a message of ours, at the line of the damage, with what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

from etl.plan.templates import Templates
from etl.problems import Problem, Refusal
from etl.slips.yaml_structure import SECTIONS
from etl.spec.load import load
from etl.spec.model import MappingFile
from etl.template.environment import Sandbox
from etl.template.filters import FILTERS
from etl.yaml_tree import Scalar, walk

ROOT = Path(__file__).parent.parent.parent
GOOD = """\
version: 1
name: slips
target: po_line
source: {connector: csv, path: orders.csv, options: {encoding: utf-8}}
lookups:
  departments: {file: departments.csv, key: [department, branch], on_missing: hold}
key: [order, line]
let:
  price_of_one: "{{ price | amount('sv') }}"
  place: "{{ [department, branch] | lookup('departments') }}"
  remark: |
    first line
    {% if note %}
    {{ note }}
    {% endif %}
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  price: {sum: "{{ price_of_one }}", currency: SEK}
  resource_metadata:
    title: "{{ title }}"
    author: '{{ author or "" }}'
    isbn: "{{ isbn | isbn13 }}"
  fund_distribution:
    - fund_code: "{{ place.fund }}"
      amount: {sum: "{{ price_of_one * (copies | integer) }}", currency: SEK}
  location:
    - quantity: "{{ copies | integer }}"
      library: "{{ place.library }}"
checks:
  - {if: "{{ price_of_one > 1000 and copies == '1' }}", hold: "above 1000 SEK: look at it"}
  - {if: "{{ not title }}", reject: "no title"}
"""
JARGON = re.compile(
    r"block end|block mapping|block sequence|flow |<\w[\w ]*>|token|scalar|expected|while (?:scanning|parsing)|stream|mapping values"
    r"|simple key|escape|indicator|anchor|alias|unhashable|print statement|statement block|end of template|Encountered|innermost"
    r"|Jinja|unexpected|did not find|could not find|undefined|node\b|lexer|parser|syntax|unicode|codec|yaml\.|'\w+' object",
    re.IGNORECASE,
)
"""Words of parsers, which no author needs to know."""
EDITORS = {
    '"': "“”„",
    "'": "‘’",
    "-": "–—",
    " ": "\u00a0\t\u2009",
    "=": "≠",
    "\n": "",
    "{": "(",
    "}": ")",
    ":": ";",
}
"""What text editors and tired fingers put in the place of a character."""


def _lookup(value: object, table: str, column: str = "") -> object:
    return value


def problems(text: str) -> list[Problem]:
    """What is said of a mapping before its columns are known: by YAML, by the file's model, by templates."""
    try:
        loaded = load("m.yaml", lambda _: text.encode())
    except Refusal as refusal:
        return list(refusal.problems)
    templates = Templates(Sandbox({**FILTERS, "lookup": _lookup}))
    for section in ("let", "fields"):
        for node in walk(loaded.node(section)):
            if isinstance(node, Scalar):
                templates.value(node)
    for check in loaded.node("checks").items:  # type: ignore[attr-defined]
        templates.condition(check.items["if"], "if") if "if" in getattr(check, "items", {}) else None
    return templates.problems


def damaged(share: float = 0.2) -> Iterator[tuple[range, str, str]]:
    """(lines, what was done, text): deletions, what editors put in, insertions and swaps; a seeded share of all."""
    dice = Random(20)  # noqa: S311 - damage, no secret
    for at, one in enumerate(GOOD):
        then = GOOD[at + 1 : at + 2]
        extra = dice.choice("\"'{}[]():,|-%#&*!@\t ")
        line = GOOD.count("\n", 0, at) + 1
        for what, touched, put in (
            (f"without {one!r}", one, ""),
            *((f"{other!r} for {one!r}", one, other) for other in EDITORS.get(one, "")),
            (f"{extra!r} before {one!r}", one, extra + one),
            (f"{one!r} and {then!r} swapped", one + then, then + one),
        ):
            if dice.random() < share and touched != put:
                lines = range(line, line + 1 + touched.count("\n"))
                yield lines, what, GOOD[:at] + put + GOOD[at + len(touched) :]


@cache
def told() -> tuple[tuple[range, str, tuple[Problem, ...]], ...]:
    """What is said of each damage that is noticed before the columns are known. Swept once."""
    return tuple((line, what, tuple(found)) for line, what, text in damaged() if (found := problems(text)))


@pytest.mark.parametrize(
    ("written", "instead", "code", "help_"),
    [
        ("  type: P", "   type: P", "E101", "2 blanks"),
        ("  owner: M", "   owner: M", "E101", "2 blanks"),
        ("key: [order, l", " key: [order, l", "E101", "margin"),
        ("checks:", " checks:", "E101", "margin"),
        ("  resource_m", "   resource_m", "E101", "2 blanks"),
        ("    isbn:", "   isbn:", "E101", "4 blanks"),
        ("  type: P", "\ttype: P", "E101", "blanks"),
        ("  type: P", " \u00a0type: P", "E101", "blanks"),
        ('title: "{{ title }}"', 'title: "{{ title }}', "E101", '"{{ title }}"'),
        ('title: "{{ title }}"', 'title: {{ title }}"', "E101", '"{{ title }}"'),
        ('title: "{{ title }}"', "title: {{ title }}", "E101", "quotes"),
        ('title: "{{ title }}"', "title: “{{ title }}”", "E113", '"{{ title }}"'),
        ('{sum: "{{ price_of_one }}"', "{sum: “{{ price_of_one }}”", "E113", "plain quotes"),
        ("type: P", "type P", "E101", "type: PRINTED"),
        ("type: P", "type:P", "E101", "type: PRINTED"),
        ("fields:", "fields", "E101", "fields:"),
        ("currency: SEK}\n  r", "currency: SEK\n  r", "E101", "SEK}"),
        ("key: [order, line]", "key: [order, line", "E101", "line]"),
        ("on_missing: hold}", "on_missing: hold", "E101", "write  departments: {file: departments.csv,"),
        ('}}", currency', '}}" currency', "E101", "comma"),
        ("departments.csv, key", "departments.csv key", "E101", "comma"),
        ('hold: "above 1000 SEK: look at it"', "hold: above 1000 SEK: look at it", "E101", '"above 1000 SEK: look at it"'),
        ("    - fund", "    – fund", "E101", "write -"),
        ('  - {if: "{{ not', '   - {if: "{{ not', "E101", "2 blanks"),
        ("amount('sv')", 'amount("sv")', "E101", "amount('sv')"),
        ("path: orders.csv", 'path: "C:\\data"', "E101", "'C:\\data'"),
        ("name: slips", "name: slips: x", "E101", '"slips: x"'),
        ("owner: MAIN", "owner: *MAIN", "E101", "quotes"),
        ("owner: MAIN", "owner: @MAIN", "E101", '"@MAIN"'),
    ],
)
def test_slips_by_name(written: str, instead: str, code: str, help_: str) -> None:
    assert GOOD.count(written) >= 1
    [problem] = problems(GOOD.replace(written, instead, 1))
    assert (problem.code, problem.mapping and problem.mapping.line) == (
        code,
        GOOD[: GOOD.index(written)].count("\n") + 1,
    )
    assert help_ in (problem.help or "")


def test_what_begins_at_the_margin_is_known() -> None:
    assert set(MappingFile.model_fields) == SECTIONS


@pytest.mark.parametrize(
    ("written", "instead", "code", "help_"),
    [
        ("key: [department, branch]", "key [department, branch]", "E101", "write  key: …"),
        ("on_missing: hold}", "on_missing hold}", "E107", "write  on_missing: hold"),
        ("connector: csv", "connector:csv", "E107", "write  connector: csv"),
    ],
)
def test_a_colon_left_out_between_braces(written: str, instead: str, code: str, help_: str) -> None:
    problem = problems(GOOD.replace(written, instead, 1))[0]
    assert (problem.code, problem.help) == (code, help_)


@pytest.mark.parametrize(("section", "what"), [("fields", "keys"), ("source", "keys"), ("checks", "members")])
def test_a_section_with_nothing_in_it_says_what_to_write(section: str, what: str) -> None:
    begin = GOOD.index(f"{section}:")
    end = begin + len(GOOD[begin:]) - len(re.sub(rf"^{section}:.*\n(?: .*\n)*", "", GOOD[begin:]))
    [problem] = problems(f"{GOOD[:begin]}{section}:\n{GOOD[end:]}")
    assert problem.code == "E109"
    assert what in (problem.help or "")


def test_the_mapping_itself_is_good() -> None:
    assert problems(GOOD) == []


def test_no_word_of_a_parser_is_repeated() -> None:
    said = [
        (line, what, one.message, one.help)
        for line, what, found in told()
        for one in found
        if JARGON.search(re.sub(r'"[^"]*"|write .*', "", f"{one.message} {one.help or ''}"))
    ]
    assert said == []


def test_every_slip_of_syntax_comes_with_what_to_write() -> None:
    silent = [
        (line, what, one.message)
        for line, what, found in told()
        for one in found
        if one.code in ("E101", "E113", "E211") and not one.help
    ]
    assert silent == []


@pytest.mark.parametrize(("code", "share"), [("E101", 0.97), ("E113", 1), ("E211", 0.99)])
def test_the_place_is_where_the_damage_is(code: str, share: float) -> None:
    """On its line, or, of a line break, the next. The shares are measured: they only rise."""
    near = [
        (line, what, one)
        for line, what, found in told()
        for one in found[:1]
        if one.code == code and one.mapping is not None
    ]
    hit = [what for lines, what, one in near if one.mapping and one.mapping.line in lines]
    assert len(near) > 5
    assert len(hit) / len(near) >= share


def test_one_slip_is_one_problem() -> None:
    """What follows from the first is not told: at most one message of syntax."""
    many = [
        (line, what, [one.message for one in found])
        for line, what, found in told()
        if sum(one.code in ("E101", "E113", "E202", "E211") for one in found) > 1
    ]
    assert many == []
