"""Bytes read by a connector → what it makes of them, to be compared with what it makes of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import BaseModel

from etl.plugin import Connector, Problem, Refusal, Rejected, Severity
from etl.records import RESERVED
from etl.testing.sources import bytes_source

Row = Mapping[str, Any]


class Saying(NamedTuple):
    """What is said, of which record and how weighty; not the sentence: one that counts what is read is
    another for every file.
    """

    code: str
    severity: Severity
    record: int | None
    field: str | None


@dataclass(slots=True)
class SampleReading:
    """What a connector makes of some bytes: rows by record, what it rejects, and what it says of them.

    `places` are (line, byte) of each record, null where it does not say; `refused`, that nothing is read.
    """

    rows: dict[int, list[Row]] = field(default_factory=dict)
    places: dict[int, tuple[int | None, int | None]] = field(default_factory=dict)
    rejected: dict[int, Rejected] = field(default_factory=dict)
    told: Counter[Saying] = field(default_factory=Counter)
    refused: bool = False

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.rejected)

    def tells_of_loss(self, than: SampleReading) -> bool:
        """Is it said, so that it stops something, that not all is there? What is only counted or shown does
        not say it: an order that is lost is more than a note.
        """
        return self.refused or any(one.severity.stops for one in self.told - than.told)

    def warns(self, than: SampleReading) -> bool:
        """Is something more said than a note?"""
        return self.refused or any(one.severity is not Severity.NOTE for one in self.told - than.told)

    def tells_of(self, record: int, than: SampleReading) -> bool:
        """Is it said of a record that it is another, or of the file that it is not whole?

        A row that is there and is another needs a warning, of it or of the file; one that is not there needs
        what stops it.
        """
        if self.refused or (record in self.rejected and record not in than.rejected):
            return True
        if any(one.code == Rejected.NOT_WHOLE and one.severity.stops for one in self.told - than.told):
            return True
        more = [one for one in self.told - than.told if one.record in (None, record)]
        if record not in self.rows:
            return any(one.severity.stops for one in more)
        return any(one.severity is not Severity.NOTE for one in more)


def reading_of(connector: Connector, data: bytes, options: BaseModel) -> SampleReading:
    """What refuses the whole file is said of it, too."""
    found = SampleReading()
    try:
        for batch in connector.read(bytes_source(data, "sample"), options, None):
            for row in batch.frame.iter_rows(named=True):
                values = {name: value for name, value in row.items() if name not in RESERVED}
                found.rows.setdefault(row["_record"], []).append(values)
                found.places.setdefault(row["_record"], (row["_line"], row["_offset"]))
            for item in batch.rejected:
                found.rejected[item.record] = item
                found.told.update(_told(problem, item.record) for problem in item.problems)
            found.told.update(map(_told, batch.notes))
    except Refusal as refusal:
        found.refused = True
        found.told.update(map(_told, refusal.problems))
    return found


def _told(problem: Problem, record: int | None = None) -> Saying:
    place = problem.data
    at = place.record if place is not None and record is None else record
    return Saying(problem.code, problem.severity, at, None if place is None else place.field)
