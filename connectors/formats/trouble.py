"""Why a record cannot be read, or was read with a reservation: a problem that does not know its place yet."""

from __future__ import annotations

from typing import NamedTuple

from etl.plugin import DataPlace, Problem, Severity


class Trouble(NamedTuple):
    """`field` is a column name or a MARC path, where one is to blame."""

    code: str
    message: str
    help: str | None = None
    field: str | None = None

    def at(self, place: DataPlace, severity: Severity = Severity.ERROR) -> Problem:
        """The problem, at a record's place."""
        exact = DataPlace(place.file, place.record, place.line, place.offset, self.field or place.field)
        return Problem(self.code, self.message, severity, data=exact, help=self.help)
