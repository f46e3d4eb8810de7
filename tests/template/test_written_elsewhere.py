"""Templates as people write them who think of another language → what is wrong, where, and what to write."""

from __future__ import annotations

import pytest

from etl.problems import MappingPlace, Problem
from etl.template.compile import compile_template, is_template
from etl.template.environment import Sandbox
from etl.template.filters import FILTERS


def told(text: str) -> Problem:
    found = compile_template(
        text, Sandbox(FILTERS), lambda offset, length: MappingPlace("m.yaml", 1, offset + 1, length=length)
    )
    assert isinstance(found, list), "it reads"
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("text", "underlined", "help_"),
    [
        ("{{ author }", "{{ author }", "{{ author }}"),
        ("a {{ x }} b {{ y } c", "{{ y }", "{{ y }}"),
        ("{% if a }x{% endif %}", "{% if a }", "{% if a %}"),
        ("{% if a %}\nx\n", "{% if", "{% endif %}"),
        ("{ if a %}x{% endif %}", "{ if a %}", "{% if a %}"),
        ("{{ a = b }}", "=", "=="),
        ("{{ a === b }}", "===", "=="),
        ("{{ a AND b }}", "AND", "and"),
        ("{{ NOT a }}", "NOT", "not"),
        ("{{ a && b }}", "&&", "and"),
        ("{{ a || b }}", "||", "or"),
        ("{{ !x }}", "!", "not"),
        ("{{ a => b }}", "=>", ">="),
        ("{{{ x }}}", "{{{", "{{ … }}"),
        ("{{ a if {{ b }} else c }}", "{{ b }}", "without braces"),
        ("{{ if a then b else c }}", "if a then b else c ", "b if a else c"),
        ("{{ a ? b : c }}", " a ? b : c ", "b if a else c"),
        ("{% if a then %}x{% endif %}", "then ", "leave it out"),
        ("{% if a %}x{% elsif b %}y{% endif %}", "elsif", "elif"),
        ("{{ x | default: 'y' }}", "| default: 'y'", "| default('y')"),
        ("{{ x | amount 'sv' }}", "| amount 'sv'", "| amount('sv')"),
        ("{{ x | amount('sv }}", "'sv", "{{ x | amount('sv' }}"),
        ("{{ x | amount('sv' }}", "('sv'", "('sv')"),
        ("{{ x | amount(‘sv’) }}", "‘", "write '"),
        ("{{ a – b }}", "–", "write -"),
        ("{{ Pris exkl moms }}", "Pris exkl moms", "row['Pris exkl moms']"),
        ("{{ copies integer }}", "copies integer", "copies | integer"),
        ("{{ int(copies) }}", "int", "copies | integer"),
        ("{{ isbn13(row.isbn) }}", "isbn13", "row.isbn | isbn13"),
        ("{{ x.is_none }}", ".is_none", "x is none"),
        ("{ title }}", "}}", "{{ title }}"),
        ("{ title }", "{ title }", "{{ title }}"),
        ("{{ a }} %}", "%}", "{{ a }}"),
        ("{# x", "{#", "#}"),
        ("{{ }}", "{{ }}", "what belongs there"),
        ("{{ x | }}", "| ", "take | away"),
    ],
)
def test_what_is_meant_is_said_where_it_stands(text: str, underlined: str, help_: str) -> None:
    assert is_template(text)
    problem = told(text)
    assert problem.mapping is not None
    at = problem.mapping.column - 1
    assert text[at : at + problem.mapping.length] == underlined
    assert help_ in (problem.help or "")
