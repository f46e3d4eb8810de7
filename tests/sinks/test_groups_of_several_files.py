"""An order whose rows stand in several files is known by the rows of each."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from json import dumps, loads
from pathlib import Path

import pytest
from alma_orders import Desk, at_simulator

from etl.identity import RecordOrigin, RecordPlaces, origin_of
from etl.plan.compile import compile_plan
from etl.plugin import Source
from etl.registry import Registry
from etl.run.pipeline import Delivery, run
from etl.sinks.alma import AlmaSink
from etl.spec.load import load

MAPPING = """\
version: 1
name: several
target: po_line
source: {connector: csv, options: {delimiter: ';'}}
key: [KEY]
group_by: [order]
fields:
  owner: HBG
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS
  price: {sum: '249.00', currency: SEK}
  resource_metadata: {title: "{{ title }}"}
  fund_distribution: [{fund_code: BOCKER, amount: {sum: "{{ 249 * rows | length }}", currency: SEK}}]
  location: [{library: HBG, shelving_location: VUXEN, quantity: "{{ rows | length }}"}]
"""
HEAD = "order;other;title;branch\n"
FIRST = HEAD + "7000;A;Ett;BARN\n"
SECOND = HEAD + "7100;C;Tre;HBG\n7000;A;Ett;VUXEN\n"


def ran(desk: Desk, key: str, **files: str) -> dict[str, int]:
    """Documents by outcome."""
    (desk.folder / "m.yaml").write_text(MAPPING.replace("KEY", key), encoding="utf-8")
    sources = []
    for name, text in files.items():
        path = desk.folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        sources.append(Source(path.name, lambda path=path: path.open("rb"), path.stat().st_size))  # type: ignore[misc]
    plan = compile_plan(
        load(str(desk.folder / "m.yaml")), Registry.installed(), run_date=date(2024, 3, 11), samples=sources
    )
    report = run(
        plan, sources, Delivery(AlmaSink(), desk.options(), desk.folder), desk.folder / "report"
    ).report
    return dict(report.documents)


@pytest.mark.parametrize("again", [{"first": FIRST}, {"second": SECOND}, {"renamed": SECOND}])
def test_each_file_that_comes_again_is_known(again: dict[str, str], tmp_path: Path) -> None:
    """By the record alone: the key is another, and the order has no reference."""
    with at_simulator(tmp_path) as desk:
        assert ran(desk, "order", first=FIRST, second=SECOND) == {"posted": 2}
        mapping = "other, title"
        orders = len(next(iter(again.values())).splitlines()) - 1
        assert ran(desk, mapping, **again) == {"held": orders}
        assert len(desk.held()) == 2


def test_another_file_with_other_bytes_is_another(tmp_path: Path) -> None:
    with at_simulator(tmp_path) as desk:
        assert ran(desk, "order", first=FIRST, second=SECOND) == {"posted": 2}
        assert ran(desk, "other, title", third=HEAD + "7200;D;Fyra;HBG\n7300;E;Fem;HBG\n") == {"posted": 2}


def test_where_rows_stood_is_read_back_as_it_was_written() -> None:

    also = (RecordPlaces("b" * 64, "b.csv", 2, ((3, 0), (3, 1))),)
    origin = RecordOrigin("a" * 64, "a.csv", 1, ((1, 0),), "[]", 2, None, "m", "2024-03-11", also=also)
    assert origin_of(loads(dumps(asdict(origin)))) == origin
    assert [one.file for one in origin.places] == ["a.csv", "b.csv"]
