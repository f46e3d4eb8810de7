"""A key → its row, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from etl.lookups.index import Key, Period, index_rows, key_problems, normal_key
from etl.lookups.nearest import Neighbours
from etl.lookups.row import Row, row_cells, row_place
from etl.lookups.sheet import MAX_PROBLEMS, Sheet, did_you_mean
from etl.problems import MappingPlace, Problem, Refusal

Reason = Literal["unknown", "not valid", "no date"]
_CODES: dict[Reason, str] = {"unknown": "E460", "not valid": "E461", "no date": "E462"}


@dataclass(frozen=True, slots=True)
class Miss:
    """No row for a key. Reasons: no such key, none valid on that day, or no day to choose by."""

    key: Key
    reason: Reason
    message: str
    nearest: tuple[Key, ...] = ()
    periods: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The code of the problem this miss becomes, unless the mapping says what to do."""
        return _CODES[self.reason]

    @property
    def help(self) -> str | None:
        """What to try: the nearest keys, or the days on which there are rows."""
        if self.nearest:
            return f"did you mean {' or '.join(shown_key(key) for key in self.nearest)}?"
        if self.periods:
            return "valid: " + "; ".join(self.periods)
        return None


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup table. `columns` and `key` are known before the first record; `dated`: rows have validity."""

    shown: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    case_insensitive: bool
    dated: bool
    size: int
    _index: dict[Key, list[Period]] = field(repr=False)
    _neighbours: Neighbours = field(repr=False, compare=False)
    _readers: Mapping[str, Callable[[str], Any]] = field(default_factory=dict, repr=False, compare=False)

    def read_with(self, readers: Mapping[str, Callable[[str], Any]]) -> Table:
        """The table with the filled cells of these columns read, and empty ones None.

        A reader raises ValueError, in words. Raises Refusal with E465 for each such cell, at its row.
        """
        problems: list[Problem] = []

        def read(period: Period) -> Period:
            place = row_place(period.row)
            cells = self._read(row_cells(period.row), readers, place, problems)
            return replace(period, row=Row(self._positions(), cells, place))

        index = {key: list(map(read, periods)) for key, periods in self._index.items()}
        if problems:
            raise Refusal(problems[:MAX_PROBLEMS])
        return replace(self, _index=index, _readers=readers)

    def find(self, key_parts: tuple[str, ...], on: date | None = None) -> Row | Miss:
        """The row of the key that is valid on the day. Blanks around parts do not count.

        Without a day, only a row that is always valid is found: picking one of several would be a guess.
        Raises ValueError when the number of parts is not that of the key.
        """
        if len(key_parts) != len(self.key):
            raise ValueError(f"{self.shown} is looked up by {len(self.key)} columns, not {len(key_parts)}")
        periods = self._index.get(normal_key(key_parts, self.case_insensitive))
        if periods is None:
            return self._unknown(key_parts)
        if not self.dated:
            return periods[0].row
        if on is None:
            always = periods[0]
            if (always.first, always.last) == (date.min, date.max):
                return always.row
            what = "is valid for a time only, and no date was given"
            return self._miss(key_parts, "no date", what, periods)
        for period in periods:
            if period.first <= on <= period.last:
                return period.row
        return self._miss(key_parts, "not valid", f"has no row valid on {on.isoformat()}", periods)

    def dash_in_key(self) -> MappingPlace | None:
        """Of the first row with "-" alone in a key cell: a text like any other that looks like nothing."""
        dashed = (periods[0].row for key, periods in self._index.items() if "-" in key)
        return next((row_place(row) for row in dashed), None)

    def texts(self, columns: Collection[str]) -> set[str]:
        """What stands in the columns of these names, as text."""
        rows = (row_cells(period.row) for periods in self._index.values() for period in periods)
        return {str(cell) for row in rows for name, cell in row.items() if name in columns and cell}

    def null_row(self) -> Row:
        """A row that is false and has None in every column."""
        return Row(self._positions(), (None,) * len(self.columns), None, is_null=True)

    def default_row(self, values: Mapping[str, str | None], place: MappingPlace | None = None) -> Row:
        """A row the mapping gives for misses; columns it does not name are None.

        Raises Refusal: E459 for columns that the table does not have, E465 for what is not of their type.
        """
        unknown = [name for name in values if name not in self.columns]
        if unknown:
            raise Refusal(
                Problem(
                    "E459",
                    f'{self.shown} has no column "{name}"',
                    mapping=place,
                    help=did_you_mean(name, self.columns),
                )
                for name in unknown
            )
        problems: list[Problem] = []
        cells = self._read({name: values.get(name) for name in self.columns}, self._readers, place, problems)
        if problems:
            raise Refusal(problems)
        return Row(self._positions(), cells, place)

    def _read(
        self,
        cells: Mapping[str, Any],
        readers: Mapping[str, Callable[[str], Any]],
        place: MappingPlace | None,
        problems: list[Problem],
    ) -> tuple[Any, ...]:
        typed = []
        for name, cell in cells.items():
            read = readers.get(name)
            try:
                typed.append(cell if read is None else read(cell) if cell else None)
            except ValueError as reason:
                said = f'column "{name}": {reason}'
                help_ = "correct the cell, or its type under columns:"
                problems.append(Problem("E465", said, mapping=place, help=help_))
        return tuple(typed)

    def _positions(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.columns)}

    def _unknown(self, key: Key) -> Miss:
        return Miss(
            key, "unknown", f"{shown_key(key)} is not in {self.shown}", nearest=self._neighbours.of(key)
        )

    def _miss(self, key: Key, reason: Reason, what: str, periods: list[Period]) -> Miss:
        spans = tuple(_span(period) for period in periods[:3])
        return Miss(key, reason, f"{shown_key(key)} in {self.shown} {what}", periods=spans)


def build_table(
    sheet: Sheet,
    found: list[Problem],
    shown: str,
    key: Key,
    case_insensitive: bool,
    place: MappingPlace | None,
) -> Table:
    """A sheet → a table. Raises Refusal with the problems found so far and all that are found here."""
    problems = list(found)
    if sheet.columns or not found:
        wrong_key = key_problems(sheet, key, place)
        problems += wrong_key
        if not wrong_key:
            index, clashes = index_rows(sheet, key, case_insensitive)
            problems += clashes
    if problems:
        raise Refusal(problems[:MAX_PROBLEMS])
    dated = any(name in sheet.columns for name in ("valid_from", "valid_to"))
    neighbours = Neighbours(lambda: _written_keys(index, key))
    return Table(shown, key, sheet.columns, case_insensitive, dated, len(sheet.rows), index, neighbours)


def _written_keys(index: dict[Key, list[Period]], key: Key) -> Iterator[Key]:
    """The keys as they stand in the file, whatever the case they are compared in."""
    for periods in index.values():
        row = periods[0].row
        yield tuple([row[name] or "" for name in key])


def shown_key(key: Key) -> str:
    """A key for messages: its parts in quotes, and "nothing" for one that is empty."""
    return " + ".join(f'"{part}"' if part else "nothing" for part in key)


def _span(period: Period) -> str:
    first = "" if period.first == date.min else period.first.isoformat()
    last = "" if period.last == date.max else period.last.isoformat()
    return f"{first}–{last}"
