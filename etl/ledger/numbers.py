"""Numbers by which orders are known: Alma's own, and ISBNs and ISSNs, each in the form of the ledger."""

from __future__ import annotations

import re

# What a number of Alma's looks like, generously: what does not look so is no proof of an order.
_ALMAS = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9._:/ -]{0,63}")
_TEN = re.compile(r"\d{9}[\dX]")


def is_number(text: str) -> bool:
    """May this be the number Alma gave an order line or a purchase request?

    >>> is_number("POL-1"), is_number("4711"), is_number(""), is_number("POL")
    (True, True, False, False)
    """
    return _ALMAS.fullmatch(text) is not None


def bare_number(text: str) -> str:
    """An ISBN or ISSN without hyphens; an ISBN of ten characters as thirteen, for Alma may store either.

    >>> bare_number("978-91-9999-000-2"), bare_number("0-306-40615-2"), bare_number("1234-5679")
    ('9789199990002', '9780306406157', '12345679')
    """
    bare = re.sub(r"[\s\-]", "", text).upper()
    if not _TEN.fullmatch(bare):
        return bare
    digits = f"978{bare[:9]}"
    check = (10 - sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10) % 10
    return f"{digits}{check}"
