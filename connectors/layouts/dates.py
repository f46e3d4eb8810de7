"""Dates as vendors write them, by declared patterns → date. Day and month are never guessed.

A pattern is made of YYYY, YY, MM, DD, hh, mm, ss and the marks between them; `iso` is an ISO 8601 date or
date-time with or without zone, `msjson` Microsoft's /Date(1710163325000+0100)/. A time is read and dropped:
the date is the one written, in the vendor's zone. YY is 20YY, for orders are not older.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

from connectors.layouts.unreadable import Unreadable, shown

_TOKENS = {
    "YYYY": r"(?P<Y>\d{4})",
    "YY": r"(?P<y>\d{2})",
    "MM": r"(?P<m>\d{2})",
    "DD": r"(?P<d>\d{2})",
    "hh": r"(?:[01]\d|2[0-3])",
    "mm": r"[0-5]\d",
    "ss": r"[0-5]\d",
}
_ISO = re.compile(
    r"(?P<Y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
    r"(?:[T ](?:[01]\d|2[0-3]):?[0-5]\d(?::?[0-5]\d(?:[.,]\d+)?)?\s*(?:Z|[+-]\d{2}:?(?:\d{2})?)?)?"
)
_MSJSON = re.compile(r"\\?/Date\((-?\d{1,13})([+-]\d{4})?\)\\?/")


def date_reader(patterns: tuple[str, ...]) -> Callable[[str], date]:
    """A reader that tries the patterns in order. Raises ValueError for one without year, month and day."""
    compiled = [(pattern, _compile(pattern)) for pattern in patterns]

    def read(text: str) -> date:
        plain = " ".join(text.split())
        for pattern, expression in compiled:
            if (found := expression.fullmatch(plain)) is not None:
                return _calendar_day(text, pattern, found)
        raise Unreadable(
            "E353",
            f"not a date in the form {' or '.join(patterns)}: {shown(text)}",
            f"if this vendor writes so, add the form:  date {', '.join(patterns)}, …",
        )

    return read


def _calendar_day(text: str, pattern: str, found: re.Match[str]) -> date:
    try:
        if pattern == "msjson":
            return _from_milliseconds(int(found[1]), found[2] or "+0000")
        parts = found.groupdict()
        year = int(parts.get("Y") or f"20{parts['y']}")
        return date(year, int(parts["m"]), int(parts["d"]))
    except (ValueError, OverflowError):
        raise Unreadable("E353", f"there is no such day: {shown(text)}") from None


def _from_milliseconds(milliseconds: int, zone: str) -> date:
    offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))
    start = datetime(1970, 1, 1, tzinfo=timezone(timedelta(0))) + timedelta(milliseconds=milliseconds)
    return start.astimezone(timezone(offset)).date()


def _compile(pattern: str) -> re.Pattern[str]:
    if pattern == "iso":
        return _ISO
    if pattern == "msjson":
        return _MSJSON
    pieces = re.split("(YYYY|YY|MM|DD|hh|mm|ss)", pattern)
    tokens = [piece for piece in pieces if piece in _TOKENS]
    whole = {"MM", "DD"} <= set(tokens) and ("YYYY" in tokens) != ("YY" in tokens)
    between = "".join(piece for piece in pieces if piece not in _TOKENS)
    if (
        not whole
        or len(set(tokens)) != len(tokens)
        or any(mark.isalnum() for mark in between.replace("T", ""))
    ):
        raise ValueError(
            f'"{pattern}" is no date form; write for example YYYY-MM-DD, DD.MM.YYYY, DD-MM-YY, iso, msjson'
        )
    return re.compile("".join(_TOKENS.get(piece) or re.escape(piece) for piece in pieces))
