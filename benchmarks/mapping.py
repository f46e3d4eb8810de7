"""Mapping speed beside plain Jinja: `python benchmarks/mapping.py [RECORDS]`.

Both sides fill the same fields from the same rows in one process, in turn, three times; the ratio of the
medians is what to quote. Plain Jinja is one cached `Template.render` per field (text only, no types, no
checks, no document); ours is the whole of `Builder.build`: typed values, filters, the checked document, its
predicted outcome and its canonical bytes. The other figure leaves the document out (`Evaluation` alone).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import jinja2

from etl.plan.compile import compile_plan
from etl.plan.plan import Plan
from etl.registry import Registry
from etl.run.build import Builder, fresh_recorder
from etl.run.evaluate import Evaluation
from etl.run.outcomes import SourceRow
from etl.spec.load import load

MAPPING = """\
version: 1
name: bench
target: po_line
source: {connector: csv}
key: [order, rad]
lookups:
  forms: {key: form, rows: {inb: BOOK, dvd: DVD}}
fields:
  owner: "{{ library }}"
  type: PRINTED_BOOK_OT
  vendor: "{{ supplier }}"
  vendor_account: "{{ konto | account('btj') }}"
  price: {sum: "{{ pris | amount('sv') }}", currency: SEK}
  resource_metadata:
    title: "{{ titel | strip_isbd }}"
    author: "{{ author }}"
    isbn: "{{ isbn | isbn13 }}"
    system_control_number: [{$if: "{{ libris != '' }}", $value: "(SE-LIBR){{ libris }}"}]
  fund_distribution: [{fund_code: B, amount: {sum: "{{ pris | amount('sv') }}", currency: SEK}}]
  note: [{note_text: "Order {{ order }}, rad {{ rad }}"}]
  location: [{library: "{{ library }}", shelving_location: S, quantity: 1}]
  material_type: "{{ form | lookup('forms', 'value') }}"
"""
PLAIN = [
    "{{ library }}",
    "{{ supplier }}",
    "{{ konto }}",
    "{{ pris }}",
    "{{ titel }}",
    "{{ author }}",
    "{{ isbn }}",
    "{% if libris != '' %}(SE-LIBR){{ libris }}{% endif %}",
    "{{ pris }}",
    "Order {{ order }}, rad {{ rad }}",
    "{{ library }}",
    "{{ form }}",
]


def rows(count: int) -> list[SourceRow]:
    return [
        SourceRow(
            {
                "order": f"A{i}",
                "rad": "1",
                "library": "MAIN",
                "supplier": "BTJ",
                "konto": "1234000",
                "pris": f"{100 + i % 300},00",
                "titel": f"Sju nätter på Åland {i} /",
                "author": "Öberg, Åsa",
                "isbn": "978-91-999990-1-2",
                "libris": "8452921" if i % 2 else "",
                "form": "inb",
            },
            "bench.csv",
            i + 1,
        )
        for i in range(count)
    ]


def seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def plan() -> Plan:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.yaml"
        path.write_text(MAPPING, encoding="utf-8")
        return compile_plan(load(str(path)), Registry.installed(), run_date=date(2024, 3, 11))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    source, compiled = rows(count), plan()
    fresh_recorder(compiled)
    builder = Builder(compiled)
    templates = [jinja2.Template(text) for text in PLAIN]

    def plain() -> None:
        for row in source:
            for template in templates:
                template.render(row.values)

    def values() -> None:
        for row in source:
            Evaluation(compiled.env, {**row.values, "row": row.values}).fields(compiled.fields)

    def whole() -> None:
        for row in source:
            builder.build([row])

    taken: dict[str, list[float]] = {"plain Jinja": [], "ours, values": [], "ours, whole": []}
    for _ in range(3):
        for name, work in zip(taken, (plain, values, whole), strict=True):
            taken[name].append(seconds(work))
    base = statistics.median(taken["plain Jinja"])
    print(f"{count} records, 12 templates each; median of 3, in turn")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"  {name:14} {count / median:8,.0f} records/s   {base / median:5.2f} x plain Jinja")


if __name__ == "__main__":
    main()
