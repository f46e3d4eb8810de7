"""Dates as vendors write them → datetime.date, and to the form Alma takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from datetime import date as Date  # noqa: N812 - the filter is called date

import regex

from etl.plugin import BadValue
from etl.template.filters.arguments import words
from etl.template.filters.incoming import none_in_words, text_of
from etl.values.date_patterns import check_formats, pattern_of
from etl.values.quoting import quoted
from etl.values.spelling import plain_dashes

_ISO = regex.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
# Five digits: 1927 to 2173. Fewer would take years for serials, more would take YYMMDD.
_EXCEL = regex.compile(r"(?P<day>[1-9][0-9]{4})(?:[.,][0-9]+)?")
_EXCEL_ZERO = Date(1899, 12, 30)
_MSJSON = regex.compile(r"\\?/Date\((?P<ms>-?[0-9]{1,15})(?P<zone>[+-][0-9]{4})?\)\\?/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    plain = plain_dashes(text).strip()
    impossible: str | None = None
    for one in tried:
        try:
            found = _NAMED[one](plain) if one in _NAMED else _by_pattern(plain, one)
        except (ValueError, OverflowError):
            impossible = impossible or one
            continue
        if found is not None:
            return found
    names = ", ".join(tried)
    if impossible:
        raise BadValue(
            "E421", f"no such day: {quoted(text)} (format {impossible})", f"formats tried: {names}"
        )
    what = "format" if len(tried) == 1 else "formats"
    help_ = none_in_words(text, "date") or "name its format:  date('DD.MM.YYYY')"
    raise BadValue("E420", f"not a date in the {what} {names}: {quoted(text)}", help_)


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


def _by_pattern(text: str, pattern: str) -> Date | None:
    match = pattern_of(pattern).matches.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    if "year" in parts:
        year = int(parts["year"])
    else:
        short = int(parts["short"])
        year = short + (2000 if short <= 68 else 1900)
    return Date(year, int(parts["month"]), int(parts["day"]))


def _iso(text: str) -> Date | None:
    match = _ISO.fullmatch(text)
    return Date.fromisoformat(match["day"]) if match else None


def _excel(text: str) -> Date | None:
    match = _EXCEL.fullmatch(text)
    return _EXCEL_ZERO + timedelta(days=int(match["day"])) if match else None


def _msjson(text: str) -> Date | None:
    match = _MSJSON.fullmatch(text)
    if match is None:
        return None
    # The milliseconds are UTC; the zone behind them says at whose wall the date is read.
    moment = _EPOCH + timedelta(milliseconds=int(match["ms"]))
    if zone := match["zone"]:
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
        moment = moment.astimezone(timezone(-offset if zone[0] == "-" else offset))
    return moment.date()


def _edifact102(text: str) -> Date | None:
    return _by_pattern(text, "YYYYMMDD")


_NAMED: dict[str, Callable[[str], Date | None]] = {
    "iso": _iso,
    "excel": _excel,
    "msjson": _msjson,
    "edifact102": _edifact102,
}
