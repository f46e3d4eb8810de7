"""Dates as vendors write them → datetime.date, and to the form Alma takes."""

from __future__ import annotations

from contextlib import suppress
from datetime import date as Date  # noqa: N812 - the filter is called date
from datetime import datetime

from etl.plugin import BadArgument, BadValue
from etl.template.filters.arguments import words
from etl.template.filters.incoming import none_in_words, text_of
from etl.values.date_patterns import check_formats
from etl.values.dates import read_date

_USUAL = (
    "iso",
    *(pattern.replace("-", sign) for sign in "./-" for pattern in ("DD-MM-YYYY", "D-M-YYYY", "YYYY-MM-DD")),
    *("MM/DD/YYYY", "M/D/YYYY", "DD.MM.YY", "DD/MM/YY", "MM/DD/YY", "YY-MM-DD", "DD-MM-YY"),
    *("YYYYMMDD", "DDMMYYYY", "YYMMDD", "DDMMYY", "msjson", "excel"),
)
"""Formats that a help may name."""


def date(value: str | int | Date | None, *formats: str) -> Date | None:
    """The date. Formats are tried in their order; there is no guessing between day and month.

    `formats`: patterns of YYYY, YY, MM, M, DD, D (HH, mm, ss are read over) such as `"DD.MM.YYYY"` or
    `"YYMMDD"`, and the names `iso` (alone if no format is given), `excel` (serial number, five
    digits), `msjson` (`/Date(1710163325000+0100)/`), `edifact102` (`YYYYMMDD`). Two-digit years
    00–68 are 2000–2068, 69–99 are 1969–1999. Of a point in time the date as written is taken, in the
    time zone that is written with it.

    >>> date("11.03.2024", "DD.MM.YYYY")
    datetime.date(2024, 3, 11)
    >>> date("2024-03-11T23:22:05+01:00")
    datetime.date(2024, 3, 11)
    >>> date("45362", "YYMMDD", "excel")
    datetime.date(2024, 3, 11)
    >>> date("11/03/2024")
    Traceback (most recent call last):
    etl.plugin.BadValue: not a date in the format iso: "11/03/2024"
    >>> date("30.02.2024", "DD.MM.YYYY")
    Traceback (most recent call last):
    etl.plugin.BadValue: no such day: "30.02.2024" (format DD.MM.YYYY)
    """
    tried = check_formats(tuple(words(one, "date format") for one in formats)) or ("iso",)
    if isinstance(value, Date):
        return value.date() if isinstance(value, datetime) else value
    text = text_of(value, "date")
    if text is None:
        return None
    try:
        return read_date(text, tried)
    except BadValue as refused:
        if refused.code == "E421":
            raise
        help_ = none_in_words(text, _call(formats)) or _help_for(text, formats)
        raise BadValue("E420", refused.message, help_) from None


def _call(formats: tuple[str, ...]) -> str:
    return f"date({', '.join(map(repr, formats))})" if formats else "date"


def _help_for(text: str, formats: tuple[str, ...]) -> str:
    """What each format that reads it would make of it, behind those that are there."""
    told: dict[Date, str] = {}
    for one in _USUAL:
        with suppress(BadValue):
            found = read_date(text, (one,))
            told.setdefault(found, f"{_call(_beside(formats, one))} reads {found}")
    if not told:
        return "none of the usual formats reads it; write its own with YYYY YY MM M DD D, if it is a date"
    which = "if it is a date" if "'excel'" in "".join(told.values()) else "say which this vendor writes"
    return f"{which}:  {' ,  '.join(told.values())}"


def _beside(formats: tuple[str, ...], one: str) -> tuple[str, ...]:
    """`one` behind the formats, or alone where they cannot be told apart."""
    with suppress(BadArgument):
        return check_formats((*(formats or ("iso",)), one))
    return (one,)


def alma_date(value: str | int | Date | None) -> str | None:
    """A date as Alma's documents write it: `YYYY-MM-DDZ`. Takes what `date` yields, or ISO text.

    >>> alma_date("2024-03-11")
    '2024-03-11Z'
    >>> alma_date(date("240311", "YYMMDD"))
    '2024-03-11Z'
    >>> alma_date("11.03.2024")
    Traceback (most recent call last):
    etl.plugin.BadValue: not a date in the format iso: "11.03.2024"
    """
    found = date(value)
    return None if found is None else f"{found.isoformat()}Z"
