"""A line of the ledger → its rows as they were read, to be mapped anew or looked at."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from etl.ledger.arrivals import last_arrival
from etl.ledger.database import Database, reading
from etl.ledger.find import institutions
from etl.ledger.intake import Arrived, arrived_of
from etl.ledger.orders import Order, State
from etl.ledger.waiting import waiting_at
from etl.problems import DataPlace
from etl.run.arriving import read_values
from etl.run.outcomes import SourceRow

_SETTLED_FIRST = (State.UNKNOWN, State.INTENDED, State.POSTED)


@dataclass(frozen=True, slots=True)
class LineAgain:
    """The rows of a line, and the file they came in; `until`: see `RecordOrigin`."""

    order: Order
    rows: list[SourceRow]
    came: Arrived
    until: int

    @property
    def places(self) -> set[tuple[int, int]]:
        """(record, part) of each row."""
        return {(row.record, row.part) for row in self.rows}


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """Whose a line is that another mapping leaves alone. `mapping`: `Order.mapped_as`."""

    institution: str
    mapping: str | None


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
    with reading(database) as connection:
        until = last_arrival(connection, order.institution, order)
    return LineAgain(order, rows, came, until)


def waiting_lines(database: Database, institution: str, mapped_as: str) -> Iterator[LineAgain | Order]:
    """What waits there of this mapping, with these parameters, and is not in doubt; the order alone where
    there is nothing to map.
    """
    for order in list(waiting_at(database, institution)):
        if order.mapped_as == mapped_as and order.state not in _SETTLED_FIRST and not order.in_doubt:
            yield line_again(database, order) or order


def waiting_otherwise(database: Database, institution: str, mapped_as: str) -> Counter[LeftAlone]:
    """How many lines `waiting_lines` does not take that may be meant: those of another mapping of this name
    or for another destination, and those here of which nobody knows by what they were made.
    """
    name = json.loads(mapped_as)[0]
    found: Counter[LeftAlone] = Counter()
    for place in sorted(institutions(database)):
        for order in waiting_at(database, place):
            if order.mapped_as is None:
                meant = place == institution and order.state not in _SETTLED_FIRST and not order.in_doubt
            else:
                ours = (place, order.mapped_as) == (institution, mapped_as)
                meant = not ours and json.loads(order.mapped_as)[0] == name
            found[LeftAlone(place, order.mapped_as)] += meant
    return +found
