"""A stored line and the time → what a reader sees: status, dates, the whole document or a brief row."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from etl.simulator.line_document import DATES
from etl.simulator.settings import Timing
from etl.simulator.store import Line
from etl.simulator.world import World

BEFORE_ORDER = frozenset({"", "INREVIEW", "DEFERRED", "AUTO_PACKAGING", "MANUAL_PACKAGING"})


def status_at(line: Line, timing: Timing, now: float) -> str:
    """Empty at first; then In Review, or packaging and Sent. What a person did to the line stays."""
    if line.fixed:
        return line.fixed
    age = now - line.created
    if age < timing.status_delay:
        return ""
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
    if status == "SENT" and not doc["po_number"]:
        doc["po_number"] = f"PO-{line.id}"
    return doc


def brief(world: World, line: Line, expand: str) -> dict[str, Any]:
    """A list's row: notes and locations only when asked for."""
    doc = visible(world, line)
    wanted = expand.lower().split(",")
    for name, word in (("note", "notes"), ("location", "locations")):
        if word not in wanted:
            doc.pop(name, None)
    return doc


def shifted(doc: dict[str, Any]) -> None:
    """Each date of the document one day back: Alma's time-zone slip."""
    for name in DATES:
        if doc.get(name):
            doc[name] = f"{date.fromisoformat(doc[name][:10]) - timedelta(days=1)}Z"
