"""A day → does it stand for none? Programs that have no date write their smallest or largest."""

from __future__ import annotations

from datetime import date

_FIRST, _LAST = date(1980, 1, 1), date(2099, 12, 31)


def is_no_day(day: date) -> bool:
    """Nothing is ordered or delivered then: 0001-01-01, 1900-01-01, 1970-01-01, 9999-12-31 and their like.

    >>> [is_no_day(day) for day in (date(1, 1, 1), date(1970, 1, 1), date(9999, 12, 31), date(2024, 3, 15))]
    [True, True, True, False]
    """
    return not _FIRST <= day <= _LAST
