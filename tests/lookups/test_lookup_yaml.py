"""YAML tables: text only, two forms, every problem with line and column."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from etl.lookups import Row, Table, row_cells, row_place

Load = Callable[..., Table]
Refuse = Callable[..., list[tuple[str, int | None, str]]]

ROWS = """\
- {code: no, account: 0123, since: 2024-03-11, x: 1_000}
- code: "null"
  account: ~
  since:
  x: "~"
"""


def test_scalars_are_text_and_null_is_none(load: Load) -> None:
    table = load(ROWS, name="t.yaml")
    first, second = table.find(("no",)), table.find(("null",))
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert row_cells(first) == {"code": "no", "account": "0123", "since": "2024-03-11", "x": "1_000"}
    assert row_cells(second) == {"code": "null", "account": None, "since": None, "x": "~"}
    assert row_place(second).line == 2  # type: ignore[union-attr]


def test_a_mapping_of_keys_to_rows(load: Load) -> None:
    table = load("BB: {material: BOOK}\nCD:\n  material: AUDIO\n", "form", name="t.yml")
    row = table.find(("CD",))
    assert table.columns == ("form", "material")
    assert isinstance(row, Row)
    assert row_cells(row) == {"form": "CD", "material": "AUDIO"}


def test_validity_may_be_left_out_of_rows(load: Load) -> None:
    table = load("- {code: A, x: 1}\n- {code: B, x: 2, valid_to: 2024-12-31}\n", name="t.yaml")
    row = table.find(("A",))
    assert isinstance(row, Row)
    assert row["valid_to"] is None


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("", [("E455", 1, "the file holds no rows")]),
        ("text\n", [("E464", 0, '"lookups/t.yaml" is no table with the key "code": look at line 1')]),
        ("[]\n", [("E464", 0, '"lookups/t.yaml" is no table with the key "code"')]),
        ("- {code: A, x: 1\n", [("E452", 1, '"}" is missing: what is opened is not closed')]),
        ("- {code: A}\n- B\n", [("E455", 2, "a row must be a mapping of columns to text")]),
        ("- {code: A, x: [1]}\n", [("E455", 1, 'the cell "x" must be text')]),
        ("- {code: A, [x]: 1}\n", [("E455", 1, "a column name must be text; merge keys are not read")]),
        (
            "- &a {code: A, x: 1}\n- {<<: *a, x: 1}\n",
            [("E455", 2, "a column name must be text; merge keys are not read")],
        ),
        (
            "- code: A\n  x: 1\n  x: 2\n",
            [("E453", 3, 'column "x" stands twice in this row, first on line 2')],
        ),
        (
            "- {code: A, account: 1}\n- {code: B, acount: 2}\n- {code: C}\n",
            [("E454", 2, 'column "acount" is not in the first row'), ("E454", 3, 'the row lacks "account"')],
        ),
        ("A: {x: 1}\nA: {x: 2}\n", [("E457", 2, 'the row of "A" has the same key as the one on line 1')]),
        ("A: {code: B, x: 1}\n", [("E455", 1, 'the row of "A" says code is "B"')]),
        ("A: BOOK\n", [("E464", 0, '"lookups/t.yaml" is no table with the key "code": look at line 1')]),
        ("[a]: {x: 1}\nB: {x: 1}\n", [("E455", 1, "a key must be text")]),
    ],
)
def test_everything_wrong_is_said_with_its_line(refuse: Refuse, text: str, want: list[object]) -> None:
    assert refuse(text, name="t.yaml") == want


def test_keyed_rows_need_a_single_key(refuse: Refuse) -> None:
    found = refuse("A: {x: 1}\n", "code", "x", name="t.yaml")
    assert found == [("E455", 1, "the file maps keys to rows, which needs a key of one column, not 2")]


def test_nesting_without_end_is_a_problem_and_no_crash(refuse: Refuse) -> None:
    [(code, _, message)] = refuse("[" * 20_000, name="t.yaml")
    assert code == "E463"
    assert "nests too deep" in message
