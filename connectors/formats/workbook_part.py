"""One sheet of a workbook as its own XML shows it, before any library unpacks it."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from xml.parsers import expat

from connectors.formats.number_formats import Shown

Cell = tuple[int, int]
CELLS = 5_000_000
"""More cells than this (blank ones between others count) are not unpacked: some 400 MiB of memory."""
_BLOCK = 1 << 18


@dataclass(slots=True)
class SheetPart:
    """One sheet: its extent, and the cells (row and column from 0) that hold no value, each with what it
    holds.
    """

    rows: int = 0
    columns: int = 0
    valueless: dict[Cell, str] = field(default_factory=dict)
    merged: list[tuple[Cell, Cell]] = field(default_factory=list)
    hidden: list[range] = field(default_factory=list)
    """Rows (from 0) that a person who opens the sheet does not see."""
    hidden_columns: list[range] = field(default_factory=list)
    shown: dict[Cell, Shown] = field(default_factory=dict)
    """What number cells show, where that is more than their digits."""
    struck: set[Cell] = field(default_factory=set)
    """Cells that are struck through."""
    comments: dict[Cell, str] = field(default_factory=dict)
    """What people wrote beside cells."""

    def reach(self, row: int, column: int) -> None:
        """There is a cell at this place."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)


def walk(archive: zipfile.ZipFile, name: str, parser: expat.XMLParserType) -> None:
    with archive.open(name) as stream:
        while block := stream.read(_BLOCK):
            parser.Parse(block, False)
        parser.Parse(b"", True)


def local(name: str) -> str:
    return name.rpartition(":")[2]


def letters(column: int) -> str:
    """The name of a column.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
