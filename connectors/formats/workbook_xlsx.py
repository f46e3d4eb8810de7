"""The XML of an .xlsx → of each sheet its extent, cells without a value, what is hidden, commented."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from xml.parsers import expat

from connectors.formats.number_formats import shown_by
from connectors.formats.workbook_part import SheetPart, local, walk
from connectors.formats.workbook_styles import Style, styles_of

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_LONGEST = 200
"""Of what is shown of a comment."""


def read_xlsx(archive: zipfile.ZipFile) -> dict[str, SheetPart]:
    """Sheet name → its part. Raises what zipfile and expat do, and ValueError, KeyError: damaged."""
    targets = {one["Id"]: one["Target"] for one in _relations(archive, "xl/_rels/workbook.xml.rels")}
    sheets: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "sheet":
            key = next((value for key, value in attributes.items() if local(key) == "id"), "")
            sheets[attributes["name"]] = targets[key]

    parser = expat.ParserCreate()
    parser.StartElementHandler = sheet
    walk(archive, "xl/workbook.xml", parser)
    found: dict[str, SheetPart] = {}
    read: dict[str, SheetPart] = {"": SheetPart()}
    names = set(archive.namelist())
    styles = styles_of(archive) if "xl/styles.xml" in names else {}
    for name, target in sheets.items():
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        path = path if path in names else ""
        if path in read and path:
            raise ValueError(f'two sheets are kept in one part of it, "{path[:60]}"')
        read[path] = found[name] = _Sheet(styles).read(archive, path) if path else SheetPart()
        for kind in ("comments", "threadedComment"):  # the second say in full what the first say in part
            for comments in _beside(archive, path, kind) & names:
                _comments(archive, comments, found[name])
    return found


def _relations(archive: zipfile.ZipFile, path: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def relation(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship":
            found.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = relation
    walk(archive, path, parser)
    return found


def _beside(archive: zipfile.ZipFile, sheet: str, kind: str) -> set[str]:
    """The parts of that kind that belong to a sheet."""
    folder, _, name = sheet.rpartition("/")
    path = f"{folder}/_rels/{name}.rels"
    if path not in archive.NameToInfo:
        return set()
    named = [one["Target"] for one in _relations(archive, path) if one["Type"].endswith(f"/{kind}")]
    return {posixpath.normpath(posixpath.join("/", folder, one)).removeprefix("/") for one in named}


def _comments(archive: zipfile.ZipFile, path: str, part: SheetPart) -> None:
    """Write down what stands in that part. Of a conversation each turn is a comment of its own."""
    said: list[str] = []
    fresh: dict[tuple[int, int], list[str]] = {}
    cell: tuple[int, int] | None = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal cell
        if local(name) in ("comment", "threadedComment"):
            match = _REFERENCE.match(attributes.get("ref", ""))
            cell = (int(match[2]) - 1, _column_number(match[1])) if match else None
            said.clear()

    def end(name: str) -> None:
        nonlocal cell
        if local(name) in ("comment", "threadedComment") and cell is not None:
            if text := " ".join("".join(said).split()):
                fresh.setdefault(cell, []).append(text)
            cell = None

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = said.append
    walk(archive, path, parser)
    part.comments |= {at: " / ".join(texts)[:_LONGEST] for at, texts in fresh.items()}


_PLAIN = Style()


class _Sheet:
    """Reads one worksheet of an .xlsx."""

    def __init__(self, styles: Mapping[int, Style]) -> None:
        self.part, self._styles = SheetPart(), styles
        self._row = self._column = -1
        self._type, self._formula, self._inside, self._value = "", False, False, ""
        self._style = _PLAIN

    def read(self, archive: zipfile.ZipFile, path: str) -> SheetPart:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        walk(archive, path, parser)
        return self.part

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
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
            self._style = self._styles.get(int(attributes.get("s", "0")), _PLAIN)
        elif name == "f":
            self._formula = True
        self._inside = name in ("v", "t")

    def _text(self, data: str) -> None:
        if self._inside:
            self._value = (self._value + data)[:40]

    def _end(self, name: str) -> None:
        self._inside = False
        if local(name) != "c":
            return
        cell = (self._row, self._column)
        if self._value or self._formula:
            self.part.reach(*cell)
        if self._style.code and self._value and self._type in ("", "n"):
            with suppress(ValueError):
                self.part.shown[cell] = shown_by(self._style.code, float(self._value))
        if self._style.struck:
            self.part.struck.add(cell)
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


