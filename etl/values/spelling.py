"""The many dashes and blanks of Unicode → the ones on the keyboard."""

from __future__ import annotations

import regex

# Pd: hyphens and dashes; U+2212 minus, U+2043 bullet, U+00AD soft hyphen (typesetters' ISBNs).
_DASH = regex.compile(r"[\p{Pd}\u2212\u2043\u00AD]")
_INVISIBLE = regex.compile(r"[\u200B-\u200F\u2060\uFEFF\u202A-\u202E\u2066-\u2069]")
_BLANK = regex.compile(r"[\p{Zs}\t]")


def plain_dashes(text: str) -> str:
    """Every dash a `-`, every blank a space, characters without width taken out."""
    if text.isascii():
        return text.replace("\t", " ")
    return _BLANK.sub(" ", _DASH.sub("-", _INVISIBLE.sub("", text)))
