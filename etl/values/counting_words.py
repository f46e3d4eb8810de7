"""Words beside a number that say what it counts or which price it is: dozens, packs, per ten, VAT."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate

import regex

from etl.values.spelling import plain_dashes

_NUMERALS = """
    dussin dussinet dozen dozens doz dzn dz dutzend dusin tjog gross grosse par pair pairs hundra hundred
    tusen thousand
"""
_PACKS = """
    set sets sats satser satz sæt uppsättning uppsättningar klassuppsättning klassuppsättningar pack packs
    paket pkt pakke pakker förp förpackning förpackningar frp fp kartong kartonger krt låda lådor box boxar
    boxes ask askar bunt buntar kolli carton cartons ctn case cases bundle bundles lot lots pall pallar
    kg kilo
"""
_BASES = """
    inkl incl inklusive inclusive including included exkl excl ekskl exklusive exclusive excluding ingår
    momsfri momsfritt netto nettopris net brutto bruttopris
"""
SEVERAL = frozenset(_NUMERALS.split())
"""Words that are numbers themselves: what they count is never what stands before them."""
_WITH = "ex|eks|utan|uden|med|före|efter|plus|with|without|before|after"
_TAXES = "moms|mva|vat|tax|gst|alv|mwst|ust|tva|btw|iva|frakt|rabatt|discount"
_PIECES = "st|stk|styck|stycken|ex|exemplar|pcs|pieces|copies|kpl"
_NUMBER = regex.compile(r"[0-9][0-9\s.,'’]*+")
_SEPARATORS = regex.compile(r"[^0-9]+")
_LETTER = regex.compile(r"\p{L}")


@lru_cache(maxsize=1)
def _words() -> regex.Pattern[str]:
    known = "|".join(sorted((_NUMERALS + _PACKS + _BASES).split(), key=len, reverse=True))
    tax = rf"(?:(?:{_WITH})\.? ?|\+ ?)(?:{_TAXES})"
    return regex.compile(rf"(?<!\p{{L}})(?:{known}|{tax})(?!\p{{L}})", regex.IGNORECASE)


@lru_cache(maxsize=1)
def _per_several() -> tuple[regex.Pattern[str], ...]:
    """What ends behind a price in front of the number that it is the price of."""
    return (
        regex.compile(r"(?<!\p{L})(?:per|pr|för)\.? ?+$|[\p{L}\p{Sc}]\.? ?+/ ?+$", regex.IGNORECASE),
        regex.compile(r"/ ?+$"),
        regex.compile(rf" ?(?:{_PIECES})(?!\p{{L}})", regex.IGNORECASE),
    )


def words_beside(number: str, text: str) -> list[str]:
    """What `text` says, in lower case, beside a number from which this one may have been made (both begin
    with the same digits, up to the end or a separator): units that are no single copies, VAT, a basis.

    >>> words_beside("2", "2 dussin"), words_beside("19,90", "19,90/st exkl moms"), words_beside("2", "2 ex")
    (['dussin'], ['exkl'], [])
    >>> words_beside("199", "199 kr per 10"), words_beside("100", "2 set à 50")
    (['per 10'], [])
    """
    if not _LETTER.search(text):
        return []
    text = plain_dashes(text)
    beginnings = {digits for digits in accumulate(_SEPARATORS.split(number)) if digits}
    numbers = list(_NUMBER.finditer(text))
    ends = [0, *(one.end() for one in numbers)]
    starts = [*(one.start() for one in numbers), len(text)]
    found: dict[str, None] = {}
    for at, one in enumerate(numbers):
        behind = text[ends[at + 1] : starts[at + 1]]
        if beginnings.isdisjoint(accumulate(_SEPARATORS.split(one[0]))) or behind.lstrip().startswith("%"):
            continue
        for part in (text[ends[at] : starts[at]], behind):
            found |= dict.fromkeys(word[0].lower() for word in _words().finditer(part))
        if at + 1 < len(numbers) and (basis := numbers[at + 1][0].strip()) != "1":
            after = text[ends[at + 2] :]
            if _is_basis(behind, after):
                found[f"{'/' if behind.rstrip().endswith('/') else 'per '}{basis}"] = None
    return list(found)


def _is_basis(behind: str, after: str) -> bool:
    worded, slash, pieces = _per_several()
    return bool(worded.search(behind) or (slash.search(behind) and pieces.match(after)))
