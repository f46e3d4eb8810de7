"""A stored line and the time → what a reader sees: status, dates, the whole document or a brief row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from etl.simulator.call import Call
from etl.simulator.line_document import DATES
from etl.simulator.settings import Timing
from etl.simulator.stored import Line
from etl.simulator.world import World, alma_date

BEFORE_ORDER = frozenset({"", "INREVIEW", "DEFERRED", "AUTO_PACKAGING", "MANUAL_PACKAGING"})


def line_of(world: World, call: Call) -> Line:
    """The line of the path. Raises AlmaError 401871, or UNAUTHORIZED for another vendor's."""
    number = call.arguments["po_line_id"]
    line = world.store.line(number)
    if line is None or world.listed_only.get(number, 0) > world.now:
        raise call.refusal("401871", number)
    call.check_vendor(line.doc["vendor"]["value"])
    return line


def status_at(line: Line, timing: Timing, now: float) -> str:
    """Empty at first; then In Review, or packaging and Sent. What a person did to the line stays."""
    age = now - line.created
    if age < timing.status_delay and line.fixed != "CANCELLED":
        return ""
    if line.fixed:
        return line.fixed
    if line.review:
        return "INREVIEW"
    return "AUTO_PACKAGING" if age < timing.status_delay + timing.packaging else "SENT"


def status_of(world: World, line: Line) -> str:
    """The status now."""
    return status_at(line, world.settings.timing, world.now)


def visible(world: World, line: Line) -> dict[str, Any]:
    """The document as GET gives it now."""
    doc = line.doc
    status = status_of(world, line)
    doc["status"] = world.coded("POLineStatus", status) if status else {"value": ""}
    if not status:
        doc.pop("status_date", None)
    if status not in BEFORE_ORDER and status != "CANCELLED":
        doc["po_number"] = doc["po_number"] or f"PO-{line.id}"
        if not doc.get("expected_receipt_date"):
            _expect(world, line, doc)
    return doc


def _expect(world: World, line: Line, doc: dict[str, Any]) -> None:
    """The day of sending and the interval: what Alma computes when nobody gave a date (reference §4)."""
    interval, timing = doc["expected_receipt_interval"], world.settings.timing
    if interval.isascii() and interval.isdigit() and len(interval) < 6:
        sent = line.created + timing.status_delay + timing.packaging
        doc["expected_receipt_date"] = alma_date(sent + int(interval) * 86400)


def brief(world: World, line: Line, expand: str) -> dict[str, Any]:
    """A list's row: notes and locations only when asked for."""
    doc = visible(world, line)
    wanted = expand.lower().split(",")
    for name, word in (("note", "notes"), ("location", "locations")):
        if word not in wanted:
            doc.pop(name, None)
    return doc


def shifted(doc: dict[str, Any], sent: Mapping[str, Any]) -> None:
    """Each date that a PUT did not send one day back: Alma's time-zone slip (reference §0.10, §9.6)."""
    for name in DATES:
        if doc.get(name) and name not in sent:
            doc[name] = f"{date.fromisoformat(doc[name][:10]) - timedelta(days=1)}Z"
