"""What the mapping itself says is known before the first record: that it fails, is nothing, or is no text."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

from etl.plan.compile import compile_plan
from etl.problems import Severity
from etl.registry import Registry
from etl.run.inputs import resolve
from etl.spec.load import load
from tests.plan.test_answers_everywhere import CONDITIONS, READ, VALUES
from tests.plan.test_shapes import FIELDS, built, plan_of, refused

FAILING = {
    "'abc' | integer": "E418",
    "1 // 0": "E472",
    "'x' | date": "E420",
    "none < 1": "E490",
    "range(99999)": "E474",
}


@pytest.mark.parametrize("where", VALUES)
@pytest.mark.parametrize("expression", FAILING)
def test_what_fails_for_every_record_is_found_by_check(tmp_path: Path, where: str, expression: str) -> None:
    text = VALUES[where] % expression
    fields = FIELDS + (READ if " {x: " in text else "")
    assert FAILING[expression] in {one.code for one in refused(tmp_path, text, fields)}


def test_it_is_found_behind_constants_of_let(tmp_path: Path) -> None:
    lets = 'let: {a: abc, b: "{{ a ~ 1 }}", c: "{{ b | integer }}"}\n'
    (one,) = refused(tmp_path, lets, FIELDS + '  vendor_note: "{{ c | string }}"\n')
    assert one.mapping is not None
    assert (one.code, one.mapping.path) == ("E418", "let.c")


@pytest.mark.parametrize(
    "expression", ["order | integer", "parameters.n | integer", "n | integer", "'9' | integer"]
)
def test_what_may_succeed_is_left_to_the_run(tmp_path: Path, expression: str) -> None:
    text = f'parameters: {{n: {{default: abc}}}}\nlet: {{x: "{{{{ {expression} }}}}"}}\n'
    plan_of(tmp_path, text, FIELDS + READ)


def test_a_lookup_of_a_constant_is_left_to_the_run(tmp_path: Path) -> None:
    table = "lookups: {t: {key: k, columns: [v], rows: [{k: a, v: b}]}}\n"
    plan_of(tmp_path, table + "let: {x: \"{{ 'z' | lookup('t') }}\"}\n", FIELDS + READ)


def test_nothing_is_left_behind_of_what_was_tried(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "let: {x: \"{{ '' | default('a', true) }}\"}\n", FIELDS + READ)
    assert not plan.env.recorder.defaults
    built(plan)
    assert sum(plan.env.recorder.defaults.values()) == 1


@pytest.mark.parametrize(
    "nothing", ['"{{ none }}"', "\"{{ '' }}\"", "\"{{ ' ' }}\"", '""', "null", '"{{ x }}"']
)
@pytest.mark.parametrize("field", ["owner", "type", "title"])
def test_a_required_field_that_is_always_empty_is_never_set(tmp_path: Path, field: str, nothing: str) -> None:
    if field == "title" and nothing == '"{{ x }}"':
        return  # a title or a record number: of a let it is known at the record
    said = {"owner": "owner: MAIN", "type": "type: PRINTED_BOOK_OT", "title": "title: Vindens öar"}[field]
    found = refused(
        tmp_path,
        'let: {x: "{{ none }}"}\n' if "x" in nothing else "",
        FIELDS.replace(said, f"{field}: {nothing}"),
    )
    assert [one.code for one in found] == ["E220"]


def test_a_field_that_need_not_be_there_may_be_nothing(tmp_path: Path) -> None:
    plan_of(tmp_path, "", FIELDS + '  vendor_note: "{{ none }}"\n')


# ------------------------------------------------------------------------------- true and false without quotes

TRUTHS = ("true", "false", "True", "FALSE")


@pytest.mark.parametrize("truth", TRUTHS)
@pytest.mark.parametrize(
    "place",
    ["  vendor_note: %s\n", "  note: [{note_text: %s}]\n", "  vendor_note: {$first: [\"{{ n }}\", %s]}\n",
     '  vendor_note: {$if: "{{ n }}", $value: %s}\n', "  material_type: %s\n"],
)  # fmt: skip
def test_a_text_is_not_true(tmp_path: Path, place: str, truth: str) -> None:
    assert "E504" in {one.code for one in refused(tmp_path, "", FIELDS + place % truth)}
    if "material" not in place:
        plan_of(tmp_path, "", FIELDS + place % f'"{truth}"')


def test_a_field_of_yes_or_no_takes_them(tmp_path: Path) -> None:
    for truth in ("true", "false"):
        plan_of(tmp_path, "", FIELDS + f"  rush: {truth}\n")


@pytest.mark.parametrize(
    "shape",
    [
        "let: {x: %s}\n",
        "let: {x: {a: %s}}\n",
        "let: {x: [%s]}\n",
        'let: {x: {$let: {y: %s}, $value: "{{ y }}"}}\n',
    ],
)
def test_a_constant_of_let_is_text(tmp_path: Path, shape: str) -> None:
    for truth in TRUTHS:
        (one,) = refused(tmp_path, shape % truth, FIELDS + READ)
        assert (one.code, f'"{{{{ {truth.lower()} }}}}"' in (one.help or "")) == ("E504", True)
        plan_of(tmp_path, shape % f'"{truth}"', FIELDS + READ)
        plan_of(tmp_path, shape % f'"{{{{ {truth.lower()} }}}}"', FIELDS + READ)


# ------------------------------------------------------------------------------------ texts that look false


@pytest.mark.parametrize("text", ["no", "0", "Nej", "-", "falskt", '"false"'])
@pytest.mark.parametrize(
    "asked",
    ["n", "n and order", "order and n", "not n", "order == '1' and not n", "('a' if n else 'b') == 'a'"],
)
@pytest.mark.parametrize("where", [one for one in CONDITIONS if one != "when"])
def test_a_constant_that_looks_false_is_found_by_check(
    tmp_path: Path, where: str, asked: str, text: str
) -> None:
    condition = CONDITIONS[where] % asked
    names = f"n: {text}"
    whole = condition.replace("let: {x: ", f"let: {{{names}, x: ")
    whole = whole if whole != condition else f"let: {{{names}}}\n{condition}"
    fields = FIELDS + (READ if ", x: " in whole else "")
    assert {one.code for one in refused(tmp_path, whole, fields)} == {"E477"}
    plan_of(tmp_path, whole.replace(names, "n: filled"), fields)


def test_as_a_choice_it_is_a_text_as_any_other(tmp_path: Path) -> None:
    plan_of(tmp_path, 'let: {n: "0", x: "{{ n or order }}"}\n', FIELDS + READ)


# ------------------------------------------------------------------------------------------ plain sections


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("snapshot: {run_date: 2024-13-01}\n", "E109"), ("snapshot: {run_date: 2023-02-29}\n", "E109"),
        ("snapshot: {run_date: yesterday}\n", "E109"), ("snapshot: {parameters: {libary: X}}\n", "E231"),
        ("snapshot: {parameters: {library: [X]}}\n", "E109"),
    ],
)  # fmt: skip
def test_what_is_held_still_is_looked_at(tmp_path: Path, section: str, code: str) -> None:
    (one,) = refused(tmp_path, "parameters: {library: {default: X}}\n" + section)
    assert one.mapping is not None
    assert (one.code, one.mapping.path.split(".")[0]) == (code, "snapshot")


def test_what_is_declared_is_held_still(tmp_path: Path) -> None:
    frozen = "snapshot: {run_date: 2024-02-29, parameters: {library: X}}\n"
    plan_of(tmp_path, "parameters: {library: {default: X}}\n" + frozen)


def test_a_column_that_is_ignored_and_misspelt_is_told(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("order;rabatt;isbn;Pris inkl\n1;5;x;2\n", encoding="utf-8")
    sources, _ = resolve([str(tmp_path / "orders.csv")], io.BytesIO())
    ignore = "{rabat: a, isbn2: b, annat: c, 'rab*': d, RABATT: e, 'Pris  inkl': f, Pris inl: g}"
    text = "version: 1\nname: n\ntarget: po_line\nkey: order\n" + FIELDS
    text += f"source: {{connector: csv, path: orders.csv, ignore: {ignore}}}\n"
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    plan = compile_plan(
        load(str(tmp_path / "m.yaml")), Registry.installed(), run_date=date(2024, 3, 11), samples=sources
    )
    told = [(one.code, one.severity, one.help) for one in plan.warnings]
    warned = ("E221", Severity.WARNING)
    assert told == [(*warned, 'did you mean "rabatt"?'), (*warned, 'did you mean "Pris inkl"?')]
