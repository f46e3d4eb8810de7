"""What a workbook says besides the values of its cells: nothing of it goes unused in silence.

Comments, strokes through a cell, a number that is shown as another, hidden columns, sheets that are not read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.formats.delimited_layout import Declared
from connectors.formats.header import fold
from connectors.formats.sheet_records import SheetTable, used_width
from connectors.formats.trouble import Trouble, shown_text
from connectors.formats.workbook_part import Cell, letters
from etl.plugin import DataPlace, Problem, Severity


@dataclass(frozen=True, slots=True)
class Besides:
    """What a mapping says of the rest: names of `sheets` left unread on purpose, whether `comments` count."""

    declared: Declared
    sheets: Sequence[str] = ()
    comments: bool = True


def doubts(table: SheetTable, kept: Sequence[int], said: Besides, struck: bool) -> dict[int, list[Trouble]]:
    """E338 by line: cells that show another number than they hold, that were struck through in a row that
    was not, and, if they count, comments.
    """
    found: dict[int, list[Trouble]] = {}
    names, rows, whole = table.header.names, table.sheet.rows, set(table.struck)

    def tell(cell: Cell, told: str, help_: str) -> None:
        name = names[cell[1]] if cell[1] < len(names) else None
        place = f"{letters(cell[1])}{cell[0] + 1}"
        trouble = Trouble("E338", f"the cell {place} {told}", help_, name, holds=True)
        found.setdefault(cell[0] + 1, []).append(trouble)

    for cell, otherwise in table.sheet.otherwise.items():
        if cell[1] in kept:
            tell(cell, otherwise, "which of the two is meant? Write it into the cell, without a format")
    for row, column in sorted(table.sheet.struck) if struck else ():
        there = table.begin <= row < len(rows) and column in kept and rows[row][column]
        if there and row + 1 not in whole:
            help_ = "does it count? Clear the cell, or its format;  options: {struck_rows: read}  reads it"
            tell((row, column), f"is struck through: {shown_text(rows[row][column])}", help_)
    for cell, comment in sorted(table.sheet.comments.items()) if said.comments else ():
        if cell[0] >= table.begin:
            help_ = "does it change the order? See to it, or  options: {comments: ignore}  for all of them"
            tell(cell, f'has the comment {shown_text(comment)}', help_)
    return found


def unseen(table: SheetTable, kept: Sequence[int], said: Besides, file: str) -> list[Problem]:
    """E336: columns that are read and nobody sees, other sheets with the columns that are read, comments at
    the header and at empty rows, an .xls.
    """
    place = DataPlace(file, line=table.begin or None)
    found = []
    if table.sheet.hidden is None:
        told = (
            "an .xls does not say which rows are hidden or struck through, what its comments say, nor "
            "which cells show a percentage or words beside their number"
        )
        help_ = "save it as .xlsx, or look through it with all rows shown"
        found.append(Problem("E336", told, Severity.WARNING, data=DataPlace(file), help=help_))
    if said.comments and (loose := _loose(table)):
        first = next(iter(loose))
        said_first = shown_text(loose[first])
        told = f"{len(loose)} comment{'s' * (len(loose) != 1)} beside no order, the first {said_first}"
        help_ = "does it change an order? If comments never do:  options: {comments: ignore}"
        exact = replace(place, line=first[0] + 1)
        found.append(Problem("E336", told, Severity.WARNING, data=exact, help=help_))
    columns = [i for i in kept if any(i in columns for columns in table.sheet.hidden_columns)]
    for i in columns:
        told = f'column {letters(i)} is hidden, and read: "{table.header.names[i]}"'
        help_ = "see that its values are those of the order, and show it"
        at = replace(place, field=table.header.names[i])
        found.append(Problem("E336", told, Severity.WARNING, data=at, help=help_))
    for name, rows in table.sheet.others.items():
        if name in said.sheets or not _is_like(table, rows, kept, said.declared):
            continue
        hidden = name in table.sheet.hidden_sheets
        how = "hidden and not read" if hidden else "not read"
        told = f'the sheet "{name}" is {how}, and has the columns of the one that is'
        way = "Show it, or delete it" if hidden else "Give it a run of its own"
        option = f"options: {{unread_sheets: [{json.dumps(name, ensure_ascii=False)}]}}"
        help_ = f"are there orders in it? {way}; if not:  {option}"
        found.append(Problem("E336", told, Severity.WARNING, data=DataPlace(file), help=help_))
    return found


def _loose(table: SheetTable) -> dict[Cell, str]:
    """Comments at rows that are no records."""
    rows = table.sheet.rows
    return {
        cell: comment
        for cell, comment in sorted(table.sheet.comments.items())
        if cell[0] < table.begin or cell[0] >= len(rows) or not any(rows[cell[0]])
    }


def _is_like(
    table: SheetTable, rows: Sequence[Sequence[str]], kept: Sequence[int], declared: Declared
) -> bool:
    """Are there rows below a header that has the columns that are read? Without headers: are there rows
    of as many cells?
    """
    if not declared.header:
        return any(used_width(row) >= table.width for row in rows)
    names = table.header.names
    read = [
        set(filter(None, map(fold, (table.header.cells[i], *declared.columns.get(names[i], ())))))
        for i in kept or range(len(names))
    ]
    wanted = [one for one in read if one]
    for number, row in enumerate(rows):
        there = set(map(fold, row))
        if wanted and all(one & there for one in wanted):
            return any(map(any, rows[number + 1 :]))
    return False
