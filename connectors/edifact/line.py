"""One LIN group and the head of its message → a neutral order line and its problems."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.edifact.amounts import choose_price
from connectors.edifact.copies import placements_of
from connectors.edifact.message import Line
from connectors.edifact.options import EdifactOptions
from connectors.layouts import Layout, parse_line
from connectors.layouts.unreadable import shown
from etl.plugin import DataPlace, Problem

_BOOK = re.compile(r"(?:97[89])?(\d{9})[\dX]", re.IGNORECASE)
_PART = "LIN/part of"


def line_of(
    line: Line,
    head: Mapping[str, str],
    layout: Layout,
    options: EdifactOptions,
    mark: str,
    place: DataPlace,
) -> tuple[dict[str, object], list[Problem]]:
    """The line is complete even when it has errors. `mark` is the decimal mark of the UNA."""
    fields = {**head, **line.fields}
    placements, problems = placements_of(fields, options, mark, place)
    more: dict[str, object] = {"placements": placements}
    if "unit_price" not in options.columns:
        price, wrong = choose_price(fields, options.prices, mark, place)
        more |= {name: value for name, value in price.items() if name not in options.columns}
        problems += wrong
    row, found = parse_line(layout, fields, place, more)
    return row, [*problems, *found, *_other_book(fields, place), *_part_of(fields, place)]


def _other_book(fields: Mapping[str, str], place: DataPlace) -> list[Problem]:
    """LIN has the EAN and PIA+5 the ISBN of the same book; two books would be one too many."""
    ean = _book(fields.get("LIN+EN", ""))
    isbns = [text for name, text in fields.items() if name.partition(" repeat ")[0] == "PIA+5+IB"]
    books = [book for book in map(_book, isbns) if book]
    if ean is None or not books or ean in books:
        return []
    told = f"the EAN {shown(fields['LIN+EN'])} and the ISBN {shown(isbns[0])} are of two different books"
    exact = DataPlace(place.file, place.record, place.line, place.offset, "PIA+5+IB")
    return [Problem("E357", told, data=exact, help="ask which is meant; nothing is ordered from this line")]


def _book(text: str) -> str | None:
    """The nine digits that ISBN-10, ISBN-13 and EAN of a book share."""
    match = _BOOK.fullmatch(re.sub(r"[\s-]", "", text))
    return match[1] if match else None


def _part_of(fields: Mapping[str, str], place: DataPlace) -> list[Problem]:
    if _PART not in fields:
        return []
    told = f"this line is a part of line {shown(fields[_PART])}, not an order of its own"
    exact = DataPlace(place.file, place.record, place.line, place.offset, _PART)
    help_ = "order the set, or have the vendor send its parts as lines"
    return [Problem("E357", told, data=exact, help=help_)]
