"""Read a vendor's file with its connector: rows, what was rejected, and notes, as tests of order lines need them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from etl.plugin import Connector, Problem, Refusal, Rejected
from etl.testing.sources import bytes_source, path_source


@dataclass(frozen=True)
class Reading:
    """What the connector made of a file."""

    rows: list[dict[str, Any]]
    rejected: list[Rejected]
    notes: list[Problem]

    @property
    def row(self) -> dict[str, Any]:
        assert self.rejected == []
        assert len(self.rows) == 1
        return self.rows[0]

    @property
    def why(self) -> list[Problem]:
        """The problems of the one rejected record."""
        assert self.rows == []
        assert len(self.rejected) == 1
        return list(self.rejected[0].problems)

    def codes(self) -> list[str]:
        """Of the notes, but for the one that names the layout."""
        return [note.code for note in self.notes if note.code != "E358"]


def reading(connector: Connector, data: bytes | Path, options: dict[str, object]) -> Reading:
    """The whole file."""
    source = path_source(data) if isinstance(data, Path) else bytes_source(data)
    batches = list(connector.read(source, connector.Options.model_validate(options), None))
    return Reading(
        [row for batch in batches for row in batch.frame.to_dicts()],
        [one for batch in batches for one in batch.rejected],
        [note for batch in batches for note in batch.notes],
    )


def refused_for(read: Callable[[], object]) -> list[Problem]:
    """The problems for which the file is refused."""
    with pytest.raises(Refusal) as refused:
        read()
    return list(refused.value.problems)
