"""One ItemDetail of a ship notice → its neutral order line and its problems."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.btj.catalogue import fills_of
from connectors.btj.copies import placements_of
from connectors.btj.options import BtjOptions
from connectors.btj.prices import choose_price
from connectors.formats.editx import Item
from connectors.formats.marc_record import MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of, read_embedded_marc
from connectors.layouts import Layout, parse_line
from connectors.layouts.unreadable import shown
from connectors.order_marc.own_record import carrier_of_form, unlike_its_line
from etl.plugin import DataPlace, Problem, Severity

_EAN, _ISBN = "ProductID[EAN13]/Identifier", "ProductID[ISBN]/Identifier"
_BOOK = re.compile(r"(?:97[89])?(\d{9})[\dX]", re.IGNORECASE)


def line_of(
    item: Item, header: Mapping[str, str], layout: Layout, options: BtjOptions, place: DataPlace
) -> tuple[dict[str, object], list[Problem]]:
    """The line is complete even when it has errors. Warnings say what was left out of it."""
    fields = {**header, **item.fields}
    price = choose_price(layout, fields, options.prices, place)
    placements, problems = placements_of(item.copies, options.glued, place)
    problems += price.problems
    more: dict[str, object] = {**price.more, "placements": placements}
    if item.messages:
        more["note_vendor"] = "; ".join(item.messages)
    records = _records(item, place, problems)
    if records:
        more |= fills_of(records[0])
    line, found = parse_line(price.layout, fields, place, more)
    problems += found
    problems += _other_book(fields, place)
    isbns, form = (line.get("isbn"), line.get("ean")), line.get("form")
    for record in records:
        carrier = carrier_of_form(form) if isinstance(form, str) else None
        problems += unlike_its_line(record, isbns, carrier, place)
    _check_currencies(item, line, place, problems)
    return line, problems


def _records(item: Item, place: DataPlace, problems: list[Problem]) -> list[MarcRecord]:
    """The readable records, of the line first and then of its copies; each unreadable one is a note."""
    found = []
    for line, text in [(place.line, text) for text in item.records] + [
        (copy.line, text) for copy in item.copies for text in copy.records
    ]:
        try:
            record = read_embedded_marc(text)
            marcxml_of(record)  # what XML cannot hold is left out as well
        except Unreadable as given_up:
            told = f"the catalogue record in a Message 04 is left out: {given_up.trouble.message}"
            here = DataPlace(place.file, place.record, line, place.offset, "Message[04]")
            help_ = "the order line is read all the same; its record stands unparsed under raw"
            problems.append(Problem("E368", told, Severity.WARNING, data=here, help=help_))
        else:
            found.append(record)
    return found


def _other_book(fields: Mapping[str, str], place: DataPlace) -> list[Problem]:
    """The EAN and the ISBN of a line are two spellings of one number; two books would be one too many."""
    ean, isbn = (_book(fields.get(name, "")) for name in (_EAN, _ISBN))
    if ean is None or isbn is None or ean == isbn:
        return []
    told = f"the EAN {shown(fields[_EAN])} and the ISBN {shown(fields[_ISBN])} are of two different books"
    exact = DataPlace(place.file, place.record, place.line, place.offset, _ISBN)
    return [Problem("E352", told, data=exact, help="ask which is meant; nothing is ordered")]


def _book(text: str) -> str | None:
    """The nine digits that ISBN-10, ISBN-13 and EAN of a book share."""
    match = _BOOK.fullmatch(re.sub(r"[\s-]", "", text))
    return match[1] if match else None


def _check_currencies(
    item: Item, line: Mapping[str, object], place: DataPlace, problems: list[Problem]
) -> None:
    for copy in item.copies:
        said = copy.fields.get("FundDetail/CurrencyCode")
        if said and line.get("currency") and said != line["currency"]:
            told = f"the fund is charged in {shown(said)}, the price is in {shown(str(line['currency']))}"
            name = f"{copy.prefix}FundDetail/CurrencyCode"
            exact = DataPlace(place.file, place.record, copy.line, place.offset, name)
            problems.append(Problem("E351", told, data=exact))
