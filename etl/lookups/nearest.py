"""A key nobody knows → the keys it may be a slip of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches

Key = tuple[str, ...]
_MANY = 2000
"""difflib compares with every key; above this number only keys with the same first letter are compared."""
_LONGEST = 200
"""Characters of a key that is compared for likeness: the steps grow with the square of the length."""
_SEARCHES = 50
"""A file with one bad column misses in every record. After so many searches for likeness, only other
capitals and lost zeros are looked up, which costs nothing: help must not turn minutes into hours."""


class Neighbours:
    """Nearest keys of one table. Nothing is built before the first miss."""

    def __init__(self, keys: Callable[[], Iterable[Key]]) -> None:
        self._keys = keys
        self._known: list[Key] = []
        self._by_form: dict[Key, list[Key]] = {}
        self._answers: dict[Key, tuple[Key, ...]] = {}

    def of(self, key: Key, most: int = 3) -> tuple[Key, ...]:
        """Up to `most` keys, likeliest slips first: other case, lost leading zeros, then likeness."""
        if not self._known:
            self._known = list(self._keys())
            for known in self._known:
                self._by_form.setdefault(_form(known), []).append(known)
        if key in self._answers:
            return self._answers[key]
        # Other capitals before lost zeros: both have the same form.
        same = sorted(self._by_form.get(_form(key), ()), key=lambda known: _folded(known) != _folded(key))
        found = dict.fromkeys(same[:most])
        if len(self._answers) < _SEARCHES:
            found.update(dict.fromkeys(self._alike(key, most)))
            self._answers[key] = tuple(found)[:most]
        return tuple(found)[:most]

    def _alike(self, key: Key, most: int) -> list[Key]:
        wanted = _folded(key)
        if len(wanted) > _LONGEST:
            return []
        field = self._known
        if len(field) > _MANY:
            field = [one for one in field if _folded(one)[:1] == wanted[:1]][:_MANY]
        likely = {text: one for one in field if len(text := _folded(one)) <= _LONGEST}
        return [likely[text] for text in get_close_matches(wanted, list(likely), n=most, cutoff=0.7)]


def _form(key: Key) -> Key:
    return tuple([part.strip().casefold().lstrip("0") for part in key])


def _folded(key: Key) -> str:
    return "\x1f".join(key).strip().casefold()
