"""Text that was damaged before it came → as it was, where that is certain, or what speaks for damage.

Files are read in the wrong encoding, saved, and read once more, by every program on the way: `SjÃ¶`,
`don\x92t`. What can only have come about so is put right, and counted; what may also be meant is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.entities import html5
from typing import Any

from pydantic import ValidationInfo

from etl.documents.values import shown, text

_BREAK = re.compile("[\t\n\r\u2028\u2029]+")
_BYTES = {bytes([byte]).decode("cp1252", "replace"): byte for byte in range(128, 256)}
_BYTES |= {chr(byte): byte for byte in range(128, 160)}  # Latin-1 has controls there
del _BYTES["\ufffd"]
_TAILS = str.maketrans(
    dict.fromkeys((char for char, byte in _BYTES.items() if byte < 0xC0), "\x80")
    | dict.fromkeys("‘’“”–—…·«»", "\x81")
    | {"\xa0": "\x82"}
)
"""What the second and later bytes of a character of UTF-8 are in Latin-1 or Windows-1252, made three: quotes
and dashes may be meant after Å or Ä, and a blank stands at the end of a word.
"""
_TWICE = re.compile("[ÂÃÄÅ][\x80-\x82]|[âï][\x80-\x82]{2}")
_IN_A_WORD = re.compile(
    "(?<=[a-z])[ÂÃ][\x80-\x82]|[ÂÃ][\x80-\x82](?=[a-z])|(?<=[a-z])[ÄÅ][\x80\x82]|[ÄÅ][\x80\x82](?=[a-z])"
    "|[âï][\x80-\x82]{2}|[ÂÃ]\x82"
)
_MAY_BE_TWICE = re.compile("[ÂÃ][\x80-\x82]|[âï][\x80-\x82]{2}")
_SORTED_WITHOUT = re.compile("\x98([^\x98\x9c]{0,200})\x9c|\x88([^\x88\x89]{0,200})\x89")
"""Words that a title is not sorted by, between two controls of ISO 6630 or of Unicode."""
_CONTROL = re.compile("[\x80-\x9f]")
_QUOTES = (*range(0x82, 0x85), *range(0x91, 0x98))
_WINDOWS = {byte: bytes([byte]).decode("cp1252", "ignore") for byte in _QUOTES}
"""Quotes and dashes: what a program that says Latin-1 and writes Windows-1252 has there."""
_SUSPECT = re.compile("[\x80-\x9fÂÃÄÅâï]")
_REFERENCE = re.compile("&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,10}[0-9]{0,2});")
_LOST = re.compile("\ufffd|(?<=[^\\W\\d_])[?†„”](?=[a-zåäöéü])")


def mended(given: str) -> tuple[str, str]:
    r"""The text as it was, and what was damaged in it; "" where nothing certainly was.

    >>> mended("SjÃ¶ och Ã¥"), mended("\x98Der\x9c Zauberberg"), mended("don\x92t")
    (('Sjö och å', 'UTF-8 read twice'), ('Der Zauberberg', 'controls'), ('don’t', 'controls'))
    >>> mended("CAFÉ™")
    ('CAFÉ™', '')
    """
    if not _SUSPECT.search(given):
        return given, ""
    again = _once_more(given)
    if again is not None:
        return mended(again)[0], "UTF-8 read twice"
    plain = _SORTED_WITHOUT.sub(lambda found: found[1] or found[2] or "", given).translate(_WINDOWS)
    return plain, "controls" if plain != given else ""


def _once_more(given: str) -> str | None:
    """The characters as bytes, read as UTF-8: if all of them can be, and the words show that they were."""
    shape = given.translate(_TAILS)
    if not _IN_A_WORD.search(shape) and len(_MAY_BE_TWICE.findall(shape)) < 2:
        return None
    try:
        found = bytes(_BYTES.get(char, ord(char)) for char in given).decode("utf-8")
    except ValueError:  # a character that no byte is, or bytes that are no UTF-8
        return None
    return found if len(_TWICE.findall(shape)) == sum(not char.isascii() for char in found) else None


def damage(given: str) -> str:
    r"""What speaks for damage in a text; "" for nothing.

    >>> damage("Sj\ufffd"), damage("IRMÃ®"), damage("f?r")
    ('"Sj�" has lost letters', '"IRMÃ®" looks like UTF-8 that was read as Latin-1', '"f?r" has lost letters')
    >>> damage("Sju n&#x00E4;tter"), damage("R&D; AT&T;")
    ('"Sju n&#x00E4;tter" has a character reference that nobody resolved', '')
    >>> damage("Var är du?"), damage("https://example.org/?a=b"), damage("GÅ PÅ”")
    ('', '', '')
    """
    if "&" in given and "://" not in given and any(map(_is_reference, _REFERENCE.findall(given))):
        return f"{shown(given)} has a character reference that nobody resolved"
    if _LOST.search(given) and "://" not in given:
        return f"{shown(given)} has lost letters"
    if not given.isascii():
        if _CONTROL.search(given):
            return f"{shown(given)} has controls that no text has"
        if _MAY_BE_TWICE.search(given.translate(_TAILS)):
            return f"{shown(given)} looks like UTF-8 that was read as Latin-1"
    return ""


def _is_reference(name: str) -> bool:
    return name.startswith("#") or f"{name};" in html5


def mending(one_line: bool) -> Callable[[Any, ValidationInfo], str]:
    """A reader of texts that mends them, of `one_line` line breaks and tabs too, and raises what `text` does.

    The context of the validation, a Counter, learns the fields that were mended and of what. Without it
    nothing is: what is read back is taken as it stands.
    """

    def read(value: Any, info: ValidationInfo) -> str:
        plain = text(value)
        if info.context is None or (plain.isascii() and plain.isprintable()):
            return plain
        found, of = mended(plain)
        if one_line and not found.isprintable():
            lines = (line.strip(" ") for line in _BREAK.split(found)) if _BREAK.search(found) else (found,)
            line = " ".join(filter(None, lines))
            of, found = of or ("line breaks" if line != found else ""), line
        if of:
            info.context[f"{info.field_name} ({of})"] += 1
        return found

    return read
