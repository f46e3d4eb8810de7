"""Orders of the ledger → lines on the terminal, and rows of a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from etl.deadletters.formulas import defused
from etl.identity import HOLDS

if TYPE_CHECKING:
    from etl.ledger.changes import AskedChange
    from etl.ledger.orders import Order

_SHOWN = 2000
"""Bytes of a record that are shown."""
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
    "place",
    "delivery",
    "run_date",
    "words",
)


def row_of(order: Order) -> dict[str, Any]:
    """The columns of an order, payloads left out."""
    values = {name: getattr(order, name) for name in COLUMNS}
    place = None if order.place is None else str(order.place)
    return values | {"key": order.shown, "state": str(order.state), "place": place}


def line_of(order: Order, asked: AskedChange | None = None) -> str:
    """An order on one line. `asked`: what Alma was asked to change in it, where that waits."""
    parts = (str(order.id), str(order.state), order.number or "-", order.shown, order.created_at[:16])
    words = f"  [{order.words}]" if order.words and order.state != "posted" else ""
    if order.state == "held" and order.looks_like and order.cause is not None:
        words = f"  [looks like {', '.join(map(str, order.cause.orders))}]"
    elif order.causes and (order.waits or order.state == "skipped"):
        more = f" (and {len(order.causes) - 1} more)" if order.causes[1:] else ""
        words = f"  [{order.causes[0]['code']} {order.causes[0]['message']}{more}]"
    if order.state == "posted" and order.offered_hash is not None:
        way = f"etl ledger {'change' if order.offered_payload else 'cancel'} {order.id}"
        words = f"  [changed after posting: {way}, or etl ledger resolve {order.id} --keep]"
    elif order.state == "posted" and asked is not None:
        words = f"  [{_asked(order, asked)}]"
    return "  ".join((*parts, order.title or "")) + words


def _asked(order: Order, asked: AskedChange) -> str:
    same = f"etl ledger {asked.kind} {order.id}, as before"
    if asked.state == "by hand":
        done = f"{asked.kind} it in Alma by hand, then: {same}"
        return f"{done}; or, if Alma's is right: etl ledger resolve {order.id} --keep"
    return f"unknown whether Alma did what was asked: {same}"


def cause_lines(cause: Mapping[str, Any]) -> Iterator[str]:
    """A problem for which an order is held or rejected, as it was told."""
    yield from ("", f"  {cause['severity']}[{cause['code']}] {cause['message']}")
    for what in ("data", "mapping"):
        if what in cause:
            place = cause[what]
            line = f":{place['line']}" if place.get("line") else ""
            at = f"  {place.get('field') or place.get('path') or ''}".rstrip()
            yield f"    {what:<7}  {place['file']}{line}{at}"
    if cause.get("help"):
        yield f"    help     {cause['help']}"


def record_lines(record: str) -> Iterator[str]:
    """What was read in the rows of an order; what was empty is left out."""
    for row in json.loads(record):
        for name, value in row.items():
            if value not in (None, "", []) and name != HOLDS:
                yield f"  {name}: {_plain(value)}"


def raw_lines(raw: bytes) -> Iterator[str]:
    """The beginning of a record's bytes."""
    text = raw[:_SHOWN].decode("utf-8", "backslashreplace")
    yield from (f"  {line}" for line in text.splitlines())
    if len(raw) > _SHOWN:
        yield f"  … {len(raw):,} bytes in all"


def _plain(value: Any) -> str:
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$"):
        return str(next(iter(value.values())))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def csv_line(values: Iterable[object]) -> str:
    """One line of CSV, without its end; no text in it is a formula for a spreadsheet program."""
    line = io.StringIO()
    cells = (defused(value) if isinstance(value, str) else value for value in values)
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()
