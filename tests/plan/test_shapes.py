"""Shapes in `let` and `fields`, names by need, choices and levels: what they give, and what is refused before."""

from __future__ import annotations

import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl.plan.compile import compile_plan
from etl.plan.names import unmet
from etl.plan.plan import Items, Plan
from etl.plugin import Columns
from etl.problems import MappingPlace, Problem, Refusal
from etl.registry import Registry
from etl.run.build import Builder
from etl.run.outcomes import Built, Held, Refused, SourceRow
from etl.spec.load import load

HEAD = """version: 1
name: shapes
target: po_line
source: {connector: csv, path: orders.csv}
key: order
"""
FIELDS = """fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS-1
  acquisition_method: PURCHASE
  price: {sum: "100.00", currency: SEK}
  resource_metadata: {title: Vindens öar}
"""


def plan_of(tmp_path: Path, text: str, fields: str = FIELDS) -> Plan:
    (tmp_path / "mapping.yaml").write_text(HEAD + fields + text, encoding="utf-8")
    spec = load(str(tmp_path / "mapping.yaml"))
    return compile_plan(spec, Registry.installed(), run_date=date(2024, 3, 11))


def built(plan: Plan, **columns: Any) -> Built | Held | Refused:
    return Builder(plan).build([SourceRow({"order": "1", **columns}, "orders.csv", 1, 2)])


def note(tmp_path: Path, text: str, value: str = "{{ x }}", **columns: Any) -> Any:
    """What a mapping with this `let` writes into the vendor's note: the value, or the codes of what is wrong."""
    outcome = built(plan_of(tmp_path, text, FIELDS + f'  vendor_note: "{value}"\n'), **columns)
    if isinstance(outcome, Built):
        return json.loads(outcome.payload).get("vendor_note")
    return [problem.code for problem in outcome.problems]


def refused(tmp_path: Path, text: str, fields: str = FIELDS) -> list[Problem]:
    with pytest.raises(Refusal) as caught:
        plan_of(tmp_path, text, fields)
    return list(caught.value.problems)


TABLES = """lookups:
  units: {key: unit, on_missing: ON, columns: [fund], rows: [{unit: A, fund: FA}, {unit: B, fund: ""}]}
  sellers: {key: seller, on_missing: "null", columns: [fund, owner], rows: [{seller: S, fund: FS, owner: LAW}]}
parameters: {fund: {default: FP}}
levels: {line: unit_row, supplier: seller_row, global: parameters}
let:
  unit_row: "{{ unit | lookup('units') }}"
  seller_row: "{{ seller | lookup('sellers') }}"
"""


# --------------------------------------------------------------------------------------------- the order of names


@pytest.mark.parametrize("order", list(itertools.permutations(("a", "b", "c"))), ids="".join)
def test_names_may_stand_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    said = {"a": "{{ b ~ c }}", "b": "{{ c ~ 'b' }}", "c": "{{ title }}"}
    text = "let:\n" + "".join(f'  {name}: "{said[name]}"\n' for name in order)
    assert note(tmp_path, text, "{{ a }}", title="t") == "tbt"


def test_a_chain_of_names_may_be_as_long_as_a_mapping(tmp_path: Path) -> None:
    text = "let:\n" + "".join(f'  n{number}: "{{{{ n{number + 1} }}}}"\n' for number in range(2000))
    assert note(tmp_path, text + '  n2000: "{{ title }}"\n', "{{ n0 }}", title="t") == "t"


def test_a_name_needed_only_inside_a_group_of_a_loop_comes_first_too(tmp_path: Path) -> None:
    text = """let:
  spots: [{$for: "one in ['p', 'q']", $let: {full: "{{ one ~ tail }}"}, said: "{{ full }}"}]
  tail: "{{ title }}"
"""
    assert note(tmp_path, text, "{{ spots | map(attribute='said') | join(',') }}", title="t") == "pt,qt"


@pytest.mark.parametrize(
    ("let", "said"),
    [
        ('{a: "{{ a }}"}', '"a" needs itself'),
        ('{a: "{{ b }}", b: "{{ a }}"}', "a → b → a is a circle"),
        ('{a: [{$if: "{{ b }}", x: "1"}], b: {$first: [{k: "{{ a }}"}]}}', "a → b → a is a circle"),
        ('{a: {$let: {p: "{{ q }}", q: "{{ p }}"}, x: "{{ p }}"}}', "p → q → p is a circle"),
    ],
)
def test_circles_are_refused_with_their_path(tmp_path: Path, let: str, said: str) -> None:
    found = refused(tmp_path, f"let: {let}\n")
    assert [(one.code, one.message) for one in found] == [("E227", said)]


# ----------------------------------------------------------------------------------------------------- what is empty

EMPTY = ["{{ none }}", "", " ", "{{ ' ' }}", "{{ [] }}", "{{ [none, ''] }}", "{{ {'a': none} }}"]
FILLED = ["{{ 0 }}", "{{ false }}", "0", "{{ [0] }}", "{{ {'a': 0} }}"]


def of_any_type(value: str) -> str:
    """The same value; that its type is known would be a reason to refuse it beside a text."""
    return value.replace(" }}", " if order else [title, [title]][0] }}")


@pytest.mark.parametrize("value", EMPTY)
def test_an_empty_choice_leaves_it_to_the_next(tmp_path: Path, value: str) -> None:
    assert note(tmp_path, f'let:\n  x: {{$first: ["{of_any_type(value)}", next]}}\n') == "next"


@pytest.mark.parametrize("value", FILLED)
def test_zero_and_false_are_values(tmp_path: Path, value: str) -> None:
    text = f'let:\n  x: {{$first: ["{of_any_type(value)}", next]}}\n'
    assert note(tmp_path, text, "{{ 'next' if x == 'next' else 'it' }}") == "it"


def test_a_false_if_is_an_empty_choice(tmp_path: Path) -> None:
    text = "let:\n  x: {$first: [{$if: \"{{ title == 'no' }}\", $value: first}, second]}\n"
    assert note(tmp_path, text, title="t") == "second"
    assert note(tmp_path, text, title="no") == "first"


# ------------------------------------------------------------------------------------------------ choices and levels


@pytest.mark.parametrize(
    ("unit", "seller", "fund", "counted"),
    [
        ("A", "S", "FA", None),
        ("B", "S", "FS", "supplier"),
        ("B", "?", "FP", "global"),
        (None, None, "FP", "global"),
    ],
)
def test_the_strongest_level_that_has_a_value_says_it(
    tmp_path: Path, unit: str | None, seller: str | None, fund: str, counted: str | None
) -> None:
    plan = plan_of(tmp_path, TABLES.replace("ON", '"null"'), FIELDS + "  vendor_note: {$level: fund}\n")
    outcome = built(plan, unit=unit, seller=seller)
    assert isinstance(outcome, Built)
    assert json.loads(outcome.payload)["vendor_note"] == fund
    said = [what for what in plan.env.recorder.defaults if "said by level" in what]
    assert [what.rpartition("level ")[2] for what in said] == ([f'"{counted}"'] if counted else [])


@pytest.mark.parametrize(("action", "kind"), [("hold", Held), ("reject", Refused)])
@pytest.mark.parametrize("shape", ["{$level: fund, line: CHOICE}", "{$first: [CHOICE, next]}"])
def test_no_weaker_choice_stands_in_for_a_word_that_was_not_understood(
    tmp_path: Path, action: str, kind: type[Held | Refused], shape: str
) -> None:
    choice = "\"{{ unit | lookup('units', 'fund') }}\""
    fields = FIELDS + f"  vendor_note: {shape.replace('CHOICE', choice)}\n"
    text = TABLES.replace("ON", action).replace("  unit_row: \"{{ unit | lookup('units') }}\"\n", "")
    if "$first" in shape:
        text = text[: text.index("levels:")]
    plan = plan_of(tmp_path, text, fields)
    outcome = built(plan, unit="?", seller="S")
    assert isinstance(outcome, kind)
    assert [problem.code for problem in outcome.problems] == ["E460"]
    if isinstance(outcome, Held):
        assert outcome.payload is not None
        assert "vendor_note" not in json.loads(outcome.payload)


def test_a_choice_that_is_not_asked_holds_nothing_and_counts_nothing(tmp_path: Path) -> None:
    fields = FIELDS + "  vendor_note: {$first: [\"{{ title }}\", \"{{ unit | lookup('units', 'fund') }}\"]}\n"
    text = "lookups: {units: {key: unit, on_missing: hold, rows: [{unit: A, fund: FA}]}}\n"
    assert isinstance(built(plan_of(tmp_path, text, fields), title="t", unit="?"), Built)
    assert isinstance(built(plan_of(tmp_path, text, fields), title=" ", unit="?"), Held)


def test_where_if_is_false_nothing_else_is_evaluated(tmp_path: Path) -> None:
    fields = (
        FIELDS
        + """  note:
    - $let: {found: "{{ unit | lookup('units') }}", wanted: "{{ title }}"}
      $if: "{{ wanted == 'yes' }}"
      note_text: "{{ found.fund }}"
"""
    )
    text = "lookups: {units: {key: unit, rows: [{unit: A, fund: FA}]}}\n"
    assert isinstance(built(plan_of(tmp_path, text, fields), title="no", unit="?"), Built)
    assert isinstance(built(plan_of(tmp_path, text, fields), title="yes", unit="?"), Refused)


def test_a_level_takes_part_only_where_its_name_is_in_sight(tmp_path: Path) -> None:
    """`place` is a name of the loop alone: outside of it the next level is asked."""
    text = (
        TABLES.replace("ON", '"null"').replace("line: unit_row", "line: place_row")
        + """  spots:
    - {$for: "one in ['A', 'B']", $let: {place_row: "{{ one | lookup('units') }}"}, fund: {$level: fund}}
  whole: {$level: fund}
"""
    )
    text = text.replace("  unit_row: \"{{ unit | lookup('units') }}\"\n", "")
    value = "{{ (spots | map(attribute='fund') | join(',')) ~ ' ' ~ whole }}"
    assert note(tmp_path, text, value, seller="S") == "FA,FS FS"


def test_a_key_column_never_counts_as_said(tmp_path: Path) -> None:
    """A row knows its key, so "unit" would be said by the level that was asked with it."""
    found = refused(tmp_path, TABLES.replace("ON", "hold"), FIELDS + "  vendor_note: {$level: unit}\n")
    assert [one.code for one in found] == ["E251"]


# ------------------------------------------------------------------------------------------------------------ lists


def test_in_let_a_list_has_one_member_for_each_turn_and_in_fields_empty_ones_are_left_out(
    tmp_path: Path,
) -> None:
    text = """let:
  spots: [{$for: "one in ['a', '', 'c']", $value: "{{ one }}"}]
  some: [{$for: one in spots, $if: "{{ one != 'c' }}", $value: "{{ one }}"}]
"""
    fields = (
        FIELDS
        + '  note: [{$for: one in some, note_text: "{{ one }}"}]\n  vendor_note: "{{ spots | length }}"\n'
    )
    outcome = built(plan_of(tmp_path, text, fields))
    assert isinstance(outcome, Built)
    payload = json.loads(outcome.payload)
    assert payload["note"] == [{"note_text": "a"}]
    assert payload["vendor_note"] == "3"


def test_a_loop_leaves_the_names_of_the_loop_around_it_alone(tmp_path: Path) -> None:
    text = """let:
  spots:
    - $for: "one in ['a', 'b']"
      parts: [{$for: "two in ['x', 'y']", $value: "{{ one ~ two ~ loop.index }}"}]
      after: "{{ loop.index }}"
"""
    value = "{{ (spots | map(attribute='parts') | map('join', '.') | join(' ')) ~ ' ' ~ spots[1].after }}"
    assert note(tmp_path, text, value) == "ax1.ay2 bx1.by2 2"


@pytest.mark.parametrize(
    "shape",
    [
        "[{$for: \"title in ['a', 'b']\", $value: \"{{ title }}\"}]",
        '[{$for: "one in [\'a\', \'b\']", $let: {title: "{{ one }}"}, $value: "{{ title }}"}]',
        '[{$let: {title: a}, $value: "{{ title }}"}, b]',
        '{$let: {title: a}, $value: ["{{ title }}", b]}',
    ],
)
def test_a_column_that_was_hidden_is_itself_again(tmp_path: Path, shape: str) -> None:
    """A file may have a column of any name; that one is hidden is a warning."""
    value = "{{ (x | join(',')) ~ ' ' ~ title }}"
    assert note(tmp_path, f"let:\n  x: {shape}\n", value, title="t") == "a,b t"


def test_a_members_name_may_be_that_of_a_method(tmp_path: Path) -> None:
    names = ("items", "keys", "values", "get", "copy", "update", "pop")
    text = "let:\n  x: {" + ", ".join(f"{name}: {name}!" for name in names) + "}\n"
    value = "{{ [" + ", ".join(f"x.{name}" for name in names) + "] | join(' ') }}"
    assert note(tmp_path, text, value) == " ".join(f"{name}!" for name in names)


# ---------------------------------------------------------------------------------------------------------- merging


def merged(tmp_path: Path, base: str, child: str) -> Plan:
    (tmp_path / "base.yaml").write_text(HEAD + FIELDS + base, encoding="utf-8")
    (tmp_path / "child.yaml").write_text("extends: base.yaml\n" + child, encoding="utf-8")
    spec = load(str(tmp_path / "child.yaml"))
    return compile_plan(spec, Registry.installed(), run_date=date(2024, 3, 11))


@pytest.mark.parametrize("over", ["{$value: c}", "{$first: [c]}", '{$if: "{{ true }}", $value: c}', "c"])
def test_a_group_that_is_one_value_is_replaced_whole(tmp_path: Path, over: str) -> None:
    base = "let: {x: {$first: [{$if: \"{{ title == 't' }}\", $value: a}, b]}}\n"
    plan = merged(tmp_path, base, f"let: {{x: {over}}}\nfields: {{vendor_note: '{{{{ x }}}}'}}\n")
    outcome = built(plan, title="t")
    assert isinstance(outcome, Built)
    assert json.loads(outcome.payload)["vendor_note"] == "c"


@pytest.mark.parametrize(("child", "met"), [("description: d\n", True), ("let: {x: null}\n", False)])
def test_null_takes_back_a_let_and_then_it_meets_no_requirement(
    tmp_path: Path, child: str, met: bool
) -> None:
    plan = merged(tmp_path, "requires: {x: a text}\nlet: {x: '{{ title }}'}\n", child)
    columns = Columns({"order": "", "title": ""}, closed=True)
    left = plan.spec.node("let", "x").path == "let.x"
    lets = {"x": Items((), MappingPlace("m"))} if left else {}
    assert left is met
    assert [one.code for one in unmet(plan.spec, lets, columns)] == ([] if met else ["E253"])


def test_levels_and_a_sink_of_another_type_are_replaced_whole(tmp_path: Path) -> None:
    base = "levels: {line: order, global: parameters}\nsink: {type: files, directory: out}\n"
    plan = merged(tmp_path, base, "levels: {global: parameters}\nsink: {type: stdout}\n")
    assert list(plan.spec.model.levels) == ["global"]
    assert plan.spec.model.sink is not None
    assert plan.spec.model.sink.model_dump() == {"type": "stdout"}


def test_a_sink_of_the_same_type_keeps_the_options_of_the_base(tmp_path: Path) -> None:
    plan = merged(tmp_path, "sink: {type: files, directory: out}\n", "sink: {type: files, format: xml}\n")
    assert plan.spec.model.sink is not None
    assert plan.spec.model.sink.model_dump() == {"type": "files", "directory": "out", "format": "xml"}


def test_on_missing_null_is_a_word_and_takes_nothing_back(tmp_path: Path) -> None:
    base = "lookups: {units: {key: unit, on_missing: hold, rows: [{unit: A, fund: FA}]}}\n"
    child = "lookups: {units: {on_missing: null}}\nfields: {vendor_note: \"{{ unit | lookup('units', 'fund') }}\"}\n"
    assert isinstance(built(merged(tmp_path, base, child), unit="?"), Built)


# ----------------------------------------------------------------------------------------------------- empty keys

KEYED = """lookups:
  units:
    key: [a, b]
    on_missing: reject
    rows: [{a: "", b: B, fund: F1}, {a: A, b: "", fund: F2}ROW]
"""


@pytest.mark.parametrize(
    ("a", "b", "row", "fund"),
    [
        (None, "B", "", "F1"),
        ("", "B", "", "F1"),
        ("A", None, "", "F2"),
        ("A", "B", "", ["E460"]),
        (None, None, "", ["E460"]),
        (None, " ", ', {a: "", b: "", fund: F3}', "F3"),
    ],
)
def test_an_empty_part_of_a_key_is_an_empty_cell(
    tmp_path: Path, a: str | None, b: str | None, row: str, fund: Any
) -> None:
    text = KEYED.replace("ROW", row)
    assert note(tmp_path, text, "{{ [a, b] | lookup('units', 'fund') }}", a=a, b=b) == fund


@pytest.mark.parametrize("action", ["reject", "hold", '"null"'])
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_single_empty_key_is_nothing_and_no_miss(tmp_path: Path, action: str, value: str | None) -> None:
    text = f"lookups: {{units: {{key: unit, on_missing: {action}, rows: [{{unit: A, fund: FA}}]}}}}\n"
    plan = plan_of(tmp_path, text, FIELDS + "  vendor_note: \"{{ unit | lookup('units', 'fund') }}\"\n")
    outcome = built(plan, unit=value)
    assert isinstance(outcome, Built)
    assert "vendor_note" not in json.loads(outcome.payload)
    assert not plan.env.recorder.defaults


def test_an_empty_key_cell_answers_an_empty_key(tmp_path: Path) -> None:
    text = "lookups: {units: {key: unit, rows: [{unit: A, fund: FA}, {unit: '', fund: F0}]}}\n"
    assert note(tmp_path, text, "{{ unit | lookup('units', 'fund') }}", unit=None) == "F0"
