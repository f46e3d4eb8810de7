"""A key nobody knows → the keys it may be a slip of."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

Key = tuple[str, ...]
_MANY = 2000
"""difflib compares with every key; above this number only keys with the same first letter are compared."""


def nearest_keys(key: Key, known: list[Key], most: int = 3) -> tuple[Key, ...]:
    """Up to three keys, likeliest slips first: other case, lost leading zeros, then likeness of letters."""
    by_case = _same(key, known, str.casefold)
    by_zeros = _same(key, known, _without_zeros)
    found = dict.fromkeys([*by_case, *by_zeros])
    if len(found) < most:
        start = _joined(key)[:1]
        field = known if len(known) <= _MANY else [one for one in known if _joined(one)[:1] == start][:_MANY]
        likely = {_joined(one): one for one in field}
        near = get_close_matches(_joined(key), list(likely), n=most, cutoff=0.7)
        found.update(dict.fromkeys(likely[text] for text in near))
    return tuple(found)[:most]


def _same(key: Key, known: list[Key], form: Callable[[str], str]) -> list[Key]:
    wanted = tuple(form(part.strip()) for part in key)
    return [one for one in known if tuple(form(part) for part in one) == wanted]


def _without_zeros(part: str) -> str:
    return part.casefold().lstrip("0")


def _joined(key: Key) -> str:
    return "\x1f".join(key).casefold()
