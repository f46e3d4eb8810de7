"""The XML of an .ods → of each sheet its extent, cells without a value, what is hidden, struck, commented."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from xml.parsers import expat

from connectors.formats.number_formats import shown_as
from connectors.formats.workbook_part import CELLS, SheetPart, local, walk

_HIDDEN = ("collapse", "filter")
_LONGEST = 200
_NUMBERS = ("float", "percentage", "currency")
_ROOTS = ("content.xml", "styles.xml")


def read_ods(archive: zipfile.ZipFile) -> dict[str, SheetPart]:
    """Sheet name → its part. Raises what zipfile and expat do, and ValueError: damaged."""
    found = _Sheets()
    for path in reversed(_ROOTS):  # styles before the cells that use them
        if path in archive.NameToInfo:
            parser = expat.ParserCreate()
            parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
            parser.CharacterDataHandler = found.text
            walk(archive, path, parser)
    return found.parts


class _Sheets:
    def __init__(self) -> None:
        self.parts: dict[str, SheetPart] = {}
        self._part = SheetPart()
        self._row, self._column, self._rows, self._width = 0, 0, 1, 1
        self._styles: dict[str, bool] = {}
        self._style = self._row_style = ""
        self._column_styles: list[tuple[int, str]] = []
        self._cell: dict[str, str] | None = None
        self._shown: list[str] = []
        self._comment: list[str] = []
        self._depth = 0  # inside a comment

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Cells are looked at when they end: what they show stands inside them."""
        own = {local(key): value for key, value in attributes.items() if not key.startswith("calcext:")}
        match local(name):
            case "table":
                self._part, self._row, self._column, self._column_styles = SheetPart(), 0, 0, []
                self.parts[own.get("name", "")] = self._part
            case "style":
                self._style = own.get("name", "")
                self._styles[self._style] = self._styles.get(own.get("parent-style-name", ""), False)
            case "text-properties" if self._style:
                line = own.get("text-line-through-style", own.get("text-line-through-type"))
                self._styles[self._style] = line != "none" if line else self._styles[self._style]
            case "table-column":
                width = int(own.get("number-columns-repeated", "1"))
                if own.get("visibility") in _HIDDEN:
                    self._part.hidden_columns.append(range(self._column, self._column + width))
                self._column += width
                self._column_styles.append((self._column, own.get("default-cell-style-name", "")))
            case "table-row":
                self._column, self._rows = 0, int(own.get("number-rows-repeated", "1"))
                self._row_style = own.get("default-cell-style-name", "")
                if own.get("visibility") in _HIDDEN:
                    self._part.hidden.append(range(self._row, self._row + self._rows))
            case "table-cell" | "covered-table-cell":
                own["error"] = "yes" * (attributes.get("calcext:value-type") == "error")
                self._cell, self._shown, self._comment = own, [], []
            case "annotation":
                self._depth = 1
            case "s" if self._cell is not None:
                self._shown.append(" ")

    def text(self, data: str) -> None:
        """What a cell shows, or what is written beside it."""
        if self._cell is not None:
            (self._comment if self._depth else self._shown).append(data)

    def end(self, name: str) -> None:
        """A cell or a row is over."""
        match local(name):
            case "style":
                self._style = ""
            case "annotation":
                self._depth = 0
            case "date" | "creator" if self._depth:  # who wrote the comment, and when
                self._comment.clear()
            case "table-cell" | "covered-table-cell" if self._cell is not None:
                self._take(self._cell)
                self._cell = None
            case "table-row":
                self._row += self._rows

    def _take(self, own: dict[str, str]) -> None:
        width, here = int(own.get("number-columns-repeated", "1")), (self._row, self._column)
        part = self._part
        if comment := " ".join("".join(self._comment).split()):
            part.comments[here] = comment[:_LONGEST]
        if "value-type" in own:
            part.reach(here[0] + self._rows - 1, here[1] + width - 1)
            if part.rows * part.columns <= CELLS:  # else it is not read at all
                self._mark(own, width)
            if (spanned := int(own.get("number-rows-spanned", "1"))) > 1:
                part.merged.append((here, (here[0] + spanned - 1, here[1])))
        self._column += width

    def _mark(self, own: dict[str, str], width: int) -> None:
        part, kind = self._part, own["value-type"]
        cells = [
            (row, column)
            for row in range(self._row, self._row + self._rows)
            for column in range(self._column, self._column + width)
        ]
        if own["error"]:
            part.valueless |= dict.fromkeys(cells, "an error")
        elif kind in _NUMBERS:
            with suppress(ValueError, ArithmeticError):
                value, text = float(own.get("value", "")), "".join(self._shown)
                shown = shown_as(text, value, kind == "percentage", own.get("currency", ""))
                part.shown |= dict.fromkeys(cells, shown)
        if self._styles.get(self._style_of(own)):
            part.struck |= set(cells)

    def _style_of(self, own: dict[str, str]) -> str:
        """The cell's, else its row's, else its column's."""
        column = next((style for end, style in self._column_styles if self._column < end), "")
        return own.get("style-name") or self._row_style or column
