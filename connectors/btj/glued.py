"""A glued code and the library's tables → its parts, or nothing.

BTJ's receivers take the last four characters off as the year, try the longest known location first, and
then want the rest to be a known branch exactly. A code that does not come apart so stays whole: the mapping's
table of placements then has it, or the line is held until somebody has said where the book goes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple


class Parts(NamedTuple):
    """What HUVBARN2024 is glued of; `year` is empty when the codes carry none."""

    branch: str
    location: str
    year: str


def split_glued(code: str, branches: Collection[str], locations: Collection[str], year: bool) -> Parts | None:
    """The parts; None when the whole code is not branch, location and (if so asked) a year of four digits."""
    digits = ""
    if year:
        match = re.fullmatch(r"(.+)([0-9]{4})", code)
        if match is None:
            return None
        code, digits = match[1], match[2]
    for location in sorted(locations, key=len, reverse=True):
        branch = code.removesuffix(location)
        if branch != code and branch in branches:
            return Parts(branch, location, digits)
    return None
