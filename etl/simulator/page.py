"""A browser's request → what this Alma holds, as pages for people and JSON for tests.

Paths: `/`, `/orders`, `/orders/NUMBER`, `/requests`, `/requests/ID`, `/log`, `/log/COUNT`; each list also
with `.json`, whole and without paging. `?lang=sv` is Swedish.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from etl.simulator.answer import Answer
from etl.simulator.call import Request
from etl.simulator.page_layout import page
from etl.simulator.page_rows import order_row, state_row
from etl.simulator.page_views import LISTS, SINGLES
from etl.simulator.page_words import tongue_of
from etl.simulator.request_create import visible_request

if TYPE_CHECKING:
    from etl.simulator.app import Simulator

_HTML = "text/html;charset=UTF-8"


def side_page(simulator: Simulator, request: Request) -> Answer:
    """The page or JSON of a path outside /almaws."""
    if request.method not in ("GET", "HEAD"):
        return Answer(405, b"only GET here", "text/plain")
    steps = [unquote(step) for step in request.path.strip("/").split("/")]
    head = steps[0]
    if len(steps) == 1 and head.endswith(".json"):
        return _json(simulator, head.removesuffix(".json"))
    refresh = request.query.get("refresh", "")
    seconds = int(refresh) if refresh.isascii() and refresh.isdigit() and len(refresh) < 4 else 0
    tongue = tongue_of(request.query.get("lang", ""))
    if len(steps) == 1 and head in LISTS:
        title, body = LISTS[head](simulator, tongue)
    elif len(steps) == 2 and head in SINGLES:
        title, body = SINGLES[head](simulator, steps[1], tongue)
    else:
        title, body = "", ""
    if not body:
        said = f"<p>{tongue('Nothing at')} <code>{escape(request.path)}</code>.</p>"
        return Answer(404, page(tongue("Not here"), said, "", 0, tongue).encode(), _HTML)
    return Answer(200, page(title, body, head, seconds, tongue).encode(), _HTML)


def _json(simulator: Simulator, name: str) -> Answer:
    world = simulator.world
    made: dict[str, Any] = {
        "state": state_row,
        "orders": lambda s: [order_row(s.world, line) for line in world.store.lines()],
        "requests": lambda s: [visible_request(s.world, wish) for wish in world.store.wishes()],
        "log": lambda s: [entry.as_dict() for entry in s.log.entries],
    }
    if name not in made:
        return Answer(404, b"not here", "text/plain")
    return Answer(
        200, json.dumps(made[name](simulator), ensure_ascii=False).encode(), "application/json;charset=UTF-8"
    )
