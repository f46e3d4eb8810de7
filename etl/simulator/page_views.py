"""What this Alma holds → (title, body) of each page, in the reader's language."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from etl.simulator.line_status import visible
from etl.simulator.page_layout import Cell, badge, facts, link, long, pre, still, table
from etl.simulator.page_rows import order_row, state_row
from etl.simulator.page_words import Tongue
from etl.simulator.request_create import visible_request
from etl.simulator.request_log import Entry
from etl.simulator.stored import Wish

if TYPE_CHECKING:
    from etl.simulator.app import Simulator

_ROWS = 200
_FEW = 10
_API = "/almaws/v1"


def _overview(simulator: Simulator, tongue: Tongue) -> tuple[str, str]:
    state = state_row(simulator)
    limits = simulator.settings.limits
    words: dict[str, Cell] = {
        "Order lines": state["orders"],
        "Purchase requests": state["purchase_requests"],
        "Bibliographic records": state["records"],
        "Calls answered": state["calls"],
        "Busiest second": f"{state['busiest_second']} ({limits.per_second or tongue('no limit')})",
        "Calls left today": state["remaining"] if limits.per_day else tongue("no limit"),
    }
    faults = state["faults"]
    body = facts(words, tongue)
    body += f"<h2>{tongue('Latest orders')}</h2>" + _order_table(simulator, _FEW, tongue)
    body += f"<h2>{tongue('Faults injected')}</h2>"
    body += facts(faults, tongue) if faults else f"<p>{tongue('None so far.')}</p>"
    body += f"<h2>{tongue('Latest requests')}</h2>" + _log_table(simulator, _FEW, tongue)
    return f"{simulator.settings.institution.name} ({simulator.settings.institution.code})", body


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


# ------------------------------------------------------------------------------------------ orders


def _order_table(simulator: Simulator, most: int, tongue: Tongue) -> str:
    world = simulator.world
    newest = "id > (select coalesce(max(id), 0) from po_line) - ?"
    rows: list[list[Cell]] = []
    for line in reversed(list(world.store.lines(newest, (most,)))):
        row = order_row(world, line)
        rows.append(
            [
                link(f"/orders/{line.number}", line.number, tongue),
                still(_moment(line.created)),
                badge(row["status"] or "new", row["status"] or tongue("new")),
                long(row["title"]),
                row["isbn"],
                row["vendor"],
                row["vendor_reference_number"],
                still(f"{row['price']} {line.doc['price']['currency'].get('value', '')}"),
                long(_reasons(row["review"], tongue)),
            ]
        )
    heads = ["Number", "Time (UTC)", "Status", "Title", "ISBN", "Vendor", "Vendor's number", "Price"]
    return table([*heads, "Waits because"], rows, tongue)


def _reasons(reasons: list[str], tongue: Tongue) -> str:
    return "; ".join(tongue.reason(text) for text in reasons)


def _orders(simulator: Simulator, tongue: Tongue) -> tuple[str, str]:
    whole = '<a href="/orders.json">orders.json</a>'
    said = f"<p>{tongue('The latest')} {_ROWS}. {tongue('All of them:')} {whole}</p>"
    return tongue("Order lines"), said + _order_table(simulator, _ROWS, tongue)


def _order(simulator: Simulator, number: str, tongue: Tongue) -> tuple[str, str]:
    store = simulator.world.store
    line = store.line(number)
    if line is None:
        return "", ""
    sent = store.db.execute("select sent from po_line where id = ?", (line.id,)).fetchone()[0]
    wish = next(store.wishes("line = ?", (line.id,)), None)
    row = order_row(simulator.world, line)
    words: dict[str, Cell] = {
        "Status": row["status"] or tongue("new"),
        "Waits because": _reasons(row["review"], tongue) or tongue("nothing"),
        "Alerts": "; ".join(alert["desc"] for alert in line.doc["alert"]) or tongue("none"),
    }
    if wish is not None:
        words["Purchase request"] = link(f"/requests/{wish.id}", str(wish.id), tongue)
    origin = "As it was sent" if wish is None else "As the purchase request made it"
    body = facts(words, tongue) + f"<h2>{tongue(origin)}</h2>" + pre(_text(sent))
    kept = pre(_pretty(visible(simulator.world, line)))
    return number, body + f"<h2>{tongue('As Alma keeps it')}</h2>" + kept


# ---------------------------------------------------------------------------------------- requests


def _requests(simulator: Simulator, tongue: Tongue) -> tuple[str, str]:
    newest = "id > (select coalesce(max(id), 0) from purchase_request) - ?"
    wishes = list(simulator.world.store.wishes(newest, (_ROWS,)))
    rows: list[list[Cell]] = [
        [
            link(f"/requests/{wish.id}", str(wish.id), tongue),
            still(_moment(wish.created)),
            badge(wish.status),
            long(wish.doc["resource_metadata"]["title"] or wish.mms),
            wish.user,
            wish.doc["vendor"]["value"],
            _line_of(wish, tongue),
            _rejected(wish),
            long(_note(wish)),
        ]
        for wish in reversed(wishes)
    ]
    heads = ["Number", "Time (UTC)", "Status", "Title", "User", "Vendor", "Order line", "Rejected because"]
    return tongue("Purchase requests"), table([*heads, "Note"], rows, tongue)


def _line_of(wish: Wish, tongue: Tongue) -> Cell:
    number = wish.doc.get("po_line_number", "")
    return link(f"/orders/{number}", number, tongue) if number else ""


def _rejected(wish: Wish) -> str:
    reason = wish.doc.get("reject_reason", {})
    return str(reason.get("desc") or reason.get("value", ""))


def _note(wish: Wish) -> str:
    notes = [wish.doc["requester_note"], *(note["content"] for note in wish.doc["note"])]
    return "; ".join(filter(None, notes))


def _request(simulator: Simulator, number: str, tongue: Tongue) -> tuple[str, str]:
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return "", ""
    store = simulator.world.store
    wish = next(store.wishes("id = ?", (int(number),)), None)
    if wish is None:
        return "", ""
    sent = store.db.execute("select sent from purchase_request where id = ?", (wish.id,)).fetchone()[0]
    words: dict[str, Cell] = {
        "Status": wish.status,
        "User": wish.user,
        "Order line": _line_of(wish, tongue) or tongue("none"),
        "Rejected because": _rejected(wish),
        "Note": _note(wish),
    }
    body = facts({name: value for name, value in words.items() if value}, tongue)
    body += f"<h2>{tongue('As it was sent')}</h2>" + pre(_text(sent))
    kept = pre(_pretty(visible_request(simulator.world, wish)))
    return f"{tongue('Purchase request')} {number}", body + f"<h2>{tongue('As Alma keeps it')}</h2>" + kept


# --------------------------------------------------------------------------------------------- log


def _log_table(simulator: Simulator, most: int, tongue: Tongue) -> str:
    rows: list[list[Cell]] = [
        [
            link(f"/log/{entry.count}", str(entry.count), tongue),
            still(_moment(entry.time)),
            still(entry.method),
            long(entry.target.removeprefix(_API)),
            badge(str(entry.status)) if entry.status else badge("no answer", tongue("no answer")),
            still(entry.code),
            long(entry.text),
            badge(entry.fault) if entry.fault else "",
            _saved(simulator, entry, tongue),
            long("; ".join(entry.notes)),
        ]
        for entry in reversed(list(simulator.log.entries)[-most:])
    ]
    heads = ["#", "Time (UTC)", "Method", "Path", "Answer", "Code", "Message", "Fault", "Saved"]
    return table([*heads, "Dropped without a word"], rows, tongue)


def _saved(simulator: Simulator, entry: Entry, tongue: Tongue) -> Cell:
    """The number as a link, while there is something of that number."""
    store, number = simulator.world.store, entry.saved
    if "/purchase-requests" in entry.target:
        there = number.isdigit() and next(store.wishes("id = ?", (int(number),)), None) is not None
        return link(f"/requests/{number}", number, tongue) if there else number
    there = number != "" and store.has_line(number)
    return link(f"/orders/{number}", number, tongue) if there else number


def _log(simulator: Simulator, tongue: Tongue) -> tuple[str, str]:
    return tongue("Requests log"), _log_table(simulator, _ROWS, tongue)


def _entry(simulator: Simulator, count: str, tongue: Tongue) -> tuple[str, str]:
    entry = next((one for one in simulator.log.entries if str(one.count) == count), None)
    if entry is None:
        return "", ""
    words: dict[str, Cell] = {
        "Time (UTC)": _moment(entry.time),
        "Answer": entry.status or tongue("no answer"),
        "Code": entry.code or tongue("none"),
        "Message": entry.text or tongue("none"),
        "Fault": entry.fault or tongue("none"),
        "Saved": _saved(simulator, entry, tongue) or tongue("nothing"),
        "Dropped without a word": "; ".join(entry.notes) or tongue("nothing"),
        "Took": f"{entry.seconds * 1000:.1f} ms",
    }
    body = facts(words, tongue) + f"<h2>{tongue('Body')}</h2>" + pre(_text(entry.body.encode()))
    return f"{entry.method} {entry.target}", body


def _text(body: bytes) -> str:
    """A body as people read it: JSON indented, else as it is."""
    text = body.decode("utf-8", "replace")
    try:
        pretty = _pretty(json.loads(text))
        pretty.encode()  # \ud800 alone is no character: then the body as it came
    except (ValueError, RecursionError):
        return text
    return pretty


def _pretty(tree: Any) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=2)


List = Callable[["Simulator", Tongue], tuple[str, str]]
Single = Callable[["Simulator", str, Tongue], tuple[str, str]]
LISTS: dict[str, List] = {"": _overview, "orders": _orders, "requests": _requests, "log": _log}
SINGLES: dict[str, Single] = {"orders": _order, "requests": _request, "log": _entry}
