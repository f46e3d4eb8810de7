"""Numbers as vendors write them → int and exact Decimal. The decimal mark is declared, not guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from connectors.formats.typed_rows import SCALE, fits
from connectors.layouts.unreadable import Unreadable, shown
from etl.plugin import BadValue
from etl.values.amounts import WrittenAmount, read_rate, read_whole, written_amount
from etl.values.currency_marks import FAMILIES, currencies_of
from etl.values.numerals import Ambiguous, Marks
from etl.values.numerals import Unreadable as NoNumber

STYLES: dict[str, Marks | None] = {
    "comma": Marks("", ",", " "),
    "dot": Marks("", ".", ","),
    "dot only": Marks("", ".", ""),
    "either": None,
}
"""`dot only`: a vendor's own declaration that nobody has of every writer; `1,495` may be either there."""
_DECIMALS = {"comma": "a decimal comma", "dot": "a decimal dot", "dot only": "a decimal dot"}
_WHOLE = {style: Marks("", mark, "") for style, mark in (("comma", ","), ("dot", "."))}
"""Copies have no thousands: `2,000` beside prices with a point is two, or a fault."""


class Money(NamedTuple):
    """`currency` is the one written beside the number; "" when none is, "kr", "dollar", "pound" or "yen" for
    what several countries share.
    """

    amount: Decimal
    currency: str = ""


def agrees(marked: str, currency: str) -> bool:
    """Whether the mark beside a price can stand for the line's currency."""
    return not marked or currency in currencies_of(marked)


def read_integer(text: str, style: str = "") -> int:
    """A whole number, not below 0, as `read_whole`; `style` is comma or dot, where that is declared. Raises
    Unreadable E351.
    """
    try:
        number = read_whole(text, _WHOLE.get(style))
    except (NoNumber, Ambiguous):
        help_ = "copies are ordered whole; ask the vendor what is meant"
        raise Unreadable("E351", f"not a whole number: {shown(text)}", help_) from None
    if number < 0:
        help_ = "to take copies back is no order: have the vendor cancel the line instead"
        raise Unreadable("E351", f"less than 0: {shown(text)}", help_)
    if number >= 10**9:
        raise Unreadable("E351", f"no number of copies: {shown(text)}", "ask the vendor what is meant")
    return number


def read_money(text: str, style: str) -> Money:
    """`style` is one of STYLES. Raises Unreadable E351, E352."""
    try:
        written = written_amount(text)
    except BadValue as damage:
        raise Unreadable("E352", damage.message, damage.help) from None
    try:
        number = written.number(STYLES[style])
    except (Ambiguous, NoNumber):
        if style in ("dot only", "either"):
            _refuse_two_readings(written, text)
        mark = _DECIMALS.get(style, "a decimal comma or dot")
        told = f"not an amount with {mark}: {shown(text)}"
        if written.two_marks:
            told = f"two currencies in {shown(text)}"
        raise Unreadable("E351", told, _other_style(written, style)) from None
    if not fits(number, "decimal"):  # zeros behind the sixth decimal say nothing
        number = number.normalize() + Decimal("0.0")
    if not fits(number, "decimal") or number.adjusted() > 11:
        told = f"amount {shown(text)} has more than 12 digits, or {SCALE} decimals: not a price"
        raise Unreadable("E351", told)
    named = currencies_of(written.mark)
    return Money(number, next(iter(named)) if len(named) == 1 else FAMILIES.get(written.mark.casefold(), ""))


def _refuse_two_readings(written: WrittenAmount, text: str) -> None:
    """Raises Unreadable E351 for one mark and three digits, which no declared format tells apart."""
    try:
        written.number(None)
    except Ambiguous:
        help_ = "ask which it is, and set its format to  money comma  or  money dot"
        raise Unreadable("E351", f"amount {shown(text)} can be read in two ways", help_) from None
    except NoNumber:
        return


def _other_style(written: WrittenAmount, style: str) -> str | None:
    other = {"comma": "dot", "dot": "comma", "dot only": "comma"}.get(style)
    try:
        if other and written.number(STYLES[other]):
            return f"if this vendor writes so, set its format to  money {other}  under source.options.formats"
    except (NoNumber, Ambiguous):
        return None
    return None


def read_percent(text: str) -> Decimal:
    """Percent, 0 to 100, with comma or dot. Raises Unreadable E351, also for what may be a fraction: below 1
    without a percent sign.
    """
    rate, signed = _rate(text)
    if 0 < rate < 1 and not signed:
        help_ = "set its format to fraction if 0,06 means 6 %, or have the vendor write percent"
        raise Unreadable("E351", f"{shown(text)} is below 1 percent: a fraction?", help_)
    return _percentage(rate, text)


def read_fraction(text: str) -> Decimal:
    """A fraction of 1 as percent: `0,06` is 6. Raises Unreadable E351, also for one with a percent sign."""
    rate, signed = _rate(text)
    if signed:
        raise Unreadable("E351", f"not a fraction: {shown(text)}", "set its format to percent")
    return _percentage(rate * 100, text)


def _percentage(rate: Decimal, text: str) -> Decimal:
    if not 0 <= rate <= 100:
        raise Unreadable("E351", f"not between 0 and 100 percent: {shown(text)}")
    return rate


def _rate(text: str) -> tuple[Decimal, bool]:
    try:
        rate, signed = read_rate(text)
    except NoNumber:
        rate, signed = Decimal("NaN"), False
    if not fits(rate, "decimal") or rate.is_nan():
        raise Unreadable("E351", f"not a percentage: {shown(text)}")
    return rate, signed
