"""An order line, or a catalogue record → what it says of which title it is of, for the two to be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.formats.marc_path import parse_path
from connectors.formats.marc_record import MarcRecord
from connectors.order_marc.carriers import carriers_of
from connectors.order_marc.paths import by_tag
from etl.values.isbn import book_of

TAGS = frozenset({"001", "007", "020", "240", "245", "246", "338"})
"""The fields that are compared, beside the leader."""

_ISBNS = (parse_path("020$a[]"), parse_path("020$z[]"))
_TITLES = tuple(map(parse_path, ("245$a$b[]", "245$p[]", "246$a[]", "240$a[]")))
_NUMBER = parse_path("001[]")


@dataclass(frozen=True, slots=True)
class TitleSaid:
    """What an order line, or a record, says of which title it is of. Empty is what it does not say."""

    isbns: tuple[str, ...] = ()
    carriers: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def said_by_line(isbns: Iterable[object], carrier: str | None = None, title: object = None) -> TitleSaid:
    """Numbers that are no ISBN are left out, and so is a title that is no text."""
    own = tuple(str(text) for text in isbns if book_of(text))
    carriers = frozenset({carrier} if carrier else ())
    return TitleSaid(own, carriers, (title,) if isinstance(title, str) else ())


def said_by_record(record: MarcRecord) -> TitleSaid:
    """Of a record with its TAGS, if not with all its fields. Cancelled ISBNs are among its own."""
    fields = by_tag(record)
    return TitleSaid(
        tuple(text for path in _ISBNS for text in path.found(fields) if book_of(text)),
        frozenset(carriers_of(fields)),
        tuple(text for path in _TITLES for text in path.found(fields)),
        tuple(_NUMBER.found(fields)),
    )
