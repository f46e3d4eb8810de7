"""A BTJ catalogue record → what it says about itself, as columns of the order line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors.formats.marc_path import MarcPath, parse_path
from connectors.formats.marc_record import Field, MarcRecord
from connectors.formats.marcxml_text import marcxml_of

# 003 as BTJ's help spells it in two ways on one page, and Libris exports in two.
_SUPPLIERS = {"swlnbt": "BURK", "se-libr": "LIBRIS", "libris": "LIBRIS"}
_HYPHENATED_ISBN = re.compile(r"(?=[\d-]{13}-?[\dX]|[\d-]{17})\d+-\d+-\d+-.*", re.IGNORECASE)
_NUMBERS = parse_path("035$a[]")
_FILLS = {"classification": parse_path("084$a|082$a|081$a"), "language": parse_path("041$a|008/35-37")}


def by_tag(record: MarcRecord) -> dict[str, list[Field]]:
    """The fields of the record by tag, the leader under LDR: what paths are cut from."""
    fields: dict[str, list[Field]] = {"LDR": [Field("LDR", record.leader)]}
    for one in record.fields:
        fields.setdefault(one.tag, []).append(one)
    return fields


def numbers_of(record: MarcRecord) -> dict[str, object]:
    """Title number, record number and whose it is, and 035 as it stands, with or without parentheses."""
    fields = by_tag(record)
    number = next((field.value.strip() for field in fields.get("001", ())), "")
    organisation = next((field.value.strip() for field in fields.get("003", ())), "")
    known: dict[str, object] = {"system_numbers": _NUMBERS.cut(fields)}
    # Some records have their ISBN, hyphens and all, for a number: no catalogue knows them by it.
    if number and not _HYPHENATED_ISBN.fullmatch(number):
        known |= {"title_number": number, "external_no": number}
        if organisation:
            known["record_supplier"] = _SUPPLIERS.get(organisation.casefold(), organisation)
    return known


def fills_of(record: MarcRecord) -> dict[str, object]:
    """`numbers_of`, the record as XML, and what a ship notice has no element for."""
    fields = by_tag(record)
    fills = {name: path.cut(fields) for name, path in _FILLS.items()}
    return {**numbers_of(record), **fills, "marc_xml": marcxml_of(record)}


def cut_all(record: MarcRecord, paths: Iterable[MarcPath]) -> dict[str, str | None]:
    """Path text → its value in the record; several are joined by semicolons."""
    fields = by_tag(record)
    found: dict[str, str | None] = {}
    for path in paths:
        value = path.cut(fields)
        found[path.text] = "; ".join(value) or None if isinstance(value, list) else value
    return found
