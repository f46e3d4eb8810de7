"""The styles of an .xlsx → by a style's number, how numbers are written and whether it strikes through."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from xml.parsers import expat

from connectors.formats.number_formats import BUILT_IN, is_plain
from connectors.formats.workbook_part import local, walk


@dataclass(frozen=True, slots=True)
class Style:
    """`code` is the number format, empty where it shows digits alone."""

    code: str = ""
    struck: bool = False


class _Styles:
    def __init__(self) -> None:
        self.codes: dict[int, str] = dict(BUILT_IN)
        self.fonts: list[bool] = []
        self.used: list[tuple[int, int]] = []
        self._inside: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Differential styles (dxfs) have fonts too, and number formats: only those of cells count."""
        name = local(name)
        match [*self._inside[-2:], name]:
            case [*_, "numFmts", "numFmt"]:
                self.codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            case [*_, "fonts", "font"]:
                self.fonts.append(False)
            case [*_, "fonts", "font", "strike"]:
                self.fonts[-1] = attributes.get("val", "1") not in ("0", "false")
            case [*_, "cellXfs", "xf"]:
                self.used.append((int(attributes.get("numFmtId", "0")), int(attributes.get("fontId", "0"))))
        self._inside.append(name)

    def end(self, _name: str) -> None:
        """Out of an element again."""
        self._inside.pop()


def styles_of(archive: zipfile.ZipFile) -> dict[int, Style]:
    """Number of a cell's style → the style."""
    found = _Styles()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    walk(archive, "xl/styles.xml", parser)
    codes = {number: "" if is_plain(code) else code for number, code in found.codes.items()}
    return {
        at: Style(codes.get(number, ""), font < len(found.fonts) and found.fonts[font])
        for at, (number, font) in enumerate(found.used)
    }
