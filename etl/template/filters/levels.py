"""Values by level of authority → the first one that is there, and word of which level gave it."""

from __future__ import annotations

from collections.abc import Mapping

from etl.template.environment import Noted
from etl.template.filters.arguments import words
from etl.template.filters.incoming import is_missing, wrong_kind


def first_filled(value: object, what: str) -> object:
    """The first value that is not missing, from a table of levels, the strongest first.

    `what`: what it is for, for the report. The first level is the order line's own and counts as nothing
    unusual; a value from any other is counted as a default, with its level: `currency from supplier`. All
    levels are looked at, so an unknown column is found also where it is not needed.

    >>> first_filled({"line": "EUR", "supplier": "SEK"}, "currency")
    'EUR'
    >>> first_filled({"line": None, "account": " ", "supplier": "SEK"}, "currency").value
    'SEK'
    >>> first_filled({"line": None, "supplier": ""}, "currency") is None
    True
    >>> first_filled({"line": False, "supplier": True}, "VAT included")
    False
    >>> first_filled("EUR", "currency")
    Traceback (most recent call last):
    etl.plugin.BadValue: "first_filled" takes a table of levels, and got text
    """
    told = words(what, "what")
    if is_missing(value):
        return None
    if not isinstance(value, Mapping):
        raise wrong_kind(value, "first_filled", "a table of levels")
    # A list, not a generator: strict Undefined has to speak for itself on every level.
    filled = [
        (number, level, one) for number, (level, one) in enumerate(value.items()) if not is_missing(one)
    ]
    if not filled:
        return None
    number, level, found = filled[0]
    return found if number == 0 else Noted(found, "default", f"{told} from {level}")
