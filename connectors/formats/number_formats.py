"""The format of a number cell → what a person sees beside its digits: a percent sign, a currency, a unit.

The value of a cell is not what it shows: 0.275 under `0.0%` is 27.5 %, 19.9 under `[$€-2] #,##0.00` is in
euros.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from xml.parsers import expat

PERCENT = "%"
_BUILT_IN: Mapping[int, str] = {9: "0%", 10: "0.00%"}
"""Formats that no workbook spells out. Those of money (5–8, 37–44) show the currency of whoever looks."""
_LITERAL = re.compile(
    r'"([^"]{0,99})"|\\(.)|\[\$([^\]-]{0,9})[^\]]{0,20}\]|\[[^\]]{0,20}\]|[_*].|([%€$£¥₽₴₪₫฿₹₺₩])',
    re.DOTALL,
)
"""Words in quotes, one sign, a currency; colours, conditions and widths show nothing."""


def beside(code: str) -> str:
    """What a format code shows beside a positive number, without blanks around it.

    >>> beside("0.0%"), beside("[$€-2] #,##0.00"), beside('#,##0.00\\\\ "kr"'), beside("[$-41D]0.00")
    ('%', '€', 'kr', '')
    """
    shown = (text for found in _LITERAL.finditer(code) for text in found.groups("") if text)
    return " ".join("".join(shown).split())


def first_section(code: str) -> str:
    """The part of a format code that is for positive numbers.

    >>> first_section('0.00 "a;b";-0.00')
    '0.00 "a;b"'
    """
    quoted = False
    for at, sign in enumerate(code):
        quoted ^= sign == '"'
        if sign == ";" and not quoted:
            return code[:at]
    return code


def as_percentage(text: str) -> str:
    """What a cell shows whose value is a share of one.

    >>> as_percentage("0.275"), as_percentage("1"), as_percentage("0.07"), as_percentage("-0.1")
    ('27.5', '100', '7', '-10')
    """
    return f"{(Decimal(text) * 100).normalize():f}"


Walk = Callable[[zipfile.ZipFile, str, expat.XMLParserType], None]


def styles_of(archive: zipfile.ZipFile, walk: Walk) -> list[str]:
    """Of an .xlsx: number of a cell's style → what it shows beside a number."""
    codes: dict[int, str] = dict(_BUILT_IN)
    used: list[int] = []
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        match name.rpartition(":")[2]:
            case "numFmt":
                codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            case "cellXfs":
                inside = True
            case "xf" if inside:
                used.append(int(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name.rpartition(":")[2] != "cellXfs"

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    walk(archive, "xl/styles.xml", parser)
    return [beside(first_section(codes.get(number, ""))) for number in used]
