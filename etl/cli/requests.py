"""etl requests … → purchase requests in Alma: seen, approved, rejected, withdrawn.

Whatever changes a request needs its number and what Alma needs to know (who approves, why rejected), says
what it is about to do, and asks; without a terminal it needs --yes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from etl.cli.alma_options import Chosen, alma_options, chosen_alma, mapping_option
from etl.cli.options import OneOf, common, option
from etl.cli.output import Format, Output

if TYPE_CHECKING:
    from etl.alma.client import AlmaClient, Outcome


def _given(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """Alma takes a blank approver, and makes an order line that nobody has approved."""
    del ctx, parameter
    if not value.strip():
        raise click.BadParameter("it is blank")
    return value.strip()


_STATUS = OneOf(["INREVIEW", "APPROVED", "REJECTED", "DEFERRED"], case_sensitive=False)
_YES = option("--yes", is_flag=True, help="Do not ask.")
_ID = click.argument("request_id", metavar="ID", callback=_given)


@click.group("requests")
def command() -> None:
    """Purchase requests in Alma: list, show, approve, reject, cancel."""


@command.command("list")
@option("--status", type=_STATUS, help="Only requests with this status.")
@option("--library", metavar="CODE", help="Only requests of this owning library.")
@option("--user", metavar="ID", help="Only requests of this user.")
@option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many.")
@mapping_option
@alma_options
@common
def list_requests(
    status: str | None,
    library: str | None,
    user: str | None,
    limit: int,
    mapping: str | None,
    form: Format,
    **alma: Any,
) -> int:
    """Requests, a line each: number, status, date, requester, title."""
    from etl.alma.client import listed_requests
    from etl.alma.facts import facts_of
    from etl.alma.tree import text

    rows: list[Any] = []
    chosen = chosen_alma(mapping, alma)
    with _client(chosen) as client:
        while len(rows) < limit:
            size, offset = min(100, limit - len(rows)), len(rows)
            if user:
                outcome = client.requests_of(user, limit=size, offset=offset)
            else:
                asked = {"status": (status or "").upper(), "owning_library": library or ""}
                given = {name: value for name, value in asked.items() if value}
                outcome = client.requests(**given, limit=str(size), offset=str(offset))
            page = listed_requests(_done(outcome, chosen))
            rows += page
            if len(page) < size:
                break
    if user:  # this list of Alma's is not asked by library, and spells its statuses in its own table
        rows = [row for row in rows if not library or text(row, "owning_library") == library]
        rows = [row for row in rows if not status or text(row, "status") == status.upper()]
    output = Output(form)
    if not rows:
        output.say("no request fits")
    if form == "json":
        output.json(rows)
        return 0
    for row in rows:
        parts = (text(row, "request_id"), text(row, "status"), facts_of(row).created, text(row, "requester"))
        output.data("  ".join(part or "-" for part in (*parts, facts_of(row).title)))
    return 0


@command.command("show")
@_ID
@mapping_option
@alma_options
@common
def show(request_id: str, mapping: str | None, form: Format, **alma: Any) -> int:
    """One request, whole, as Alma has it."""
    chosen = chosen_alma(mapping, alma)
    with _client(chosen) as client:
        Output(form).json(_done(client.request(request_id), chosen))  # data in every form
    return 0


@command.command("approve")
@_ID
@option(
    "--by", "approver", required=True, callback=_given, metavar="USER", help="The user in Alma who approves."
)
@_YES
@mapping_option
@alma_options
@common
def approve(request_id: str, approver: str, yes: bool, mapping: str | None, form: Format, **alma: Any) -> int:
    """Approve a request: Alma makes an order line of it."""
    body = json.dumps({"approved_by": approver}).encode()
    return _decide(
        chosen_alma(mapping, alma),
        form,
        request_id,
        f"approve, as {approver}",
        yes,
        lambda client: client.decide(request_id, "approve", body),
    )


@command.command("reject")
@_ID
@option(
    "--reason",
    required=True,
    callback=_given,
    metavar="CODE",
    help="A code of Alma's table PR_RejectReasons.",
)
@_YES
@mapping_option
@alma_options
@common
def reject(request_id: str, reason: str, yes: bool, mapping: str | None, form: Format, **alma: Any) -> int:
    """Reject a request. Alma may delete its record, if it was made for the request."""
    body = json.dumps({"reject_reason": {"value": reason}}).encode()
    return _decide(
        chosen_alma(mapping, alma),
        form,
        request_id,
        f"reject, reason {reason}",
        yes,
        lambda client: client.decide(request_id, "reject", body),
    )


@command.command("cancel")
@_ID
@option("--user", required=True, callback=_given, metavar="ID", help="The user whose request it is.")
@_YES
@mapping_option
@alma_options
@common
def cancel(request_id: str, user: str, yes: bool, mapping: str | None, form: Format, **alma: Any) -> int:
    """Withdraw a request for the user who made it."""
    return _decide(
        chosen_alma(mapping, alma),
        form,
        request_id,
        f"cancel, for {user}",
        yes,
        lambda client: client.cancel(user, request_id),
    )


# --------------------------------------------------------------------------------------------- inside


@contextmanager
def _client(chosen: Chosen) -> Iterator[AlmaClient]:
    from etl.alma.client import AlmaClient
    from etl.sinks.alma import wire_for

    wire = wire_for(chosen.options, chosen.base)
    try:
        yield AlmaClient(wire, user_id_type=chosen.options.user_id_type)
    finally:
        wire.close()


def _done(outcome: Outcome, chosen: Chosen) -> Any:
    """The document. Raises Refusal: E835 refused, E836 not known, E830–E832 as in a run."""
    from etl.alma.said import not_done

    if not outcome.done:
        raise not_done(outcome.verdict, chosen.options.language)
    return outcome.tree


def _decide(
    chosen: Chosen,
    form: Format,
    request_id: str,
    what: str,
    yes: bool,
    act: Callable[[AlmaClient], Outcome],
) -> int:
    from etl.alma.facts import facts_of
    from etl.alma.tree import text

    with _client(chosen) as client:
        now = _done(client.request(request_id), chosen)
        told = (
            f"request {request_id} ({text(now, 'status')}, {text(now, 'requester')}): {facts_of(now).title}"
        )
        output = Output(form)
        output.say(told, what)
        if not yes and not sys.stdin.isatty():
            raise click.UsageError("nothing was done: without a terminal to ask, say --yes")
        if not yes and not output.agreed("do it?"):
            raise click.Abort
        _done(act(client), chosen)
        after = client.request(request_id)
    status = text(after.tree, "status") if after.done else "no longer there"
    line = text(after.tree, "po_line")
    output.say(f"done: {status}{', order line ' + line if line else ''}")
    return 0
