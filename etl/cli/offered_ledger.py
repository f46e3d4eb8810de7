"""A run to Alma without its ledger → a question to the person at the terminal; nobody there: no question."""

from __future__ import annotations

import sys

import click

from etl.cli.output import Output
from etl.run.pipeline import Delivery


def offer_ledger(delivery: Delivery) -> None:
    """Make the ledger that the delivery lacks, if a person at a terminal says so.

    Whoever says no, and whoever is not asked, is refused by the sink (E802). Raises KeyboardInterrupt at
    Ctrl-C; Refusal when it cannot be made.
    """
    if delivery.sink.name != "alma" or not sys.stdin.isatty():
        return
    from etl.ledger.database import is_there, place_of
    from etl.ledger.keeping import create

    location = getattr(delivery.options, "ledger", "")
    if is_there(location, delivery.base):
        return
    output = Output("text")
    output.say(
        "there is no ledger yet, the memory of what was sent to Alma: in a new one nothing counts as sent"
    )
    try:
        if not output.agreed("is this the first time that orders are sent from here: make one?"):
            return
    except click.Abort:
        raise KeyboardInterrupt from None
    engine = create(location, delivery.base)
    output.say(f"made: {place_of(engine)}")
    engine.dispose()
