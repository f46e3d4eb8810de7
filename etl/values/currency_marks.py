"""How a currency is written → what it may stand for."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate

import regex
from babel.numbers import list_currencies

from etl.values.spelling import plain_dashes

# ISO codes count only in capitals: "all 200" and "try 200" are no leks and no liras.
CODES = frozenset(code for code in list_currencies() if len(code) == 3 and code.isupper())

_NATIONAL = """
    skr=SEK dkr=DKK nkr=NOK ikr=ISK us$=USD c$=CAD ca$=CAD a$=AUD au$=AUD nz$=NZD hk$=HKD r$=BRL
    nt$=TWD s$=SGD sg$=SGD mx$=MXN gb£=GBP uk£=GBP
    zł=PLN kč=CZK ft=HUF rp=IDR грн=UAH грн.=UAH ₴=UAH ₪=ILS ₫=VND ฿=THB ₹=INR ₺=TRY ₩=KRW
"""

FAMILIES = {
    **dict.fromkeys(("kr", "kr.", "krona", "kronor", "kroner", "krónur"), "kr"),
    **dict.fromkeys(("$", "dollar", "dollars"), "dollar"),
    **dict.fromkeys(("£", "pund", "pound", "pounds"), "pound"),
    **dict.fromkeys(("¥", "yen"), "yen"),
}
"""Spellings that several countries share, and the argument of `currency` that settles them."""

# Spellings in lower case. None: several currencies, the author has to say which.
SPELLINGS: dict[str, str | None] = {
    **{code.lower(): code for code in ("SEK", "NOK", "DKK", "EUR", "USD", "GBP", "CHF", "PLN")},
    **dict.fromkeys(FAMILIES),
    **dict.fromkeys(("€", "euro", "euros"), "EUR"),
    **dict.fromkeys(("svenska kronor", "svensk krona"), "SEK"),
    **dict.fromkeys(("norske kroner", "norska kronor"), "NOK"),
    **dict.fromkeys(("danske kroner", "danska kronor"), "DKK"),
    **dict.fromkeys(("us dollar", "us dollars", "us-dollar"), "USD"),
    **dict.fromkeys(("pund sterling", "pounds sterling", "sterling"), "GBP"),
    **dict.fromkeys(("zloty", "złoty", "złotych"), "PLN"),
    **dict.fromkeys(("руб", "руб.", "рублей", "р", "р.", "₽"), "RUB"),
    **dict(pair.split("=") for pair in _NATIONAL.split()),
}
_DOLLARS = "USD CAD AUD NZD HKD SGD TWD BSD BBD BMD BND BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD"
_MEANT = {
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
    "dollar": frozenset(_DOLLARS.split()),
    "pound": frozenset({"GBP", "EGP", "FKP", "GIP", "LBP", "SDG", "SHP", "SSP", "SYP"}),
    "yen": frozenset({"JPY", "CNY"}),
}


_LETTER_OR_SIGN = regex.compile(r"[\p{L}\p{Sc}]")
_SEPARATORS = regex.compile(r"[^0-9]+")


@lru_cache(maxsize=1)
def _patterns() -> tuple[regex.Pattern[str], regex.Pattern[str], regex.Pattern[str]]:
    spelled = "|".join(sorted(map(regex.escape, SPELLINGS), key=len, reverse=True))
    mark = rf"(?i:{spelled})|[A-Z]{{3}}"
    return (
        regex.compile(rf"\s*(?P<mark>{mark})(?!\p{{L}})\s*"),
        regex.compile(rf"(?<!\p{{L}})(?P<mark>{mark})\s*$"),
        regex.compile(
            rf"(?:(?<!\p{{L}})(?P<front>{mark})[^\p{{L}}0-9]{{0,4}}?)?(?P<number>[0-9][0-9\s.,'’]*+)"
            rf"(?:[^\p{{L}}0-9]{{0,4}}?(?P<behind>{mark})(?!\p{{L}}))?"
        ),
    )


def _known(mark: str) -> bool:
    return mark in CODES or mark.casefold() in SPELLINGS


def take_mark(text: str) -> tuple[str, str, str]:
    """`text` → (what is in front of it, its number part, what is behind), each without blanks around it."""
    if text[:1].isdigit() and text[-1:].isdigit():
        return "", text, ""
    before, after, _ = _patterns()
    sign = ""
    if text[:1] == "-" and not text[1:2].isdigit():  # "-$5": the sign stands before the mark
        sign, text = "-", text[1:].lstrip()
    head = before.match(text)
    front, text = (head["mark"], text[head.end() :]) if head and _known(head["mark"]) else ("", text)
    tail = after.search(text)
    behind, text = (tail["mark"], text[: tail.start()]) if tail and _known(tail["mark"]) else ("", text)
    return front, sign + text.strip(), behind


def currencies_of(mark: str) -> frozenset[str]:
    """The codes that a mark found by `take_mark` may stand for; none for no mark.

    >>> currencies_of("€") == {"EUR"}, sorted(currencies_of("Kr")), currencies_of("") == set()
    (True, ['DKK', 'ISK', 'NOK', 'SEK'], True)
    """
    if not mark or mark in CODES:
        return frozenset({mark} - {""})
    code = SPELLINGS[mark.casefold()]
    return _MEANT[FAMILIES[mark.casefold()]] if code is None else frozenset({code})


def currencies_in(text: str) -> frozenset[str]:
    """The codes that the mark before or behind an amount may stand for; none where there is no mark."""
    if text[:1].isdigit() and text[-1:].isdigit():
        return frozenset()
    front, _, behind = take_mark(plain_dashes(text).strip())
    return currencies_of(front or behind)


def currencies_beside(number: str, text: str) -> frozenset[str]:
    """The codes that `text` names beside a number from which this one may have been made: both begin with the
    same digits, up to the end or to a separator.

    >>> sorted(currencies_beside("100", "ca 100,50 EUR/st")), sorted(currencies_beside("5", "100,50 EUR"))
    (['EUR'], [])
    """
    if not _LETTER_OR_SIGN.search(text):
        return frozenset()
    beginnings = {digits for digits in accumulate(_SEPARATORS.split(number)) if digits}
    found: frozenset[str] = frozenset()
    for one in _patterns()[2].finditer(plain_dashes(text)):
        if not beginnings.isdisjoint(accumulate(_SEPARATORS.split(one["number"]))):
            marks = [mark for mark in (one["front"], one["behind"]) if mark and _known(mark)]
            found = found.union(*map(currencies_of, marks))
    return found
