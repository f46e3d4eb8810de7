"""A MARC record's fields → what the connector finds in them itself, beside what the paths of a layout cut.

020.isbn        the ISBN that is ordered       035.own      the first 035 $a that is not WorldCat's
020.qualifier   pbk., electronic bk.           electronic   Y or N; absent when nothing says it
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from connectors.formats.marc_path import MarcPath, parse_path
from connectors.formats.marc_record import Field
from connectors.order_marc.carriers import carriers_of
from connectors.order_marc.isbn_choice import Isbn, IsbnChoice, choose_isbn, isbns_of

Fields = Mapping[str, Sequence[Field]]

FOUND = frozenset({"020.isbn", "020.qualifier", "035.own", "electronic"})
"""What `found_in` can find, by the names under which a layout may ask for it."""

BIBLIOGRAPHIC = (
    "isbn", "ean", "issn", "title", "author", "publisher", "place", "year", "edition", "series", "language",
    "classification", "is_electronic", "url", "title_id", "access_model", "system_numbers", "marc_xml",
)  # fmt: skip
"""Columns that say what a title is, and nothing of its order: an overlay fills these."""

_PUNCTUATED = ("title", "author", "publisher", "place", "edition", "series")
_PUNCTUATION = re.compile(r"(?<![\s/:;,=])[\s/:;,=]+$")
_NUMBERS = parse_path("035$a[]")
_ONLINE = parse_path("856{ind2=0}$u")
_NO_TEXT_FORM = "efgkor"  # maps, pictures, films and things have their form of item at 008/29


def ordered_book(
    fields: Fields, carriers: Collection[str] = (), numbers: Sequence[Isbn] | None = None
) -> IsbnChoice:
    """Which of the record's ISBNs, or of these `numbers`, is ordered. `carriers`: what kind of thing the
    order asks for; the record says it where the order does not.
    """
    every = isbns_of(fields.get("020", ())) if numbers is None else numbers
    return choose_isbn(every, carriers or _own_carriers(fields))


def found_in(fields: Fields, book: IsbnChoice) -> dict[str, str]:
    """The connector's own fields, by name; those it does not find are not there."""
    isbn = book.isbn
    electronic = _electronic(fields)
    if electronic is None and isbn is not None:
        electronic = True if "online" in isbn.carriers else None
    own = next((text for text in system_numbers(fields) if not text.upper().startswith("(OCOLC)")), "")
    found = {
        "020.isbn": isbn.number if isbn else "",
        "020.qualifier": " ".join(isbn.qualifiers) if isbn else "",
        "035.own": own,
        "electronic": {True: "Y", False: "N", None: ""}[electronic],
    }
    return {name: text for name, text in found.items() if text}


def system_numbers(fields: Fields) -> list[str]:
    """035 $a, blanks around them dropped."""
    return [text.strip() for text in _NUMBERS.cut(fields) or []]


def cut_all(fields: Fields, paths: Iterable[MarcPath]) -> dict[str, str]:
    """Path text → its value; several are joined by semicolons, what is absent is not there."""
    found: dict[str, str] = {}
    for path in paths:
        value = path.cut(fields)
        if text := "; ".join(dict.fromkeys(value)) if isinstance(value, list) else value:
            found[path.text] = text
    return found


def drop_punctuation(line: dict[str, object]) -> None:
    """ISBD marks at the end of a field belong to the next one: Oxford : → Oxford."""
    for name in _PUNCTUATED:
        if isinstance(text := line.get(name), str):
            line[name] = _PUNCTUATION.sub("", text) or None


def _own_carriers(fields: Fields) -> set[str]:
    carriers = carriers_of(fields)
    if (electronic := _electronic(fields)) is not None:
        carriers.add("online" if electronic else "print")
    return carriers


def _electronic(fields: Fields) -> bool | None:
    physical = [field.value[:2].lower() for field in fields.get("007", ())]
    if "cr" in physical:
        return True
    kind = next((field.value[6:7] for field in fields.get("LDR", ())), "")
    position = 29 if kind and kind in _NO_TEXT_FORM else 23
    forms = {field.value[position : position + 1] for field in fields.get("008", ())}
    if forms & {"o", "s"} or _ONLINE.cut(fields):
        return True
    return False if any(code.startswith("t") for code in physical) else None
