"""A mapping and CSV bytes in memory → a finished run."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st

from etl.plan.compile import compile_plan
from etl.plan.plan import Plan
from etl.plugin import Item, Receipt, Sink, SinkOptions
from etl.problems import Problem
from etl.registry import Registry
from etl.run.pipeline import Delivery, run
from etl.run.report import Report
from etl.spec.load import load
from etl.testing.sources import bytes_source

FEW = settings(max_examples=30)
"""A whole run for each example."""

MAPPING = """\
version: 1
name: shop
target: po_line
source:
  connector: csv
  options: {delimiter: ";"}
lookups:
  places:
    rows: {A: {library: MAIN, fund: BOOKS}, B: {library: LAW, fund: LAW}}
    key: place
    on_missing: hold
key: [nr]
when: "{{ copies != '0' }}"
let:
  place_row: "{{ place | lookup('places') }}"
  amount_of_one: "{{ price | amount('sv') }}"
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: SHOP
  vendor_account: SHOP
  price: {sum: "{{ amount_of_one }}", currency: SEK}
  resource_metadata:
    title: "{{ title }}"
    isbn: "{{ isbn | isbn13 }}"
  fund_distribution:
    - fund_code: "{{ place_row.fund }}"
      amount:
        sum: >-
          {{ amount_of_one *
             (copies | integer) }}
        currency: SEK
  note:
    - $if: "{{ note }}"
      note_text: "Note: {{ note }}"
  location:
    - library: "{{ place_row.library }}"
      quantity: "{{ copies | integer }}"
checks:
  - {if: "{{ amount_of_one > 500 }}", hold: "dear"}
"""
COLUMNS = ("nr", "isbn", "title", "copies", "price", "place", "note")


class Collected(Sink):
    """Keeps what it is given."""

    name: ClassVar[str] = "collected"
    keeps: ClassVar[bool] = False
    summary: ClassVar[str] = "for tests"

    def __init__(self) -> None:
        self.items: list[Item] = []

    def deliver(self, items: Iterator[Item], options: Any, base: Path) -> Iterator[Receipt]:
        for item in items:
            self.items.append(item)
            yield Receipt(item.key, "written")


@dataclass(frozen=True)
class Finished:
    """A run: its report, its payloads by file name in their order, and its problems."""

    report: Report
    payloads: dict[str, bytes]
    problems: list[Problem]


def planned(text: str = MAPPING, sample: bytes | None = None) -> Plan:
    """Compile a mapping in memory; it is called shop.yaml."""
    source = bytes_source(sample, "orders.csv") if sample is not None else None
    spec = load("shop.yaml", lambda _name: text.encode())
    return compile_plan(spec, Registry.installed(), run_date=date(2024, 3, 11), samples=[source])


@cache
def plan_once(text: str) -> Plan:
    """A mapping compiled for all examples: their columns are the same."""
    return planned(text, csv_bytes([["1"] * len(COLUMNS)]))


def finished(data: bytes, text: str = MAPPING, plan: Plan | None = None) -> Finished:
    """Run a file through a mapping."""
    sink = Collected()
    with tempfile.TemporaryDirectory() as folder:
        ran = run(
            plan or plan_once(text), [bytes_source(data, "orders.csv")],
            Delivery(sink, SinkOptions(), Path(folder)), Path(folder) / "report",
        )  # fmt: skip
    problems = [problem for group in ran.log.groups() for problem in group.examples]
    return Finished(ran.report, {item.name: item.payload for item in sink.items}, problems)


def csv_bytes(rows: Sequence[Sequence[str]], line_end: str = "\n", bom: bool = False) -> bytes:
    """Rows below the header, every cell quoted: line ends of any kind may stand inside."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([COLUMNS, *rows])
    return (b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode()


def isbn(number: int) -> str:
    """The ISBN of one of a million invented books."""
    body = f"978919{number:06d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


TITLES = st.text(st.sampled_from("abcdeåäöéüÅÄÖñ &-"), min_size=1, max_size=20).filter(str.strip)


@st.composite
def good_rows(draw: st.DrawFn) -> list[list[str]]:
    """Order lines that become payloads or are held, each with a number of its own."""
    numbers = draw(st.lists(st.integers(1, 99_999), unique=True, min_size=1, max_size=12))
    return [
        [
            str(number), isbn(draw(st.integers(0, 999_999))), draw(TITLES), str(draw(st.integers(1, 9))),
            f"{draw(st.integers(0, 900))},{draw(st.integers(0, 99)):02d}", draw(st.sampled_from("AB")), draw(TITLES),
        ]
        for number in numbers
    ]  # fmt: skip


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "0",
            "1",
            "2",
            "A",
            "B",
            "C",
            "9789199999302",
            "91-999993-2-3",
            "19,90",
            "1 249,50 kr",
            "gratis",
            "-1",
        ]
    ),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=6),
)
WILD_ROWS = st.lists(st.lists(CELLS, min_size=len(COLUMNS), max_size=len(COLUMNS)), min_size=1, max_size=15)
