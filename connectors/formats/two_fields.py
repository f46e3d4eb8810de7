"""Two fields of one record that stand for one column → whether they say the same, and the problem if not."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal

from connectors.formats.header import Header
from connectors.formats.trouble import shown_text
from etl.plugin import DataPlace, Problem, Severity
from etl.values.isbn import isbn_key

_PLAIN = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,2})?")


def say_the_same(mine: str, theirs: str) -> bool:
    """Blanks apart, or as numbers of one value, or as the ISBN of ten and of thirteen of one book.

    >>> say_the_same("249,00", "249"), say_the_same("91-999990-1-3", "9789199999012")
    (True, True)
    >>> say_the_same("249", "199"), say_the_same("1,495", "1495"), say_the_same("007", "7")
    (False, False, False)
    """
    one, other = "".join(mine.split()), "".join(theirs.split())
    if one == other:
        return True
    if _PLAIN.fullmatch(one) and _PLAIN.fullmatch(other):
        led = one.startswith("0") or other.startswith("0")
        return not led and Decimal(one.replace(",", ".")) == Decimal(other.replace(",", "."))
    key = isbn_key(one)
    return key is not None and key == isbn_key(other)


def contradiction(
    column: str, field: str, mine: str, other: str, theirs: str, place: DataPlace, help_: str = ""
) -> Problem:
    """E440: one column, two fields, two values; the first is taken and waits."""
    told = f'{field} says {shown_text(mine)} and {other} says {shown_text(theirs)} for "{column}"'
    exact = DataPlace(place.file, place.record, place.line, place.offset, other)
    help_ = help_ or f"name the one that counts:  columns: {{{column}: {field}}}  under source.options"
    return Problem("E440", told, Severity.HOLD, data=exact, help=help_)


def settled(
    cells: list[str], header: Header, kept: Collection[int], place: DataPlace
) -> tuple[list[str], list[Problem]]:
    """The cells of a row, in each column that is `kept` the first of its header's cells that is filled, and
    E440 for each other that says something else.
    """
    found: list[Problem] = []
    for index, others in header.twins.items():
        filled = [at for at in (index, *others) if cells[at].strip()] if index in kept else []
        for other in filled[1:]:
            mine, theirs = cells[filled[0]], cells[other]
            if not say_the_same(mine, theirs):
                said, word = header.cells[filled[0]], header.cells[other]
                found.append(contradiction(header.names[index], said, mine, word, theirs, place))
        if filled and filled[0] != index:
            cells = [*cells]
            cells[index] = cells[filled[0]]
    return cells, found
