"""A text with one number in it → the sign, the digits and the currency mark; and the number they make."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import regex

from etl.values.currency_marks import take_mark
from etl.values.numerals import Marks, Unreadable, read_number
from etl.values.spelling import plain_dashes
from etl.values.spreadsheet import refuse_scientific

_WHOLE = regex.compile(r"-?[0-9]{1,18}")
_RATE = regex.compile(r"(?P<rate>-?(?:[0-9]{1,40}(?:[.,][0-9]{0,40})?|[.,][0-9]{1,40}))\s*(?P<sign>%?)")


class WrittenAmount(NamedTuple):
    """`mark` is the currency's, as written; "" where there is none. `digits` may still be no number."""

    digits: str
    mark: str
    negative: bool = False
    two_marks: bool = False

    def number(self, marks: Marks | None) -> Decimal:
        """Raises Unreadable and Ambiguous, as `read_number`."""
        if self.two_marks:
            raise Unreadable("two currencies")
        read = read_number(self.digits, marks)
        return read.copy_negate() if self.negative and read else read


def written_amount(text: str) -> WrittenAmount:
    """An amount taken apart. Raises BadValue E404 for what a spreadsheet has rounded.

    >>> written_amount("-249,50 kr")
    WrittenAmount(digits='249,50', mark='kr', negative=True, two_marks=False)
    """
    plain = plain_dashes(text).strip()
    refuse_scientific(plain)
    front, body, behind = take_mark(plain)
    digits = body.removeprefix("-").lstrip()
    return WrittenAmount(digits, front or behind, body.startswith("-"), bool(front and behind))


def read_whole(text: str, marks: Marks | None) -> int:
    """A whole number of at most 18 digits. Only with `marks` may it have groups of thousands, and decimals
    that are all zero: without, nobody can tell what `2.000` is. Raises Unreadable.

    >>> read_whole("003", None), read_whole("2,00", Marks("", ",", " "))
    (3, 2)
    """
    plain = text.strip()
    if marks is not None and not _WHOLE.fullmatch(plain):
        plain = plain_dashes(plain).strip()
        number = read_number(plain.removeprefix("-"), marks)
        if number == number.to_integral_value():
            plain = f"{'-' * plain.startswith('-')}{number:.0f}"
    if not _WHOLE.fullmatch(plain):
        raise Unreadable
    return int(plain)


def read_rate(text: str) -> tuple[Decimal, bool]:
    """(number, is there a percent sign behind it?). No thousands are written in a rate, so a dot and a comma
    both stand before decimals. Raises Unreadable.

    >>> read_rate("27,5 %"), read_rate("6")
    ((Decimal('27.5'), True), (Decimal('6'), False))
    """
    found = _RATE.fullmatch(plain_dashes(text).strip())
    if found is None:
        raise Unreadable
    return Decimal(found["rate"].replace(",", ".")), bool(found["sign"])
