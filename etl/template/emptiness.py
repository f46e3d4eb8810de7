"""A value → is it empty? Nothing else in the project decides that."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from etl.normal_form import is_blank


def is_nothing(value: object) -> bool:
    """Null, or the row of a lookup that was not found: what a dot on it gives is nothing too."""
    return value is None or (_is_row(value) and not value)


def is_empty(value: object) -> bool:
    """Null, text of blanks (or of what nobody sees), a list or group of nothing but empties, a row not found.
    0 and false are values.

    A row that was found is there, whatever its cells say. It walks the whole value, so it is for values that
    a record's budget has been charged for.

    >>> [is_empty(value) for value in (None, " ", [], [None, {"a": ""}], 0, False)]
    [True, True, True, True, False, False]
    """
    if isinstance(value, str):
        return is_blank(value)
    if isinstance(value, Sequence):
        return all(map(is_empty, value))
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    return is_nothing(value)


def _is_row(value: object) -> bool:
    """A group that is no dict and no list: an empty one of those is there, a row not found is not."""
    return isinstance(value, Collection) and not isinstance(value, str | Sequence | dict)
