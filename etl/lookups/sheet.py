"""What the readers of lookup files agree on: column names, and cells with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from etl.normal_form import normalized
from etl.problems import MappingPlace, Problem

VALIDITY = ("valid_from", "valid_to")
MAX_ROWS = 250_000
MAX_COLUMNS = 1_000
MAX_PROBLEMS = 20
"""A file may be wrong in every line: the first ones say so, and the others are not repeated."""
_HEAD = 1_000
_NAME = re.compile(r"\w[\w .%/()-]{0,40}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it stands in its file. `rows` are (cells in the order of `columns`, place)."""

    columns: tuple[str, ...]
    rows: list[tuple[tuple[str | None, ...], MappingPlace]]


def is_table(sheet: Sheet, found: list[Problem], text: str, key: tuple[str, ...]) -> bool:
    """Is the file, with all its faults, evidently a table: may its lines and columns be repeated?

    It is if a column has a name like one of the key's, or if nothing is wrong with it but the key.
    """
    if any(get_close_matches(name, sheet.columns, n=1) for name in key):
        return True
    if not found:
        return len(sheet.columns) > 1 and all(_NAME.fullmatch(name) for name in sheet.columns)
    head = text[:_HEAD]
    named = (rf"""(?<![\w$:]){re.escape(name)}["']?[ \t]*(?:[,;\t]|:?$|:\s)""" for name in key)
    if any(re.search(one, head, re.MULTILINE) for one in named):
        return True
    return not sheet.columns and len(sheet.rows) >= len(found)  # of YAML, rows that are right


def too_many(count: int, most: int, what: str, place: MappingPlace) -> Problem:
    """A table with too many rows or columns (E463)."""
    return Problem("E463", f"the table has {count:,} {what} (limit {most:,})", mapping=place)


def tidy(text: str) -> str:
    """A cell or key without blanks around it, letters composed: what cannot be seen must not make a miss."""
    stripped = text.strip()
    return stripped if stripped.isascii() else normalized("NFC", stripped)


def column_problems(columns: tuple[str, ...], place: MappingPlace) -> list[Problem]:
    """Everything wrong with the names of the columns (E453)."""
    found: list[Problem] = []
    first: dict[str, int] = {}
    for number, name in enumerate(columns, 1):
        if not name:
            found.append(
                Problem(
                    "E453",
                    f"column {number} has no name",
                    mapping=place,
                    help="name it, or delete the empty column",
                )
            )
        elif name.startswith("_"):  # the sandbox of the templates lets nobody read row._name
            found.append(Problem("E453", f'column name "{name}" begins with an underscore', mapping=place))
        elif name in first:
            message = f'column "{name}" stands twice in the header, as number {first[name]} and {number}'
            found.append(Problem("E453", message, mapping=place))
        first.setdefault(name, number)
    return found


def did_you_mean(name: str, known: tuple[str, ...] | list[str]) -> str:
    """Help for an unknown column: the nearest one, and all of them."""
    near = get_close_matches(name, known, n=1)
    return (f'did you mean "{near[0]}"?  ' if near else "") + "columns: " + ", ".join(known)


def sheet_of(rows: list[tuple[dict[str, str | None], MappingPlace]]) -> tuple[Sheet, list[Problem]]:
    """Rows with names → a sheet. The first row names the columns; validity may be left out of any row."""
    found: list[Problem] = []
    dated = [name for name in VALIDITY if any(name in cells for cells, _ in rows)]
    named = [name for name in rows[0][0] if name not in VALIDITY] if rows else []
    columns = (*named, *dated)
    listed: list[tuple[tuple[str | None, ...], MappingPlace]] = []
    for cells, place in rows:
        unknown = [name for name in cells if name not in columns]
        absent = [name for name in named if name not in cells]
        for name in unknown:
            help_text = did_you_mean(name, named)
            found.append(
                Problem("E454", f'column "{name}" is not in the first row', mapping=place, help=help_text)
            )
        if absent and not unknown:
            missing = ", ".join(f'"{name}"' for name in absent)
            found.append(
                Problem(
                    "E454",
                    f"the row lacks {missing}",
                    mapping=place,
                    help=f'write {absent[0]}: "" for an empty cell',
                )
            )
        listed.append((tuple(_cell(cells.get(name)) for name in columns), place))
    if rows:
        found = column_problems(columns, rows[0][1]) + found
    return Sheet(columns, listed), found


def _cell(value: str | None) -> str | None:
    return None if value is None else tidy(value)
