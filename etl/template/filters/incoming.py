"""Any template value → the text a filter works on, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from etl.normal_form import is_blank
from etl.plugin import BadValue

LONGEST = 100_000
"""No filter takes or gives more characters than this: a bound, far above any field of an order line."""

_SHOWN = 60


def kind_of(value: object) -> str:
    """What a value is, in the words of a mapping author."""
    named: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (type(None), "nothing"),
        (bool, "true or false"),
        (int, "a whole number"),
        (float, "a floating-point number"),
        (Decimal, "a decimal number"),
        (str, "text"),
        (date, "a date"),
        ((list, tuple, set, frozenset), "a list"),
        (Mapping, "a mapping"),
    )
    return next((words for types, words in named if isinstance(value, types)), f"a {type(value).__name__}")


def is_missing(value: object) -> bool:
    """None, empty text and text in which nothing is seen (a padded cell) are all a missing value."""
    # Comparing with "" before looking at the type lets Jinja's strict Undefined speak for itself.
    return value is None or value == "" or (isinstance(value, str) and is_blank(value))


def none_in_words(text: str, call: str) -> str | None:
    """What to write for a cell that says with a word or a dash that there is nothing; None if it has a digit.

    >>> none_in_words("-", "integer")
    "there is no number in it; if it stands for none:  {{ none if … == '-' else … | integer }}"
    """
    if any(map(str.isdigit, text)):
        return None
    word = text if len(text) <= _SHOWN and "'" not in text and text.isprintable() else "…"
    instead = f"{{{{ none if … == '{word}' else … | {call} }}}}"
    return f"there is no number in it; if it stands for none:  {instead}"


def wrong_kind(value: object, filter_name: str, wants: str = "text") -> BadValue:
    """The error for a value of the wrong kind (E400); a list gets the usual way out as help."""
    kind = kind_of(value)
    way_out = "use | first to take one, or $for to go through them all" if kind == "a list" else None
    return BadValue("E400", f'"{filter_name}" takes {wants}, and got {kind}', way_out)


def text_of(value: object, filter_name: str) -> str | None:
    """The value as text, or None if it is missing. Whole numbers are written out, nothing else is converted.

    Raises BadValue E400 for lists, mappings, dates and the like, E401 for text above 100,000 characters.
    """
    if is_missing(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise wrong_kind(value, filter_name)
    return bounded(value, filter_name)


def bounded(text: str, filter_name: str) -> str:
    """The text itself. Raises BadValue E401 when it is longer than a filter may take or give."""
    if len(text) > LONGEST:
        raise BadValue(
            "E401",
            f'text of {len(text):,} characters is too long for "{filter_name}"',
            "the limit is 100,000",
        )
    return text
