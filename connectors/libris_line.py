"""An order of the Libris acquisition routine → the neutral order line, and what is odd about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.formats.deleted_record import deleted
from connectors.formats.marc_path import parse_path
from connectors.formats.marc_record import Field, MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of
from connectors.formats.own_pattern import OwnPattern
from connectors.formats.trouble import Trouble
from connectors.layouts import Layout, parse_line
from connectors.layouts.unreadable import shown
from connectors.libris_orders import LibrisOrder
from connectors.order_marc.bibliography import cut_all, drop_punctuation, system_numbers
from connectors.order_marc.paths import by_tag as fields_of
from connectors.order_marc.paths import first_names, paths_of, told_of
from etl.plugin import DataPlace, Problem, Severity

OTHERWISE = re.compile(r"(?:file|note)\.\w+|020\.(?:isbn|other)")
"""Names of fields that are no MARC paths."""
_HOLDINGS = frozenset({"852"})
_ISBNS, _PHYSICAL = parse_path("020$a[]"), parse_path("007/0-1[0]")


def line_of(
    order: LibrisOrder,
    layout: Layout,
    named: Mapping[str, str],
    note: OwnPattern | None,
    place: DataPlace,
) -> tuple[dict[str, Any], list[Problem]]:
    """`named` are the fields of the file name; `note` takes fields out of 852 $x. Problems include errors."""
    if order.bib is None:
        raise ValueError("an order without a record has no line")
    by_tag = fields_of(order.bib)
    try:
        found, troubles = _from_notes(order, note)
        placements = _placements(order.copies, note)
    except Unreadable as given_up:
        return {}, [given_up.trouble.at(place)]
    fields: dict[str, str] = {**named, **found, **_numbers(by_tag), **cut_all(by_tag, paths_of(layout))}
    more: dict[str, object] = {
        "placements": placements,
        "quantity": max(1, len(order.copies)),
        "system_numbers": system_numbers(by_tag),
        "is_electronic": True if _PHYSICAL.cut(by_tag) == "cr" else None,
    }
    problems = [trouble.at(place) for trouble in troubles] + [one.noted(place) for one in deleted(order.bib)]
    problems += told_of(layout, by_tag, fields, _HOLDINGS, "the record", place)
    try:
        more["marc_xml"] = marcxml_of(order.bib)
    except Unreadable as given_up:
        problems.append(given_up.trouble.at(place, Severity.WARNING))
    line, unread = parse_line(layout, fields, place, more)
    if line.get("record_supplier") is None:
        line["external_no"] = None  # a number that nobody claims would match the records of somebody else
    drop_punctuation(line)
    line["raw"] = {**_whole(order.bib), **first_names(fields)}
    return line, [*problems, *unread, *_strangers(order, named, place)]


def _numbers(by_tag: Mapping[str, list[Field]]) -> dict[str, str]:
    """ISBNs begin with a digit; what does not is an article number, as Libris itself has it (C)."""
    texts = [text.strip() for text in _ISBNS.found(by_tag)]
    kinds = {
        "020.isbn": [t for t in texts if t[0].isdigit()],
        "020.other": [t for t in texts if not t[0].isdigit()],
    }
    return {name: found[0] for name, found in kinds.items() if found}


def _placements(copies: list[Field], note: OwnPattern | None) -> list[dict[str, object]]:
    """One for each place; a field 852 is one copy (the recommended practice, D)."""
    places: dict[tuple[str | None, ...], dict[str, object]] = {}
    for copy in copies:
        one: dict[str, object] = {
            "library": _text(copy, "b") or _text(copy, "5"),
            "department": _text(copy, "c"),
            "shelfmark": _text(copy, "h", "j"),
            "barcode": _text(copy, "p"),
            "note": _remark(copy, note),
        }
        same = places.setdefault(tuple(str(value) for value in one.values()), {**one, "quantity": 0})
        quantity = same["quantity"]
        same["quantity"] = (quantity if isinstance(quantity, int) else 0) + 1
    return list(places.values())


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
