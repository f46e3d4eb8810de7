"""Whatever a file holds: every record comes to one end, and counts, copies and money add up."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from shop import FEW, MAPPING, WILD_ROWS, Finished, csv_bytes, finished

from etl.documents.targets import PoLineTarget

TARGET = PoLineTarget()
GROUPED = MAPPING.replace("key: [nr]", "key: [nr]\ngroup_by: [nr]")


def check(ran: Finished, rows: int) -> None:
    report = ran.report
    assert report.discrepancies() == []
    assert report.read == sum(report.records.values()) == rows
    assert len(ran.payloads) == report.documents["written"]
    copies, money = 0, Counter[str]()
    for payload in ran.payloads.values():
        line = json.loads(payload)
        ordered = sum(place["quantity"] for place in line["location"])
        copies += ordered
        money[line["price"]["currency"]["value"]] += Decimal(line["price"]["sum"]) * ordered  # type: ignore[assignment]
    written = report.sums.get("written")
    assert copies == (written.copies if written else 0)
    assert dict(money) == (dict(written.money) if written else {})


@settings(max_examples=80)
@given(rows=WILD_ROWS)
def test_every_record_comes_to_one_end(rows: list[list[str]]) -> None:
    ran = finished(csv_bytes(rows))
    # A row of nothing but empty cells (Excel leaves them at the end) is no record; the connector counts them in a warning.
    empty = [row for row in rows if not "".join(row).strip()]
    check(ran, ran.report.read)
    assert len(rows) - len(empty) <= ran.report.read <= len(rows)
    if ran.report.read < len(rows):
        assert any(problem.code == "E324" for problem in ran.problems), [
            problem.message for problem in ran.problems
        ]


@FEW
@given(rows=WILD_ROWS, numbers=st.lists(st.sampled_from("123"), min_size=15, max_size=15))
def test_groups_too(rows: list[list[str]], numbers: list[str]) -> None:
    rows = [[number, *row[1:]] for number, row in zip(numbers, rows, strict=False)]
    ran = finished(csv_bytes(rows), GROUPED)
    check(ran, len(rows))
    assert len(ran.payloads) <= len({row[0] for row in rows})


@FEW
@given(rows=WILD_ROWS, cut=st.integers(1, 400))
def test_a_file_cut_short_adds_up(rows: list[list[str]], cut: int) -> None:
    header = csv_bytes([])
    body = csv_bytes(rows)[len(header) :]
    ran = finished(header + body[:cut])
    check(ran, ran.report.read)


@FEW
@given(rows=WILD_ROWS)
def test_payloads_are_stable_under_reload(rows: list[list[str]]) -> None:
    for payload in finished(csv_bytes(rows)).payloads.values():
        document = TARGET.parse(payload)
        assert not isinstance(document, list)
        assert TARGET.payload(document, "json") == payload
        xml = TARGET.parse(TARGET.payload(document, "xml"))
        assert not isinstance(xml, list)
        assert TARGET.payload(xml, "json") == payload
