"""One ItemDetail of a ship notice → its neutral order line and its problems."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from connectors.btj.beside import Beside
from connectors.btj.catalogue import fills_of
from connectors.btj.copies import placements_of, read_of
from connectors.btj.options import BtjOptions
from connectors.btj.prices import choose_price
from connectors.formats.editx import Item
from connectors.formats.marc_record import MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of, read_embedded_records
from connectors.layouts import Layout, parse_line
from connectors.layouts.leftovers import UNREAD
from connectors.layouts.unreadable import shown
from connectors.order_marc.carriers import carrier_of_form
from connectors.order_marc.own_record import several_titles, unlike_its_line
from etl.plugin import DataPlace, Problem, Severity

_AGAIN = re.compile(r"\[[0-9]+\]")
_NUMBER = re.compile(r"(?:.*/)?(?:ReferenceCoded|ProductID)\[[^\]]*\]/(?:ReferenceNumber|Identifier)")
"""What an order or a book is known by, whether a column or the mapping itself reads it."""
_TEXTS = frozenset({"title", "author", "publisher", "place", "year", "edition", "series"})


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
    messages = {name for name in item.fields if name.startswith("Message")}
    taken = {*price.compared, *read_of(item.copies), *messages}
    line, found = parse_line(price.layout, fields, place, more, taken)
    problems += [*found, *_repeated(price.layout, fields, taken, place)]
    problems += several_titles(records, replace(place, field="Message[04]"))
    isbns, form = (line.get("isbn"), line.get("ean")), line.get("form")
    for record in records:
        carrier = carrier_of_form(form) if isinstance(form, str) else None
        problems += unlike_its_line(record, isbns, carrier, place, line.get("title"))
    _check_currencies(item, line, place, problems)
    beside = Beside(item, fields, line, place)
    beside.look(options.columns)
    line[UNREAD] = beside.left()
    return line, [*problems, *beside.problems]


def _records(item: Item, place: DataPlace, problems: list[Problem]) -> list[MarcRecord]:
    """The readable records, of the line first and then of its copies; each unreadable one is a note."""
    found = []
    for line, text in [(place.line, text) for text in item.records] + [
        (copy.line, text) for copy in item.copies for text in copy.records
    ]:
        try:
            records = read_embedded_records(text)
            for record in records:
                marcxml_of(record)  # what XML cannot hold is left out as well
        except Unreadable as given_up:
            told = f"the catalogue record in a Message 04 is left out: {given_up.trouble.message}"
            here = DataPlace(place.file, place.record, line, place.offset, "Message[04]")
            help_ = "the order line is read all the same; its record stands unparsed under raw"
            problems.append(Problem("E368", told, Severity.WARNING, data=here, help=help_))
        else:
            found += records
    return found


def _repeated(
    layout: Layout, fields: Mapping[str, str], taken: Collection[str], place: DataPlace
) -> Iterator[Problem]:
    """E440 for an element that a line or a copy has once, and that stands there again with another value."""
    read = {alias for name, one in layout.columns.items() if name not in _TEXTS for alias in one.aliases}
    for name, text in fields.items():
        for mark in _AGAIN.finditer(name):
            first = name[: mark.start()] + name[mark.end() :]
            known = first in read | set(taken) or _NUMBER.fullmatch(first)
            if first in fields and known and fields[first] != text:
                told = f"{first} says {shown(fields[first])}, and once more {shown(text)}"
                exact = DataPlace(place.file, place.record, place.line, place.offset, name)
                yield Problem("E440", told, Severity.HOLD, data=exact, help="ask the vendor which is right")


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
