"""The rows of a sheet → its header and its records, as if they came from delimited text.

The header is the first row with anything in it, after `skip_lines`. A cell merged over several rows belongs
to each of them, as one sees it on the screen; a cell merged over several columns belongs to the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.formats.delimited import Record
from connectors.formats.delimited_layout import Declared
from connectors.formats.header import Header, fold, lines_above, name_columns
from connectors.formats.trouble import Trouble
from connectors.formats.workbook import Sheet, is_old, read_bytes, unpack
from connectors.formats.workbook_parts import look_into
from connectors.formats.xls_process import read_xls
from etl.plugin import DataPlace, Problem, Refusal, Severity, Source

DELIMITER = ";"
"""Stands between the cells where a row is shown as text: `skip_pattern`, notes, rejected records."""


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A sheet, its header, and the row (from 0) where the records begin."""

    sheet: Sheet
    header: Header
    begin: int
    width: int

    @property
    def hidden(self) -> list[int]:
        """Rows (from 1) with something in them that nobody sees: hidden, filtered away or folded in."""
        there = range(self.begin, len(self.sheet.rows))
        return [
            number + 1
            for rows in self.sheet.hidden or ()
            for number in range(max(rows.start, there.start), min(rows.stop, there.stop))
            if any(self.sheet.rows[number])
        ]

    def inspected(self) -> str:
        """The hidden rows in words."""
        if self.sheet.hidden is None:
            return "cannot be told of an .xls"
        hidden = self.hidden
        shown = ", ".join(map(str, hidden[:5])) + ", …" * (len(hidden) > 5)
        return f"{len(hidden)}, a run holds them: {shown}" if hidden else "none"

    def unseen(self, kept: Sequence[int], file: str) -> list[Problem]:
        """E336: columns that are read and nobody sees, hidden sheets like the one that is read, an .xls."""
        place = DataPlace(file, line=self.begin or None)
        found = []
        if self.sheet.hidden is None:
            told = "an .xls does not say which rows are hidden, nor which cells show a percentage"
            help_ = "save it as .xlsx, or look through it with all rows shown"
            found.append(Problem("E336", told, Severity.WARNING, data=DataPlace(file), help=help_))
        columns = [i for i in kept if any(i in columns for columns in self.sheet.hidden_columns)]
        for i in columns:
            told = f'column {_letters(i)} is hidden, and read: "{self.header.names[i]}"'
            help_ = "see that its values are those of the order, and show it"
            at = replace(place, field=self.header.names[i])
            found.append(Problem("E336", told, Severity.WARNING, data=at, help=help_))
        ours = set(filter(None, map(fold, self.header.cells)))
        for name, rows in self.sheet.unseen.items():
            if ours and any(ours <= set(map(fold, row)) for row in rows):
                told = f'the sheet "{name}" is hidden and not read, and has the columns of the one that is'
                help_ = "are there orders in it? Show it, or delete it"
                found.append(Problem("E336", told, Severity.WARNING, data=DataPlace(file), help=help_))
        return found

    def records(self, kept: Sequence[int]) -> Iterator[Record]:
        """A record that lacks a value in a `kept` column has a trouble. There is no byte offset in a
        workbook.
        """
        for number, row in enumerate(self.sheet.rows[self.begin :], self.begin):
            cells = row[: self.width]
            text = DELIMITER.join(cells)
            lacking = next((i for i in kept if (number, i) in self.sheet.valueless), None)
            trouble = None
            if lacking is not None:
                place = f"{_letters(lacking)}{number + 1}"
                told = f"the cell {place} holds {self.sheet.valueless[number, lacking]}"
                help_ = "mend the cell in the spreadsheet (numbers as text) and save it again"
                trouble = Trouble("E389", told, help_, self.header.names[lacking])
            yield Record(number + 1, None, text.encode(), text, cells, trouble)


def read_sheet(source: Source, wanted: str | int | None) -> Sheet:
    """The sheet of that name or number, or the only one with anything in it. Raises Refusal: E300–E302,
    E385–E387.
    """
    data = read_bytes(source)
    if is_old(data):
        return read_xls(data, source.name, wanted)
    return unpack(data, source.name, wanted, look_into(data, source.name)[1])


def read_table(source: Source, declared: Declared, wanted: str | int | None) -> SheetTable:
    """Raises Refusal as `read_sheet`, E301 nothing in the sheet, E306–E307 header against the wished
    columns.
    """
    sheet = read_sheet(source, wanted)
    first = next((n for n in range(declared.skip_lines, len(sheet.rows)) if any(sheet.rows[n])), None)
    if first is None:
        told = f'the sheet "{sheet.name}" has no header and no records'
        help_ = (
            f"skip_lines passes over the first {declared.skip_lines} rows" if declared.skip_lines else None
        )
        raise Refusal(Problem("E301", told, data=DataPlace(source.name), help=help_))
    width = max(_used(row) for row in sheet.rows[first:])
    cells = sheet.rows[first][:width]
    place = DataPlace(source.name, line=first + 1)
    words = cells if declared.header else [f"column_{number}" for number in range(1, width + 1)]
    above = lines_above(sheet.rows[first:]) if declared.header else 0
    header = name_columns(words, declared.columns, place, first + above if above else 0)
    begin = first + 1 if declared.header else first
    notes = [*header.notes, *_fill(sheet, begin, place)]
    return SheetTable(sheet, replace(header, notes=tuple(notes)), begin, width)


def _used(row: Sequence[str]) -> int:
    return max((i for i, cell in enumerate(row, 1) if cell), default=0)


def _fill(sheet: Sheet, begin: int, place: DataPlace) -> list[Problem]:
    """Give merged cells to every row they cover."""
    filled: list[str] = []
    reached: dict[int, int] = {}  # column → the last row filled: merges that overlap go over no row twice
    for (top, left), (bottom, _) in sorted(set(sheet.merged)):
        bottom = min(bottom, len(sheet.rows) - 1)
        if top < begin or bottom <= top or left >= len(sheet.rows[top]):
            continue
        given = sheet.rows[top][left] or (top, left) in sheet.valueless
        for row in range(max(top, reached.get(left, 0)) + 1, bottom + 1) if given else ():
            reached[left] = row
            if not sheet.rows[row][left]:
                sheet.rows[row][left] = sheet.rows[top][left]
                if (top, left) in sheet.valueless:
                    sheet.valueless[row, left] = sheet.valueless[top, left]
        filled.append(f"{_letters(left)}{top + 1}:{_letters(left)}{bottom + 1}")
    if not filled:
        return []
    shown = ", ".join(filled[:3]) + ", …" * (len(filled) > 3)
    told = f"{len(filled)} merged cell{'s' * (len(filled) != 1)} given to every row covered: {shown}"
    exact = DataPlace(place.file, line=begin + 1)
    return [Problem("E388", told, Severity.WARNING, data=exact)]


def _letters(column: int) -> str:
    """
    >>> _letters(0), _letters(25), _letters(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
