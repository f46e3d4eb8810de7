"""Orders of the ledger → lines on the terminal, and rows of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from etl.deadletters.formulas import defused

if TYPE_CHECKING:
    from etl.ledger.orders import Order

COLUMNS = (
    "id",
    "state",
    "key",
    "number",
    "mms_id",
    "target",
    "vendor",
    "vendor_account",
    "reference",
    "additional_reference",
    "isbn",
    "title",
    "price",
    "currency",
    "user_id",
    "attempts",
    "created_at",
    "updated_at",
    "run",
    "institution",
    "words",
)


def row_of(order: Order) -> dict[str, Any]:
    """The columns of an order, payloads left out."""
    values = asdict(order) | {"key": order.shown, "state": str(order.state)}
    return {name: values[name] for name in COLUMNS}


def line_of(order: Order) -> str:
    """An order on one line."""
    parts = (str(order.id), str(order.state), order.number or "-", order.shown, order.created_at[:16])
    words = f"  [{order.words}]" if order.words and order.state != "posted" else ""
    if order.state == "held" and order.looks_like and order.cause is not None:
        words = f"  [looks like {', '.join(map(str, order.cause.orders))}]"
    return "  ".join((*parts, order.title or "")) + words


def csv_line(values: Iterable[object]) -> str:
    """One line of CSV, without its end; no text in it is a formula for a spreadsheet program."""
    line = io.StringIO()
    cells = (defused(value) if isinstance(value, str) else value for value in values)
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()
