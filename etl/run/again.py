"""A line of the ledger → its rows as they were read, to be mapped anew or looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from etl.ledger.database import Database
from etl.ledger.intake import Arrived, arrived_of, kept_mapping
from etl.ledger.orders import Order, State
from etl.ledger.waiting import waiting_at
from etl.problems import DataPlace
from etl.run.arriving import read_values
from etl.run.outcomes import SourceRow

_SETTLED_FIRST = (State.UNKNOWN, State.INTENDED, State.POSTED)


@dataclass(frozen=True, slots=True)
class LineAgain:
    """The rows of a line, and the file they came in."""

    order: Order
    rows: list[SourceRow]
    came: Arrived


def line_again(database: Database, order: Order) -> LineAgain | None:
    """None where the ledger has no values: of a record that could not be read, or an order of old."""
    found = arrived_of(database, order)
    if found is None or order.pruned or not order.record or order.record == "[]":
        return None
    came, places = found
    at = order.place or DataPlace(came.name)
    rows = []
    for number, values in enumerate(read_values(order.record)):
        record, part = places[min(number, len(places) - 1)]
        line, offset = (at.line, at.offset) if number == 0 else (None, None)
        rows.append(SourceRow(values, came.name, record, line, offset, part))
    return LineAgain(order, rows, came)


def waiting_lines(database: Database, institution: str, mapping: str) -> Iterator[LineAgain | Order]:
    """What waits there of the mapping with this name, and is not in doubt; the order alone where there is
    nothing to map.
    """
    names: dict[str, str | None] = {}
    for order in list(waiting_at(database, institution)):
        if order.state in _SETTLED_FIRST or order.in_doubt or order.mapping is None:
            continue
        if order.mapping not in names:
            kept = kept_mapping(database, order.mapping)
            names[order.mapping] = None if kept is None else kept.name
        if names[order.mapping] == mapping:
            yield line_again(database, order) or order
