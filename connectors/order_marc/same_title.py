"""Two spellings of a title → may they be of one work? Vendors shorten, turn about and leave out subtitles, so
only titles that have nothing in common are two.
"""

from __future__ import annotations

import re

from etl.plugin import normalized

_LENGTH = 300
_WORD = re.compile(r"\w+")
_LATIN = re.compile(r"[a-z]")
_SHORT = 4
"""Words below this stand in every title: and, och, the."""


def may_be_one(one: str, other: str) -> bool:
    """Whether they share a word, or one has a word of the other within. Titles in two scripts may be one.

    >>> may_be_one("Sju nätter på Åland", "SJUNÄTTER / Åsa Öberg"), may_be_one("Fyren", "Ljudbok: annan")
    (True, False)
    >>> may_be_one("Voyna i mir", "Война и мир")
    True
    """
    mine, theirs = _words(one), _words(other)
    if not mine or not theirs or _is_latin(mine) != _is_latin(theirs):
        return True
    return bool(mine & theirs) or _within(mine, other) or _within(theirs, one)


def _plain(title: str) -> str:
    """Without capitals and without what is put over letters, which is none."""
    letters = normalized("NFKD", title[:_LENGTH].casefold())
    return "".join(sign for sign in letters if sign.isascii() or sign.isalnum() or sign.isspace())


def _words(title: str) -> set[str]:
    """Its long words; all, if it has only short ones."""
    every = _WORD.findall(_plain(title))
    return {word for word in every if len(word) >= _SHORT} or set(every)


def _within(words: set[str], title: str) -> bool:
    whole = "".join(sign for sign in _plain(title) if sign.isalnum())
    return any(len(word) >= _SHORT and word in whole for word in words)


def _is_latin(words: set[str]) -> bool:
    return any(_LATIN.search(word) for word in words)
