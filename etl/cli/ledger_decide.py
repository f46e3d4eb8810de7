"""etl ledger resolve, etl ledger release → orders in doubt, settled by Alma's word or by a person's."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

import click

from etl.cli.alma_options import Chosen, alma_options, chosen_alma, mapping_option
from etl.cli.at_alma import at_alma
from etl.cli.ledger import command, ledger_option, one_order, opened
from etl.cli.options import common, legible, option
from etl.cli.output import Format, Output
from etl.cli.render_orders import line_of
from etl.cli.summary import counted
from etl.interruption import interruption

if TYPE_CHECKING:
    from etl.ledger.database import Database
    from etl.ledger.orders import Order

_NOT_ASKED = "not checked against Alma"
BY = option(
    "--by",
    "who",
    default=None,
    metavar="NAME",
    callback=legible,
    help="Who decides. Default: your login name.",
)
_FORCE = option("--force", is_flag=True, help="Without asking Alma, or although it says otherwise.")


@command.command("resolve")
@click.argument("words", required=False, metavar="[ID|NUMBER|KEY]", callback=legible)
@option("--posted", "number", metavar="NUMBER", callback=legible, help="It is in Alma under this number.")
@option(
    "--accept-change", is_flag=True,
    help="Alma was changed by hand: to the payload offered after posting, or to the file's of a change.",
)
@option("--keep", is_flag=True, help="What is in Alma is right: do not ask about the payload offered.")
@BY
@_FORCE
@mapping_option
@ledger_option
@alma_options
@common
def resolve(
    words: str | None,
    number: str | None,
    accept_change: bool,
    keep: bool,
    who: str | None,
    force: bool,
    mapping: str | None,
    ledger: str,
    form: Format,
    **alma: Any,
) -> int:
    """Settle doubtful orders: by your word, or, without an order, by asking Alma for all that are unknown.

    Nothing is posted. What Alma surely does not have is released, and sent when its file is run again. A
    number you give is looked up in Alma first, if --mapping or --key says how.
    """
    decided = [number is not None, accept_change, keep]
    if words is None:
        if any(decided):
            raise click.UsageError("say which order")
        return _ask_for_all(chosen_alma(mapping, alma, ledger), form)
    if sum(decided) != 1:
        raise click.UsageError(
            "say what you found: --posted NUMBER, --accept-change or --keep (not in Alma: etl ledger release)"
        )
    from etl.alma.facts import facts_of_payload
    from etl.alma.ordered import ordered
    from etl.alma.passage import found_by, known_by
    from etl.identity import Identity
    from etl.ledger import decisions

    named, name = chosen_alma(mapping, alma, ledger) if mapping else None, who or getpass.getuser()
    with opened(named.ledger if named else ledger) as engine:
        order = one_order(engine, words)
        asked = None if force else alma_of(order, named, alma, ledger)
        if number is not None:
            found, mms_id, checked = _agreed(order, number.strip(), asked)
            decisions.posted_as(engine, order, found, name, mms_id=mms_id, checked=checked)
        elif keep:
            decisions.keep(engine, order, name)
        else:
            document = decisions.changed_by_hand(engine, order)
            facts, worth = facts_of_payload(document.encode()), ordered(order.target, document)
            decisions.accept_change(engine, order, name, found_by(facts), known_by(Identity(), facts), worth)
        _say(form, engine, order)
    return 0


@command.command("release")
@click.argument("words", metavar="ID|KEY", callback=legible)
@option(
    "--not-in-alma",
    is_flag=True,
    help="Also an order that counts as posted, and is not there after all, or was cancelled there.",
)
@BY
@_FORCE
@mapping_option
@ledger_option
@alma_options
@common
def release(
    words: str,
    not_in_alma: bool,
    who: str | None,
    force: bool,
    mapping: str | None,
    ledger: str,
    form: Format,
    **alma: Any,
) -> int:
    """The order may be sent: the mapping or the ledger holds it, or you looked it up and it is not in Alma.

    It goes with the next run of its file, or with etl ledger reprocess.

    An order that may be in Alma is looked for there first, if --mapping or --key says how. One that counts
    as posted, or was cancelled, is released only with --not-in-alma.
    """
    from etl.alma.ordered import ordered
    from etl.ledger import decisions
    from etl.ledger.orders import State

    named, name = chosen_alma(mapping, alma, ledger) if mapping else None, who or getpass.getuser()
    with opened(named.ledger if named else ledger) as engine:
        order = one_order(engine, words)
        asked = None if force else alma_of(order, named, alma, ledger)
        worth = ordered(order.target, order.offered_payload)
        if not_in_alma and order.state in (State.POSTED, State.CANCELLED):
            decisions.take_back(engine, order, name, _absent(order, asked), worth)
        else:
            checked = _absent(order, asked) if order.in_doubt else ""
            decisions.release(engine, order, name, checked, worth)
        _say(form, engine, order)
    return 0


@command.command("dismiss")
@click.argument("words", metavar="ID|KEY", callback=legible)
@option("--same-as", metavar="ID|NUMBER|KEY", callback=legible, help="It is this order of the ledger.")
@option("--reason", default=None, metavar="TEXT", callback=legible, help="Why it is never to be sent.")
@BY
@ledger_option
@common
def dismiss(
    words: str, same_as: str | None, reason: str | None, who: str | None, ledger: str, form: Format
) -> int:
    """A held, rejected or refused order that is never to be sent, as long as the vendor's record stays so.

    With --same-as it is one that the ledger knows under another key. What may be in Alma is not dismissed.
    """
    if not (same_as or reason):
        raise click.UsageError("say why: --same-as ORDER, or --reason TEXT")
    from etl.ledger import decisions

    with opened(ledger) as engine:
        order = one_order(engine, words)
        other = one_order(engine, same_as) if same_as else None
        decisions.dismiss(engine, order, who or getpass.getuser(), reason or "", other)
        _say(form, engine, order)
    return 0


# --------------------------------------------------------------------------------------------- inside


def _say(form: Format, engine: Database, order: Order) -> None:
    """How it stands now."""
    from etl.ledger.database import place_of

    Output(form, ledger=place_of(engine)).say(line_of(one_order(engine, str(order.id))))


def alma_of(order: Order, named: Chosen | None, alma: dict[str, Any], ledger: str) -> Chosen | None:
    """The Alma to be asked about an order; None: the options name none. Raises click.UsageError for one that
    the order was not posted to.
    """
    if named is None:
        if not (alma.get("key") and (alma.get("region") or alma.get("base_url"))):
            return None
        return chosen_alma(None, {**alma, "institution": order.institution}, ledger)
    if named.options.institution != order.institution:
        raise click.UsageError(
            f'order {order.id} belongs to "{order.institution}", and the mapping posts to '
            f'"{named.options.institution}"'
        )
    return named


def _agreed(order: Order, number: str, asked: Chosen | None) -> tuple[str, str | None, str]:
    """(number, its record's number, how that is known). Raises Refusal (E826 …) when Alma contradicts."""
    from etl.alma.by_hand import agreed_number
    from etl.ledger.orders import State

    if asked is None or order.state not in (State.UNKNOWN, State.HELD):
        return number, None, _NOT_ASKED
    with at_alma(asked.options, asked.base) as delivery:
        found, mms_id = agreed_number(delivery.inquiry, order, number, asked.options.language)
    return found, mms_id or None, "Alma agrees"


def _absent(order: Order, asked: Chosen | None) -> str:
    """How it is known that the order is not in Alma. Raises Refusal (E826 …) when Alma contradicts."""
    from etl.alma.by_hand import agreed_absence

    if asked is None:
        return _NOT_ASKED
    with at_alma(asked.options, asked.base) as delivery:
        agreed_absence(delivery.inquiry, order, asked.options.language)
    return "Alma agrees"


def _ask_for_all(asked: Chosen, form: Format) -> int:
    from etl.alma.said import stopped
    from etl.alma.settle_all import settle_all

    output = Output(form, ledger=asked.shown)
    with at_alma(asked.options, asked.base) as delivery:
        results, failure = settle_all(delivery.ledger, delivery.inquiry, interruption.told)
    for one in results:
        output.data(f"{one.order.id}  {one.order.shown}  {one.state or 'still unknown'}  {one.finding.words}")
    output.say(f'{counted(len(results), "order")} in doubt at "{asked.options.institution}"')
    interruption.look()
    if failure is not None:
        raise stopped(failure, asked.options.language)
    return 1 if any(one.state in (None, "held") for one in results) else 0
