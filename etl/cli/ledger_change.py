"""etl ledger change, etl ledger cancel → a posted order, changed or cancelled in Alma.

What Alma has and what it is to become is shown first, then it is asked for; without a terminal that needs
--yes.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.cli.alma_options import Chosen, alma_options, chosen_alma, mapping_option
from etl.cli.at_alma import at_alma
from etl.cli.ledger import command, ledger_option, one_order, opened
from etl.cli.ledger_decide import BY, alma_of
from etl.cli.options import FILE, OneOf, common, legible, option
from etl.cli.output import Format, Output
from etl.cli.render_orders import line_of
from etl.interruption import interruption

if TYPE_CHECKING:
    from etl.alma.change import Changer, Proposal
    from etl.alma.recovery import Language
    from etl.ledger.orders import Order

_YES = option("--yes", is_flag=True, help="Do not ask.")
_ORDER = click.argument("words", metavar="ID|NUMBER|KEY", callback=legible)
_OF_LINES = "a purchase request is withdrawn as it is: --reason, --comment and the like are for order lines"


@command.command("change")
@_ORDER
@option("--payload-file", "file", type=FILE, metavar="FILE",
        help="What it is to become, a payload file. Default: the payload offered after posting.")  # fmt: skip
@option("--over", multiple=True, metavar="FIELD", callback=legible,
        help="Write this field over, although somebody has changed it in Alma.")  # fmt: skip
@_YES
@BY
@mapping_option
@ledger_option
@alma_options
@common
def change(
    words: str,
    file: str | None,
    over: tuple[str, ...],
    yes: bool,
    who: str | None,
    mapping: str | None,
    ledger: str,
    form: Format,
    **alma: Any,
) -> int:
    """Change a posted order in Alma to the payload offered after posting, or to that of a file.

    Alma is read first, and the differences are shown. What somebody has changed there since posting is not
    written over, unless --over names it. What Alma never takes from outside is told, to be done by hand.
    """

    def proposed(changer: Changer, order: Order) -> Proposal:
        from etl.ledger.decisions import offered_document

        payload = offered_document(order) if file is None else _payload(order, Path(file))
        found = changer.proposed(order, payload, over)
        idle = set(over) - {one.path for one in found.changes}
        if idle:
            raise click.UsageError(f"--over {sorted(idle)[0]}: no such field is to be changed")
        return found

    return _asked(words, proposed, yes, who, mapping, ledger, form, alma)


@command.command("cancel")
@_ORDER
@option("--reason", metavar="CODE", callback=legible,
        help="For order lines: a code of Alma's table of cancellation reasons.")  # fmt: skip
@option("--comment", metavar="TEXT", callback=legible, help="A comment beside it.")
@option("--inform-vendor", is_flag=True, help="Alma sends the vendor a letter.")
@option("--override", is_flag=True, help="Also where Alma warns: copies received, cancellation restricted.")
@option("--bib", type=OneOf(["retain", "delete", "suppress"]),
        help="What becomes of a record that nothing else needs. Default: retain.")  # fmt: skip
@_YES
@BY
@mapping_option
@ledger_option
@alma_options
@common
def cancel(
    words: str,
    reason: str | None,
    comment: str | None,
    inform_vendor: bool,
    override: bool,
    bib: str | None,
    yes: bool,
    who: str | None,
    mapping: str | None,
    ledger: str,
    form: Format,
    **alma: Any,
) -> int:
    """Cancel a posted order line in Alma, or withdraw a purchase request.

    The order then counts as cancelled: its file brings it again, and it is not sent again. One that Alma has
    cancelled already is only noted.
    """
    flags = {"inform_vendor": "true" if inform_vendor else None, "override": "true" if override else None}
    told = {"reason": reason, "comment": comment, **flags, "bib": bib}
    query = {name: value.strip() for name, value in told.items() if value and value.strip()}

    def proposed(changer: Changer, order: Order) -> Proposal:
        if order.target == "purchase_request" and query:
            raise click.UsageError(_OF_LINES)
        if order.target == "po_line" and "reason" not in query:
            raise click.UsageError("say why, with a code of Alma: --reason LIBRARY_CANCELLED")
        return changer.cancellation(order, query)

    return _asked(words, proposed, yes, who, mapping, ledger, form, alma)


# --------------------------------------------------------------------------------------------- inside


def _asked(
    words: str,
    proposed: Callable[[Changer, Order], Proposal],
    yes: bool,
    who: str | None,
    mapping: str | None,
    ledger: str,
    form: Format,
    alma: dict[str, Any],
) -> int:
    """Settle what is open, show what would be asked, ask for it."""
    with _changer(words, who, mapping, ledger, alma) as (changer, order, chosen):
        output, language = Output(form, ledger=chosen.shown), chosen.options.language
        from etl.ledger.decisions import only_posted

        problem = changer.settled(order())
        if problem is None:
            only_posted(order())
            proposal = proposed(changer, order())
            _show(output, proposal, language)
            wanted = proposal.problem is None and not proposal.done
            if wanted and not yes and not sys.stdin.isatty():
                raise click.UsageError("nothing was done: without a terminal to ask, say --yes")
            if wanted and not yes and not output.agreed("do it?"):
                raise click.Abort
            problem = changer.carry_out(proposal)
        output.problems([problem] if problem else [])
        output.say(line_of(order()))
        _still_offered(output, order(), language)
    interruption.look()
    return 1 if problem else 0


@contextmanager
def _changer(
    words: str, who: str | None, mapping: str | None, ledger: str, alma: dict[str, Any]
) -> Iterator[tuple[Changer, Callable[[], Order], Chosen]]:
    """Who asks, the order as it stands at each call, and the Alma."""
    from etl.alma.change import Changer

    named = chosen_alma(mapping, alma, ledger) if mapping else None
    with opened(named.ledger if named else ledger) as engine:
        meant = one_order(engine, words)
        chosen = alma_of(meant, named, alma, ledger)
        if chosen is None:
            raise click.UsageError("say which Alma: --mapping, or --key and --region")
        with at_alma(chosen.options, chosen.base) as delivery:
            changer = Changer(delivery, who or getpass.getuser())
            yield changer, lambda: one_order(engine, str(meant.id)), chosen


def _payload(order: Order, file: Path) -> str:
    """The payload of a file, as the mapping would have written it. Raises Refusal for what it is not."""
    from etl.cli.check import payload_problems
    from etl.plan.compile import is_error
    from etl.problems import MappingPlace, Refusal
    from etl.registry import Registry
    from etl.regular_files import read_file
    from etl.run.inputs import unreadable

    target = Registry.installed().get("targets", order.target, MappingPlace(str(file)))()
    try:
        written = read_file(file)
    except OSError as error:
        raise Refusal(unreadable(file, error)) from None
    wrong = [one for one in payload_problems(target, file, written) if is_error(one)]
    if wrong:
        raise Refusal(wrong)
    xml = order.payload.lstrip().startswith("<")
    payload: bytes = target.payload(target.parse(written), "xml" if xml else "json")
    return payload.decode()


def _show(output: Output, proposal: Proposal, language: Language) -> None:
    """What Alma has, and what would become of it."""
    from etl.alma.facts import facts_of
    from etl.alma.phrases import words
    from etl.alma.tree import text

    stored = proposal.stored or {}
    output.say(f"{proposal.order.number}  {text(stored, 'status') or '-'}  {facts_of(stored).title or '-'}")
    for one in proposal.changes:
        output.say(f"  {one}" if not one.there else f"  {one.path}: {words('has it already', language)}")
    for what in proposal.stays:
        output.say(f"  {words('kept as it is', language, what=what)}")
    if proposal.payload is None:
        output.say(f"  cancel {proposal.what}".rstrip())


def _still_offered(output: Output, order: Order, language: Language) -> None:
    from etl.alma.phrases import words

    if order.offered_payload:
        output.say(words("another is offered", language, id=order.id))
