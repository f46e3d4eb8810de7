"""What the types say of single templates: the type, and what is refused at which part of the text."""

from __future__ import annotations

import pytest
from typed_values import ENV, RULES, SCOPE, read

from etl.template.infer import infer
from etl.template.types import TEXT, Absent, group_of

GIVES = {
    "count + 1": "a whole number",
    "count / 2": "a decimal number",
    "price * count": "a decimal number",
    "word ~ count": "a text",
    "word.split('|')": "a list",
    "word.split('|')[0]": "a text",
    "places[0].copies": "a whole number",
    "places | map(attribute='copies') | sum": "a whole number",
    "places | first": "a group",
    "(places | sort(attribute='copies') | last).library": "a text",
    "count if flag else price": "a decimal number",
    "count if flag else word": "unknown",
    "word | map_value({'a': 1}, missing=none)": "a whole number",
    "word | default('x')": "a text",
    "(price | share_out([1], ['A']))[0].amount": "a decimal number",
    "[count, 1]": "a list",
    "range(count)": "a list",
    "place.items()": "a list",
    "place.values()": "a list",
    "day.year": "a whole number",
    "not word": "a yes or no",
    "words | map('integer') | max": "a whole number",
    "nowhere.at_all > 5": "a yes or no",
    "nowhere": "unknown",
}
REFUSED = {
    "count > '20'": ("E240", "count > '20'"),
    "(count + 1) * 2 > '20' and flag": ("E240", "(count + 1) * 2 > '20'"),
    "1 < count < '20'": ("E240", "count < '20'"),
    "price + '1'": ("E240", "price + '1'"),
    "-word": ("E240", "-word"),
    "places | sum(attribute='library')": ("E240", "places | sum(attribute='library')"),
    "places | selectattr('copies', 'gt', '5')": ("E240", "places | selectattr('copies', 'gt', '5')"),
    "count or 0": ("E241", "count"),
    "not words": ("E241", "words"),
    "'a' if place else 'b'": ("E241", "place"),
    "word and price": ("E241", "price"),
    "count | default(1, true)": ("E241", "count | default(1, true)"),
    "counts | select | list": ("E241", "counts | select"),
    "place.libary": ("E242", "libary"),
    "place . libary": ("E242", "libary"),
    "place['libary']": ("E242", "libary"),
    "place.get('libary')": ("E242", "libary"),
    "places | map(attribute='libary') | list": ("E242", "libary"),
    "places | selectattr('libary')": ("E242", "libary"),
    "places | rejectattr('libary')": ("E242", "libary"),
    "places | sort(attribute='copies,libary')": ("E242", "libary"),
    "places | groupby('libary')": ("E242", "libary"),
    "places | sum(attribute='libary')": ("E242", "libary"),
    "places | join(', ', attribute='libary')": ("E242", "libary"),
    "places | unique(attribute='libary')": ("E242", "libary"),
    "count | isbn13": ("E243", "count | isbn13"),
    "counts | map('isbn13') | list": ("E243", "counts | map('isbn13')"),
    "words | squeeze": ("E243", "words | squeeze"),
    "word.library": ("E244", "library"),
    "places.library": ("E244", "library"),
    "word ~ words": ("E214", "words"),
}


@pytest.mark.parametrize("expression", GIVES)
def test_the_type_of(expression: str) -> None:
    found, misfits = read(expression)
    assert (str(found), misfits) == (GIVES[expression], [])


@pytest.mark.parametrize("expression", REFUSED)
def test_what_is_refused_and_where(expression: str) -> None:
    _, (misfit, *others) = read(expression)
    code, written = REFUSED[expression]
    shown = f"{{{{ {expression} }}}}"[misfit.offset : misfit.offset + misfit.length]
    assert (misfit.code, shown, others) == (code, written, [])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("{% for one in places %}{{ one.libary }}{% endfor %}", ["E242"]),
        ("{% for one in places if one.copies %}{{ one.library }}{% endfor %}", ["E241"]),
        ("{% for one in word %}{{ one }}{% endfor %}", ["E245"]),
        ("{% for name, value in place.items() %}{{ 'a' if name > 5 else 'b' }}{% endfor %}", []),
        ("{% set some = places | first %}{{ some.libary }}", ["E242"]),
        (
            "{% set some = count %}{% if flag %}{% set some = 'a' %}{% endif %}{{ 'a' if some > 5 else 'b' }}",
            [],
        ),
        ("{% if count %}a{% elif words %}b{% endif %}", ["E241", "E241"]),
        ("{% with some = word %}{{ 'a' if some > 5 else 'b' }}{% endwith %}", ["E240"]),
        ("all: {{ words }}", ["E214"]),
    ],
)
def test_statements_and_text(text: str, codes: list[str]) -> None:
    found, misfits = infer(ENV.parse(text), text, SCOPE, RULES)
    assert (found, [one.code for one in misfits]) == (TEXT, codes)


def test_a_member_that_may_be_absent_in_another_file_is_read_under_default() -> None:
    row = group_of({"title": TEXT}, absent=Absent("E221", 'no "{}"', "{}", excused=lambda _name: True))
    for text, refused in (
        ("{{ row['titel'] }}", True),
        ("{{ row['titel'] | default('') }}", False),
        ("{{ row.titel is defined }}", False),
        ("{{ row.titel | default('') ~ row.titel }}", True),
    ):
        _, misfits = infer(ENV.parse(text), text, {"row": row}, RULES)
        assert bool(misfits) == refused, text
