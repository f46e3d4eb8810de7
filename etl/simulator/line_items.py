"""The items of a line → listed, received, added on receipt.

A line of which everything is received waits for its invoice.
"""

from __future__ import annotations

from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.form_shapes import ITEM
from etl.simulator.line_status import BEFORE_ORDER, line_of, status_of
from etl.simulator.read_body import alma_day, read_body
from etl.simulator.stored import Line
from etl.simulator.world import World

Copy = dict[str, Any]


def list_items(world: World, call: Call) -> Tree:
    """GET: barcode and link only, as documented."""
    line = line_of(world, call)
    copies = [copy for place in line.doc["location"] for copy in place["copy"]]
    offset, limit = call.number("offset", 0), call.number("limit", 1_000_000)
    rows = [
        {"link": copy["link"], "item_data": {"barcode": copy["barcode"]}}
        for copy in copies[offset : offset + limit]
    ]
    return Tree("items", {**({"item": rows} if rows else {}), "total_record_count": len(copies)})


def receive_item(world: World, call: Call) -> Tree:
    """POST …/items/{item_id}?op=receive.

    Seen to answer XML to a client that asked for JSON; so it does here.
    """
    if call.query("op") != "receive":
        raise call.refusal("40166411")
    line = line_of(world, call)
    day = _checked(world, call, line)
    wanted = call.arguments["item_id"]
    found = [
        (place, copy) for place in line.doc["location"] for copy in place["copy"] if copy["pid"] == wanted
    ]
    if not found:
        raise call.refusal("401877", f"item {wanted} is not one of the line's")
    place, copy = found[0]
    if copy.get("receive_date"):
        raise call.refusal("401877", f"item {wanted} was received on {copy['receive_date']}")
    copy["receive_date"] = day
    return _received(world, call, line, place, copy)


def receive_new_item(world: World, call: Call) -> Tree:
    """POST …/items: one more item, received at once."""
    line = line_of(world, call)
    day = _checked(world, call, line)
    sent = read_body(call, "item", ITEM) if call.request.body.strip() else {}
    barcode = (sent.get("item_data") or {}).get("barcode") or sent.get("barcode", "")
    places = line.doc["location"]
    if not places:
        raise call.refusal("401877", "the line has no location")
    if barcode and any(copy["barcode"] == barcode for place in places for copy in place["copy"]):
        raise call.refusal("401878")
    place = places[0]
    pid = world.record_number("23", world.store.take_items(1))
    copy = {
        "link": f"{place['holding'][0]['link']}/items/{pid}",
        "pid": pid,
        "holding_id": place["holding"][0]["id"],
        "barcode": barcode or f"SIM{pid}",
        "item_policy": {"value": ""},
        "is_temp_location": False,
        "receive_date": day,
    }
    place["copy"].append(copy)
    place["quantity"] += 1
    return _received(world, call, line, place, copy)


def _checked(world: World, call: Call, line: Line) -> str:
    """The day of receipt, once parameters and status allow one."""
    day = alma_day(call.query("receive_date", world.today()))
    if day is None:
        raise call.refusal("40166411")
    department, library = call.query("department"), call.query("department_library")
    if department and not any(
        one.code == department and library in ("", one.library) for one in world.institution.departments
    ):
        raise call.refusal("401875")
    status = status_of(world, line)
    if status in BEFORE_ORDER or status in ("CANCELLED", "CLOSED"):
        raise call.refusal("401877", f"the line is in status {status or 'new'}")
    return day


def _received(world: World, call: Call, line: Line, place: dict[str, Any], copy: Copy) -> Tree:
    everything = all(one.get("receive_date") for where in line.doc["location"] for one in where["copy"])
    if everything and status_of(world, line) == "SENT":
        line.fixed = "WAITING_FOR_INVOICE"
        line.doc["po_number"] = line.doc["po_number"] or f"PO-{line.id}"
    with world.store.together():
        world.store.change_line(line, world.now)
    call.saved = line.number
    metadata = line.doc["resource_metadata"]
    item = {
        "link": copy["link"],
        "bib_data": {"mms_id": metadata["mms_id"]["value"], "title": metadata["title"]},
        "holding_data": {"holding_id": copy["holding_id"]},
        "item_data": {
            "pid": copy["pid"],
            "barcode": copy["barcode"],
            "arrival_date": copy["receive_date"],
            "po_line": line.number,
            "library": place["library"],
            "location": {"value": place["shelving_location"]},
        },
    }
    return Tree("item", item, always_xml=True)
