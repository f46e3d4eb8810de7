"""The ISBNs of a record → the one that is ordered, its qualifier, the form in which they are compared."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.formats.marc_record import Field

_NUMBER = re.compile(r"\s*([0-9][0-9 \-\u2010-\u2013]{7,18}[0-9Xx])(?![0-9])")
_BOOK = re.compile(r"97[89]\d{10}|\d{9}[\dX]", re.IGNORECASE)
_QUALIFIER = re.compile(r"(?<!\s)\s*+(?:\(.*|[:;,]\s*+$)")
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_ELECTRONIC = re.compile(r"electronic|e-?book|e-?bk|e-?pub|e-?pdf|\bpdf\b|online", re.IGNORECASE)


def isbn_key(text: object) -> str | None:
    """Thirteen digits for an ISBN of ten or thirteen, whatever stands around it; None for anything else.

    >>> isbn_key("0-19-953556-6 (pbk.)"), isbn_key("9780199535569 :"), isbn_key("BTJ 2405117")
    ('9780199535569', '9780199535569', None)
    """
    found = _NUMBER.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    digits = re.sub(r"[^0-9X]", "", found[1].upper())
    if len(digits) == 13 and digits.isdigit():
        return digits
    if len(digits) != 10:
        return None
    body = "978" + digits[:9]
    total = sum(int(digit) * (1, 3)[index % 2] for index, digit in enumerate(body))
    return f"{body}{-total % 10}"


def book_of(text: object) -> str | None:
    """What the ISBN-10, ISBN-13 and EAN of a book share; None for anything else: films have an EAN of their
    own beside an ISBN.

    >>> book_of("91-999990-1-3"), book_of("978-91-999990-1-2 (inb.)"), book_of("BTJ 24:05:117")
    ('919999901', '919999901', None)
    """
    plain = re.sub(r"[\s\u00ad\u2010-\u2015-]", "", _QUALIFIER.sub("", text)) if isinstance(text, str) else ""
    plain = plain[1:] if len(plain) == 14 and plain.startswith("0") else plain
    if not _BOOK.fullmatch(plain) or plain.startswith("9790"):  # that is music
        return None
    return plain if plain.startswith("979") and len(plain) == 13 else plain[-10:-1]


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
