"""Text of a CSV file → a sheet, and everything wrong with the file."""

from __future__ import annotations

import csv
import io

from etl.lookups.sheet import (
    MAX_COLUMNS,
    MAX_PROBLEMS,
    MAX_ROWS,
    Sheet,
    column_problems,
    too_many,
)
from etl.normal_form import normalized
from etl.problems import MappingPlace, Problem

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def read_csv(text: str, shown: str) -> tuple[Sheet, list[Problem]]:
    """RFC 4180 with `,`, `;` or tab, told by the header line; lines without a cell are passed over.

    Problems name the line on which the row begins (a quoted cell may go on over several).
    """
    text = normalized("NFC", text)
    body = text.lstrip("\r\n")
    skipped = len(text[: len(text) - len(body)].splitlines())
    delimiter, problem = _delimiter(body, MappingPlace(shown, skipped + 1))
    if problem is not None:
        return Sheet((), []), [problem]
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[tuple[str | None, ...], MappingPlace]] = []
    found: list[Problem] = []
    columns: tuple[str, ...] | None = None
    line = skipped + 1
    try:
        for cells in reader:
            place, line = MappingPlace(shown, line), reader.line_num + skipped + 1
            tidied = tuple([cell.strip() for cell in cells])
            if columns is None:
                columns = tidied
                if len(columns) > MAX_COLUMNS:
                    return Sheet((), []), [
                        too_many(len(columns), MAX_COLUMNS, "columns", MappingPlace(shown))
                    ]
                found += column_problems(columns, place)
            elif len(tidied) < 2 and not any(tidied):  # delimiters alone are a row: all was left out
                continue
            elif len(tidied) != len(columns):
                found.append(_wrong_length(tidied, columns, place, delimiter))
            else:
                rows.append((tidied, place))
            if len(rows) > MAX_ROWS:
                return Sheet((), []), [too_many(len(rows), MAX_ROWS, "rows", MappingPlace(shown))]
            if len(found) > MAX_PROBLEMS:
                break
    except csv.Error as error:
        found.append(
            Problem("E452", f"the line is no CSV: {error}", mapping=MappingPlace(shown, line), help=_QUOTES)
        )
    return Sheet(columns or (), rows), found


_QUOTES = 'a quoted cell ends with a quote right before the delimiter; a quote inside is doubled: ""'


def _delimiter(body: str, place: MappingPlace) -> tuple[str, Problem | None]:
    header = body.splitlines()[0] if body.strip() else ""
    if not header.strip():
        return ",", Problem(
            "E452", "the file is empty", mapping=place, help="its first line names the columns"
        )
    outside = "".join(header.split('"')[::2])
    used = [mark for mark in _DELIMITERS if mark in outside]
    if len(used) > 1:
        names = " and ".join(_DELIMITERS[mark] for mark in used)
        message = f"the header line has {names}: the delimiter cannot be told"
        return ",", Problem("E452", message, mapping=place, help="keep to one, and put the others in quotes")
    return (used[0] if used else ","), None


def _wrong_length(
    cells: tuple[str, ...], columns: tuple[str, ...], place: MappingPlace, delimiter: str
) -> Problem:
    help_text = None
    if len(cells) > len(columns) and delimiter != "\t":
        help_text = f'a cell that contains "{delimiter}" has to stand in double quotes'
    message = f"the row has {len(cells)} cell{'s' if len(cells) > 1 else ''}, the header has {len(columns)}"
    return Problem("E454", message, mapping=place, help=help_text)
