"""A fault → what was just saved is kept or shown another way than it was sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from etl.simulator.call import Call
from etl.simulator.world import World

_REFERENCES = ("vendor_reference_number", "additional_order_reference")
_DAYS = 5


def _cut(doc: dict[str, Any]) -> None:
    for name in _REFERENCES:
        doc[name] = doc[name][: max(1, len(doc[name]) * 2 // 3)]


def _bare(doc: dict[str, Any]) -> None:
    for name in _REFERENCES:
        doc[name] = re.sub(r"-|(?<![0-9])0+(?=[0-9])", "", doc[name])


def _earlier(doc: dict[str, Any]) -> None:
    day = date.fromisoformat(doc["created_date"][:10]) - timedelta(days=_DAYS)
    doc["created_date"] = f"{day}Z"


_CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "reference-cut": _cut,
    "reference-bare": _bare,
    "created-shift": _earlier,
}


def keep_otherwise(world: World, call: Call, fault: str) -> None:
    """Of an order line that this call has saved; of a purchase request nothing changes."""
    line = world.store.line(call.saved) if call.saved else None
    if line is None:
        return
    if fault == "listed-only":
        world.listed_only[line.number] = world.now + world.settings.timing.slow
    elif fault in _CHANGES:
        _CHANGES[fault](line.doc)
        with world.store.together():
            world.store.change_line(line, line.changed)
