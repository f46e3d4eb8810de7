"""One text of a vendor and its declared format → the parsed value, or why it cannot be read.

A format is a word and its arguments, as in a layout or under `source.options.formats`:

    text                        as it stands, in NFC, blanks trimmed
    html                        the same, HTML entities unescaped once (Jack &amp; Jill), never twice
    identifier                  the same, but 9,78914E+12 (rounded by a spreadsheet) is refused
    integer                     2; and 2,00 or 2.00, by the decimal mark of the layout's prices
    integer comma               2,00
    integer dot                 2.000, where the point is the format's own decimal mark
    money comma                 1 089,00   also 1.089,00   249:-   149,00 kr
    money dot                   1,089.00
    money dot only              1,089.00; 1,089 is refused, for it can mean two things
    money either                98,00 or 98.00; 1,089 is refused, for it can mean two things
    percent                     6   6,0   27.5 %   0,6 %; 0,06 is refused, for it may be a fraction
    fraction                    0,06: times 100
    date YYYY-MM-DD, YYYYMMDD   in the order given; also DD MM YY hh mm ss, iso, msjson
    yes_no                      J/N, Ja/Nej, Y/N, 1/0, X, true/false
    record_supplier             BURK or LIBRIS in any case; another word as it stands
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from connectors.layouts.dates import date_reader
from connectors.layouts.numbers import (
    STYLES,
    Money,
    read_fraction,
    read_integer,
    read_money,
    read_percent,
)
from connectors.layouts.unreadable import Unreadable, shown
from etl.plugin import normalized, plain_answer

Value = str | int | bool | date | Money | object
Reader = Callable[[str], object]

_ROUNDED = re.compile(r"-?\d+(?:[.,]\d+)?E\+\d{1,3}|-?\d+[.,]\d+E\d{1,3}", re.IGNORECASE)


class Format(NamedTuple):
    """`kind` is the kind of column it fills; `reader` takes text that is not blank."""

    kind: str
    reader: Reader


def read_text(text: str) -> str:
    """The text in NFC, without blanks around it."""
    return normalized("NFC", text).strip()


def read_identifier(text: str) -> str:
    """Raises Unreadable E352 for a number in scientific notation: its last digits are gone."""
    plain = read_text(text)
    if _ROUNDED.fullmatch(plain):
        raise Unreadable(
            "E352",
            f"{shown(text)} is a number that a spreadsheet has rounded; its last digits are lost",
            "get the file as the vendor wrote it, or make the column text before saving the sheet",
        )
    return plain


def _html(text: str) -> str:
    return read_text(html.unescape(text))


def _yes_no(text: str) -> bool:
    answer = plain_answer(text)
    if answer is not None:
        return answer
    raise Unreadable(
        "E354", f"neither yes nor no: {shown(text)}", "known: J/N, Ja/Nej, Y/N, 1/0, X, true/false"
    )


def _record_supplier(text: str) -> str:
    known = read_text(text).upper()
    return known if known in ("BURK", "LIBRIS") else read_text(text)


_PLAIN: Mapping[str, Format] = {
    "text": Format("text", read_text),
    "html": Format("text", _html),
    "identifier": Format("text", read_identifier),
    "integer": Format("integer", read_integer),
    "percent": Format("decimal", read_percent),
    "fraction": Format("decimal", read_fraction),
    "yes_no": Format("boolean", _yes_no),
    "record_supplier": Format("text", _record_supplier),
}
FORMATS = (*_PLAIN, "integer comma", "integer dot", *(f"money {style}" for style in STYLES), "date …")


@lru_cache(maxsize=256)
def find_format(declared: str) -> Format:
    """Raises ValueError, in words for the author of a layout or mapping, when there is no such format."""
    word, _, arguments = declared.strip().partition(" ")
    arguments = arguments.strip()
    if word in _PLAIN and not arguments:
        return _PLAIN[word]
    if word == "integer" and arguments in ("comma", "dot"):
        return Format("integer", lambda text: read_integer(text, arguments))
    if word == "money" and arguments in STYLES:
        return Format("money", lambda text: read_money(text, arguments))
    if word == "date" and arguments:
        return Format("date", date_reader(tuple(part.strip() for part in arguments.split(","))))
    raise ValueError(f'there is no format "{declared}"; known are: {", ".join(FORMATS)}')
