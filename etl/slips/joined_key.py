"""A key that swallowed its value → the two apart."""

from __future__ import annotations

import re
from collections.abc import Container

_JOINED = re.compile(r"(?P<key>[$\w]++)\s*+[:=;]?\s*+(?P<value>.*)", re.DOTALL)


def joined_key(name: str, known: Container[str]) -> str | None:
    """What to write for a member of `{…}` in which the colon, or the blank behind it, is missing.

    >>> joined_key("currency SEK", {"sum", "currency"})
    'write  currency: SEK'
    >>> joined_key("currency:SEK", {"sum", "currency"})
    'write  currency: SEK'
    >>> joined_key("note text", {"note_text"})
    """
    found = _JOINED.fullmatch(name)
    if found is None or not found["value"] or found["key"] == name or found["key"] not in known:
        return None
    return f"write  {found['key']}: {found['value']}"
