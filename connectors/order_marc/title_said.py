"""An order line, or a catalogue record → what it says of which title it is of, for the two to be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.formats.marc_path import parse_path
from connectors.formats.marc_record import MarcRecord
from connectors.order_marc.paths import Fields, by_tag
from etl.values.isbn import book_of

TAGS = frozenset({"001", "007", "020", "240", "245", "246", "338"})
"""The fields that are compared, beside the leader."""

_ISBNS = (parse_path("020$a[]"), parse_path("020$z[]"))
_TITLES = tuple(map(parse_path, ("245$a$b[]", "245$p[]", "246$a[]", "240$a[]")))
_NUMBER = parse_path("001[]")
_FORM = parse_path("245$h[]")
_KINDS = {"i": "audio", "j": "audio", "g": "video"}
"""Leader/06: what kind of record it is."""
_CODED = (
    (parse_path("007/0-1[]"), {"cr": "online", "t": "print", "s": "audio", "v": "video"}),
    (parse_path("338$b[]"), {"cr": "online", "nc": "print", "s": "audio", "v": "video"}),
)
"""By the whole code, else by its first letter."""
_WORDS = (
    ("audio", re.compile(r"mp3|cd-bok|ljudbok|ljudupptagning|audio|sound", re.IGNORECASE)),
    ("video", re.compile(r"dvd|blu-?ray|video", re.IGNORECASE)),
    ("online", re.compile(r"\be-?bok|\be-?book|\bebk|epub|online|electronic|elektronisk", re.IGNORECASE)),
    ("print", re.compile(r"\binb|\bhft|häft|pocket|\bkart|hardback|paperback|\b[hp]bk", re.IGNORECASE)),
)
_ONIX = re.compile(r"[A-Z]{2}")
_BY_CODE = {"A": "audio", "B": "print", "V": "video", "E": "online", "DG": "online", "DH": "online"}


@dataclass(frozen=True, slots=True)
class TitleSaid:
    """What an order line, or a record, says of which title it is of. Empty is what it does not say."""

    isbns: tuple[str, ...] = ()
    carriers: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def carrier_of_form(form: str) -> str | None:
    """What a vendor's word, or an ONIX product form, says: print, audio, video, online; None for others.

    >>> [carrier_of_form(form) for form in ("BC", "AE", "Inbunden", "MP3-CD", "E-bok", "ZZ")]
    ['print', 'audio', 'print', 'audio', 'online', None]
    """
    if _ONIX.fullmatch(form.strip()):
        return _BY_CODE.get(form.strip(), _BY_CODE.get(form.strip()[0]))
    return next((carrier for carrier, words in _WORDS if words.search(form)), None)


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
        frozenset(_carriers(fields)),
        tuple(text for path in _TITLES for text in path.found(fields)),
        tuple(_NUMBER.found(fields)),
    )


def _carriers(fields: Fields) -> set[str]:
    said = {carrier_of_form(text) for text in _FORM.found(fields)}
    said |= {_KINDS.get(one.value[6:7]) for one in fields.get("LDR", ())}
    for path, codes in _CODED:
        said |= {codes.get(code) or codes.get(code[0]) for code in path.found(fields)}
    return {carrier for carrier in said if carrier}
