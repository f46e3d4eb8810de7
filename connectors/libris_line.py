"""An order of the Libris acquisition routine → the neutral order line, and what is odd about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.formats.deleted_record import deleted
from connectors.formats.marc_order_data import UnreadOrderData
from connectors.formats.marc_path import parse_path
from connectors.formats.marc_record import Field, MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of
from connectors.formats.own_pattern import OwnPattern
from connectors.formats.trouble import Trouble, several_said
from connectors.layouts import Layout, parse_line
from connectors.layouts.leftovers import UNREAD, unread_in
from connectors.layouts.unreadable import shown
from connectors.libris_orders import LibrisOrder
from connectors.order_marc.bibliography import cut_all, drop_punctuation, ordered_book, system_numbers
from connectors.order_marc.carriers import carrier_of_form
from connectors.order_marc.isbn_choice import Isbn, IsbnChoice, isbns_of
from connectors.order_marc.order_data import codes_read, left_unread, one_text
from connectors.order_marc.own_record import of_its_own_kind
from connectors.order_marc.paths import by_tag as fields_of
from connectors.order_marc.paths import first_names, other_isbns, paths_of, told_of
from etl.plugin import DataPlace, Problem, Severity

OTHERWISE = re.compile(r"(?:file|note)\.\w+|020\.(?:isbn|other|form)")
"""Names of fields that are no MARC paths."""
_COPY, _ITEMS = "852", ("876", "877", "878")
_HOLDINGS = frozenset({_COPY, *_ITEMS})
_OF_A_COPY = parse_path(codes_read(_COPY, "5bchijptxz"))
_PHYSICAL, _QUALIFIERS = parse_path("007/0-1[0]"), parse_path("020$q[]")


class LineReader:
    """Reads the lines of one file. `named` are the fields of its name; `note` takes fields out of 852 $x."""

    def __init__(self, layout: Layout, named: Mapping[str, str], note: OwnPattern | None) -> None:
        self._layout, self._named, self._note = layout, named, note
        self._paths = paths_of(layout)
        self._unread = UnreadOrderData([*self._paths, _OF_A_COPY], _HOLDINGS)
        # A column's path reads the record itself, and not the holdings that follow it.
        numbers = [parse_path("001"), _OF_A_COPY]
        self._unread_of_holdings = UnreadOrderData(numbers, _HOLDINGS)

    def line_of(self, order: LibrisOrder, place: DataPlace) -> tuple[dict[str, Any], list[Problem]]:
        """The line and its problems, errors among them."""
        if order.bib is None:
            raise ValueError("an order without a record has no line")
        layout, by_tag = self._layout, fields_of(order.bib)
        try:
            found, troubles = _from_notes(order, self._note)
            placements, doubts = _placements(order.copies, self._note)
        except Unreadable as given_up:
            return {}, [given_up.trouble.at(place)]
        problems = [trouble.at(place) for trouble in troubles]
        problems += [one.noted(place) for one in (*deleted(order.bib), *doubts)]
        numbers, book, others = _numbers(by_tag)
        fields: dict[str, str] = {**self._named, **found, **numbers, **cut_all(by_tag, self._paths)}
        more: dict[str, object] = {
            "placements": placements,
            "quantity": max(1, len(order.copies)),
            "system_numbers": system_numbers(by_tag),
            "is_electronic": True if _PHYSICAL.cut(by_tag) == "cr" else None,
        }
        problems += told_of(layout, by_tag, fields, _HOLDINGS, "the record", place, book)
        try:
            more["marc_xml"] = marcxml_of(order.bib)
        except Unreadable as given_up:
            problems.append(given_up.trouble.at(place, Severity.WARNING))
        line, unread = parse_line(layout, fields, place, more)
        problems += of_its_own_kind(order.bib, line, place)
        left = {**other_isbns(layout, fields, book), **others, **self._left(order, by_tag, line)}
        line[UNREAD] = {**unread_in(line), **left}
        if line.get("record_supplier") is None:
            line["external_no"] = None  # a number that nobody claims would match the records of somebody else
        drop_punctuation(line)
        line["raw"] = {**_whole(order.bib), **first_names(fields)}
        return line, [*problems, *unread, *_strangers(order, self._named, place)]

    def _left(
        self, order: LibrisOrder, by_tag: Mapping[str, list[Field]], line: Mapping[str, object]
    ) -> dict[str, str]:
        """The order data of the record and of its holdings that nothing reads."""
        holdings: dict[str, list[Field]] = {}
        own = {id(one) for one in by_tag.get(_COPY, ())}
        for one in (*(copy for copy in order.copies if id(copy) not in own), *order.holdings):
            holdings.setdefault(one.tag, []).append(one)
        prices = [(line.get("unit_price"), line.get("currency"))]
        return {
            **left_unread(self._unread_of_holdings, holdings, prices),
            **left_unread(self._unread, by_tag, prices),
        }


def _numbers(by_tag: Mapping[str, list[Field]]) -> tuple[dict[str, str], IsbnChoice, dict[str, str]]:
    """(fields, which ISBN is ordered, what else goes unread). ISBNs begin with a digit; what does not is an
    article number, as Libris itself has it (C).
    """
    numbers = isbns_of(by_tag.get("020", ()))
    book = ordered_book(by_tag, numbers=[one for one in numbers if one.number[0].isdigit()])
    articles = [one for one in numbers if not one.number[0].isdigit()]
    forms = _forms(book.isbn or next(iter(articles), None)) or _forms_alone(by_tag)
    found = {
        "020.isbn": book.isbn.text if book.isbn else "",
        "020.other": articles[0].text if articles else "",
        "020.form": forms[0] if forms else "",
    }
    more = [one.text for one in articles[1:] if one.key != articles[0].key]
    others = {name: texts[0] for name, texts in (("020$a", more), ("020$q", forms[1:])) if texts}
    return {name: text for name, text in found.items() if text}, book, others


def _forms(isbn: Isbn | None) -> list[str]:
    """What it is said to be: its $q, or in parentheses a thing that is no printed book. How that is bound
    is written there in ways that no table knows, and is of no matter to the order.
    """
    if isbn is None:
        return []
    return list(isbn.forms) or [
        text for text in isbn.qualifiers if carrier_of_form(text) not in (None, "print")
    ]


def _forms_alone(by_tag: Mapping[str, list[Field]]) -> list[str]:
    """The $q of a record without any number."""
    if any(code == "a" for one in by_tag.get("020", ()) for code, _ in one.subfields):
        return []
    return _QUALIFIERS.found(by_tag)


def _placements(
    copies: list[Field], note: OwnPattern | None
) -> tuple[list[dict[str, object]], list[Trouble]]:
    """One for each place, and what holds them; a field 852 is one copy (the recommended practice, D)."""
    places: dict[tuple[str | None, ...], dict[str, object]] = {}
    troubles: list[Trouble] = []
    for number, copy in enumerate(copies, 1):
        where = f"the field 852 number {number}" if len(copies) > 1 else "the field 852"
        once = {}
        for code in ("b", "5", "c", "p"):
            once[code], several = one_text(copy, code, where)
            troubles += [several] if several else []
        troubles += _contradictions(copy, once, len(copies), where)
        one: dict[str, object] = {
            "library": once["b"] or once["5"],
            "department": once["c"],
            "shelfmark": _text(copy, "h", "j"),
            "barcode": once["p"],
            "note": _remark(copy, note),
        }
        same = places.setdefault(tuple(str(value) for value in one.values()), {**one, "quantity": 0})
        quantity = same["quantity"]
        same["quantity"] = (quantity if isinstance(quantity, int) else 0) + 1
    return list(places.values()), list(dict.fromkeys(troubles))


def _contradictions(
    copy: Field, once: Mapping[str, str | None], copies: int, where: str
) -> Iterator[Trouble]:
    """E327 for two libraries ($b, $5), and for a number of the copy ($t) that these copies do not have."""
    sigels = [sigel for code in ("b", "5") if (sigel := once[code])]
    if len({sigel.casefold() for sigel in sigels}) > 1:
        told = several_said("a copy is of one library", where, sigels)
        yield Trouble("E327", told, "ask whose it is; $b is in what is held", "852$b", holds=True)
    for text in (text.strip() for code, text in copy.subfields if code == "t" and text.strip()):
        if not (text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= copies):
            said = f"{where} is of copy {shown(text)} (852$t), and the order has {copies} of them"
            help_ = "each field 852 is one copy; ask how many are ordered"
            yield Trouble("E327", said, help_, "852$t", holds=True)


def _text(field: Field, *codes: str) -> str | None:
    texts = [text.strip() for code, text in field.subfields if code in codes and text.strip()]
    return " ".join(texts) or None


def _remark(copy: Field, note: OwnPattern | None) -> str | None:
    """What stands in the holding for people: the text of `note` went into columns of its own."""
    texts = [text for code, text in copy.subfields if code in ("i", "x", "z")]
    rests = [note.removed_from(text).strip() if note else text.strip() for text in texts]
    return "; ".join(text for text in rests if text) or None


def _from_notes(order: LibrisOrder, note: OwnPattern | None) -> tuple[dict[str, str], list[Trouble]]:
    """Account and order number that a supplier writes into the internal note, the same in every copy."""
    found: dict[str, str] = {}
    troubles = []
    for text in (
        (text for copy in order.copies for code, text in copy.subfields if code == "x") if note else ()
    ):
        match = note.search(text) if note else None
        for name, value in (match.groupdict() if match else {}).items():
            first = found.setdefault(f"note.{name}", value or "")
            if value and first != value:
                said = f"{shown(first)} and {shown(value)}"
                told = f'the holdings of one title say two things for "{name}": {said}'
                troubles.append(Trouble("E378", told, field="852$x"))
    return {name: value for name, value in found.items() if value}, troubles


def _strangers(order: LibrisOrder, named: Mapping[str, str], place: DataPlace) -> list[Problem]:
    sigel = named.get("file.sigel", "")
    sigels = {_text(copy, "b") or _text(copy, "5") or sigel for copy in order.copies}
    others = sorted(one for one in sigels if sigel and one.casefold() != sigel.casefold())
    if not others:
        return []
    told = f'holdings are for "{", ".join(others)}"; the file name says "{sigel}"'
    help_ = "let a lookup of the placements hold those that are not yours"
    return [Trouble("E378", told, help_, "852$b").at(place, Severity.WARNING)]


def _whole(record: MarcRecord) -> dict[str, str]:
    """Every field and subfield of the record under its path: 020$a, and 020[2]$a for the second 020."""
    found: dict[str, list[str]] = {"LDR": [record.leader]}
    counts: dict[str, int] = {}
    for tag, value, indicators, subfields in record.fields:
        counts[tag] = counts.get(tag, 0) + 1
        nth = f"[{counts[tag]}]" if counts[tag] > 1 else ""
        parts = subfields if indicators else (("", value),)
        for code, text in parts:
            name = f"{tag}{nth}${code}" if code else f"{tag}{nth}"
            found.setdefault(name, []).append(text)
    return {name: "; ".join(texts) for name, texts in found.items()}
