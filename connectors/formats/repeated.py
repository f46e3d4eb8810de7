"""What a record says once, and the rows that are to repeat it → whether that is too much to write out.

An order's head stands in each of its lines. A head of half a megabyte over ten thousand lines, in a file of
one megabyte, makes five thousand: the work of a record may grow with its length, not with its square.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.formats.trouble import Trouble

REPEATED = 64 << 20
"""Characters. An order of 10,000 lines whose head has 2,000 makes 20 million."""

LONGEST_HEAD = REPEATED // 4096
"""Of a head that is read before its lines, when nobody knows how many will come."""
_HELP = "is it damaged? if an order really is that long, ask for it in parts"


def too_much_repeated(size: int, rows: int) -> Trouble | None:
    """`size` characters that each of `rows` is to hold: E333 when they are more than REPEATED together."""
    if rows < 2 or size * rows <= REPEATED:
        return None
    told = (
        f"{size} characters are to stand in each of {rows} lines: more than {REPEATED >> 20} million to write"
    )
    return Trouble("E333", told, _HELP)


def too_long_head(size: int) -> Trouble | None:
    """E333 for a head longer than LONGEST_HEAD."""
    if size <= LONGEST_HEAD:
        return None
    told = f"the head has {size} characters, to stand in every line; at most {LONGEST_HEAD} can"
    return Trouble("E333", told, _HELP)


def size_of(fields: Mapping[str, str | None]) -> int:
    """Characters of names and texts.

    >>> size_of({"isbn": "9789199999913", "note": None})
    21
    """
    return sum(len(name) + len(text or "") for name, text in fields.items())
