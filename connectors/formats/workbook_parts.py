"""The bytes of a workbook → what its own XML says of each sheet, found before any library unpacks it.

A zip archive of some kilobytes can unpack to gigabytes, and a sheet with two cells in opposite corners is a
table of 17 thousand million. So the archive's directory and the extent of every sheet are looked at first.
On the way, cells are found that a library would give as empty text: errors (`#N/A`) and formulas whose
result was never saved.
"""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Literal
from xml.parsers import expat

from connectors.formats.number_formats import PERCENT, styles_of
from connectors.formats.opening import UNPACKED
from connectors.formats.trouble import not_whole
from etl.plugin import DataPlace, Problem, Refusal

Kind = Literal["xlsx", "ods"]
Cell = tuple[int, int]
CELLS = 5_000_000
"""More cells than this (blank ones between others count) are not unpacked: some 400 MiB of memory."""
_BLOCK = 1 << 18
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, expat.ExpatError),
    *(EOFError, NotImplementedError, RuntimeError, OSError, ValueError, KeyError),
)
"""What zipfile, its decompressors and expat raise for archives and XML that are not whole, or locked."""


@dataclass(slots=True)
class Part:
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
    beside: dict[Cell, str] = field(default_factory=dict)
    """What a number cell shows beside its digits: `%`, a currency, a unit."""

    def reach(self, row: int, column: int) -> None:
        """There is a cell at this place."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)


def look_into(data: bytes, file: str) -> tuple[Kind, dict[str, Part]]:
    """Sheet name → its part. Raises Refusal: E302 no workbook, E385 damaged, E386 unpacks to too much,
    NOT_WHOLE cut off."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > UNPACKED:
                told = f"the workbook unpacks to {size >> 20} MiB, more than {UNPACKED >> 20}"
                help_ = "is it a workbook of order lines? If it is, save the sheet alone, or as CSV"
                raise Refusal(Problem("E386", told, data=DataPlace(file), help=help_))
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                return "xlsx", _xlsx(archive)
            if "content.xml" in names:
                return "ods", _ods(archive)
    except _DAMAGED as error:
        if not zipfile.is_zipfile(io.BytesIO(data)):
            cut = not_whole("it lacks the table of its parts, which stands at the end of a workbook")
            raise Refusal(cut.at(DataPlace(file))) from error
        told = f"the workbook is damaged: {error}"
        help_ = "open it in the spreadsheet, save it again, or ask for it to be sent again"
        raise Refusal(Problem("E385", told, data=DataPlace(file), help=help_)) from error
    binary = "xl/workbook.bin" in names
    told = "this is a binary workbook (.xlsb)" if binary else "this is a zip archive without a workbook in it"
    help_ = "save it as .xlsx" if binary else "unpack it first"
    raise Refusal(Problem("E302", told, data=DataPlace(file), help=help_))


def _walk(archive: zipfile.ZipFile, name: str, parser: expat.XMLParserType) -> None:
    with archive.open(name) as stream:
        while block := stream.read(_BLOCK):
            parser.Parse(block, False)
        parser.Parse(b"", True)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _xlsx(archive: zipfile.ZipFile) -> dict[str, Part]:
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            targets[attributes["Id"]] = attributes["Target"]

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "sheet":
            key = next((value for key, value in attributes.items() if _local(key) == "id"), "")
            sheets[attributes["name"]] = targets[key]

    for part, start in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        _walk(archive, part, parser)
    found: dict[str, Part] = {}
    read: dict[str, Part] = {"": Part()}
    names = set(archive.namelist())
    styles = styles_of(archive, _walk) if "xl/styles.xml" in names else []
    for name, target in sheets.items():
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        path = path if path in names else ""
        if path in read and path:
            raise ValueError(f'two sheets are kept in one part of it, "{path[:60]}"')
        read[path] = found[name] = _Sheet(styles).read(archive, path) if path else Part()
    return found


class _Sheet:
    """Reads one worksheet of an .xlsx."""

    def __init__(self, styles: list[str]) -> None:
        self.part, self._styles = Part(), dict(enumerate(styles))
        self._row = self._column = -1
        self._type, self._formula, self._inside, self._value, self._beside = "", False, False, "", ""

    def read(self, archive: zipfile.ZipFile, path: str) -> Part:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        _walk(archive, path, parser)
        return self.part

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "row":
            self._row, self._column = int(attributes.get("r", self._row + 2)) - 1, -1
            if _is_hidden(attributes, "ht"):
                self.part.hidden.append(range(self._row, self._row + 1))
        elif name == "col":
            if _is_hidden(attributes, "width"):
                self.part.hidden_columns.append(range(int(attributes["min"]) - 1, int(attributes["max"])))
        elif name == "c":
            match = _REFERENCE.fullmatch(attributes.get("r", ""))
            if match:
                self._column, self._row = _column_number(match[1]), int(match[2]) - 1
            else:
                self._column += 1
            self._type, self._formula, self._value = attributes.get("t", ""), False, ""
            self._beside = self._styles.get(int(attributes.get("s", "0")), "")
        elif name == "f":
            self._formula = True
        self._inside = name in ("v", "t")

    def _text(self, data: str) -> None:
        if self._inside:
            self._value = (self._value + data)[:40]

    def _end(self, name: str) -> None:
        self._inside = False
        if _local(name) != "c":
            return
        cell = (self._row, self._column)
        if self._value or self._formula:
            self.part.reach(*cell)
        if self._beside and self._value and self._type in ("", "n"):
            self.part.beside[cell] = self._beside
        if self._type == "e":
            self.part.valueless[cell] = f'the error "{self._value}"'
        elif self._formula and not self._value and self._type != "str":
            self.part.valueless[cell] = "a formula whose result was not saved"


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    """A row or column that is hidden, filtered away, folded in, or of no height or width."""
    return attributes.get("hidden") in ("1", "true") or float(attributes.get(size, "1") or "1") == 0


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _ods(archive: zipfile.ZipFile) -> dict[str, Part]:
    found: dict[str, Part] = {}
    at = {"row": 0, "column": 0, "rows": 1}
    part = Part()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal part
        own = {_local(key): value for key, value in attributes.items() if not key.startswith("calcext:")}
        match _local(name):
            case "table":
                part, at["row"], at["column"] = Part(), 0, 0
                found[own.get("name", "")] = part
            case "table-column":
                width = int(own.get("number-columns-repeated", "1"))
                if own.get("visibility") in ("collapse", "filter"):
                    part.hidden_columns.append(range(at["column"], at["column"] + width))
                at["column"] += width
            case "table-row":
                at["column"], at["rows"] = 0, int(own.get("number-rows-repeated", "1"))
                if own.get("visibility") in ("collapse", "filter"):
                    part.hidden.append(range(at["row"], at["row"] + at["rows"]))
            case "table-cell" | "covered-table-cell":
                width = int(own.get("number-columns-repeated", "1"))
                if "value-type" in own:
                    here = (at["row"], at["column"])
                    part.reach(here[0] + at["rows"] - 1, here[1] + width - 1)
                    shown = PERCENT if own["value-type"] == "percentage" else own.get("currency", "")
                    wrong = attributes.get("calcext:value-type") == "error"
                    if (shown or wrong) and part.rows * part.columns <= CELLS:  # else it is not read at all
                        for row in range(here[0], here[0] + at["rows"]):
                            for column in range(here[1], here[1] + width):
                                if wrong:
                                    part.valueless[row, column] = "an error"
                                else:
                                    part.beside[row, column] = shown
                    if (spanned := int(own.get("number-rows-spanned", "1"))) > 1:
                        part.merged.append((here, (here[0] + spanned - 1, here[1])))
                at["column"] += width

    def end(name: str) -> None:
        if _local(name) == "table-row":
            at["row"] += at["rows"]

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    _walk(archive, "content.xml", parser)
    return found
