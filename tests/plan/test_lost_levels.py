"""Levels that could say nothing, and inner names that nobody reads: refused before a weaker level speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.cli.main import run_cli
from tests.plan.test_shapes import FIELDS, plan_of, refused

TABLES = """lookups:
  units: {key: unit, columns: [fund, owner], rows: [{unit: A, fund: FA, owner: LAW}]}
  bare: {key: unit, rows: [{unit: A, fund: FA}]}
parameters: {fund: {default: FP}}
"""
LETS = """let:
  unit_row: "{{ unit | lookup('units') }}"
  bare_row: "{{ unit | lookup('bare') }}"
  word: "{{ unit }}"
"""
READ = FIELDS + '  receiving_note: "{{ bare_row.fund }} {{ word }} {{ unit_row.fund }}"\n'
SOUND = ("unit_row", "parameters")
LOST = {
    "unit_rwo": 'did you mean "unit_row"?',
    "Unit_row": 'did you mean "unit_row"?',
    "paramters": 'did you mean "parameters"?',
    "zzz": "leave the level out",
    "bare_row": "list them under  columns:",
    "word": "list them under  columns:",
}


def levels(*names: str) -> str:
    return f"levels: {{{', '.join(f'l{at}: {name}' for at, name in enumerate(names))}}}\n"


@pytest.mark.parametrize("other", SOUND)
@pytest.mark.parametrize("name", LOST)
def test_a_level_that_could_say_nothing_is_refused_at_its_place(
    tmp_path: Path, name: str, other: str
) -> None:
    fields = READ + "  vendor_note: {$level: fund}\n"
    (one,) = refused(tmp_path, TABLES + levels(name, other) + LETS, fields)
    assert one.mapping is not None
    assert (one.code, one.mapping.path) == ("E252", "levels.l0")
    assert f'"{name}"' in one.message
    assert LOST[name] in (one.help or "")


@pytest.mark.parametrize("name", LOST)
def test_it_is_no_matter_where_nobody_asks_it(tmp_path: Path, name: str) -> None:
    plan_of(tmp_path, TABLES + levels(name, "parameters") + LETS, READ)
    plan_of(
        tmp_path, TABLES + levels(name, "parameters") + LETS, READ + "  vendor_note: {$level: fund, l0: x}\n"
    )


def test_a_row_of_a_loop_is_a_level_where_it_is_in_sight(tmp_path: Path) -> None:
    place = "{$let: {known: \"{{ spot | lookup('units') }}\"}, library: {$level: owner}, quantity: 1}"
    text = TABLES + "levels: {line: known, base: unit_row}\n"
    fields = f'{FIELDS}  location: [{{$for: "spot in [unit]", $include: place}}]\n'
    plan_of(tmp_path, f"{text}{LETS}fragments: {{place: {place}}}\n", fields + READ.removeprefix(FIELDS))


def test_a_fragment_that_is_not_included_makes_its_names(tmp_path: Path) -> None:
    place = (
        "fragments: {place: {$let: {known: \"{{ unit | lookup('units') }}\"}, library: {$level: owner}}}\n"
    )
    plan_of(
        tmp_path,
        TABLES + levels("known", "unit_row") + LETS + place,
        READ + "  vendor_note: {$level: fund}\n",
    )


BASE = """levels: {line: unit_row, global: parameters}
parameters: {fund: {default: FP}}
fields: {vendor_note: {$level: fund}}
"""


def test_of_a_base_alone_it_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "_base.yaml").write_text(BASE, encoding="utf-8")
    assert run_cli(["check", str(tmp_path / "_base.yaml")]) == 0
    told = capsys.readouterr().err
    assert "warning[E252]" in told
    assert "error" not in told


def test_a_child_that_does_not_give_the_row_is_told(tmp_path: Path) -> None:
    (tmp_path / "_base.yaml").write_text(BASE, encoding="utf-8")
    (one,) = refused(tmp_path, "extends: _base.yaml\n")
    assert (one.code, Path(one.mapping.file).name if one.mapping else "") == ("E252", "_base.yaml")
    row = "lookups: {units: {key: unit, columns: [fund], rows: [{unit: A, fund: FA}]}}\n"
    plan_of(tmp_path, f"extends: _base.yaml\n{row}let: {{unit_row: \"{{{{ unit | lookup('units') }}}}\"}}\n")


# ------------------------------------------------------------------------------------ inner names

INNER = {
    "a field": '  vendor_note: {$let: {z: "{{ unit }}"}, $value: "%s"}\n',
    "a group": '  note: [{$let: {z: "{{ unit }}"}, note_text: "%s"}]\n',
    "a loop": '  note: [{$for: "one in [unit]", $let: {z: "{{ one }}"}, note_text: "%s"}]\n',
    "a choice": '  vendor_note: {$first: [{$let: {z: "{{ unit }}"}, $value: "%s"}, b]}\n',
    "a condition": '  vendor_note: {$let: {z: "{{ unit }}"}, $if: "{{ order == \'%s\' }}", $value: a}\n',
}


@pytest.mark.parametrize("where", INNER)
def test_an_inner_name_that_nothing_reads_is_told(tmp_path: Path, where: str) -> None:
    (one,) = refused(tmp_path, "", FIELDS + INNER[where] % "a")
    assert (one.code, one.message) == ("E223", '"z" in $let is never used')
    read = "' ~ z ~ '" if where == "a condition" else "{{ z }}"
    plan_of(tmp_path, "", FIELDS + INNER[where] % read)


def test_it_is_read_by_its_neighbours_and_of_a_name_elsewhere_it_is_not(tmp_path: Path) -> None:
    plan_of(
        tmp_path, "", FIELDS + '  vendor_note: {$let: {y: "{{ unit }}", z: "{{ y }}"}, $value: "{{ z }}"}\n'
    )
    beside = '  receiving_note: {$let: {z: "{{ order }}"}, $value: "{{ z }}"}\n'
    (one,) = refused(tmp_path, "", FIELDS + INNER["a field"] % "a" + beside)
    assert (one.code, one.help) == ("E223", "leave it out")


def test_a_fragment_that_is_read_once_is_read(tmp_path: Path) -> None:
    place = 'fragments: {place: {$let: {z: "{{ unit }}"}, note_text: "{{ z }}"}}\n'
    fields = FIELDS + "  note: [{$include: place}, {$include: place, note_text: a}]\n"
    plan_of(tmp_path, place, fields)
    (one,) = refused(tmp_path, place, FIELDS + "  note: [{$include: place, note_text: a}]\n")
    assert one.code == "E223"
