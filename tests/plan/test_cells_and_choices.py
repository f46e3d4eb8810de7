"""What a csv file tells of its columns, and what stands for one another: known before the first record."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pytest

from etl.plan.compile import compile_plan
from etl.plugin import Source
from etl.problems import Problem, Refusal
from etl.registry import Registry
from etl.spec.load import load

HEAD = """version: 1
name: cells
target: po_line
source: {connector: csv, path: cells.csv}
key: order
lookups: {t: {key: code, columns: [library, fund], rows: [{code: a, library: B, fund: C}]}}
"""
FIELDS = """fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  resource_metadata: {title: "{{ title }}"}
  price: {sum: "{{ price | decimal }}", currency: SEK}
"""
COLUMNS = ("order", "title", "isbn", "price", "copies", "fund1")


def told(tmp_path: Path, more: str) -> list[Problem]:
    """The problems of a mapping whose file has these columns."""
    data = tmp_path / "cells.csv"
    data.write_text(",".join(COLUMNS) + "\n1,T,,2.50,3,F\n", encoding="utf-8")
    (tmp_path / "m.yaml").write_text(HEAD + FIELDS + more, encoding="utf-8")
    spec = load(str(tmp_path / "m.yaml"))
    samples = (Source("cells.csv", lambda: data.open("rb")),)
    try:
        compile_plan(spec, Registry.installed(), run_date=date(2024, 3, 11), samples=samples)
    except Refusal as refusal:
        return [one for one in refusal.problems if one.code not in ("E553", "E558")]
    return []


def codes(tmp_path: Path, more: str) -> list[str]:
    return [one.code for one in told(tmp_path, more)]


def check(expression: str) -> str:
    return f'checks: [{{if: "{{{{ {expression} }}}}", hold: a}}]\n'


# --------------------------------------------------------------------------------------- cells are never null

CELLS = ("isbn", "row.isbn", "row['isbn']", "row.get('isbn')", "alias", "group.isbn")
ASKED = ("{} is none", "{} is not none", "{} == none", "none != {}", "[{}] | reject('none') | length > 0")
ALIAS = 'let: {alias: "{{ isbn }}", group: {isbn: "{{ isbn }}"}, spare: "{{ alias ~ group.isbn }}"}\n'


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_not_asked_whether_it_is_null(tmp_path: Path, cell: str, asked: str) -> None:
    (one,) = told(tmp_path, ALIAS + check(f"{asked.format(cell)} and spare"))
    assert one.code == "E247"
    assert (f"not {cell} " if "reject" not in asked else "| select ") in (one.help or "")


@pytest.mark.parametrize(
    "expression",
    [
        *("(isbn | integer) is none", "(isbn | lookup('t')) is none", "(isbn | lookup('t')).fund is none"),
        *("([isbn] | select | first) is none", "(isbn if price else none) is none", "isbn == ''", "not isbn"),
    ],
)
def test_what_may_be_null_may_be_asked(tmp_path: Path, expression: str) -> None:
    assert codes(tmp_path, check(expression)) == []


# ----------------------------------------------------------------------------------- columns that may be lacking

LACKING = ("{} | default('x') == 'x'", "row.{} | default('x') == 'x'", "row['{}'] is defined", "'{}' in row")


def _slips(name: str) -> list[str]:
    """A letter dropped, doubled, put in the wrong place, and another case."""
    middle = len(name) // 2
    return [
        name[:middle] + name[middle + 1 :],
        name[:middle] + name[middle] + name[middle:],
        name[: middle - 1] + name[middle] + name[middle - 1] + name[middle + 1 :],
        name.upper(),
    ]


@pytest.mark.parametrize("asked", LACKING)
def test_a_misspelt_column_gets_no_default(tmp_path: Path, asked: str) -> None:
    slips = [slip for name in ("title", "copies", "price", "order") for slip in _slips(name)]
    for slip in (one for one in slips if one not in COLUMNS):
        found = told(tmp_path, check(asked.format(slip)))
        if slip.isupper() or len(slip) > 5:
            assert [one.code for one in found] == ["E221"], slip
            assert "did you mean" in (found[0].help or "")


@pytest.mark.parametrize("asked", LACKING)
@pytest.mark.parametrize("name", ["fund2", "fund", "currency", "discount", "isbn2"])
def test_another_column_may_be_lacking(tmp_path: Path, asked: str, name: str) -> None:
    assert codes(tmp_path, check(asked.format(name))) == []


# ------------------------------------------------------------------------------------------ one type for them all

NUMBER, ANSWER, DAY, TEXT = "copies | integer", "price == 'x'", "isbn | date('iso')", "title"
SHAPES = {
    "$first": 'let: {{x: {{$first: ["{{{{ {0} }}}}", {1}]}}}}\n',
    "$first of groups": 'let: {{x: {{$first: [{{a: "{{{{ {0} }}}}"}}, {{a: {1}}}]}}}}\n',
    "a list": 'let: {{x: ["{{{{ {0} }}}}", {1}]}}\n',
    "groups in a list": 'let: {{x: [{{a: "{{{{ {0} }}}}"}}, {{a: {1}}}]}}\n',
    "loops in a list": 'let: {{x: [{{$for: "y in [1]", a: "{{{{ {0} }}}}"}}, {{a: {1}}}]}}\n',
    "$let": 'let: {{x: {{$let: {{y: {{$first: ["{{{{ {0} }}}}", {1}]}}}}, a: "{{{{ y }}}}"}}}}\n',
}


@pytest.mark.parametrize("shape", SHAPES)
def test_choices_and_members_have_one_type(tmp_path: Path, shape: str) -> None:
    def found(one: str, other: str) -> list[str]:
        return codes(tmp_path, SHAPES[shape].format(one, other) + check("x is none"))

    for one, constant in ((NUMBER, "1"), (ANSWER, "true"), (DAY, "2024-03-11")):
        (problem,) = told(tmp_path, SHAPES[shape].format(one, constant) + check("x is none"))
        assert problem.code == ("E504" if one == ANSWER else "E248")  # true without quotes is no text
        assert (f'"{{{{ {constant} }}}}"' in (problem.help or "")) == (one != DAY)
        assert found(one, '"{{ none }}"') == []
    for one in (NUMBER, ANSWER, DAY, TEXT):
        for other in (NUMBER, ANSWER, DAY, TEXT):
            assert found(one, f'"{{{{ {other} }}}}"') == ([] if one == other else ["E248"]), (one, other)
    assert found(TEXT, "1") == []
    assert found(NUMBER, '"{{ price | decimal }}"') == []


def test_levels_of_one_column_have_one_type(tmp_path: Path) -> None:
    tables = (
        "lookups:\n  a: {key: k, columns: {vat: %s}, rows: [{k: x, vat: '%s'}]}\n"
        "  b: {key: k, columns: {vat: percent}, rows: [{k: x, vat: '6'}]}\n"
    )
    rest = (
        "levels: {line: one, base: other}\n"
        "let: {one: \"{{ title | lookup('a') }}\", other: \"{{ title | lookup('b') }}\", x: {$level: vat}}\n"
    )
    head = HEAD.rpartition("lookups")[0]
    for kind, expected in (("percent", []), ("integer", []), ("text", ["E248"]), ("yes_no", ["E248"])):
        lookups = tables % (kind, "ja" if kind == "yes_no" else "6")
        (tmp_path / "m.yaml").write_text(
            head + lookups + rest + FIELDS + check("x is none"), encoding="utf-8"
        )
        problems: list[Problem] = []
        try:
            compile_plan(load(str(tmp_path / "m.yaml")), Registry.installed(), run_date=date(2024, 3, 11))
        except Refusal as refusal:
            problems = list(refusal.problems)
        assert [one.code for one in problems] == expected, kind


def test_the_target_converts_constants_among_choices(tmp_path: Path) -> None:
    more = '  location: [{library: MAIN, quantity: {$first: ["{{ copies | integer }}", 1]}}]\n'
    assert codes(tmp_path, more) == []


@pytest.mark.parametrize(("constant", "written"), [("20", '"{{ 20 }}"'), ("2.50", '"{{ 2.50 }}"')])
def test_a_constant_that_is_compared_with_a_number_is_shown_as_a_template(
    tmp_path: Path, constant: str, written: str
) -> None:
    (one,) = told(tmp_path, f"let: {{limit: {constant}}}\n" + check("(price | decimal) > limit"))
    assert (one.code, written in (one.help or "")) == ("E240", True)


# -------------------------------------------------------------------------------------- one slip, one problem

UNREAD = ("price | amont", "price | amount(kr='x', sv=1)", "price “x", "price > 1000,05")
BROKEN = (*UNREAD, "price * 2", "titel")
READERS = (
    'let: {{x: "{{{{ {0} }}}}", y: "{{{{ x * 2 / 100 }}}}", z: "{{{{ y > 3 }}}}"}}\n',
    'let: {{x: {{a: "{{{{ {0} }}}}"}}, z: "{{{{ x.a * 2 > 3 and x.a.b == 1 }}}}"}}\n',
    'let: {{x: {{$first: ["{{{{ {0} }}}}", "{{{{ 1 }}}}"]}}, z: "{{{{ x > 3 }}}}"}}\n',
    'let: {{x: {{$let: {{q: "{{{{ {0} }}}}"}}, r: "{{{{ q * 2 }}}}"}}, z: "{{{{ x.r > 3 }}}}"}}\n',
    'let: {{x: [{{$for: "p in {0}", a: "{{{{ p.a * loop.index }}}}"}}], z: "{{{{ x[0].a > 3 }}}}"}}\n',
)
LEVELS = """levels: {{line: x}}
let: {{x: "{{{{ {0} }}}}", y: {{$level: fund}}, z: "{{{{ y == 'a' }}}}"}}
"""


@pytest.mark.parametrize(
    ("reader", "broken"), [*itertools.product(READERS, BROKEN), *((LEVELS, one) for one in UNREAD)]
)
def test_what_reads_a_broken_name_is_not_blamed(tmp_path: Path, reader: str, broken: str) -> None:
    found = told(tmp_path, reader.format(broken) + check("z"))
    assert len(found) == 1, found
