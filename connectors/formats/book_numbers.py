"""The ISBNs of a record → the one that is ordered, and its qualifier."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.formats.marc_record import Field

_PARENTHESES = re.compile(r"\(([^()]*)\)")
_ELECTRONIC = re.compile(r"electronic|e-?book|e-?bk|e-?pub|e-?pdf|\bpdf\b|online", re.IGNORECASE)


def ordered_isbn(fields: Sequence[Field], electronic: bool | None) -> tuple[str, str]:
    """(ISBN, qualifier) of the 020 that is meant; both "" when there is none.

    A print book's record lists the e-book's ISBN too, and the other way round (C): the first whose qualifier
    does not speak against what is ordered is taken, else the first.
    """
    found = [one for field in fields if (one := _isbn_of(field))[0]]
    if not found:
        return "", ""
    for number, qualifier in found:
        if electronic is None or not qualifier or is_electronic(qualifier) == electronic:
            return number, qualifier
    return found[0]


def is_electronic(qualifier: str) -> bool:
    """Whether it says (ebk), (electronic bk.), (ePDF) …"""
    return _ELECTRONIC.search(qualifier) is not None


def _isbn_of(field: Field) -> tuple[str, str]:
    """The number as it stands, without qualifier and the colon before a price."""
    text = next((text for code, text in field.subfields if code == "a" and text.strip()), "")
    said = [text for code, text in field.subfields if code == "q"] or _PARENTHESES.findall(text)
    number = _PARENTHESES.sub("", text).strip().rstrip(":;,").strip()
    return number, " ".join(part.strip(" ()") for part in said)
