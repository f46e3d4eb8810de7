"""A verb → Alma and its ledger; warnings that are about no single order are said at the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from etl.cli.output import Output

if TYPE_CHECKING:
    from etl.alma.deliver import Delivery
    from etl.problems import Problem
    from etl.sinks.alma import AlmaOptions


@contextmanager
def at_alma(options: AlmaOptions, base: Path) -> Iterator[Delivery]:
    """Client, ledger and rules for these options. Raises Refusal when key or ledger cannot be had."""
    from etl.ledger.commands_told import telling
    from etl.ledger.database import shown_location
    from etl.sinks.alma import delivery_for

    notices: deque[Problem] = deque()
    ledger = shown_location(options.ledger, base)
    try:
        with telling(ledger), delivery_for(options, base, notices) as delivery:
            yield delivery
    finally:
        Output("text", ledger=ledger).problems(notices)
