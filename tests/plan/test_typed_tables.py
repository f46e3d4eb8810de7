"""`columns` of a lookup with types: what a row gives, and what is refused before the first record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.plan.compile import compile_plan
from etl.plan.plan import Plan
from etl.problems import Refusal
from etl.registry import Registry
from etl.run.build import Builder
from etl.run.outcomes import Built, Outcome, SourceRow
from etl.spec.load import load

HEAD = """version: 1
name: tables
target: po_line
source: {connector: csv, path: orders.csv, options: {columns: {order: order, code: code}}}
key: order
let:
  seller: "{{ code | lookup('suppliers') }}"
"""
FIELDS = """fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS-1
  resource_metadata: {title: Vindens öar}
  vendor_note: {$if: "{{ seller.value is not none }}", $value: known}
"""
CELLS: dict[str, list[tuple[str, Any]]] = {
    "text": [("", ""), ("6", "6"), ("ja", "ja")],
    "integer": [("", None), ("3", 3), ("007", 7)],
    "decimal": [("", None), ("2.50", Decimal("2.50"))],
    "percent": [("", None), ("6", Decimal(6)), ("6 %", Decimal(6)), ("12.5", Decimal("12.5")), ("6,5", Decimal("6.5"))],
    "yes_no": [("", None), ("ja", True), ("no", False), ("1", True)],
    "date": [("", None), ("2024-03-11", date(2024, 3, 11))],
}
WRONG = {
    "integer": ["x", "2.0", "1 000"],
    "decimal": ["2,50", "x"],
    "percent": ["6.5.0", "101", "moms"],
    "yes_no": ["kanske", "2"],
    "date": ["11.03.2024", "2024-02-30"],
}


def plan_of(tmp_path: Path, kind: str, cell: str, more: str = "", fields: str = FIELDS) -> Plan:
    (tmp_path / "suppliers.csv").write_text(f"code;value\nA;{cell}\n", encoding="utf-8")
    table = f"lookups:\n  suppliers: {{file: suppliers.csv, key: code, columns: {{value: {kind}}}{more}}}\n"
    (tmp_path / "mapping.yaml").write_text(HEAD + fields + table, encoding="utf-8")
    return compile_plan(
        load(str(tmp_path / "mapping.yaml")), Registry.installed(), run_date=date(2024, 3, 11)
    )


def mapped(plan: Plan, code: str) -> Outcome:
    return Builder(plan).build([SourceRow({"order": "1", "code": code}, "orders.csv", 1, 2)])


@pytest.mark.parametrize(("kind", "cell", "want"), [(kind, *one) for kind in CELLS for one in CELLS[kind]])
def test_a_cell_is_what_its_column_is(tmp_path: Path, kind: str, cell: str, want: Any) -> None:
    plan = plan_of(tmp_path, kind, cell)
    row = plan.tables["suppliers"].find(("A",))
    assert row["value"] == want
    assert type(row["value"]) is type(want)


@pytest.mark.parametrize(("kind", "cell"), [(kind, cell) for kind in WRONG for cell in WRONG[kind]])
def test_a_cell_that_is_not_is_refused_at_its_line(tmp_path: Path, kind: str, cell: str) -> None:
    with pytest.raises(Refusal) as refused:
        plan_of(tmp_path, kind, cell)
    [problem] = refused.value.problems
    assert problem.code == "E465"
    assert problem.mapping is not None
    assert problem.mapping.line == 2
    assert problem.mapping.file.endswith("suppliers.csv")


@pytest.mark.parametrize("kind", WRONG)
def test_the_row_that_stands_in_for_a_miss_is_read_too(tmp_path: Path, kind: str) -> None:
    cell, want = CELLS[kind][1]
    plan = plan_of(tmp_path, kind, cell, f', on_missing: {{value: "{cell}"}}')
    trace: dict[Any, Any] = {}
    Builder(plan).build([SourceRow({"order": "1", "code": "B"}, "orders.csv", 1, 2)], trace)
    assert trace["let", "seller"].value["value"] == want
    with pytest.raises(Refusal, match="column"):
        plan_of(tmp_path, kind, cell, f', on_missing: {{value: "{WRONG[kind][0]}"}}')


def test_the_type_is_known_before_the_first_record(tmp_path: Path) -> None:
    note = '  receiving_note: {$if: "{{ seller.value > 5 }}", $value: dear}\n'
    assert isinstance(mapped(plan_of(tmp_path, "percent", "6", fields=FIELDS + note), "A"), Built)
    with pytest.raises(Refusal) as refused:
        plan_of(tmp_path, "text", "6", fields=FIELDS + note)
    assert [one.code for one in refused.value.problems] == ["E240"]


def test_a_type_that_is_none_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        plan_of(tmp_path, "procent", "6")
    [problem] = refused.value.problems
    assert problem.mapping is not None
    assert problem.mapping.line == 16
    assert "percent" in f"{problem.message} {problem.help}"
