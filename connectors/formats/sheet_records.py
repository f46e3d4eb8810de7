"""The rows of a sheet → its header and its records, as if they came from delimited text.

The header is the first row with anything in it, after `skip_lines`. A cell merged over several rows belongs
to each of them, as one sees it on the screen; a cell merged over several columns belongs to the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from connectors.formats.delimited import Record
from connectors.formats.delimited_layout import Declared
from connectors.formats.header import Header, lines_above, name_columns
from connectors.formats.trouble import Trouble
from connectors.formats.workbook import Sheet, is_old, read_bytes, unpack
from connectors.formats.workbook_part import letters
from connectors.formats.workbook_parts import look_into
from connectors.formats.xls_process import read_xls
from etl.plugin import DataPlace, Problem, Refusal, Severity, Source

Aside = Literal["hold", "read", "skip"]
"""What becomes of rows that somebody put aside."""
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

    @property
    def struck(self) -> list[int]:
        """Rows (from 1) of which every cell with something in it is struck through."""
        return [
            number
            for number, row in enumerate(self.sheet.rows[self.begin :], self.begin + 1)
            if (filled := [(number - 1, i) for i, cell in enumerate(row) if cell])
            and self.sheet.struck.issuperset(filled)
        ]

    def aside(self, hidden: Aside, struck: Aside) -> tuple[dict[int, str], dict[int, str]]:
        """Lines of rows that were put aside, each with how: those that wait, and those to pass over."""
        said: dict[Aside, dict[int, str]] = {"hold": {}, "read": {}, "skip": {}}
        for line in self.struck:
            said[struck][line] = "struck through"
        for line in self.hidden:
            said[hidden].setdefault(line, "hidden or filtered away")
        return {line: how for line, how in said["hold"].items() if line not in said["skip"]}, said["skip"]

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
                place = f"{letters(lacking)}{number + 1}"
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
    width = max(used_width(row) for row in sheet.rows[first:])
    cells = sheet.rows[first][:width]
    place = DataPlace(source.name, line=first + 1)
    words = cells if declared.header else [f"column_{number}" for number in range(1, width + 1)]
    above = lines_above(sheet.rows[first:]) if declared.header else 0
    header = name_columns(words, declared.columns, place, first + above if above else 0)
    begin = first + 1 if declared.header else first
    notes = [*header.notes, *_fill(sheet, begin, place)]
    return SheetTable(sheet, replace(header, notes=tuple(notes)), begin, width)


def used_width(row: Sequence[str]) -> int:
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
        filled.append(f"{letters(left)}{top + 1}:{letters(left)}{bottom + 1}")
    if not filled:
        return []
    shown = ", ".join(filled[:3]) + ", …" * (len(filled) > 3)
    told = f"{len(filled)} merged cell{'s' * (len(filled) != 1)} given to every row covered: {shown}"
    exact = DataPlace(place.file, line=begin + 1)
    return [Problem("E388", told, Severity.WARNING, data=exact)]
