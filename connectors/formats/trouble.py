"""Why a record cannot be read, or was read with a reservation: a problem that does not know its place yet."""

from __future__ import annotations

from typing import NamedTuple

from etl.plugin import DataPlace, Problem, Rejected, Severity

_SHOWN, _LONGEST = 4, 40


class Trouble(NamedTuple):
    """`field` is a column name or a MARC path, where one is to blame. `holds`: a record that was read with it
    waits for a person.
    """

    code: str
    message: str
    help: str | None = None
    field: str | None = None
    holds: bool = False

    def at(self, place: DataPlace, severity: Severity = Severity.ERROR) -> Problem:
        """The problem, at a record's place."""
        exact = DataPlace(place.file, place.record, place.line, place.offset, self.field or place.field)
        return Problem(self.code, self.message, severity, data=exact, help=self.help)

    def noted(self, place: DataPlace) -> Problem:
        """The problem of a record that was read all the same: a warning, or a hold."""
        return self.at(place, Severity.HOLD if self.holds else Severity.WARNING)


def not_whole(shows: str) -> Trouble:
    """The file is not whole, and what shows it. On one record it costs all of the file."""
    help_ = "ask for the whole file: no record of this one is used, for what it lacks cannot be known"
    return Trouble(Rejected.NOT_WHOLE, f"the file is not whole: {shows}", help_)


def without_line_end(line: int) -> Trouble:
    """A warning about the last line of a text whose other lines end."""
    told = f"the last line ({line}) has no line end, though every line before it has one"
    help_ = "compare its end with what the vendor sent: a file that was cut off in it looks so"
    return Trouble("E326", told, help_)


def several_said(one: str, where: str, texts: list[str]) -> str:
    """That there should be `one`, and `where` has these."""
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return f"{one}, and {where} has several: {', '.join(map(shown_text, texts[:_SHOWN]))}{more}"


def shown_text(text: str) -> str:
    """In quotes, its beginning if it is long."""
    return f'"{text[:_LONGEST]}{"…" * (len(text) > _LONGEST)}"'
