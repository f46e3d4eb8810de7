"""`SIM-STATUS-CLOSED` anywhere in an order → the status that a person in Alma would have given the line.

Statuses that no documented call leads to (READY, CLOSED, DEFERRED …) and a person's release from review can
thus be rehearsed over HTTP, as faults can.
"""

from __future__ import annotations

import re

from etl.simulator.errors import Misasked
from etl.simulator.stored import Line
from etl.simulator.world import World

RELEASED = "RELEASED"
_MARK = re.compile(rb"SIM-STATUS-([A-Z_]*)").search


def status_mark(world: World, body: bytes) -> str:
    """The status asked for: a code of POLineStatus, RELEASED, or empty.

    Raises Misasked for another word, and for CANCELLED, which has a call of its own.
    """
    mark = _MARK(body)
    if mark is None:
        return ""
    status = mark[1].decode().rstrip("_")
    known = {RELEASED, *world.institution.descriptions["POLineStatus"]} - {"CANCELLED"}
    if status not in known:
        raise Misasked(400, f'no status "{status}" to be asked for; there are {", ".join(sorted(known))}')
    return status


def give_status(line: Line, status: str) -> None:
    """Move a line to the status asked for; RELEASED: what kept it is settled, it moves on by itself."""
    if status == RELEASED:
        line.review = []
    if status:
        line.fixed = "" if status == RELEASED else status
