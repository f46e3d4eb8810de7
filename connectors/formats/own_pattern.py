"""A regular expression out of a mapping, and a vendor's text → what it finds there, or E334.

The pattern is its author's, and may be one that takes a lifetime on the wrong text. The text is bounded in
length, and one search in time: the library has no other bound. The project's own patterns need none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import regex

from connectors.formats.marc_record import Unreadable
from connectors.formats.trouble import Trouble

_LONGEST = 100_000
_TIMEOUT = 1.0
Found = TypeVar("Found")


class OwnPattern:
    """Raises ValueError, saying why, for what is no pattern."""

    def __init__(self, pattern: str) -> None:
        try:
            self._compiled = regex.compile(pattern)
        except regex.error as error:
            raise ValueError(f'not a regular expression: "{pattern}" ({error})') from error

    @property
    def names(self) -> frozenset[str]:
        """Of its named groups."""
        return frozenset(self._compiled.groupindex)

    def search(self, text: str) -> regex.Match[str] | None:
        """The first place. Raises Unreadable E334: the text is too long for it, or it takes too long."""
        return self._bounded(text, lambda: self._compiled.search(text, timeout=_TIMEOUT))

    def removed_from(self, text: str) -> str:
        """The text without what it finds. Raises as `search`."""
        return self._bounded(text, lambda: self._compiled.sub("", text, timeout=_TIMEOUT))

    def _bounded(self, text: str, ask: Callable[[], Found]) -> Found:
        if len(text) > _LONGEST:
            told = f"the text of {len(text)} characters is too long for a pattern; the limit is {_LONGEST}"
            raise Unreadable(Trouble("E334", told))
        try:
            return ask()
        except TimeoutError:
            told = f'the pattern "{self._compiled.pattern}" took more than {_TIMEOUT:g} s on "{text[:40]}"'
            help_ = "a repetition inside a repetition is the usual cause"
            raise Unreadable(Trouble("E334", told, help_)) from None
