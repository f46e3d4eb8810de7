"""An ISBN field's text → what Alma's matching will make of it."""

from __future__ import annotations

import re

_CANDIDATE = re.compile(r"(?<![0-9])(?:97[89][0-9]{10}|[0-9]{9}[0-9Xx])(?![0-9Xx])")


def isbns_in(text: str) -> list[str]:
    """The numbers in `text` that look like ISBNs, hyphens between digits ignored."""
    return _CANDIDATE.findall(re.sub(r"(?<=[0-9])-(?=[0-9Xx])", "", text))


def is_isbn(text: str) -> bool:
    """Exactly one ISBN of 10 or 13 characters with the right check digit, nothing around it.

    >>> is_isbn("9788822269959"), is_isbn("978-88-222-6995-9"), is_isbn("2007026639")
    (True, False, False)
    """
    if re.fullmatch(r"97[89][0-9]{10}", text):
        return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(text)) % 10 == 0
    if re.fullmatch(r"[0-9]{9}[0-9X]", text):
        values = [10 if digit == "X" else int(digit) for digit in text]
        return sum(value * (10 - at) for at, value in enumerate(values)) % 11 == 0
    return False
