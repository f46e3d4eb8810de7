"""Text as vendors write it → its one normal form.

`normalized` is Unicode's own form, for all text. `normal_form` is for what names something (a key, a code, a
reference): two of them that look the same are the same, whoever typed them, on whatever keyboard.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

_SHORT = 500
_MARKS = re.compile(rb"(?<![^\0])[^\0]{100,}")

_IGNORED = (
    *(0xAD, 0x34F, 0x61C, *range(0x115F, 0x1161), *range(0x17B4, 0x17B6), *range(0x180B, 0x1810)),
    *(*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, 0xFEFF, 0xFFA0),
    *(*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B)),
    *range(0xE0000, 0xE1000),
)
"""Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties 15.0): has no width and no ink."""
_DASHES = (
    *(0x58A, 0x5BE, 0x1400, 0x1806, *range(0x2010, 0x2016), 0x2043, 0x2212, 0x2E17, 0x2E1A, 0x2E3A, 0x2E3B),
    *(0x2E40, 0x2E5D, 0x301C, 0x3030, 0x30A0, 0xFE31, 0xFE32, 0xFE58, 0xFE63, 0xFF0D, 0x10EAD),
)
"""General category Pd, and the two that it leaves out: hyphen bullet and minus."""
_ALIKE = dict.fromkeys(_IGNORED) | dict.fromkeys(_DASHES, "-")
# Of ASCII, only what an editor calls a blank: U+001C to U+001F are damage, and stay to be told.
_BLANKS = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


_BLANK = re.compile("[\\s" + "".join(map(chr, _IGNORED)) + "]*")


def is_blank(text: str) -> bool:
    r"""Is there nothing in it that anybody sees: only blanks, and signs that have no width and no ink?

    >>> is_blank(""), is_blank(" \u00a0\t"), is_blank("\u200b\ufeff "), is_blank("\u200bA")
    (True, True, True, False)
    """
    return _BLANK.fullmatch(text) is not None


def normalized(form: Literal["NFC", "NFD", "NFKD"], text: str) -> str:
    """As `unicodedata` has it, in steps that grow as the text does.

    Python brings the accents on one letter into order by trying each against each: for a title of a million
    of them it takes half an hour. A long run is sorted beforehand, and what is in order costs nothing more.

    >>> normalized("NFC", "Nils o\u0308")
    'Nils ö'
    """
    if text.isascii():
        return text
    if len(text) > _SHORT and _MARKS.search(bytes(map(unicodedata.combining, text))):
        apart = "".join(unicodedata.normalize("NFKD" if form == "NFKD" else "NFD", letter) for letter in text)
        ranks = bytes(map(unicodedata.combining, apart))
        parts, at = [], 0
        for run in _MARKS.finditer(ranks):
            parts += [
                apart[at : run.start()],
                *sorted(apart[run.start() : run.end()], key=unicodedata.combining),
            ]
            at = run.end()
        text = "".join([*parts, apart[at:]])
    return unicodedata.normalize(form, text)


def normal_form(text: str) -> str:
    r"""A key, code or reference without what nobody sees: in NFC, without blanks around it or signs that have
    no ink, every run of blanks one, every dash the keyboard's. Case and leading zeros count, and stay.

    >>> normal_form("\u200bBTJ\u20114711\u00a0 a "), normal_form("S-1"), normal_form(" \ufeff ")
    ('BTJ-4711 a', 'S-1', '')
    """
    if not text.isascii():
        text = normalized("NFC", text.translate(_ALIKE))
    elif text.isprintable() and " " not in text:
        return text
    return _BLANKS.sub(" ", text).strip(" ")
