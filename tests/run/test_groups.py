"""Rows that are one document: which belong together, and what becomes of a group that is not whole."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from etl.plan.compile import compile_plan
from etl.plan.plan import Plan
from etl.plugin import Problem, Rejected, Source
from etl.problems import DataPlace, MappingPlace
from etl.registry import Registry
from etl.run.build import Builder
from etl.run.groups import Groups
from etl.run.outcomes import SourceRow
from etl.run.pipeline import Delivery, Ran, run
from etl.sinks.files import FilesSink
from etl.spec.load import load
from tests.run.test_pipeline import HEAD, MAPPING, ran

WHOLE = ("A;1;Ett;;10,00;1", "B;1;Två;;10,00;1", "A;1;Ett;;10,00;1", "C-7;1;Tre;;10,00;1")
BROKEN = {
    "A;1;Ett;;10,00;1;9;9": {"A"},
    " b;1;Två;;10,00;1;9": set(),
    "B;1;Två;;10,00;1;9": {"B"},
    "AB;1;Två;;10,00;1;9": set(),
    'D;1;B och C\u20117;;10,00;1;9': {"B", "C-7"},
}
"""A row that cannot be read, and the orders that it may belong to."""


def codes(done: Ran) -> set[str]:
    return {group.examples[0].code for group in done.log.groups()} - {"E558"}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("at", range(5))
def test_a_group_waits_for_a_row_that_cannot_be_read(tmp_path: Path, broken: str, at: int) -> None:
    """Wherever it stands; the orders that are not in it are written."""
    lines = [*WHOLE[:at], broken, *WHOLE[at:]]
    done = ran(tmp_path, "\n".join(lines) + "\n", "group_by: order\n")
    lost = BROKEN[broken]
    rows = sum(line.split(";")[0] in lost for line in WHOLE)
    assert dict(done.report.records) == {
        kind: count for kind, count in (("rejected", 1 + rows), ("written", 4 - rows)) if count
    }
    assert codes(done) == {"E311", *(["E497"] if lost else [])}
    assert done.report.discrepancies() == []


def rejected(raw: bytes) -> Rejected:
    return Rejected(9, (Problem("E311", "one cell too many", data=DataPlace("b.csv", 9)),), raw)


def spoilt(tmp_path: Path, raw: bytes, file: str = "a.csv") -> list[str]:
    """The orders of a.csv that wait for a record of a file that could not be read."""
    groups = Groups(tmp_path, MappingPlace("m.yaml"))
    for order, price in (("X1", "1.50"), ("Y2", "2"), ("Å 3", "3")):
        values = {"order": order, "price": Decimal(price)}
        groups.add((order,), SourceRow(values, "a.csv", 1))
    groups.lost(file, rejected(raw))
    groups.finish()
    return [str(rows[0].values["order"]) for rows in groups.rows() if rows[0].spoilt]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_number_is_found_in_whatever_cannot_be_read(tmp_path: Path, encoding: str) -> None:
    for file in ("a.csv", "b.csv"):
        assert spoilt(tmp_path, "x;Y2;y".encode(encoding), file) == ["Y2"]
        assert spoilt(tmp_path, "x;Å  3;Y23;X1Y2".encode(encoding), file) == ["Å 3"]
        assert spoilt(tmp_path, "x".encode(encoding), file) == []


@pytest.mark.parametrize("raw", [b"", b" \n", b"x" * 100_001])
def test_what_says_nothing_may_belong_to_every_group_of_its_file(tmp_path: Path, raw: bytes) -> None:
    assert spoilt(tmp_path, raw) == ["X1", "Y2", "Å 3"]
    assert spoilt(tmp_path, raw, "b.csv") == []


def test_a_group_by_what_is_nowhere_written_waits_for_every_record_of_its_file(tmp_path: Path) -> None:
    groups = Groups(tmp_path, MappingPlace("m.yaml"))
    groups.add(("1.5",), SourceRow({"price": Decimal("1.50")}, "a.csv", 1))
    groups.lost("a.csv", rejected(b"1,50"))
    groups.finish()
    assert [bool(rows[0].spoilt) for rows in groups.rows()] == [True]


@pytest.mark.parametrize("empty", ["", " ", "\u200b", "\u00a0\u00ad"])
def test_rows_without_what_makes_a_group_are_none(tmp_path: Path, empty: str) -> None:
    text = f"{empty};1;Ett;;10,00;2\n{empty};1;Ett;;10,00;3\nA;1;Ett;;10,00;1\n"
    done = ran(tmp_path, text, "group_by: order\n")
    assert dict(done.report.records) == {"rejected": 2, "written": 1}
    assert codes(done) == {"E478"}


def plan_of(tmp_path: Path, more: str) -> Plan:
    (tmp_path / "m.yaml").write_text(MAPPING + more, encoding="utf-8")
    return compile_plan(load(str(tmp_path / "m.yaml")), Registry.installed(), run_date=date(2024, 3, 11))


ALIKE = [
    ("{{ pris | amount('sv') }}", ["10,00", "10,0", "10", "10:-"], ["10,01", "-10"]),
    ("{{ antal | integer }}", ["2", " 2", "02"], ["20"]),
    ("order", ["BTJ-1 a", "BTJ\u20111  a ", "BTJ-1\u200b a"], ["btj-1 a", "BTJ-1a"]),
    ("{{ antal | yes_no }}", ["ja", "yes", "1"], ["nej"]),
]


@pytest.mark.parametrize(("part", "same", "others"), ALIKE)
def test_what_is_equal_is_one_group(tmp_path: Path, part: str, same: list[str], others: list[str]) -> None:
    plan = plan_of(tmp_path, f"group_by: [{json.dumps(part)}, rad]\n")
    cells = dict.fromkeys(HEAD.strip().split(";"), "")

    def group(cell: str) -> object:
        row = SourceRow({**cells, "pris": cell, "antal": cell, "order": cell, "rad": "1"}, "in.csv", 1)
        return Builder(plan).group(row)

    assert len({group(cell) for cell in same}) == 1
    assert len({group(cell) for cell in (same[0], *others)}) == 1 + len(others)


def test_rows_that_spell_their_order_differently_agree_on_it(tmp_path: Path) -> None:
    done = ran(tmp_path, "A 1;1;Ett;;10,00;1\nA  1;1;Ett;;10,00;1\n", "group_by: order\n")
    assert dict(done.report.records) == {"written": 2}


def test_a_key_that_comes_again_is_told_where_it_stood_first(tmp_path: Path) -> None:
    """Groups are made when all files are read: of which file the first was is not lost by then."""
    plan = plan_of(tmp_path, "group_by: [order, rad, antal]\n")
    sources = []
    for name, antal in (("a.csv", 1), ("b.csv", 2), ("c.csv", 3)):
        data = f"{HEAD}{name};1;x;;1,00;1\nA;1;Ett;;10,00;{antal}\n".encode()
        sources.append(Source(name, partial(io.BytesIO, data), len(data)))
    delivery = Delivery(FilesSink(), FilesSink.Options.model_validate({"directory": "out"}), tmp_path)
    done = run(plan, sources, delivery, tmp_path / "report")
    [group] = [one for one in done.log.groups() if one.examples[0].code == "E480"]
    told = [problem.message for problem in group.examples]
    assert told == ["the same key as record 2 of a.csv: A + 1"] * 2
