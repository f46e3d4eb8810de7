"""Dates as vendors write them → datetime.date, and to the form Alma takes."""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - the filter is called date
from datetime import datetime

from etl.plugin import BadValue
from etl.template.filters.arguments import words
from etl.template.filters.incoming import none_in_words, text_of
from etl.values.date_patterns import check_formats
from etl.values.dates import read_date


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
        help_ = none_in_words(text, "date") or "name its format:  date('DD.MM.YYYY')"
        raise BadValue("E420", refused.message, help_) from None


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
