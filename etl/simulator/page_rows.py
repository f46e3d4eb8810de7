"""What this Alma holds → rows in short, for pages and JSON alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from etl.simulator.line_status import status_of
from etl.simulator.stored import Line
from etl.simulator.world import World

if TYPE_CHECKING:
    from etl.simulator.app import Simulator


def order_row(world: World, line: Line) -> dict[str, Any]:
    """One line in short, with the reasons why it waits: what Alma itself never says in so many words."""
    doc = line.doc
    return {
        "number": line.number,
        "status": status_of(world, line),
        "review": line.review,
        "vendor": doc["vendor"]["value"],
        "vendor_account": doc["vendor_account"],
        "vendor_reference_number": doc["vendor_reference_number"],
        "additional_order_reference": doc["additional_order_reference"],
        "title": doc["resource_metadata"]["title"],
        "isbn": doc["resource_metadata"]["isbn"],
        "mms_id": line.mms,
        "price": doc["price"]["sum"],
        "created": line.created,
    }


def state_row(simulator: Simulator) -> dict[str, Any]:
    """Counts of everything."""
    store = simulator.world.store
    return {
        "institution": simulator.settings.institution.code,
        "orders": store.db.execute("select count(*) from po_line").fetchone()[0],
        "purchase_requests": store.db.execute("select count(*) from purchase_request").fetchone()[0],
        "records": store.db.execute("select count(*) from bib where gone = 0").fetchone()[0],
        "calls": simulator.log.total,
        "statuses": {str(status): count for status, count in sorted(simulator.log.statuses.items())},
        "faults": dict(simulator.faults.counts),
        "busiest_second": simulator.gate.busiest_second,
        "remaining": simulator.gate.remaining(),
    }
