"""A browser's request → what this Alma holds, as pages for people and JSON for tests.

Paths: `/`, `/orders`, `/orders/NUMBER`, `/requests`, `/requests/ID`, `/log`, `/log/COUNT`; each list also
with `.json`, whole and without paging.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from etl.simulator.answer import Answer
from etl.simulator.call import Request
from etl.simulator.line_status import status_of, visible
from etl.simulator.page_layout import Cell, badge, facts, link, page, pre, table
from etl.simulator.request_create import visible_request
from etl.simulator.store import Line, Wish
from etl.simulator.world import World

if TYPE_CHECKING:
    from etl.simulator.app import Simulator

_ROWS = 200
_HTML = "text/html;charset=UTF-8"


def side_page(simulator: Simulator, request: Request) -> Answer:
    """The page or JSON of a path outside /almaws."""
    if request.method not in ("GET", "HEAD"):
        return Answer(405, b"only GET here", "text/plain")
    steps = [unquote(step) for step in request.path.strip("/").split("/")]
    head = steps[0]
    refresh = request.query.get("refresh", "")
    seconds = int(refresh) if refresh.isascii() and refresh.isdigit() and len(refresh) < 4 else 0
    if len(steps) == 1 and head.endswith(".json"):
        return _json(simulator, head.removesuffix(".json"))
    bodies = {"": _overview, "orders": _orders, "requests": _requests, "log": _log}
    if len(steps) == 1 and head in bodies:
        title, body = bodies[head](simulator)
    elif len(steps) == 2 and head in ("orders", "requests", "log"):
        title, body = {"orders": _order, "requests": _request, "log": _entry}[head](simulator, steps[1])
    else:
        title, body = "", ""
    if not body:
        return Answer(
            404,
            page("Not here", f"<p>Nothing at <code>{escape(request.path)}</code>.</p>", "", 0).encode(),
            _HTML,
        )
    return Answer(200, page(title, body, head, seconds).encode(), _HTML)


# -------------------------------------------------------------------------------------------- JSON


def _json(simulator: Simulator, name: str) -> Answer:
    world = simulator.world
    made: dict[str, Any] = {
        "state": _state,
        "orders": lambda s: [order_row(s.world, line) for line in world.store.lines()],
        "requests": lambda s: [visible_request(s.world, wish) for wish in world.store.wishes()],
        "log": lambda s: [entry.as_dict() for entry in s.log.entries],
    }
    if name not in made:
        return Answer(404, b"not here", "text/plain")
    return Answer(
        200, json.dumps(made[name](simulator), ensure_ascii=False).encode(), "application/json;charset=UTF-8"
    )


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


def _state(simulator: Simulator) -> dict[str, Any]:
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


# ------------------------------------------------------------------------------------------- pages


def _overview(simulator: Simulator) -> tuple[str, str]:
    state = _state(simulator)
    limits = simulator.settings.limits
    words = {
        "Order lines": state["orders"],
        "Purchase requests": state["purchase_requests"],
        "Bibliographic records": state["records"],
        "Calls answered": state["calls"],
        "Busiest second": f"{state['busiest_second']} ({limits.per_second or 'no limit'})",
        "Calls left today": "no limit" if state["remaining"] is None else state["remaining"],
    }
    faults = state["faults"]
    injected = facts(faults) if faults else "<p>None so far.</p>"
    body = facts(words) + "<h2>Latest orders</h2>" + _order_table(simulator, 10)
    body += "<h2>Faults injected</h2>" + injected + "<h2>Latest requests</h2>" + _log_table(simulator, 10)
    return f"{simulator.settings.institution.name} ({simulator.settings.institution.code})", body


def _order_table(simulator: Simulator, most: int) -> str:
    world = simulator.world
    newest = "id > (select coalesce(max(id), 0) from po_line) - ?"
    rows: list[list[Cell]] = []
    for line in reversed(list(world.store.lines(newest, (most,)))):
        row = order_row(world, line)
        price = f"{row['price']} {line.doc['price']['currency'].get('value', '')}"
        rows.append(
            [
                link(f"/orders/{line.number}", line.number),
                badge(row["status"] or "new"),
                row["title"],
                row["isbn"],
                row["vendor"],
                row["vendor_reference_number"],
                price,
                "; ".join(row["review"]),
            ]
        )
    return table(
        ["Number", "Status", "Title", "ISBN", "Vendor", "Vendor's number", "Price", "Waits because"], rows
    )


def _orders(simulator: Simulator) -> tuple[str, str]:
    return (
        "Order lines",
        f"<p>The latest {_ROWS}. All of them: {link('/orders.json', 'orders.json').html}</p>"
        + _order_table(simulator, _ROWS),
    )


def _order(simulator: Simulator, number: str) -> tuple[str, str]:
    line = simulator.world.store.line(number)
    if line is None:
        return "", ""
    sent = simulator.world.store.db.execute("select sent from po_line where id = ?", (line.id,)).fetchone()[0]
    row = order_row(simulator.world, line)
    alerts = [alert["desc"] for alert in line.doc["alert"]]
    words = {
        "Status": row["status"] or "new",
        "Waits because": "; ".join(row["review"]) or "nothing",
        "Alerts": "; ".join(alerts) or "none",
    }
    return number, facts(words) + "<h2>As it was sent</h2>" + pre(
        _text(sent)
    ) + "<h2>As Alma keeps it</h2>" + pre(_pretty(visible(simulator.world, line)))


def _requests(simulator: Simulator) -> tuple[str, str]:
    wishes: list[Wish] = list(
        simulator.world.store.wishes("id > (select coalesce(max(id), 0) from purchase_request) - ?", (_ROWS,))
    )
    rows: list[list[Cell]] = [
        [
            link(f"/requests/{wish.id}", str(wish.id)),
            badge(wish.status),
            wish.doc["resource_metadata"]["title"] or wish.mms,
            wish.user,
            wish.doc["vendor"]["value"],
        ]
        for wish in reversed(wishes)
    ]
    return "Purchase requests", table(["Number", "Status", "Title", "User", "Vendor"], rows)


def _request(simulator: Simulator, number: str) -> tuple[str, str]:
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return "", ""
    wish = next(simulator.world.store.wishes("id = ?", (int(number),)), None)
    if wish is None:
        return "", ""
    sent = simulator.world.store.db.execute(
        "select sent from purchase_request where id = ?", (wish.id,)
    ).fetchone()[0]
    kept = pre(_pretty(visible_request(simulator.world, wish)))
    return f"Purchase request {number}", "<h2>As it was sent</h2>" + pre(
        _text(sent)
    ) + "<h2>As Alma keeps it</h2>" + kept


def _log_table(simulator: Simulator, most: int) -> str:
    rows: list[list[Cell]] = [
        [
            link(f"/log/{entry.count}", str(entry.count)),
            entry.method,
            entry.target,
            badge(str(entry.status) if entry.status else "no answer"),
            entry.code,
            badge(entry.fault) if entry.fault else "",
            entry.saved,
            "; ".join(entry.notes),
        ]
        for entry in reversed(list(simulator.log.entries)[-most:])
    ]
    return table(["#", "Method", "Path", "Answer", "Code", "Fault", "Saved", "Dropped without a word"], rows)


def _log(simulator: Simulator) -> tuple[str, str]:
    return "Requests log", _log_table(simulator, _ROWS)


def _entry(simulator: Simulator, count: str) -> tuple[str, str]:
    entry = next((one for one in simulator.log.entries if str(one.count) == count), None)
    if entry is None:
        return "", ""
    words = {
        "Answer": entry.status or "no answer",
        "Code": entry.code or "none",
        "Fault": entry.fault or "none",
        "Saved": entry.saved or "nothing",
        "Dropped": "; ".join(entry.notes) or "nothing",
        "Took": f"{entry.seconds * 1000:.1f} ms",
    }
    return f"{entry.method} {entry.target}", facts(words) + "<h2>Body</h2>" + pre(_text(entry.body.encode()))


def _text(body: bytes) -> str:
    """A body as people read it: JSON indented, else as it is."""
    text = body.decode("utf-8", "replace")
    try:
        return _pretty(json.loads(text))
    except (ValueError, RecursionError):
        return text


def _pretty(tree: Any) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=2)
