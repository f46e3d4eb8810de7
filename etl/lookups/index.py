"""A sheet → its rows by key, or every reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from etl.lookups.row import Row, row_place
from etl.lookups.sheet import VALIDITY, Sheet, did_you_mean
from etl.normal_form import normal_form
from etl.problems import MappingPlace, Problem

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """A row and the days it is valid on, both ends included."""

    first: date
    last: date
    row: Row
    line: int


def normal_key(parts: Key, case_insensitive: bool) -> Key:
    """The form in which keys are compared."""
    if case_insensitive:
        return tuple([normal_form(part).casefold() for part in parts])
    return tuple([normal_form(part) for part in parts])


def key_problems(sheet: Sheet, key: Key, place: MappingPlace | None) -> list[Problem]:
    """Key columns that the table does not have, and keys without columns (E456)."""
    if not key:
        return [Problem("E456", "a lookup needs at least one key column", mapping=place)]
    found = [
        Problem(
            "E456",
            f'the table has no column "{name}" to look up by',
            mapping=place,
            help=did_you_mean(name, sheet.columns),
        )
        for name in key
        if name not in sheet.columns
    ]
    repeated = sorted({name for name in key if key.count(name) > 1})
    return found + [
        Problem("E456", f'the key names column "{name}" twice', mapping=place) for name in repeated
    ]


def index_rows(
    sheet: Sheet, key: Key, case_insensitive: bool
) -> tuple[dict[Key, list[Period]], list[Problem]]:
    """Key → periods in order. Two rows of one key are refused (E457) if they are valid on the same day."""
    columns = {name: number for number, name in enumerate(sheet.columns)}
    positions = [columns[name] for name in key]
    dated = [(name, columns[name]) for name in VALIDITY if name in columns]
    found: list[Problem] = []
    index: dict[Key, list[Period]] = {}
    for cells, place in sheet.rows:
        row = Row(columns, cells, place)
        first, last = date.min, date.max
        if dated:
            bounds = {name: _day(cells[number], name, place, found) for name, number in dated}
            first, last = bounds.get("valid_from") or first, bounds.get("valid_to") or last
            if last < first:
                message = f"the row ends on {last} before it begins on {first}"
                found.append(
                    Problem("E458", message, mapping=place, help="valid_to is the last day, itself included")
                )
        normal = normal_key(tuple([cells[position] or "" for position in positions]), case_insensitive)
        index.setdefault(normal, []).append(Period(first, last, row, place.line))
    for normal, periods in index.items():
        if len(periods) > 1:
            found += _clashes(normal, periods, bool(dated))
    return index, found


def _day(cell: str | None, column: str, place: MappingPlace, found: list[Problem]) -> date | None:
    if not cell:
        return None
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        day = None
    if day is None or day.isoformat() != cell:  # Python also reads 20240311 and 2024-W11-1
        found.append(
            Problem("E458", f'{column} is not a date: "{cell}"', mapping=place, help="write YYYY-MM-DD")
        )
        return None
    return day


def _clashes(key: Key, periods: list[Period], dated: bool) -> list[Problem]:
    """Rows of one key that are valid on the same day. Sorts the periods by their first day."""
    periods.sort(key=lambda period: (period.first, period.line))
    found: list[Problem] = []
    longest = periods[0]
    for period in periods[1:]:
        if period.first <= longest.last:
            early, late = sorted((longest, period), key=lambda one: one.line)
            what = "is valid on the same days as" if dated else "has the same key as"
            help_text = "let one end the day before the other begins" if dated else "keep one of them"
            message = 'the row of "' + " / ".join(key) + f'" {what} the one on line {early.line}'
            found.append(Problem("E457", message, mapping=row_place(late.row), help=help_text))
        longest = max(longest, period, key=lambda one: one.last)
    return found
