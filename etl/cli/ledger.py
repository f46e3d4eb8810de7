"""etl ledger … → what happened to an order. What a person decides about it: `ledger_decide.py`."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.cli.alma_options import chosen_alma, mapping_option
from etl.cli.options import OneOf, common, legible, option
from etl.cli.output import Format, Output, payload_lines
from etl.cli.render_orders import (
    COLUMNS,
    cause_lines,
    csv_line,
    line_of,
    raw_lines,
    record_lines,
    row_of,
)
from etl.cli.summary import counted
from etl.ledger.commands_told import pasted, telling
from etl.problems import Problem, Refusal

if TYPE_CHECKING:
    from etl.ledger.database import Database
    from etl.ledger.orders import Order

_STATES = [
    *("waiting", "held", "rejected", "refused", "unknown", "released", "intended"),
    *("posted", "written", "dismissed", "cancelled", "skipped"),
]
_STATE_HELP = "In this state; waiting: all that is not at its end."
_LOOKED_AT = ": looked at were order numbers, ISBNs, Alma's numbers and parts of keys, not titles"
_PAYLOAD = {"held": "would be sent", "released": "may be sent", "written": "written", "dismissed": "not sent"}
_MOST = 20
"""Orders that are looked at when one is meant."""
_DAY = click.DateTime(["%Y-%m-%d"])
_Decorator = Callable[..., Any]


@click.group("ledger")
def command() -> None:
    """What was sent to Alma, what came of it, and what waits for a person."""


def ledger_option(function: _Decorator) -> _Decorator:
    """Which ledger."""
    return option(
        "--ledger",
        default="etl-ledger.sqlite",
        show_default=True,
        metavar="FILE|URL",
        help="The ledger: a SQLite file or postgresql:// URL.",
    )(function)


def named_ledger(function: _Decorator) -> _Decorator:
    """Which ledger, by its name or by the mapping that posts to it."""

    @functools.wraps(function)
    def called(*words: Any, mapping: str | None, ledger: str, **more: Any) -> Any:
        ours = ledger if mapping is None else chosen_alma(mapping, {}, ledger).ledger
        return function(*words, ledger=ours, **more)

    return mapping_option(ledger_option(called))


def filters(function: _Decorator) -> _Decorator:
    """How orders are chosen."""
    for decorate in (
        option("--state", "states", type=OneOf(_STATES), multiple=True, help=_STATE_HELP),
        option("--run", "run", metavar="ID", callback=legible, help="Only orders this run touched."),
        option("--since", type=_DAY, metavar="DAY", help="First met on this day or later."),
        option("--until", type=_DAY, metavar="DAY", help="First met on this day or earlier."),
        option("--vendor", metavar="CODE", callback=legible, help="Only orders of this vendor."),
        option("--delivery", metavar="NAME|HASH", callback=legible, help="Only lines of this file."),
        click.argument("words", required=False, metavar="[NUMBER|ISBN|KEY]", callback=legible),
    ):  # fmt: skip
        function = decorate(function)
    return function


@command.command("list")
@filters
@option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many.")
@named_ledger
@common
def list_orders(ledger: str, limit: int, form: Format, **chosen: Any) -> int:
    """Orders by vendor order number, ISBN, Alma's number, part of the key, state, run or date."""
    from etl.ledger.changes import waiting_changes
    from etl.ledger.database import place_of

    with opened(ledger, to_read=True) as engine:
        found, place = list(_found(engine, chosen, limit + 1)), place_of(engine)
        asked = waiting_changes(engine)
    output = Output(form, ledger=place)
    if form == "json":
        output.json([row_of(order) for order in found[:limit]])
    else:
        for order in found[:limit]:
            output.data(pasted(line_of(order, asked.get(order.id)), place))
    if not found:
        output.say(f'no order fits in "{place}"{_LOOKED_AT if chosen["words"] else ""}')
    if len(found) > limit:
        output.say(f"more than {limit}: narrow the search, raise --limit, or use etl ledger export")
    return 0


@command.command("deliveries")
@option("--since", type=_DAY, metavar="DAY", help="First come on this day or later.")
@option("--until", type=_DAY, metavar="DAY", help="First come on this day or earlier.")
@click.argument("words", required=False, metavar="[NAME|HASH]", callback=legible)
@named_ledger
@common
def list_deliveries(
    words: str | None, since: datetime | None, until: datetime | None, ledger: str, form: Format
) -> int:
    """The files that came: when, how large, by which mapping, and what has become of their lines."""
    from etl.ledger.database import place_of
    from etl.ledger.find import delivered

    with opened(ledger, to_read=True) as engine:
        found = delivered(engine, words, *(f"{day:%Y-%m-%d}" if day else None for day in (since, until)))
        place = place_of(engine)
    output = Output(form)
    if form == "json":
        output.json([asdict(one) for one in found])
        return 0
    for one in found:
        lines = ", ".join(f"{count:,} {state}" for state, count in sorted(one.lines.items()))
        runs = f", {one.times} times, last {one.last[:16]}" if one.times > 1 else ""
        size = counted(one.size, "byte")
        output.data(
            f"{one.at[:16]}  {one.name}  {size}  {one.hash[:12]}  {one.mapping or '-'}  {lines or '-'}{runs}"
        )
    if not found:
        chosen = words or since or until
        output.say(f'{"no delivery fits" if chosen else "no file has come yet"} in "{place}"')
    return 0


@command.command("show")
@click.argument("words", metavar="ID|NUMBER|ISBN|KEY", callback=legible)
@named_ledger
@common
def show(words: str, ledger: str, form: Format) -> int:
    """One order: where it stands, its history, what was sent."""
    from etl.ledger.database import place_of
    from etl.ledger.find import history

    with opened(ledger, to_read=True) as engine:
        order = one_order(engine, words)
        events, place = history(engine, order), place_of(engine)
    output = Output(form)
    if form == "json":
        whole = {**row_of(order), "payload": order.payload, "offered_payload": order.offered_payload}
        whole |= {"causes": order.causes, "record": json.loads(order.record or "[]")}
        output.json({**whole, "events": [asdict(one) for one in events]})
        return 0
    width = max(len(name) for name in COLUMNS)
    for name, value in row_of(order).items():
        if value not in (None, ""):
            output.data(f"{name:<{width}}  {value}")
    sent_at_once = order.attempts and not (events and events[0].at == order.created_at)
    output.data("", "history", *([f"  {order.created_at}  intended"] if sent_at_once else ()))
    for event in events:
        output.data(f"  {event.at}  {event.state:<9} {event.words or ''}  (run {event.run})")
    for cause in order.causes:
        output.data(*(pasted(line, place) for line in cause_lines(cause)))
    if order.payload:
        output.data("", _PAYLOAD.get(order.state, "sent"), *payload_lines(order.payload))
    if order.record and order.record != "[]" and not order.pruned:
        output.data("", "record", *record_lines(order.record))
    if order.raw is not None:
        output.data("", "bytes that could not be read", *raw_lines(order.raw))
    if order.offered_payload:
        output.data("", "offered after posting, and held", *payload_lines(order.offered_payload))
    return 0


@command.command("export")
@filters
@option("--json", "as_json", is_flag=True, help="One JSON object a line, with payloads, instead of CSV.")
@named_ledger
@common
def export(ledger: str, as_json: bool, form: Format, **chosen: Any) -> int:
    """Orders as CSV (or NDJSON) on standard output."""
    output = Output(form)
    with opened(ledger, to_read=True) as engine:
        if not as_json and form != "json":
            output.data(csv_line(COLUMNS))
        for order in _found(engine, chosen, None):
            if as_json or form == "json":
                output.json({**row_of(order), "payload": order.payload}, indent=None)
            else:
                output.data(csv_line(row_of(order).values()))
    return 0


# --------------------------------------------------------------------------------------------- inside


@contextmanager
def opened(ledger: str, *, to_read: bool = False) -> Iterator[Database]:
    """The ledger, if there is one; `to_read` on any disk. Raises Refusal (E802, E810 …)."""
    from etl.ledger.database import demand, open_database, shown_location, told_of

    demand(ledger, Path(), to_read=True)  # nothing is sent by it, and a new one would know of no order
    with telling(shown_location(ledger, Path())):
        engine = open_database(ledger, Path(), to_read=to_read, make=False)
        try:
            Output("text").problems(told_of(engine))
            yield engine
        finally:
            engine.dispose()


def _found(engine: Database, chosen: dict[str, Any], limit: int | None) -> Iterator[Order]:
    from etl.ledger.find import Wanted, find
    from etl.ledger.orders import State

    since, until = (f"{day:%Y-%m-%d}" if day else None for day in (chosen["since"], chosen["until"]))
    states = [State(state) for state in chosen["states"] if state != "waiting"]
    wanted = Wanted(
        chosen["words"],
        states,
        chosen["run"],
        since,
        until,
        chosen["vendor"],
        waiting="waiting" in chosen["states"],
        delivery=chosen["delivery"],
    )
    yield from find(engine, wanted, limit)


def one_order(engine: Database, words: str) -> Order:
    """The one order meant. An id of ours decides, whatever a vendor's number or a part of a key would; and a
    line that became an order is not meant beside it. Raises Refusal (E819).
    """
    from etl.ledger.find import Wanted, find, order_of_id

    own = order_of_id(engine, words.strip())
    found = [own] if own is not None else [*_as_they_became(list(find(engine, Wanted(words), _MOST + 1)))]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refusal(Problem("E819", f'the ledger has no order "{words}"', help="search: etl ledger list"))
    listed = "; ".join(f"{order.id} {order.shown}" for order in found[:5])
    many = f"more than {_MOST}" if len(found) > _MOST else str(len(found))
    raise Refusal(
        Problem("E819", f'"{words}" may be {many} orders: {listed}', help="give its id, the first number")
    )


def _as_they_became(found: list[Order]) -> Iterator[Order]:
    """Without the lines that are others of these by now."""
    here = {order.id for order in found}
    for order in found:
        became = order.cause.orders if order.cause is not None and order.cause.rule == "became" else ()
        if here.isdisjoint(became):
            yield order


from etl.cli import ledger_again as _again  # noqa: E402, F401 - adds reprocess and preview
from etl.cli import ledger_change as _change  # noqa: E402, F401 - adds change, cancel
from etl.cli import ledger_decide as _decide  # noqa: E402, F401 - adds resolve, release, dismiss
from etl.cli import ledger_keep as _keep  # noqa: E402, F401 - adds create, backup, restore, check, move …
from etl.cli import ledger_replay as _dead_letters  # noqa: E402, F401 - adds dead-letters and replay
