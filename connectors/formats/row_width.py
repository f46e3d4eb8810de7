"""A row with more cells than the header → the cells that belong to it, or why nobody can tell.

Exports end their rows with empty cells, sometimes only those that had something in them once. A row with an
unquoted delimiter in a title, whose last columns are empty, looks the same, and has every value behind the
title in a wrong column. So the cells that are numbers in other rows must be numbers here, and behind the last
of them no two texts may stand that were one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from connectors.formats.delimited import Record
from connectors.formats.trouble import Trouble

_NUMBER = re.compile(r"[^\w]*[0-9][\W0-9]*[xX]?")
_ENTITY = re.compile(r"&#?[A-Za-z0-9]{1,10}\Z")
_ENOUGH = 3
"""Rows by which a column is known."""


class RowWidth:
    """`sample` are the first rows of the file, `width` the cells of its header."""

    def __init__(self, sample: Iterable[Record], width: int, delimiter: str) -> None:
        rows = [one.cells for one in sample if one.trouble is None and any(map(str.strip, one.cells))]
        surplus = {len(cells) - width for cells in rows if _only_blanks(cells[width:])}
        usual = min(surplus, default=0)
        self._usual = usual if len(surplus) == 1 and len(rows) > 1 and usual > 0 else 0
        self._width, self._delimiter = width, delimiter
        fitting = [cells for cells in rows if len(cells) == width]
        columns = [[cell for cell in column if cell.strip()] for column in zip(*fitting, strict=True)]
        self._numbers = {i for i, column in enumerate(columns) if column and all(map(is_number, column))}
        words = (i for i, column in enumerate(columns) if len(column) >= _ENOUGH)
        self._words = {i for i in words if not any(map(is_number, columns[i]))}
        self._known = bool(fitting)

    def fit(self, cells: Sequence[str]) -> Trouble | None:
        """None where it is as wide as the header, or what is beyond is empty and nothing has moved."""
        extra = len(cells) - self._width
        if extra == 0 or (extra > 0 and _only_blanks(cells[self._width :]) and self._in_place(cells, extra)):
            return None
        return misfit(cells, self._width, self._delimiter)

    def _in_place(self, cells: Sequence[str], extra: int) -> bool:
        if extra == self._usual:
            return True
        filled = [i for i, cell in enumerate(cells[: self._width]) if cell.strip()]
        if not filled or _ENTITY.search(cells[filled[-1]]):  # "&amp;" has a delimiter at its end
            return False
        numbers = [i for i in filled if is_number(cells[i])]
        if self._known:
            if not self._numbers.intersection(filled) <= set(numbers) or self._words.intersection(numbers):
                return False
            numbers = [i for i in numbers if i in self._numbers]
        return bool(numbers) and sum(i > numbers[-1] for i in filled) <= 1


def is_number(cell: str) -> bool:
    """Digits, and what stands about them in prices, dates and ISBNs.

    >>> [is_number(cell) for cell in ("149,50", "€ 19", "2024-01-05", "91-27-1234-X", "3 st", "Del 2", "")]
    [True, True, True, True, False, False, False]
    """
    return _NUMBER.fullmatch(cell.strip()) is not None


def misfit(cells: Sequence[str], width: int, delimiter: str) -> Trouble:
    """E310 too few cells, E311 too many."""
    told = f"the row has {len(cells)} cell{'s' * (len(cells) != 1)} where the header has {width}"
    if len(cells) < width:
        return Trouble("E310", told, "look for a line end inside a cell that is not quoted")
    return Trouble("E311", told, f'look for a "{delimiter}" inside a cell that is not quoted')


def _only_blanks(cells: Iterable[str]) -> bool:
    return not any(map(str.strip, cells))
