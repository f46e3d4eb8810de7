"""DTM: qualifier, value and format code → the name of a field and its text, a day written YYYY-MM-DD.

The format code says how the value is written (UN code list 2379): 102 is CCYYMMDD, 203 and 204 have a time
behind it, which is dropped. A month, a week or a time is no day, and gets a name of its own: nobody reads it
as one.
"""

from __future__ import annotations

import re

_DAYS = {
    "": r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    "2": r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{2})",
    "3": r"(?P<month>\d{2})(?P<day>\d{2})(?P<year>\d{2})",
    "4": r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4})",
    "101": r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})",
    "102": r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    "201": r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})\d{4}",
    "202": r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})\d{6}",
    "203": r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})\d{4}",
    "204": r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})\d{6}",
    "301": r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})\d{4}\w{1,4}",
    "303": r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})\d{4}\w{1,4}",
    "304": r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})\d{6}\w{1,4}",
}
_NO_DAY = re.compile(r"10[3-9]|110|30[56]|40[1-5]|50[1-3]|6\d\d|7\d\d|8\d\d")
"""Weeks, months, quarters, years, times, periods and lengths of time."""
_FALSELY_102 = re.compile(r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})")
"""Six digits under 102: the invoice example of the trade does so (131:010831:102), and means YYMMDD."""


def is_known(form: str) -> bool:
    """Does the code list have this format code?"""
    return form in _DAYS or _NO_DAY.fullmatch(form) is not None


def dated(qualifier: str, value: str, form: str) -> tuple[str, str]:
    """(name, text). A value that is not written as its format code says stays as it is, with the code.

    >>> dated("137", "20060223", "102"), dated("44", "200604", "610")
    (('DTM+137', '2006-02-23'), ('DTM+44/610', '200604'))
    """
    if form not in _DAYS:
        return f"DTM+{qualifier}/{form}", value
    found = re.fullmatch(_DAYS[form], value) or (form == "102" and _FALSELY_102.fullmatch(value)) or None
    if found is None:
        return f"DTM+{qualifier}", f"{value}:{form}" if value and form else value
    year, month, day = found["year"], found["month"], found["day"]
    return f"DTM+{qualifier}", f"{year if len(year) == 4 else '20' + year}-{month}-{day}"
