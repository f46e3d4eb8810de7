"""What the mapping language calls empty: there is nothing to be used, so the next one may be asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any


def is_empty(value: Any) -> bool:
    """Null, text of blanks, a list or group of nothing but empties, a row not found. 0 and false are values.

    >>> [is_empty(value) for value in (None, " ", [], [None, {"a": ""}], 0, False, Decimal(0))]
    [True, True, True, True, False, False, False]
    """
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, list | tuple):
        return all(is_empty(member) for member in value)
    if isinstance(value, dict):
        return all(is_empty(member) for member in value.values())
    if isinstance(value, int | Decimal | date):
        return False
    return not value  # a row not found is false
