"""A vendor's word → yes, no, or neither. There is no other list of such words in the project.

What is read as no here never counts as yes in a condition, whatever language or spelling it has.
"""

from __future__ import annotations

import re

from etl.normal_form import normal_form

_YES = frozenset(("j", "ja", "y", "yes", "1", "x", "true", "sant"))
_NO = frozenset(("n", "nej", "no", "0", "false", "falskt"))
_NOTHING = frozenset(
    ("f", "off", "av", "falsk", "none", "null", "nil", "nan", "ingen", "inget", "inga", "saknas", "missing")
)
"""Words for what is not there; they answer no question of yes or no."""
_ABBREVIATED = re.compile(r"n ?[/.] ?a|[-?./]+")
_NUMBER = re.compile(r"([+-]?)0*([01])(?:[.,]0*)?|[+-]?[.,]0+")


def plain_answer(text: str) -> bool | None:
    """True or false for a word that says so, in any case, with or without a full stop; None for any other.

    >>> [plain_answer(word) for word in ("Ja", " NEJ. ", "0,00", "01", "kanske", "")]
    [True, False, False, True, None, None]
    """
    word = _word(text)
    number = _NUMBER.fullmatch(word)
    if number:
        return None if number[1] == "-" and number[2] == "1" else number[2] == "1"
    return True if word in _YES else False if word in _NO else None


def looks_false(text: str) -> bool:
    """Is it a no, or a word or sign for nothing, so that nobody means it as a yes?

    >>> [looks_false(word) for word in ("falskt", "00", "n/a", "-", "None", "A", "10")]
    [True, True, True, True, True, False, False]
    """
    word = _word(text)
    return plain_answer(text) is False or word in _NOTHING or _ABBREVIATED.fullmatch(word) is not None


def _word(text: str) -> str:
    """As it is compared. Nothing so long is an answer, and it costs nothing."""
    if len(text) > 100:
        return ""
    word = normal_form(text).casefold()
    return word.rstrip(".!") or word
