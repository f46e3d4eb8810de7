"""Text ↔ a cell that no spreadsheet program takes for a formula.

An apostrophe is set before what might begin one: at the beginning of a cell, and after whatever a program
that reads the file by other rules may take for the end of a cell (a quote, a delimiter, a line break).
Blanks and invisible characters before the sign do not help it. Taking back is exact: only what was set goes,
and apostrophes of the text's own stay.
"""

from __future__ import annotations

import re

from etl.shown import FORMAT

_BLANK = f"[^\\S\t\r\n]|[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad{FORMAT}]"
_SIGNS = "[=+\\-@|%\uff1d\uff0b\uff0d\uff20\uff5c\uff05\ufe62\ufe63\ufe66\ufe6b]"  # plain, full width, small
_BEGINS = f"(?:{_BLANK}|')*+{_SIGNS}"
_EDGE = '(?<=[;,\t\r\n"])'
_SET = re.compile(f"(?:\\A(?={_BEGINS}|'*+[\t\r\n])|{_EDGE}(?={_BEGINS}))")
_TAKE = re.compile(f"(?:\\A'(?={_BEGINS}|'*+[\t\r\n])|{_EDGE}'(?={_BEGINS}))")


def defused(text: str) -> str:
    """The text for a cell.

    >>> defused("=1+1"), defused("a;\\uff1d1"), defused("'-5"), defused("Vi två")
    ("'=1+1", "a;'\\uff1d1", "''-5", 'Vi två')
    """
    return _SET.sub("'", text)


def as_meant(cell: str) -> str:
    """What `defused` made a cell of.

    >>> as_meant("'=1+1"), as_meant("''-5"), as_meant("'t Hart")
    ('=1+1', "'-5", "'t Hart")
    """
    return _TAKE.sub("", cell)
