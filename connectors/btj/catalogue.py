"""A BTJ catalogue record → what it says about itself, as columns of the order line."""

from __future__ import annotations

import re

from connectors.formats.marc_path import parse_path
from connectors.formats.marc_record import MarcRecord
from connectors.formats.marcxml_text import marcxml_of
from connectors.order_marc.paths import by_tag

# 003 as BTJ's help spells it in two ways on one page, and Libris exports in two.
_SUPPLIERS = {"swlnbt": "BURK", "se-libr": "LIBRIS", "libris": "LIBRIS"}
_HYPHENATED_ISBN = re.compile(r"(?=[\d-]{13}-?[\dX]|[\d-]{17})\d+-\d+-\d+-.*", re.IGNORECASE)
_NUMBERS = parse_path("035$a[]")
_FILLS = {"classification": parse_path("084$a|082$a|081$a"), "language": parse_path("041$a|008/35-37")}


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
