"""Characters that editors put in the place of those that were typed → the ones that were meant."""

from __future__ import annotations

import re

_DOUBLE = "“”„‟«»″＂"
_SINGLE = "‘’‚‛′‹›"
QUOTES = _DOUBLE + _SINGLE
QUOTE = re.compile(f"[{QUOTES}]")
DASHES = "–—−‐‑‒―"
BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_STRAIGHT = str.maketrans({**dict.fromkeys(_DOUBLE, '"'), **dict.fromkeys(_SINGLE, "'")})


def straight(text: str) -> str:
    """The same with straight quotes.

    >>> straight("“{{ price | amount(‘sv’) }}”")
    '"{{ price | amount(\\'sv\\') }}"'
    """
    return text.translate(_STRAIGHT)


def in_typographic_quotes(text: str) -> bool:
    """Does a plain text begin and end with quotes, one of them typographic?

    >>> [in_typographic_quotes(text) for text in ("“{{ title }}”", '„{{ title }}"', "Ahlin’s")]
    [True, True, False]
    """
    ends = text[:1] + text[-1:]
    return len(text) > 1 and QUOTE.search(ends) is not None and not straight(ends).strip("\"'")


def named(character: str) -> str:
    """A character that is hard to see, for a message."""
    return (
        "a tab"
        if character == "\t"
        else f"the invisible character U+{ord(character):04X}"
        if UNSEEN.match(character)
        else f"a blank that is none (U+{ord(character):04X})"
    )
