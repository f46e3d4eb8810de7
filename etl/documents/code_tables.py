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

TABLES: Mapping[str, str] = {
    "purchase_type": "Types of order lines: the field `type` of po_line. Complete. A type says which "
    "medium is bought, and for how long; `removed` is what Alma has taken out.",
    "acquisition_method": "How an order line is acquired: the field `acquisition_method` of po_line.",
    "physical_material_type": "Material types: the field `material_type` of po_line.",
    "currency": "Currencies of ISO 4217, with the decimals of their amounts, and what people write instead.",
    "pr_citation_type": "What a request asks for: the field `citation_type` of purchase_request. Complete.",
    "pr_format": "The format asked for: the field `format` of purchase_request. Complete.",
}
"""Name of a table → what it holds, in one line or two."""
CLOSED = frozenset(["purchase_type", "pr_format", "pr_citation_type"])
"""Tables that are complete, and that no institution can add to."""

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
