"""The identifiers of a title → findings about how Alma will match it to a bibliographic record."""

from __future__ import annotations

from collections.abc import Iterator

from etl.documents.isbn import is_isbn, isbns_in
from etl.documents.values import shown
from etl.plugin import Finding

_ISBN = ("resource_metadata", "isbn")


def isbn_oddities(isbn: str | None) -> Iterator[Finding]:
    """More than one ISBN (Alma takes one value), or one that is not bare and correct."""
    if isbn is None or is_isbn(isbn):
        return
    if len(isbns_in(isbn)) > 1:
        yield Finding(
            "note",
            "E556",
            f"{shown(isbn)} holds more than one ISBN, and Alma takes one",
            _ISBN,
            help="choose that of the ordered format",
        )
    else:
        yield Finding(
            "note",
            "E557",
            f"{shown(isbn)} is not a bare ISBN with a correct check digit, so Alma will hardly match it",
            _ISBN,
            help="convert it:  {{ isbn | isbn13 }}",
        )


def identifiers_missing(mms_id: str | None, isbn: str | None, issn: str | None) -> Iterator[Finding]:
    """Nothing to match by: a new brief record is made, and again for every further order."""
    if not (mms_id or isbn or issn):
        yield Finding(
            "note",
            "E558",
            "there is no mms_id, ISBN or ISSN: Alma would make a new bibliographic record",
            ("resource_metadata",),
            help="give what the vendor has; else expect to merge records by hand",
        )
