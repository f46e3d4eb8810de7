"""A text of a vendor → which shape it has: facts for a person who writes a mapping, decided by nobody.

Readers of amounts and dates are told what a text means; here it is only said what it looks like.
"""

from __future__ import annotations

import re
from functools import lru_cache

from etl.template.filters.isbn import valid_isbn

LONGEST = 80
"""Longer texts have no shape."""
_SHAPE = re.compile(
    r"""
      (?P<iso>         [0-9]{4}-[0-9]{2}-[0-9]{2} (?:[T\ ][0-9:.+Z-]*+)? )
    | (?P<compact>     (?:19|20)[0-9]{2} (?:0[1-9]|1[0-2]) (?:0[1-9]|[12][0-9]|3[01]) )
    | (?P<points_day>  (?:1[3-9]|[23][0-9])\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2}) )
    | (?P<points>      [0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2}) )
    | (?P<strokes_day> (?:1[3-9]|[23][0-9])/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2}) )
    | (?P<strokes_two> [0-9]{1,2}/(?:1[3-9]|[23][0-9])/(?:[0-9]{4}|[0-9]{2}) )
    | (?P<strokes>     [0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2}) )
    | (?P<zeros>       0[0-9]++ )
    | (?P<whole>       [-+]?[0-9]++ )
    | (?P<comma_three> [-+]?[0-9]{1,3},[0-9]{3} )
    | (?P<point_three> [-+]?[0-9]{1,3}\.[0-9]{3} )
    | (?P<comma> [^0-9,.]{0,8}+ [0-9][0-9\ \u00a0\u202f']*+ (?:\.[0-9]{3})*+ ,[0-9]{1,6}+ [^0-9,.]{0,8}+ )
    | (?P<point> [^0-9,.]{0,8}+ [0-9][0-9\ \u00a0\u202f']*+ (?:,[0-9]{3})*+ \.[0-9]{1,6}+ [^0-9,.]{0,8}+ )
    """,
    re.VERBOSE,
)
_WORDS = {
    "iso": "date YYYY-MM-DD",
    "compact": "date YYYYMMDD",
    "points_day": "date with points, its first part above 12",
    "points": "date with points",
    "strokes_day": "date with strokes, its first part above 12",
    "strokes_two": "date with strokes, its second part above 12",
    "strokes": "date with strokes",
    "zeros": "whole number with zeros in front",
    "whole": "whole number",
    "comma_three": "number with a comma before three digits: thousands or decimals",
    "point_three": "number with a point before three digits: thousands or decimals",
    "comma": "number with a comma before the decimals",
    "point": "number with a point before the decimals",
}
_LIKE_ISBN = re.compile(r"(?:[0-9][ -]?){9,12}[0-9Xx](?:\ *\(.*\))?")


@lru_cache(maxsize=10_000)
def shape_of(text: str) -> str | None:
    """The shape in words, `date YYYY-MM-DD`; None for what has none of those known.

    >>> shape_of("978-91-999990-1-2"), shape_of("1 099,50 kr"), shape_of("Öland")
    ('valid ISBN', 'number with a comma before the decimals', None)
    """
    if len(text) > LONGEST:
        return None
    if _LIKE_ISBN.fullmatch(text) and valid_isbn(text):
        return "valid ISBN"
    found = _SHAPE.fullmatch(text)
    return _WORDS[found.lastgroup or ""] if found else None
