"""What a record or a word beside a number says of the kind of thing it is of: print, audio, video, online."""

from __future__ import annotations

import re

from connectors.formats.marc_path import Fields, parse_path

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
    (
        "online",
        re.compile(r"\be-?(?:bok|book|bk|pub|pdf)|epub|\bpdf\b|online|electronic|elektronisk", re.IGNORECASE),
    ),
    (
        "print",
        re.compile(
            r"\binb|\bhft|häft|pocket|\bkart|hardback|hardcover|paperback|\b(?:hbk|pbk|cloth|paper|print)\b",
            re.IGNORECASE,
        ),
    ),
)
_ONIX = re.compile(r"[A-Z]{2}")
_BY_CODE = {"A": "audio", "B": "print", "V": "video", "E": "online", "DG": "online", "DH": "online"}
_BY_CODE |= {"HB": "print", "PB": "print"}  # the library profile's own
CARRIERS = {
    "audio": "a recording",
    "video": "a film",
    "online": "an online resource",
    "print": "a printed book",
}
"""As a message says it."""


def carrier_of_form(form: str) -> str | None:
    """What a vendor's word, or an ONIX product form, says: print, audio, video, online; None for others.

    >>> [carrier_of_form(form) for form in ("BC", "AE", "Inbunden", "MP3-CD", "E-bok", "ZZ")]
    ['print', 'audio', 'print', 'audio', 'online', None]
    """
    if _ONIX.fullmatch(form.strip()):
        return _BY_CODE.get(form.strip(), _BY_CODE.get(form.strip()[0]))
    return next((carrier for carrier, words in _WORDS if words.search(form)), None)


def carriers_of(fields: Fields) -> set[str]:
    """What the record says that it is of; nothing, or several of them."""
    said = {carrier_of_form(text) for text in _FORM.found(fields)}
    said |= {_KINDS.get(one.value[6:7]) for one in fields.get("LDR", ())}
    for path, codes in _CODED:
        said |= {codes.get(code) or codes.get(code[0]) for code in path.found(fields)}
    return {carrier for carrier in said if carrier}
