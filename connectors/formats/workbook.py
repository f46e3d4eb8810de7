"""A workbook (.xlsx, .xls, .ods) → the rows of one of its sheets, every cell as text.

Text cells stay as they are, leading zeros too. Numbers have no exponent and no ".0", dates are ISO. A cell
that shows a percentage gives the percentage; a currency that its *format* shows beside the digits is known of
the cell and not in its text, and zeros that it puts in front are not in it either. With other words of the
format the cell is a text that has them ("1000 per 10").
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import TypeVar

import python_calamine as calamine

from connectors.formats.number_formats import Shown
from connectors.formats.opening import opened
from connectors.formats.workbook_part import CELLS, Cell, SheetPart
from etl.plugin import DataPlace, Problem, Refusal, Source, normalized

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FILE = 64 << 20
_LOOKED_AT = 20
"""Rows of a sheet that is not read in which its header is looked for."""
_EXACT = 10**15
"""Excel keeps 15 digits of a number."""
_DIGITS = Shown()

Value = str | int | float | bool | date | datetime | time | timedelta
Made = TypeVar("Made")


@dataclass(slots=True)
class Sheet:
    """`rows` of equal length, from the first on. `valueless` says what is wrong with which cell."""

    name: str
    names: list[str]
    rows: list[list[str]]
    valueless: dict[Cell, str] = field(default_factory=dict)
    merged: list[tuple[Cell, Cell]] = field(default_factory=list)
    hidden: list[range] | None = None
    """Rows (from 0) that are not shown; None where that cannot be told (.xls)."""
    hidden_columns: list[range] = field(default_factory=list)
    others: dict[str, list[list[str]]] = field(default_factory=dict)
    """Sheets that are not read: name → the first rows."""
    hidden_sheets: list[str] = field(default_factory=list)
    otherwise: dict[Cell, str] = field(default_factory=dict)
    """Number cells that show another number: what they are, and what they show."""
    struck: set[Cell] = field(default_factory=set)
    comments: dict[Cell, str] = field(default_factory=dict)


def is_workbook(source: Source) -> bool:
    """By its first bytes. Raises Refusal E300."""
    with opened(source) as stream:
        return stream.read(4) in (_ZIP, _OLE)


def read_bytes(source: Source) -> bytes:
    """All of the workbook. Raises Refusal: E300, E385 locked, E386 too large."""
    with opened(source) as stream:
        data = stream.read(_FILE + 1)
    if len(data) > _FILE:
        raise Refusal(_too_large(source.name, f"has more than {_FILE >> 20} MiB"))
    if is_old(data) and _ENCRYPTED in data:
        raise Refusal(_locked(source.name))
    return data


def is_old(data: bytes) -> bool:
    """An .xls, or another document of its time."""
    return data.startswith(_OLE)


def unpack(data: bytes, file: str, wanted: str | int | None, parts: Mapping[str, SheetPart]) -> Sheet:
    """The sheet of that name or number (from 1), or the only one with anything in it.

    Raises Refusal: E301 nothing in it, E385 damaged or locked, E386 too large, E387 which sheet.
    """
    for part in parts.values():
        if part.rows * part.columns > CELLS:
            raise Refusal(_too_large(file, f"has a sheet of {part.rows} rows and {part.columns} columns"))
    if (cells := sum(part.rows * part.columns for part in parts.values())) > CELLS:
        raise Refusal(_too_large(file, f"has {cells} cells in {len(parts)} sheets"))
    book = _asked(file, lambda: calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)))
    sheets = {name: _sheet_of(file, book, name) for name in book.sheet_names}
    name = _choose(file, sheets, book.sheets_metadata, wanted)
    found = _read(file, name, sheets, parts.get(name, SheetPart()))
    found.others = {one: _first_rows(file, sheets[one]) for one in sheets if one != name}
    visible = calamine.SheetVisibleEnum.Visible
    found.hidden_sheets = [one.name for one in book.sheets_metadata if one.visible != visible]
    return found


def _read(
    file: str,
    name: str,
    sheets: dict[str, calamine.CalamineSheet],
    part: SheetPart,
) -> Sheet:
    sheet = sheets[name]
    rows, columns = (last + 1 for last in sheet.end or (-1, -1))
    if rows * columns > CELLS:
        raise Refusal(_too_large(file, f"has a sheet of {rows} rows and {columns} columns"))
    found = Sheet(name, list(sheets), [], dict(part.valueless), list(part.merged), list(part.hidden))
    found.hidden_columns, found.struck, found.comments = part.hidden_columns, part.struck, part.comments
    for number, row in enumerate(_asked(file, lambda: sheet.to_python(skip_empty_area=False))):
        shown = [part.shown.get((number, column), _DIGITS) for column in range(len(row))]
        found.rows.append([_cell(value, one) for value, one in zip(row, shown, strict=True)])
        for column, value in enumerate(row):
            if isinstance(value, int | float) and abs(value) >= _EXACT:
                found.valueless[number, column] = "a number of more than 15 digits, the last of them lost"
            if _is_number(value) and shown[column].otherwise:
                found.otherwise[number, column] = shown[column].otherwise
    found.merged += _asked(file, partial(getattr, sheet, "merged_cell_ranges")) or []
    return found


def _first_rows(file: str, sheet: calamine.CalamineSheet) -> list[list[str]]:
    rows = _asked(file, lambda: sheet.to_python(nrows=_LOOKED_AT))
    return [[_text(value) for value in row] for row in rows]


def _cell(value: Value, shown: Shown) -> str:
    """The text of a cell; of a number cell as what it is, with what it shows beside its digits.

    >>> share = Shown(behind="%", percent=True)
    >>> _cell(0.275, share), _cell(0.275, share).beside, type(_cell("0.275", share)) is str
    ('27.5', '%', True)
    """
    return shown.cell(_text(value)) if _is_number(value) else _text(value)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0


def _text(value: Value) -> str:
    """
    >>> [_text(value) for value in (9789199999913.0, 249.9, 1.5e-7, "0012", True, datetime(2024, 3, 11))]
    ['9789199999913', '249.9', '0.00000015', '0012', 'true', '2024-03-11']
    """
    match value:
        case str():
            return normalized("NFC", value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            # Excel's own 15 digits: 0.1 + 0.2 is 0.3 there.
            text = format(Decimal(format(value, ".15g")), "f") if value - value == 0 else str(value)
            return "0" if text == "-0" else text
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case timedelta():
            seconds = int(value.total_seconds())
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value.isoformat()


def _sheet_of(file: str, book: calamine.CalamineWorkbook, name: str) -> calamine.CalamineSheet:
    return _asked(file, lambda: book.get_sheet_by_name(name))


def _choose(
    file: str,
    sheets: dict[str, calamine.CalamineSheet],
    known: Sequence[calamine.SheetMetadata],
    wanted: str | int | None,
) -> str:
    listed = ", ".join(f'"{name}"' for name in sheets)
    number = int(wanted) if isinstance(wanted, int) or (wanted is not None and wanted.isdecimal()) else 0
    if 1 <= number <= len(sheets) and wanted not in sheets:
        return list(sheets)[number - 1]
    if wanted is not None:
        if wanted in sheets:
            return str(wanted)
        told = f'the workbook has no sheet "{wanted}"'
        raise Refusal(Problem("E387", told, data=DataPlace(file), help=f"it has: {listed}"))
    visible = {one.name for one in known if one.visible == calamine.SheetVisibleEnum.Visible}
    full = [name for name, sheet in sheets.items() if name in visible and sheet.height]
    if len(full) > 1:
        told = f"the workbook has {len(full)} sheets with something in them"
        help_ = f'say which:  sheet: "{full[0]}"  (it has: {listed})'
        raise Refusal(Problem("E387", told, data=DataPlace(file), help=help_))
    if not full:
        raise Refusal(
            Problem("E301", "the workbook has no visible sheet with anything in it", data=DataPlace(file))
        )
    return full[0]


def _asked(file: str, question: Callable[[], Made]) -> Made:
    """The library's answer; what it says against the file becomes E385."""
    try:
        return question()
    except calamine.PasswordError as error:
        raise Refusal(_locked(file)) from error
    except (calamine.CalamineError, OSError, ValueError, OverflowError) as error:
        undetected = "Cannot detect" in str(error)
        why = "it is another document under its name, or cut off" if undetected else str(error)
        raise Refusal(damaged(file, why)) from error
    except BaseException as error:
        # A panic of the library in Rust comes as an exception that is no Exception; nothing else is taken
        # here.
        if type(error).__name__ != "PanicException":
            raise
        raise Refusal(damaged(file, "its parts contradict each other")) from error


def _locked(file: str) -> Problem:
    told, help_ = "the workbook is locked with a password", "save it without one"
    return Problem("E385", told, data=DataPlace(file), help=help_)


def damaged(file: str, why: str) -> Problem:
    """E385 with the reason."""
    help_ = "open it in the spreadsheet, save it again (without a password), or ask for it to be sent again"
    return Problem("E385", f"the workbook cannot be read: {why}", data=DataPlace(file), help=help_)


def _too_large(file: str, told: str) -> Problem:
    help_ = "is it a workbook of order lines? If it is, save the sheet alone, or as CSV"
    return Problem("E386", f"the workbook {told}: too much to read", data=DataPlace(file), help=help_)
