"""Bytes read by a connector → what it makes of them, to be compared with what it makes of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from etl.plugin import Connector, Problem, Refusal
from etl.records import RESERVED
from etl.testing.sources import bytes_source


@dataclass(slots=True)
class SampleReading:
    """What a connector makes of some bytes: rows by record, how many records, and what it says of them."""

    rows: dict[int, list[Mapping[str, Any]]] = field(default_factory=dict)
    count: int = 0
    said: set[tuple[str, str]] = field(default_factory=set)

    def says_more(self, than: SampleReading) -> bool:
        return not self.said <= than.said


def reading_of(connector: Connector, data: bytes, options: BaseModel) -> SampleReading:
    """What refuses the whole file is said of it, too."""
    found = SampleReading()
    try:
        for batch in connector.read(bytes_source(data, "sample"), options, None):
            for row in batch.frame.iter_rows(named=True):
                values = {name: value for name, value in row.items() if name not in RESERVED}
                found.rows.setdefault(row["_record"], []).append(values)
            for item in batch.rejected:
                found.said |= {_told(problem, item.record) for problem in item.problems}
                found.count += 1
            found.said |= {_told(note) for note in batch.notes}
    except Refusal as refusal:
        found.said |= {_told(problem) for problem in refusal.problems}
    found.count += len(found.rows)
    return found


def _told(problem: Problem, record: int | None = None) -> tuple[str, str]:
    at = problem.data.record if problem.data is not None and record is None else record
    return problem.code, f"{at} {problem.message}"
