"""A number → a vendor's file of invented orders and a mapping that posts them.

Among the orders are the pairs that settling an order must not mix up: one title ordered twice under two order numbers,
and a title without ISBN.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

KEY_NAME = "ETL_CRASH_KEY"
_MAPPING = """\
version: 1
name: crash
target: po_line
source: {connector: csv, path: orders.csv}
key: [vendor, order]
fields:
  owner: HBG
  type: PRINTED_BOOK_OT
  vendor: "{{ vendor }}"
  vendor_account: "{{ vendor }}"
  vendor_reference_number: "{{ order }}"
  price: {sum: "{{ price }}", currency: SEK}
  resource_metadata:
    title: "{{ title }}"
    isbn:
      $if: "{{ isbn }}"
      $value: "{{ isbn }}"
  fund_distribution:
    - {fund_code: BOCKER, amount: {sum: "{{ price }}", currency: SEK}}
  location:
    - {quantity: 1, library: HBG, shelving_location: VUXEN}
sink: SINK
"""


def isbn(number: int) -> str:
    """A valid ISBN of a registrant nobody has."""
    body = f"97891999{number:04d}"
    check = (10 - sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10) % 10
    return f"{body}{check}"


def reference(number: int) -> str:
    """The order number at the vendor: unique, and what a line in Alma is recognised by."""
    return f"C-{number:06d}"


def write_orders(folder: Path, count: int, sink: dict[str, Any]) -> Path:
    """orders.csv and mapping.yaml in the folder; returns the mapping. `sink`: options of the sink alma."""
    rows = ["vendor;order;price;title;isbn"]
    for number in range(1, count + 1):
        vendor = ("ADLIBRIS", "BOKUS", "BTJ")[number % 3]
        title = number - 1 if number % 6 == 0 else number  # every sixth orders its neighbour's title again
        code = "" if number % 7 == 0 else isbn(title % 10_000)
        rows.append(f"{vendor};{reference(number)};{100 + number % 90}.50;Påhittad bok {title};{code}")
    (folder / "orders.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    place = folder / "mapping.yaml"
    place.write_text(_MAPPING.replace("SINK", json.dumps({"type": "alma", **sink})), encoding="utf-8")
    return place
