"""The catalogue record that came along with an order line → is it another title or carrier?

A record of the MP3-CD beside an order of the book: whoever takes title and ISBN from the one and the price
from the other orders something that nobody asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors.formats.book_numbers import isbn_key
from connectors.formats.marc_path import parse_path
from connectors.formats.marc_record import MarcRecord
from connectors.formats.trouble import shown_text
from connectors.order_marc.paths import Fields, by_tag
from etl.plugin import DataPlace, Problem, Severity

_ISBNS = (parse_path("020$a[]"), parse_path("020$z[]"))
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
_SAID = {"audio": "a recording", "video": "a film", "online": "an online resource", "print": "a printed book"}


def carrier_of_form(form: str) -> str | None:
    """What a vendor's word, or an ONIX product form, says: print, audio, video, online; None for others.

    >>> [carrier_of_form(form) for form in ("BC", "AE", "Inbunden", "MP3-CD", "E-bok", "ZZ")]
    ['print', 'audio', 'print', 'audio', 'online', None]
    """
    if _ONIX.fullmatch(form.strip()):
        return _BY_CODE.get(form.strip(), _BY_CODE.get(form.strip()[0]))
    return next((carrier for carrier, words in _WORDS if words.search(form)), None)


def unlike_its_line(
    record: MarcRecord, isbns: Iterable[object], carrier: str | None, place: DataPlace
) -> list[Problem]:
    """E422, which holds: the record's ISBNs and the line's share nothing, or it is of another carrier. What
    either does not say is not compared.
    """
    fields = by_tag(record)
    own = [text for path in _ISBNS for text in path.found(fields) if isbn_key(text)]
    line = [str(text) for text in isbns if isbn_key(text)]
    problems = []
    if own and line and {isbn_key(text) for text in own}.isdisjoint(map(isbn_key, line)):
        other = f"its catalogue record is of {shown_text(own[0])}"
        problems.append(_held(f"the line orders ISBN {shown_text(line[0])}, and {other}", place))
    carriers = _carriers(fields)
    if carrier and carriers and carrier not in carriers:
        other = f"its catalogue record is of {' or '.join(_SAID[one] for one in sorted(carriers))}"
        problems.append(_held(f"the line orders {_SAID[carrier]}, and {other}", place))
    return problems


def _carriers(fields: Fields) -> set[str]:
    said = {carrier_of_form(text) for text in _FORM.found(fields)}
    said |= {_KINDS.get(one.value[6:7]) for one in fields.get("LDR", ())}
    for path, codes in _CODED:
        said |= {codes.get(code) or codes.get(code[0]) for code in path.found(fields)}
    return {carrier for carrier in said if carrier}


def _held(told: str, place: DataPlace) -> Problem:
    help_ = "ask which is meant; if both are one thing, let it pass"
    return Problem("E422", told, Severity.HOLD, data=place, help=help_)
