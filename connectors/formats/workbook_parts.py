"""The bytes of a workbook → what its own XML says of each sheet, found before any library unpacks it.

A zip archive of some kilobytes can unpack to gigabytes, and a sheet with two cells in opposite corners is a
table of 17 thousand million. So the archive's directory and the extent of every sheet are looked at first.
On the way, cells are found that a library would give as empty text: errors (`#N/A`) and formulas whose
result was never saved.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from typing import Literal
from xml.parsers import expat

from connectors.formats.opening import UNPACKED
from connectors.formats.trouble import not_whole
from connectors.formats.workbook_ods import read_ods
from connectors.formats.workbook_part import SheetPart
from connectors.formats.workbook_xlsx import read_xlsx
from etl.plugin import DataPlace, Problem, Refusal

Kind = Literal["xlsx", "ods"]
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, expat.ExpatError),
    *(EOFError, NotImplementedError, RuntimeError, OSError, ValueError, KeyError),
)
"""What zipfile, its decompressors and expat raise for archives and XML that are not whole, or locked."""


def look_into(data: bytes, file: str) -> tuple[Kind, dict[str, SheetPart]]:
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
                return "xlsx", read_xlsx(archive)
            if "content.xml" in names:
                return "ods", read_ods(archive)
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
