"""The values that an author states of a record, and what a connector reads → where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

LONG = 120
"""Characters: a longer text (a whole record) need not be stated."""


def differences(stated: Mapping[str, object], read: Mapping[str, Any]) -> Iterator[str]:
    """What is stated and read otherwise, and what is read and not stated, in sentences.

    Text may stand for any value: `"149.00"` for the amount, `"2024-03-11"` for the date.

    >>> list(differences({"title": "Fyren"}, {"title": "Fyr", "price": "149.00", "note": None}))
    ["title is 'Fyren' in the file, and is read as 'Fyr'", "price is read as '149.00', and is not stated"]
    """
    for name, value in stated.items():
        if name not in read:
            yield f"{name} is stated, and is no column"
        elif not _same(value, read[name]):
            yield f"{name} is {value!r} in the file, and is read as {read[name]!r}"
    for name, value in read.items():
        if name not in stated and not name.startswith("_") and not _empty(value) and not _aside(value):
            yield f"{name} is read as {value!r}, and is not stated"


def _same(stated: object, read: Any) -> bool:
    if _empty(stated) and _empty(read):
        return True
    if isinstance(stated, Mapping) and isinstance(read, Mapping):
        return not list(differences(stated, read))
    if isinstance(stated, Sequence) and isinstance(read, Sequence) and not isinstance(stated, str):
        return len(stated) == len(read) and all(map(_same, stated, read))
    if isinstance(stated, str) and not isinstance(read, str | Mapping | Sequence) and not _empty(read):
        try:
            return bool(type(read)(stated) == read)
        except (ValueError, TypeError, ArithmeticError):
            return stated == str(read)
    return bool(stated == read)


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, str | Sequence | Mapping) and not len(value))


def _aside(value: object) -> bool:
    """Groups, lists of groups and long texts."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(isinstance(one, Mapping) for one in value)
    return isinstance(value, Mapping) or len(str(value)) > LONG
