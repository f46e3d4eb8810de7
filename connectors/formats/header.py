"""Header cells and the wished names → column names, in file order.

Names are compared folded: case, accents (å, ä, ö too) and everything that is no letter or digit are
ignored, since vendors spell the same header `Författare`, `FORFATTARE` and `Författare ` in files of the
same month.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice

from etl.plugin import DataPlace, Problem, Refusal, Severity, normalized

_FIRST_ROWS, _NARROW = 20, 3
"""Rows that are looked at for a title, and columns that a table has at least where there may be one."""
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_WIDE_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_RESERVED = {"_record", "_line", "_offset"}
_UNDECOMPOSED = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l"})


@lru_cache(maxsize=4096)  # of the same header words for every record
def fold(name: str) -> str:
    """The form in which header names are compared.

    >>> fold("A-pris (exkl. moms)") == fold("a pris exkl moms")
    True
    >>> fold("FÖRFATTARE") == fold("forfattare")
    True
    """
    letters = normalized("NFKD", name.casefold()).translate(_UNDECOMPOSED)
    return "".join(char for char in letters if char.isalnum()) or name.strip()


@dataclass(frozen=True, slots=True)
class Header:
    """`names` are unique and stand in file order; `cells` are the header's own words, for explanations."""

    names: tuple[str, ...]
    cells: tuple[str, ...]
    notes: tuple[Problem, ...] = ()
    above: int = 0
    """Lines to pass over, if this is a title and the header stands below it."""
    place: DataPlace | None = None
    twins: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Column → those whose headers are other names of it."""


def lines_above(rows: Iterable[Sequence[str]]) -> int:
    """How many of a table's first rows stand above its header, as a title does: they fill fewer columns,
    and then comes a row of words that fills most of them.

    >>> lines_above([["Lunds Bokhandel", "", ""], ["", "", ""], ["Titel", "ISBN", "Pris"], ["Ett", "1", "2"]])
    2
    >>> lines_above([["Kund", "Dag", "", ""], ["Lund", "1", "", ""], ["Titel", "ISBN", "Pris", "Antal"]])
    2
    >>> lines_above([["Titel", "ISBN", "Pris"], ["Ett", "", ""]])
    0
    """
    first = [[cell for cell in row if cell.strip()] for row in islice(rows, _FIRST_ROWS)]
    width = max(map(len, first), default=0)
    if width < _NARROW or len(first[0]) * 3 >= width * 2:
        return 0
    wide = ((n, row) for n, row in enumerate(first) if len(row) * 3 >= width * 2)
    return next((n for n, row in wide if all(any(map(str.isalpha, cell)) for cell in row)), 0)


def name_columns(
    cells: Sequence[str], wished: Mapping[str, Sequence[str]], place: DataPlace, above: int = 0
) -> Header:
    """`wished` maps a column's new name to the header names it may have, best first. `above`: so many lines
    are to be passed over if this is no header but a title.

    Raises Refusal with every wish that no header cell meets (E306) or that two meet alike (E307).
    """
    words = tuple(_word(cell) for cell in cells)
    named: dict[int, str] = {}
    problems: list[Problem] = []
    title = [_title(words, place, above)] if above else []
    for name, aliases in wished.items():
        found = _find(name, aliases, words, place)
        if isinstance(found, Problem):
            problems.append(found)
        elif found in named:
            told = (
                f'the columns "{named[found]}" and "{name}" both come from the header cell "{words[found]}"'
            )
            problems.append(Problem("E307", told, data=place, help="give one of them another header name"))
        else:
            named[found] = name
    if problems:
        raise Refusal([replace(one, severity=Severity.ERROR) for one in title] or problems)
    names, notes = _fill_in(words, named, place)
    notes = title or notes  # columns without a name are what a title leaves
    return Header(names, words, tuple(notes), above, place, _twins(words, named, wished))


def _twins(
    words: Sequence[str], named: Mapping[int, str], wished: Mapping[str, Sequence[str]]
) -> dict[int, tuple[int, ...]]:
    rest = [(i, fold(word)) for i, word in enumerate(words) if word and i not in named]
    found: dict[int, tuple[int, ...]] = {}
    for index, name in named.items():
        aliases = set(map(fold, wished[name]))
        if others := tuple(i for i, word in rest if word in aliases):
            found[index] = others
    return found


def _word(cell: str) -> str:
    r"""As one would type it: without signs that nobody sees, with blanks of the keyboard.

    >>> _word("\ufeffOrder\u00a0nr ")
    'Order nr'
    """
    return _WIDE_BLANKS.sub(" ", _UNSEEN.sub("", normalized("NFC", cell))).strip()


def _title(words: Sequence[str], place: DataPlace, above: int) -> Problem:
    said = " ".join(filter(None, words))
    told = f'"{said[:60]}" is taken for the header, and looks like a title: the names of columns come later'
    help_ = f"pass over what stands above them, under source:  options: {{skip_lines: {above}}}"
    return Problem("E120", told, Severity.WARNING, data=place, help=help_)


def _find(name: str, aliases: Sequence[str], words: Sequence[str], place: DataPlace) -> int | Problem:
    for alias in aliases:
        exact = [i for i, word in enumerate(words) if word == _word(alias)]
        alike = exact or [i for i, word in enumerate(words) if word and fold(word) == fold(alias)]
        if len(alike) == 1:
            return alike[0]
        if alike:
            where = " and ".join(str(i + 1) for i in alike)
            told = f'the header name "{alias}" for the column "{name}" stands over columns {where}'
            at = replace(place, field=name)
            return Problem("E307", told, data=at, help="have the vendor name them apart")
    sought = " or ".join(f'"{alias}"' for alias in aliases)
    told = f'the header has no {sought}, from which the column "{name}" is to come'
    return Problem("E306", told, data=replace(place, field=name), help=suggestion(aliases[0], words))


def suggestion(name: str, words: Sequence[str]) -> str:
    """What to try when `name` is not among the header's `words`."""
    folded = {fold(word): word for word in words if word}
    close = difflib.get_close_matches(fold(name), folded, n=1, cutoff=0.7)
    listed = ", ".join(word for word in words if word) or "nothing"
    return (
        f'did you mean "{folded[close[0]]}"? The header has: {listed}'
        if close
        else f"the header has: {listed}"
    )


def _fill_in(
    words: Sequence[str], named: dict[int, str], place: DataPlace
) -> tuple[tuple[str, ...], list[Problem]]:
    taken, header = set(named.values()) | _RESERVED, set(words)
    copies: dict[str, int] = {}
    names: list[str] = []
    notes: list[Problem] = []
    for index, word in enumerate(words):
        if index in named:
            names.append(named[index])
            continue
        wanted = word or f"column_{index + 1}"
        name = wanted
        while name in taken or (name != wanted and name in header):
            copies[wanted] = copy = copies.get(wanted, 1) + 1
            name = f"{wanted}_{copy}"
        taken.add(name)
        names.append(name)
        if not word:
            told = f'column {index + 1} has no name in the header and is called "{name}"'
            notes.append(Problem("E321", told, Severity.WARNING, data=place))
        elif name != word:
            told = f'the header name "{word}" is taken; column {index + 1} is called "{name}"'
            notes.append(Problem("E320", told, Severity.WARNING, data=place))
    return tuple(names), notes
