"""A value of a row that will not do → the message names its row and its column, however the mapping gets at it."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from etl.run.build import Builder
from etl.run.outcomes import Held, Refused, SourceRow
from tests.plan.test_shapes import plan_of

WAYS = {
    "in the field": ("", "{{ row['bad one'] | FILTER }}"),
    "in brackets": ("", "{{ (row['bad one'] | FILTER) == (good | FILTER) }}"),
    "in text": ("", "{{ good }}: {{ row['bad one'] | FILTER }}"),
    "by a let": ("let: {one: \"{{ row['bad one'] }}\"}\n", "{{ one | FILTER }}"),
    "by two lets": (
        'let: {two: "{{ one | string }}", one: "{{ row[\'bad one\'] }}"}\n',
        "{{ (two | FILTER) == (good | FILTER) }}",
    ),
    "by a group": ("let: {one: {two: \"{{ row['bad one'] }}\"}}\n", "{{ one.two | FILTER }}"),
    "by a choice": ("let: {one: {$first: [\"{{ '' }}\", \"{{ row['bad one'] }}\"]}}\n", "{{ one | FILTER }}"),
    "in a loop": (
        "let:\n  ones: [{$for: \"one in [row['bad one'], row['bad one']]\", $value: \"{{ one | FILTER }}\"}]\n",
        "{{ ones | length }}",
    ),
    "in a $let": (
        'let:\n  ones: [{$let: {one: "{{ row[\'bad one\'] }}"}, $value: "{{ one | FILTER }}"}]\n',
        "{{ ones | length }}",
    ),
    "by map": ("", "{{ [row['bad one']] | map('FILTER') | length }}"),
}
IN_GROUPS = {
    "by a loop over rows": (
        "let:\n  ones: [{$for: one in rows, $value: \"{{ one['bad one'] | FILTER }}\"}]\n",
        "{{ ones | length }}",
    ),
    "by map over rows": ("", "{{ rows | map(attribute='bad one') | map('FILTER') | length }}"),
    "by a statement": ("", "{% for one in rows %}{{ one['bad one'] | FILTER }}{% endfor %}"),
}
FILTERS = {
    "integer": "2", "amount": "2,50", "decimal": "2.50", "date": "2024-03-11", "yes_no": "ja", "isbn13": "9789113084923",
}  # fmt: skip


def mapping(let: str, text: str, group: str = "") -> str:
    return f"""{group}{let}fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V
  resource_metadata: {{title: T}}
  vendor_note: "{text}"
"""


def as_text(text: str, name: str) -> str:
    """A text field takes no date and no amount, but in text; and no yes or no at all."""
    if "==" in text or (name == "yes_no" and "| yes_no" in text):
        return re.sub(r"\{\{ ([^{}]*(?:==|yes_no)[^{}]*) \}\}", r"{{ 'a' if \1 else 'b' }}", text)
    return text if name in ("integer", "isbn13") else f"so: {text}"


def rows(good: str, *bad: str) -> list[SourceRow]:
    return [
        SourceRow({"order": "1", "good": good, "bad one": cell}, "a.csv", record, record + 1)
        for record, cell in enumerate(bad, 1)
    ]


@pytest.mark.parametrize(("way", "name"), list(product(WAYS, FILTERS)))
def test_the_column(tmp_path: Path, way: str, name: str) -> None:
    let, text = (part.replace("FILTER", name) for part in WAYS[way])
    text = as_text(text, name)
    outcome = Builder(plan_of(tmp_path, mapping(let, text), "")).build(rows(FILTERS[name], "saknas"))
    assert isinstance(outcome, Refused)
    assert {str(one.data) for one in outcome.problems} == {"a.csv:2  column bad one  (record 1)"}


@pytest.mark.parametrize(("way", "name"), list(product(IN_GROUPS, FILTERS)))
def test_the_row_of_a_group(tmp_path: Path, way: str, name: str) -> None:
    let, text = (part.replace("FILTER", name) for part in IN_GROUPS[way])
    text = as_text(text, name)
    good = FILTERS[name]
    plan = plan_of(tmp_path, mapping(let, text, "group_by: order\n"), "")
    outcome = Builder(plan).build(rows(good, good, good, "saknas", good))
    assert isinstance(outcome, Refused)
    assert {str(one.data) for one in outcome.problems} == {"a.csv:4  column bad one  (record 3)"}


@pytest.mark.parametrize("verdict", ["reject", "hold", "warn"])
def test_a_check_of_one_column_names_it(tmp_path: Path, verdict: str) -> None:
    check = f"checks: [{{if: \"{{{{ row['bad one'] == 'x' }}}}\", {verdict}: so}}]\n"
    outcome = Builder(plan_of(tmp_path, mapping(check, "{{ good }}"), "")).build(rows("2", "x"))
    told = outcome.notes if not isinstance(outcome, Refused | Held) else outcome.problems
    assert [one.data.field for one in told if one.code in ("E485", "E486", "E487") and one.data] == [
        "bad one"
    ]


def test_a_lookup_that_waits_names_the_column(tmp_path: Path) -> None:
    table = "lookups: {t: {key: code, on_missing: hold, rows: [{code: a, fund: B}]}}\n"
    plan = plan_of(tmp_path, mapping(table, "{{ row['bad one'] | lookup('t', 'fund') }}"), "")
    outcome = Builder(plan).build(rows("2", "x"))
    assert isinstance(outcome, Held)
    assert [one.data.field for one in outcome.problems if one.data] == ["bad one"]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "the column bad one is empty"),
        ("x", 'nothing came of "x", and lookup "t" missed, used null'),
    ],
)
def test_a_field_without_a_value_says_what_it_was_to_come_of(tmp_path: Path, cell: str, why: str) -> None:
    table = "lookups: {t: {key: code, on_missing: 'null', rows: [{code: a, fund: B}]}}\n"
    let = "let: {known: \"{{ row['bad one'] | lookup('t') }}\"}\n"
    text = mapping(table + let, "{{ good }}").replace("owner: MAIN", 'owner: "{{ known.fund }}"')
    outcome = Builder(plan_of(tmp_path, text, "")).build(rows("2", cell))
    assert isinstance(outcome, Refused)
    (one,) = outcome.problems
    assert (one.code, one.data and one.data.field) == ("E502", "bad one")
    assert why in one.message
