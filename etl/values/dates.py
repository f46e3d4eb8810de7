"""A text and the forms a date may have → the day. There is no guessing between day and month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import regex

from etl.plugin import BadValue
from etl.values.date_patterns import pattern_of
from etl.values.quoting import quoted
from etl.values.spelling import plain_dashes

# A time and a zone behind the day are read over: the day is the one that is written.
_ISO = regex.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?:[01][0-9]|2[0-3]):?[0-5][0-9](?::?[0-5][0-9](?:[.,][0-9]{1,9})?)?)?"
    r" ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
# Five digits: 1927 to 2173. Fewer would take years for serials, more would take YYMMDD.
_EXCEL = regex.compile(r"(?P<day>[1-9][0-9]{4})(?:[.,][0-9]+)?")
_EXCEL_ZERO = date(1899, 12, 30)
_MSJSON = regex.compile(r"\\?/Date\((?P<ms>-?[0-9]{1,15})(?P<zone>[+-][0-9]{4})?\)\\?/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_date(text: str, forms: tuple[str, ...]) -> date:
    """The day by the first form that fits: patterns (see `date_patterns`), or the names iso, excel, msjson,
    edifact102. Raises BadValue E420 when none fits, E421 for a day that no calendar has.

    >>> read_date("11.03.2024", ("iso", "DD.MM.YYYY"))
    datetime.date(2024, 3, 11)
    """
    plain = " ".join(plain_dashes(text).split())
    impossible: str | None = None
    for one in forms:
        try:
            found = _NAMED[one](plain) if one in _NAMED else _by_pattern(plain, one)
        except (ValueError, OverflowError):
            impossible = impossible or one
            continue
        if found is not None:
            return found
    names = ", ".join(forms)
    if impossible:
        told = f"no such day: {quoted(text)} (format {impossible})"
        raise BadValue("E421", told, f"formats tried: {names}")
    what = "format" if len(forms) == 1 else "formats"
    raise BadValue("E420", f"not a date in the {what} {names}: {quoted(text)}")


def _by_pattern(text: str, pattern: str) -> date | None:
    match = pattern_of(pattern).matches.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    if "year" in parts:
        year = int(parts["year"])
    else:
        short = int(parts["short"])
        year = short + (2000 if short <= 68 else 1900)
    return date(year, int(parts["month"]), int(parts["day"]))


def _iso(text: str) -> date | None:
    match = _ISO.fullmatch(text)
    return date.fromisoformat(match["day"]) if match else None


def _excel(text: str) -> date | None:
    match = _EXCEL.fullmatch(text)
    return _EXCEL_ZERO + timedelta(days=int(match["day"])) if match else None


def _msjson(text: str) -> date | None:
    match = _MSJSON.fullmatch(text)
    if match is None:
        return None
    # The milliseconds are UTC; the zone behind them says at whose wall the date is read.
    moment = _EPOCH + timedelta(milliseconds=int(match["ms"]))
    if zone := match["zone"]:
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
        moment = moment.astimezone(timezone(-offset if zone[0] == "-" else offset))
    return moment.date()


def _edifact102(text: str) -> date | None:
    return _by_pattern(text, "YYYYMMDD")


_NAMED: dict[str, Callable[[str], date | None]] = {
    "iso": _iso,
    "excel": _excel,
    "msjson": _msjson,
    "edifact102": _edifact102,
}
