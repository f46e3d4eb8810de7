"""etl verify [MAPPING] → what became in Alma of the orders the ledger calls posted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from etl.cli.alma_options import Chosen, alma_options, chosen_alma
from etl.cli.at_alma import at_alma
from etl.cli.options import FILE, common, option
from etl.cli.output import Format, Output
from etl.cli.summary import counted
from etl.interruption import interruption
from etl.problems import MappingPlace, Problem, Severity

if TYPE_CHECKING:
    from etl.alma.deliver import Delivery
    from etl.alma.verify import Checked, Tally, Verifier
    from etl.ledger.orders import Order


@click.command("verify")
@click.argument("mapping", type=FILE, required=False)
@option("--run", "run", metavar="ID", help="Only orders this run touched.")
@option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="First sent then or later.")
@option("--again", is_flag=True, help="Also orders that were verified before.")
@option("--wait", type=click.FloatRange(0, 3600), default=0, show_default=True, metavar="SECONDS",
              help="How long to ask again for orders Alma has not finished with.")  # fmt: skip
@option(
    "--ledger", default="etl-ledger.sqlite", show_default=True, metavar="FILE|URL", help="Without a mapping."
)
@option(
    "--institution-file", type=FILE, metavar="FILE",
    help="Institution file (etl pull) that predictions use.",
)  # fmt: skip
@alma_options
@common
def command(
    mapping: str | None,
    run: str | None,
    since: Any,
    again: bool,
    wait: float,
    ledger: str,
    institution_file: str | None,
    form: Format,
    **alma: Any,
) -> int:
    """Read posted orders from Alma: status, alerts, whether stored as sent, whether predictions held.

    With a MAPPING its sink says which Alma and which ledger. Nothing in Alma is changed; what is found goes
    into the ledger's history. Exit code 1: some are stored otherwise, cancelled or gone; 5: Alma has not
    finished with some.
    """
    from etl.alma.verify import Tally

    chosen = chosen_alma(mapping, alma, ledger)
    if chosen.spec is not None:
        institution_file = institution_file or own_institution(chosen.spec)
    output, tally = Output(form, ledger=chosen.shown), Tally()
    found: list[Checked] = []
    with at_alma(chosen.options, chosen.base) as delivery:
        orders = _posted(chosen, run, since, again)
        for one in settled(_verifier(delivery, institution_file), orders, wait):
            tally.add(one)
            found.append(one)
    problems = [problem for one in found for problem in problems_of_check(one)]
    if form == "json":
        output.json([_row(one) for one in found])
    else:
        for one in found:
            output.data(
                f"{one.order.number}  {one.status or 'not yet'}  {one.order.shown}  {one.order.title or ''}"
            )
        output.problems(problems)
    output.say(*summary(tally))
    interruption.look()
    return 1 if tally.different or tally.ended or tally.gone else 5 if tally.pending else 0


def summary(tally: Tally) -> list[str]:
    """The few lines a person reads at the end."""
    stood = ", ".join(f"{count:,} {status}" for status, count in sorted(tally.statuses.items()))
    lines = [f"in Alma: {stood or 'nothing to verify'}"]
    if tally.predicted:
        lines.append(f"predictions: {tally.held:,} of {tally.predicted:,} held")
        lines += [
            f"  {count:,} predicted {said} became {became}"
            for (said, became), count in sorted(tally.predictions.items())
            if said != became
        ]
    if tally.different:
        lines.append(f"stored otherwise than sent: {counted(tally.different, 'order')}")
    if tally.ended:
        lines.append(f"cancelled or rejected in Alma: {counted(tally.ended, 'order')}")
    if tally.gone:
        lines.append(f"not in Alma any more: {counted(tally.gone, 'order')}")
    if tally.pending:
        lines.append(
            f"Alma has not finished with {counted(tally.pending, 'order')}: verify again in a minute"
        )
    return lines


def problems_of_check(one: Checked) -> list[Problem]:
    """What a person must know of one order."""
    order = one.order
    at = MappingPlace(f"{order.number} ({order.shown})")
    if not one.there:
        words = f"Alma has no {order.number} any more"
        return [Problem("E854", words, mapping=at, help=f"what was sent: etl ledger show {order.id}")]
    problems = [
        Problem("E853", f"stored otherwise than sent: {different}", Severity.WARNING, mapping=at)
        for different in one.different
    ]
    if one.ended:
        words = f"it is {one.status} in Alma: nothing is under way any more"
        fix = f"if it is to be ordered after all, order it in Alma; what was sent: etl ledger show {order.id}"
        problems.append(Problem("E858", words, Severity.WARNING, mapping=at, help=fix))
    if one.held is False:
        why = f": {'; '.join(one.alerts)}" if one.alerts else ""
        words = f"predicted {one.predicted}, and it is {one.status}{why}"
        problems.append(Problem("E855", words, Severity.WARNING, mapping=at))
    return problems


# --------------------------------------------------------------------------------------------- inside


def _posted(chosen: Chosen, run: str | None, since: Any, again: bool) -> list[Order]:
    from etl.alma.verify import open_to_change
    from etl.ledger.database import open_database
    from etl.ledger.find import Wanted, find
    from etl.ledger.orders import State

    day = f"{since:%Y-%m-%d}" if since else None
    wanted = Wanted(None, [State.POSTED], run, day, institution=chosen.options.institution)
    engine = open_database(chosen.options.ledger, chosen.base, make=False)
    try:
        orders = list(find(engine, wanted))
    finally:
        engine.dispose()
    return [one for one in orders if again or open_to_change(one)]


def settled(verifier: Verifier, orders: Sequence[Order], wait: float) -> Iterator[Checked]:
    """Each order once, in the end; pending ones are asked for again while there is time. Fewer when told to
    stop.
    """
    left, pause = wait, 1.0
    while True:
        pending = []
        for one in verifier.verify(orders):
            if one.pending and left > 0:
                pending.append(one.order)
            else:
                yield one
        if not pending:
            return
        if verifier.patience.stop.wait(min(pause, left)):
            return
        left, pause, orders = left - pause, min(2 * pause, 30), pending


def _verifier(delivery: Delivery, institution_file: str | None) -> Verifier:
    from etl.alma.verify import Verifier
    from etl.run.prediction import Predictor

    return Verifier(
        delivery.client,
        delivery.patience,
        delivery.ledger,
        Predictor(institution_file).of,
        delivery.judge.language,
    )


def own_institution(spec: Any) -> str | None:
    """The institution file a mapping names, as a path from here."""
    from etl.spec.load import sibling

    name = spec.model.institution
    return sibling(spec.node("institution").file, name) if name else None


def _row(one: Checked) -> dict[str, Any]:
    return {
        "id": one.order.id,
        "number": one.order.number,
        "key": one.order.shown,
        "there": one.there,
        "status": one.status,
        "alerts": list(one.alerts),
        "po_line": one.po_line,
        "predicted": one.predicted,
        "prediction_held": one.held,
        "differences": [asdict(different) for different in one.different],
    }
