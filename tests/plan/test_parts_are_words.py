"""Keys, groups, identities, users and messages give a text, a number or a date; and not the same to all."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.plan.compile import compile_plan
from etl.problems import MappingPlace, Problem, Refusal
from etl.registry import Registry
from etl.run.build import Builder
from etl.run.naming import as_word
from etl.run.outcomes import Built, Refused, SourceRow
from etl.spec.load import load
from etl.template.environment import Failure
from tests.plan.test_shapes import FIELDS

REQUEST = """version: 1
name: words
target: purchase_request
source: {connector: csv, path: orders.csv}
fields: {format: P, resource_metadata: {citation_type: BOOK, title: "{{ title }}"}, owning_library: MAIN}
"""
LINE = "version: 1\nname: words\ntarget: po_line\nsource: {connector: csv, path: orders.csv}\n" + FIELDS
PLACES = {
    "key": LINE + 'key: ["{{ %s }}"]\n',
    "key[1]": LINE + 'key: [order, "{{ %s }}"]\n',
    "group_by": LINE + 'key: order\ngroup_by: "{{ %s }}"\n',
    "identity.vendor": LINE + 'key: order\nidentity: {vendor: "{{ %s }}"}\n',
    "user": REQUEST + 'key: order\nuser: "{{ %s }}"\n',
    "checks[0].hold": LINE + 'key: order\nchecks: [{if: "{{ title == order }}", hold: "{{ %s }}"}]\n',
}
WORDS = ("title", "copies | integer", "price | amount('sv')", "sent | date", "title or order", "order ~ title")
NO_WORDS = ("row", "title == order", "none", "record", "{'a': title}", "not title")
LISTS = ("[title]", "title.split(',')", "[1, 2]")


def problems_of(tmp_path: Path, text: str) -> list[Problem]:
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    try:
        compile_plan(load(str(tmp_path / "mapping.yaml")), Registry.installed(), run_date=date(2024, 3, 11))
    except Refusal as refusal:
        return list(refusal.problems)
    return []


@pytest.mark.parametrize("where", PLACES)
def test_one_rule_at_every_place(tmp_path: Path, where: str) -> None:
    for word in WORDS:
        assert problems_of(tmp_path, PLACES[where] % word) == [], word
    for other in (*NO_WORDS, *LISTS):
        found = problems_of(tmp_path, PLACES[where] % other)
        may_be = where == "identity.vendor" and other in LISTS  # titles and barcodes may be several
        assert [one.code for one in found] == ([] if may_be else ["E246"]), other
        assert all(one.mapping and one.mapping.path.startswith(where.split("[")[0]) for one in found)


def test_a_yes_or_no_parts_a_group_further_but_makes_none(tmp_path: Path) -> None:
    text = LINE + "key: order\ngroup_by: [%s]\n"
    assert problems_of(tmp_path, text % "order, \"{{ title == '' }}\"") == []
    found = problems_of(tmp_path, text % "\"{{ title == '' }}\", \"{{ order == '' }}\"")
    assert [one.code for one in found] == ["E246", "E246"]


SAME = ("'x'", "1", "parameters.batch", "run_date", "fixed", "fixed ~ other", "'a' ~ run_date.year")
VARY = ("order", "record.number", "fixed ~ order", "row['order']", "moving", "'x' if order else 'y'")


@pytest.mark.parametrize(("section", "one"), [*itertools.product(("key", "group_by"), SAME + VARY)])
def test_what_is_the_same_for_every_record_tells_none_from_another(
    tmp_path: Path, section: str, one: str
) -> None:
    if section == "group_by" and {"fixed", "moving", "other"} & set(one.replace("~", " ").split()):
        return  # group_by sees no let
    lets = 'let: {fixed: a, other: "{{ fixed }}", moving: "{{ order }}"}\n'
    read = FIELDS + '  vendor_note: "{{ fixed }} {{ other }} {{ moving }}"\n'
    text = LINE.replace(FIELDS, read) + lets + "parameters: {batch: {default: A}}\n"
    text += f'key: ["{{{{ {one} }}}}"]\n' if section == "key" else f'key: order\ngroup_by: "{{{{ {one} }}}}"\n'
    assert [found.code for found in problems_of(tmp_path, text)] == (["E203"] if one in SAME else [])


def test_one_part_that_varies_is_enough(tmp_path: Path) -> None:
    assert problems_of(tmp_path, LINE + "key: [\"{{ 'A' }}\", order]\n") == []


@pytest.mark.parametrize("user", ['""', '" "', "null", '"{{ none }}"'])
def test_a_user_that_is_nobody_is_found_by_check(tmp_path: Path, user: str) -> None:
    assert [one.code for one in problems_of(tmp_path, f"{REQUEST}key: order\nuser: {user}\n")] == ["E246"]


def test_a_user_that_is_true_is_no_text(tmp_path: Path) -> None:
    assert [one.code for one in problems_of(tmp_path, f"{REQUEST}key: order\nuser: true\n")] == ["E504"]
    assert problems_of(tmp_path, f'{REQUEST}key: order\nuser: "true"\n') == []


# ---------------------------------------------------------------------- what is known of the record alone


@pytest.mark.parametrize(
    ("value", "expected"),
    [("u1", "u1"), (0, "0"), (17, "17"), ("", None), (" ", None), (None, None), ([], None), (["a"], "a list"),
     (True, "yes or no"), ({"a": 1}, "a row")],
)  # fmt: skip
def test_a_user_of_any_type_is_a_text_or_told(tmp_path: Path, value: Any, expected: str | None) -> None:
    (tmp_path / "m.yaml").write_text(f'{REQUEST}key: order\nuser: "{{{{ raw }}}}"\n', encoding="utf-8")
    plan = compile_plan(load(str(tmp_path / "m.yaml")), Registry.installed(), run_date=date(2024, 3, 11))
    row = SourceRow({"order": "1", "title": "t", "raw": value}, "orders.csv", 1, 2)
    outcome = Builder(plan).build([row])
    if isinstance(outcome, Built):
        assert outcome.user == expected
        return
    assert isinstance(outcome, Refused)
    (problem,) = outcome.problems
    assert problem.code == "E479"
    assert problem.message.startswith("the request has no user" if expected is None else "user is ")


@pytest.mark.parametrize("value", [True, False, [], ["a"], {}, None, 1.5])
def test_no_word_is_made_of_what_is_none(value: Any) -> None:
    with pytest.raises(Failure):
        as_word(value, "it", "E479", MappingPlace("m"))


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (0, "0"), (Decimal("1.50"), "1.5"), (date(2024, 3, 1), "2024-03-01")]
)
def test_a_word_is_written_as_a_key_is(value: Any, text: str) -> None:
    assert as_word(value, "it", "E479", MappingPlace("m")) == text


# ------------------------------------------------------------------------------------------------ messages


@pytest.mark.parametrize("verdict", ["reject", "hold", "warn"])
@pytest.mark.parametrize("message", ['""', "", '"  "', "null"])
def test_a_check_says_why(tmp_path: Path, verdict: str, message: str) -> None:
    text = f'{LINE}key: order\nchecks:\n  - if: "{{{{ title == order }}}}"\n    {verdict}: {message}\n'
    assert [one.code for one in problems_of(tmp_path, text)] == ["E234"]
