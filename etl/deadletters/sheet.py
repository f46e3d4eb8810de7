"""Rows ↔ a CSV or Excel file that survives a spreadsheet program in Swedish.

Everything is text: an ISBN that a program takes for a number loses digits, and a title that begins with `=`
is no formula. What comes back may have other delimiters, another encoding and added columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from etl.deadletters.columns import COLUMNS, HEADINGS, READ_ONLY, Language, column_of
from etl.deadletters.formulas import as_meant, defused
from etl.own_files import write_whole
from etl.problems import DataPlace, Problem, Refusal
from etl.regular_files import open_file

_LARGEST = 50 * 1024 * 1024
_LONGEST = 32_767  # characters of a cell in a workbook
_NOT_XML = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_WRITTEN = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FIX = "etl ledger dead-letters makes the sheet; keep its headings and save it as .xlsx or CSV"
_WIDTHS = {"reason": 60, "fix": 45, "title": 40, "cause": 40, "key": 25}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that was read; `line` is its number in the file, 1-based, headings counted."""

    line: int
    cells: dict[str, str]


def write_sheet(file: Path, rows: Iterable[dict[str, str]], language: Language) -> None:
    """CSV or .xlsx by the file's name, private to its owner.

    Raises OSError, and Refusal: E612 when there is a file already, for somebody may have begun to fill it in;
    E852 for a text that no cell of a workbook holds.
    """
    try:
        data = _workbook(rows, language) if file.suffix.lower() == ".xlsx" else _csv(rows, language)
    except _TooLongError:
        words = f"cannot hold a text of more than {_LONGEST:,} characters in a cell"
        raise _unusable(file, words, "give it a name that ends in .csv") from None
    write_whole(file, data, mode=0o600, ours=lambda _head: False)


def read_sheet(file: Path) -> list[SheetRow]:
    """Every row with anything in it. Raises Refusal (E852)."""
    try:
        with open_file(file) as stream:
            raw = stream.read(_LARGEST + 1)
        large = len(raw) > _LARGEST
        lines = (
            [] if large else list(_from_workbook(raw) if file.suffix.lower() == ".xlsx" else _from_csv(raw))
        )
    except OSError as error:
        raise _unusable(file, f"cannot be read: {error.strerror or error}") from None
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever zip, XML and types raise
        raise _unusable(file, f"is no workbook: {type(error).__name__}") from None
    if not lines:
        raise _unusable(file, "is too large for a sheet of orders" if large else "is empty")
    names = [column_of(heading) for heading in lines[0]]
    missing = [HEADINGS["en"][name] for name in ("ref", "send") if name not in names]
    if missing:
        raise _unusable(file, f'has no column "{missing[0]}"')
    return [
        SheetRow(number, {name: as_meant(cell) for name, cell in zip(names, line, strict=False) if name})
        for number, line in enumerate(lines[1:], 2)
        if any(cell.strip() for cell in line)
    ]


def _csv(rows: Iterable[dict[str, str]], language: Language) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")  # what a Swedish Excel opens as columns
    writer.writerow([HEADINGS[language][name] for name in COLUMNS])
    for row in rows:
        writer.writerow([defused(row.get(name, "")) for name in COLUMNS])
    return text.getvalue().encode("utf-8-sig", "surrogatepass")


def _workbook(rows: Iterable[dict[str, str]], language: Language) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.append([HEADINGS[language][name] for name in COLUMNS])
    shade = PatternFill("solid", fgColor="EEEEEE")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for line, row in enumerate(rows, 2):
        for at, name in enumerate(COLUMNS, 1):
            cell = sheet.cell(line, at)
            text = row.get(name, "")
            cell.value, cell.quotePrefix = _as_xml(defused(text)), defused(text) != text
            cell.data_type, cell.number_format = "s", "@"
            cell.alignment = Alignment(wrap_text=name in _WIDTHS, vertical="top")
            if name in READ_ONLY:
                cell.fill = shade
    for at, name in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(name, 16)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _from_csv(raw: bytes) -> Iterator[list[str]]:
    try:
        text = raw.decode("utf-8-sig", "surrogatepass")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")  # what Excel writes as "CSV"
    first = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _from_workbook(raw: bytes) -> Iterator[list[str]]:
    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    try:
        sheet: Any = book.worksheets[0]
        for row in sheet.iter_rows(values_only=True):
            yield [_text(value) for value in row]
    finally:
        book.close()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    return _WRITTEN.sub(lambda found: chr(int(found[1], 16)), str(value))


def _as_xml(text: str) -> str:
    """What XML cannot hold as Excel writes it: `_x001B_`. Raises _TooLongError: cut, it would look edited."""
    written = _NOT_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    if len(written) > _LONGEST:
        raise _TooLongError
    return written


class _TooLongError(Exception):
    """No cell of a workbook holds it."""


def _unusable(file: Path, why: str, fix: str = _FIX) -> Refusal:
    return Refusal(
        Problem(
            "E852",
            f'"{file}" {why}',
            data=DataPlace(str(file)),
            help=fix,
        )
    )
