"""Numbers as vendors write them → int and exact Decimal. The decimal mark is declared, not guessed."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from connectors.formats.typed_rows import SCALE
from connectors.layouts.unreadable import Unreadable, shown

_BLANKS = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_INTEGER = re.compile(r"([+-]?\d{1,9})(?:[.,]0{1,2})?")
_NO_ORE = re.compile(r"(.*\d)(?: ?:-{1,2}|[.,]-{1,2})")
_ORE = re.compile(r"(.*\d):(\d{2})")
_MARKS = {"kr": "", "kr.": "", ":-": "", "€": "EUR", "£": "GBP", "$": ""}
_CODE = re.compile(r"[A-Z]{3}")
_MARK_FIRST = re.compile(r"(?P<mark>[A-Za-z]{2,3}\.?|[€£])\s*(?P<rest>.*)")
_MARK_LAST = re.compile(r"(?P<rest>.*?)(?P<mark>[A-Za-z]{2,3}\.?|[€£])")
_KRONOR = ("SEK", "DKK", "NOK", "ISK")
_DIGITS = {
    "comma": re.compile(r"(\d+|\d{1,3}(?:[ '’]\d{3})+|\d{1,3}(?:\.\d{3})+(?=,))(?:,(\d+))?"),
    "dot": re.compile(r"(\d+|\d{1,3}(?:[ '’]\d{3})+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?"),
    "either": re.compile(
        r"(\d+|\d{1,3}(?:[ '’]\d{3})+|\d{1,3}(?:\.\d{3})+(?=,)|\d{1,3}(?:,\d{3})+(?=\.))(?:[.,](\d+))?"
    ),
}
_TWO_WAYS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


class Money(NamedTuple):
    """`currency` is the one written beside the number; "" when none is, "kr" for one of the kronor."""

    amount: Decimal
    currency: str = ""


def agrees(marked: str, currency: str) -> bool:
    """Whether the mark beside a price can stand for the line's currency."""
    return marked in ("", currency) or (marked == "kr" and currency in _KRONOR)


def read_integer(text: str, mark: str = "") -> int:
    """A whole number, not below 0; `2,00` is one too, and behind the decimal `mark` any number of zeros may
    stand. Raises Unreadable E351.
    """
    plain = _BLANKS.sub("", text)
    whole, _, decimals = plain.partition(mark or " ")
    found = _INTEGER.fullmatch(plain if decimals.strip("0") else whole)
    if found is None:
        help_ = "copies are ordered whole; ask the vendor what is meant"
        raise Unreadable("E351", f"not a whole number: {shown(text)}", help_)
    if (number := int(found[1])) < 0:
        help_ = "to take copies back is no order: have the vendor cancel the line instead"
        raise Unreadable("E351", f"less than 0: {shown(text)}", help_)
    return number


def read_money(text: str, style: str) -> Money:
    """`style` is comma, dot or either. Raises Unreadable E351, E352."""
    number, currency = _take_currency(_BLANKS.sub(" ", text).strip().replace("−", "-"), text)
    negative = number.startswith("-")
    return Money(_read(number.removeprefix("-").strip(), style, text) * (-1 if negative else 1), currency)


def read_percent(text: str) -> Decimal:
    """Percent, 0 to 100, with comma or dot. Raises Unreadable E351 for what may be a fraction."""
    rate = _rate(text)
    if 0 < rate < 1:
        help_ = "set its format to fraction if 0,06 means 6 %, or have the vendor write percent"
        raise Unreadable("E351", f"{shown(text)} is below 1 percent: a fraction?", help_)
    return _percentage(rate, text)


def read_fraction(text: str) -> Decimal:
    """A fraction of 1 as percent: `0,06` is 6. Raises Unreadable E351."""
    return _percentage(_rate(text) * 100, text)


def _percentage(rate: Decimal, text: str) -> Decimal:
    if rate > 100:
        raise Unreadable("E351", f"not between 0 and 100 percent: {shown(text)}")
    return rate


def _rate(text: str) -> Decimal:
    plain = _BLANKS.sub("", text).removesuffix("%").replace(",", ".")
    if not re.fullmatch(rf"\d{{1,3}}(?:\.\d{{1,{SCALE}}})?", plain):
        raise Unreadable("E351", f"not a percentage: {shown(text)}")
    return Decimal(plain)


def _read(number: str, style: str, text: str) -> Decimal:
    if whole := _NO_ORE.fullmatch(number):
        number = whole[1]
    elif ore := _ORE.fullmatch(number):
        number = f"{ore[1]}{'.' if style == 'dot' else ','}{ore[2]}"
    if style == "either" and _TWO_WAYS.fullmatch(number):
        help_ = "set its format to  money comma  or  money dot"
        raise Unreadable("E351", f"amount {shown(text)} can be read in two ways", help_)
    found = _DIGITS[style].fullmatch(number)
    if found is None:
        mark = {"comma": "a decimal comma", "dot": "a decimal dot"}.get(style, "a decimal comma or dot")
        raise Unreadable("E351", f"not an amount with {mark}: {shown(text)}", _other_style(number, style))
    whole_part, decimals = re.sub(r"\D", "", found[1]), (found[2] or "").rstrip("0")
    if len(decimals) > SCALE or len(whole_part) > 12:
        raise Unreadable(
            "E351", f"amount {shown(text)} has more than 12 digits, or {SCALE} decimals: not a price"
        )
    return (
        Decimal(f"{whole_part}.{found[2] or 0}")
        if len(found[2] or "") <= SCALE
        else Decimal(f"{whole_part}.{decimals}")
    )


def _other_style(number: str, style: str) -> str | None:
    other = {"comma": "dot", "dot": "comma"}.get(style)
    if other and _DIGITS[other].fullmatch(number):
        return f"if this vendor writes so, set its format to  money {other}  under source.options.formats"
    return None


def _take_currency(text: str, whole: str) -> tuple[str, str]:
    found: list[str] = []
    for pattern in (_MARK_FIRST, _MARK_LAST):
        if (match := pattern.fullmatch(text)) is not None:
            text = match["rest"].rstrip()
            found.append(_currency(match["mark"], whole))
    if len(found) > 1:
        raise Unreadable("E351", f"two currencies in {shown(whole)}")
    return text, found[0] if found else ""


def _currency(mark: str, text: str) -> str:
    if mark.casefold().rstrip(".") == "kr":
        return "kr"
    if mark in ("€", "£"):
        return _MARKS[mark]
    if _CODE.fullmatch(mark.upper()) and not mark.endswith("."):
        return mark.upper()
    raise Unreadable("E351", f"not an amount: {shown(text)}")
