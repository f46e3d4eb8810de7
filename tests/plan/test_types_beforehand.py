"""What can never be right → refused before the first record, at its place, wherever in the mapping it is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from etl.plan.compile import compile_plan
from etl.problems import Refusal
from etl.registry import Registry
from etl.spec.load import load
from tests.plan.test_shapes import FIELDS

HEAD = """version: 1
name: types
target: po_line
source:
  connector: marc
  path: orders.mrc
  options: {columns: {order: 001, n: "949$n", many: "949$b[]"}}
key: order
parameters: {library: {default: MAIN, help: the library}}
lookups:
  t: {key: code, columns: [library, fund], rows: [{code: a, library: B, fund: C}]}
  pairs: {key: [code, part], columns: [fund], rows: [{code: a, part: b, fund: C}]}
levels: {line: known, table: seller}
"""
PLACES = {
    "when": ('when: "{{ %s }}"\n', ""),
    "a check": ('checks: [{if: "{{ %s }}", hold: "too many"}]\n', ""),
    "a message": ('checks: [{if: "{{ n == order }}", hold: "{{ %s }}"}]\n', ""),
    "the identity": ('identity: {title: "{{ %s }}"}\n', ""),
    "another order": ('identity: {another: "{{ %s }}"}\n', ""),
    "a part of the key": ("", 'key: ["{{ %s }}", order]\n'),
    "let": ('let: {x: "{{ %s }}"}\n', "  vendor_note: \"{{ 'a' if x is none else 'b' }}\"\n"),
    "a field": ("", '  vendor_note: "{{ %s }}"\n'),
    "$if": ("", '  vendor_note: {$if: "{{ %s }}", $value: a}\n'),
    "$let": ("", '  vendor_note: {$let: {y: "{{ %s }}"}, $if: "{{ y is none }}", $value: a}\n'),
    "$let of a let": (
        'let: {x: {$let: {y: "{{ %s }}"}, z: "{{ y is none }}"}}\n',
        "  vendor_note: \"{{ 'a' if x.z else 'b' }}\"\n",
    ),
    "$first": ("", '  vendor_note: {$first: ["{{ n }}", "{{ %s }}"]}\n'),
    "a level": (
        "let: {known: \"{{ n | lookup('t') }}\", seller: \"{{ order | lookup('t') }}\"}\n",
        '  vendor_note: {$level: fund, table: "{{ %s }}"}\n',
    ),
    "a loop": ("", '  note: [{$for: "one in [%s]", note_text: "{{ order }}"}]\n'),
    "in a loop": ("", '  note: [{$for: one in many, note_text: "{{ %s }}"}]\n'),
}
SLIPS = {
    "n > 20": ("E240", "n > 20"),
    "n > '20'": ("E240", "n > '20'"),
    "'2,50' >= n": ("E240", "'2,50' >= n"),
    "(n | integer) > '20'": ("E240", "(n | integer) > '20'"),
    "(n | integer) == '20'": ("E240", "(n | integer) == '20'"),
    "(n | integer) in ['1', '2']": ("E240", "(n | integer) in ['1', '2']"),
    "n * 2 == 4": ("E240", "n * 2"),
    "n + order == '3'": ("E240", "n + order"),
    "'BOK-' + n": ("E240", "'BOK-' + n"),
    "n > order": ("E240", "n > order"),
    "n >= '2024-03-11'": ("E240", "n >= '2024-03-11'"),
    "n < '1 000 kr'": ("E240", "n < '1 000 kr'"),
    "n in [2, 3]": ("E240", "n in [2, 3]"),
    "[n, order] | select('gt', order)": ("E240", "[n, order] | select('gt', order)"),
    "[n, order] | max | integer": ("E240", "[n, order] | max | integer"),
    "[n, order] | sort | last | amount('sv')": ("E240", "[n, order] | sort | last | amount('sv')"),
    "([{'a': n}] | sort(attribute='a') | last).a | decimal": (
        "E240",
        "([{'a': n}] | sort(attribute='a') | last).a | decimal",
    ),
    "[n, order] | sum": ("E240", "[n, order] | sum"),
    "[true, true] | sum": ("E240", "[true, true] | sum"),
    "true + 1": ("E240", "true + 1"),
    "('J' | yes_no) == 1": ("E240", "('J' | yes_no) == 1"),
    "-(n | yes_no)": ("E240", "-(n | yes_no)"),
    "run_date > '2024-03-11'": ("E240", "run_date > '2024-03-11'"),
    "(n | integer or 1) == n": ("E241", "n | integer"),
    "n and n | integer": ("E241", "n | integer"),
    "not many": ("E241", "many"),
    "'a' if n | integer else 'b'": ("E241", "n | integer"),
    "'a' if n | lookup('t') else 'b'": ("E249", "lookup"),
    "(n | integer | default(1, true)) is none": ("E241", "n | integer | default(1, true)"),
    "row['nn']": ("E221", "nn"),
    "row.nn": ("E221", "nn"),
    "row.get('nn')": ("E221", "nn"),
    "nn": ("E221", "nn"),
    "(n | lookup('t')).libary": ("E224", "libary"),
    "(n | lookup('t'))['libary']": ("E224", "libary"),
    "parameters.libary": ("E231", "libary"),
    "parameters['libary']": ("E231", "libary"),
    "[n | lookup('t')] | map(attribute='libary') | first": ("E224", "libary"),
    "([{'a': n}] | selectattr('b') | first).a": ("E242", "b"),
    "[n] | select('valid_isbn') | first": ("E213", "select"),
    "[n] | map('upercase') | first": ("E213", "map"),
    "n | integer | isbn13": ("E243", "n | integer | isbn13"),
    "many | squeeze": ("E243", "many | squeeze"),
    "n.library": ("E244", "library"),
    "many.library": ("E244", "library"),
    "[n, order] | lookup('t', 'fund')": ("E482", "[n, order] | lookup('t', 'fund')"),
    "(n | lookup('pairs')).fund": ("E482", "n | lookup('pairs')"),
    "[many] | map('length') | map('lookup', 'pairs') | list": ("E482", "[many] | map('length') | map('lookup', 'pairs')"),
    "n | lookup('t', 'fund', on=order)": ("E482", "n | lookup('t', 'fund', on=order)"),
    "n | lookup('t', 'fund', n | integer)": ("E482", "n | lookup('t', 'fund', n | integer)"),
    "{'a': many, 'b': n} | side_by_side": ("E243", "{'a': many, 'b': n} | side_by_side"),
    "({'a': many} | side_by_side | first).b": ("E242", "b"),
    "'a' if n else n | lookup('t', 'fund')": ("E249", "lookup"),
    "n or (n | lookup('t', 'fund'))": ("E249", "lookup"),
    "row.get('n', '1')": ("E249", "'1'"),
}


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("group", [("E213",), ("E249",), ("E22", "E23", "E24", "E48")], ids="-".join)
def test_slips_are_found_at_their_place(tmp_path: Path, where: str, group: tuple[str, ...]) -> None:
    """All slips that are found at one stage, in one template."""
    slips = {slip: told for slip, told in SLIPS.items() if told[0].startswith(group)}
    if group != ("E249",):
        slips = {slip: told for slip, told in slips.items() if told[0] != "E249"}
    before, behind = (part.replace("%s", f"[{', '.join(slips)}] | length > 0") for part in PLACES[where])
    head = HEAD.replace("key: order\n", behind) if behind.startswith("key") else HEAD
    text = head + FIELDS + ("" if behind.startswith("key") else behind) + before
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    assert refused(tmp_path / "m.yaml") == [(code, part, True) for code, part in slips.values()]


SHAPES = """let:
  known: "{{ n | lookup('t') }}"
  seller: {$first: ["{{ order | lookup('t') }}", "{{ n | lookup('t') }}"]}
  fund: {$level: fund}
  shares: "{{ 10 | share_out([1, 2], many) }}"
  base: {copies: "{{ n | integer }}", place: {library: "{{ known.library }}", desk: A}}
  spots:
    - $for: one in many
      $let: {copies: "{{ loop.index }}"}
      $if: "{{ one != 'x' }}"
      library: "{{ one }}"
      copies: "{{ copies + 1 }}"
    - {library: MAIN, copies: "{{ 1 }}"}
  texts: [{$for: one in many, $value: "{{ one }}"}, a]
  asked: "{{ [%s] | length }}"
"""
MEMBERS = {
    "known.library": ("library", "E224"),
    "seller.fund": ("fund", "E224"),
    "seller['fund']": ("fund", "E224"),
    "base.copies > 1": ("copies", "E242"),
    "base.place.library ~ ''": ("library", "E242"),
    "spots[0].library ~ spots[-1]['copies']": ("library", "E242"),
    "spots | map(attribute='copies') | sum > 3": ("copies", "E242"),
    "spots | selectattr('copies', 'gt', 1) | list": ("copies", "E242"),
    "spots | rejectattr('library') | list": ("library", "E242"),
    "(spots | sort(attribute='copies') | first).library": ("copies", "E242"),
    "(shares | first).amount > 1.5": ("amount", "E242"),
    "texts | join(', ') ~ fund": ("", ""),
    "(fund or texts | first or seller.library) == 'A'": ("library", "E224"),
    "spots | groupby('library') | length": ("library", "E242"),
    "spots | join(', ', attribute='library')": ("library", "E242"),
}


def test_members_of_groups_lists_and_rows_are_known(tmp_path: Path) -> None:
    """As they are written all is well; with one letter wrong each is found."""

    def found(expressions: Iterable[str]) -> list[tuple[str, str, bool]]:
        fields = '  vendor_note: "{{ asked }}"\n  receiving_note: "{{ base.copies }}"\n'
        text = HEAD + FIELDS + fields + SHAPES % ", ".join(expressions)
        (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
        return refused(tmp_path / "m.yaml")

    assert found(MEMBERS) == []
    slips = [one.replace(name, f"{name}x") if name else one for one, (name, _) in MEMBERS.items()]
    assert found(slips) == [(code, f"{name}x", True) for name, code in MEMBERS.values() if name]


def refused(mapping: Path) -> list[tuple[str, str, bool]]:
    """Of each problem: its code, the text at its place, and whether it says what to write."""
    try:
        compile_plan(load(str(mapping)), Registry.installed(), run_date=date(2024, 3, 11))
    except Refusal as refusal:
        places = [(one, one.mapping) for one in refusal.problems if one.mapping is not None]
        lines = mapping.read_text(encoding="utf-8").splitlines()
        return [
            (one.code, lines[at.line - 1][at.column - 1 :][: at.length], bool(one.help))
            for one, at in sorted(places, key=lambda found: (found[1].line, found[1].column))
        ]
    return []


def test_what_reads_a_name_that_failed_is_not_blamed(tmp_path: Path) -> None:
    """One slip, one problem: the type of what could not be compiled is not known."""
    text = """version: 1
name: c
target: po_line
source: {connector: csv, path: c.csv}
key: order
let:
  each: "{{ price | amont('sv') }}"
  total: "{{ each * 2 / 100 }}"
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  resource_metadata: {title: T}
  price: {sum: "{{ total }}", currency: SEK}
"""
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        compile_plan(load(str(tmp_path / "c.yaml")), Registry.installed(), run_date=date(2024, 3, 11))
    assert [problem.code for problem in refused.value.problems] == ["E213"]


@pytest.mark.parametrize("turn", ["loop.index0", "loop.index", "loop.index - 1", "loop.index0 + 1"])
def test_a_list_is_not_read_by_the_turn_of_another(tmp_path: Path, turn: str) -> None:
    """In `let` and in `fields`; the turn itself may be read."""
    slip = f"many[{turn}]"
    for fields, let in (
        (f'  note: [{{$for: one in many, note_text: "{{{{ {slip} }}}}"}}]\n', ""),
        ('  vendor_note: "{{ x | join }}"\n', f'let: {{x: [{{$for: one in many, $value: "{{{{ {slip} }}}}"}}]}}\n'),
    ):
        (tmp_path / "m.yaml").write_text(HEAD + FIELDS + fields + let, encoding="utf-8")
        assert refused(tmp_path / "m.yaml") == [("E495", slip, True)]
        alone = (fields + let).replace(slip, "loop.index ~ one")
        (tmp_path / "m.yaml").write_text(HEAD + FIELDS + alone, encoding="utf-8")
        assert refused(tmp_path / "m.yaml") == []
