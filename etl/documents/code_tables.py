"""The small CSV files in `tables/` → code → row, read when first asked for.

They hold only what is known of Alma's code tables, with a grade: `verified` (seen in a live Alma or
an official document), `likely` (label known, code inferred), `removed` (still in the table, label
says removed). Only `purchase_type` and the two `pr_` tables are complete; a code missing from another
may well exist in an institution.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "tables"


@cache
def table(name: str) -> Mapping[str, Mapping[str, str]]:
    """Rows of `tables/<name>.csv` by their `code`."""
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


@cache
def minor_units(currency: str) -> int:
    """Decimals of a currency by ISO 4217; 2 for one that is not in the table."""
    row = table("currency").get(currency)
    return int(row["minor_units"]) if row else 2
