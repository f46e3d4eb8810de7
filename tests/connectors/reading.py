"""Read a whole source with a connector, in the few words that tests need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from etl.plugin import Connector, Problem, Refusal, Rejected
from etl.testing.sources import bytes_source, path_source


@dataclass
class Reading:
    """Everything a connector made of a file."""

    rows: list[dict[str, object]]
    rejected: list[Rejected]
    problems: list[Problem]
    places: list[tuple[int, int | None, int | None]]

    @property
    def notes(self) -> list[str]:
        """Their codes."""
        return [note.code for note in self.problems]

    @property
    def codes(self) -> list[tuple[int, str]]:
        return [(item.record, item.problems[0].code) for item in self.rejected]


def read(connector: Connector, data: bytes | Path, **options: object) -> Reading:
    source = path_source(data) if isinstance(data, Path) else bytes_source(data)
    batches = list(connector.read(source, connector.Options.model_validate(options), None))
    rows = [row for batch in batches for row in batch.frame.to_dicts()]
    places = [(row.pop("_record"), row.pop("_line"), row.pop("_offset")) for row in rows]
    rejected = [item for batch in batches for item in batch.rejected]
    return Reading(rows, rejected, [note for batch in batches for note in batch.notes], places)


def refusal(connector: Connector, data: bytes | Path, **options: object) -> list[str]:
    """The codes with which the file is refused; none if it is read."""
    try:
        read(connector, data, **options)
    except Refusal as refused:
        return [problem.code for problem in refused.problems]
    return []
