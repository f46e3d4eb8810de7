"""Digits with separators → Decimal, or why the separators cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import regex
from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol

from etl.plugin import BadArgument
from etl.values.currency_marks import CODES
from etl.values.quoting import quoted
from etl.values.spelling import plain_dashes

_COMMON = regex.compile(r"([0-9]{1,12})(?:([.,])[0-9]{1,2})?")
_ORE = regex.compile(r"(.*[0-9]):([0-9]{2})", regex.DOTALL)
# "249:-", "249 :-", "249,-"; some write it behind the öre too: "249,50:-".
_NO_ORE = regex.compile(r"(.*[0-9])(?: ?:-{1,2}|[.,]-{1,2})", regex.DOTALL)
_WITH_ORE = regex.compile(r".*[.,][0-9]{2}", regex.DOTALL)
_LONGEST = 40
CUT_OFF = "text around the number has to be cut off first, with | match or | replace_re"
OTHER_LOCALE = "give the locale this vendor writes, or none to read whatever can mean one thing only"
_BODY = regex.compile(r"[0-9.,'’ ]*[0-9]")


class Unreadable(ValueError):  # noqa: N818
    """The digits are no number. `reason` may be empty: there is nothing to say that cannot be seen."""

    def __init__(self, reason: str = "", help: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.help = reason, help


class Ambiguous(ValueError):  # noqa: N818
    """One mark and three digits: thousands or decimals, nobody can tell."""


@dataclass(frozen=True, slots=True)
class Marks:
    """How a locale writes numbers: its marks, and the sizes of the last and of the other groups."""

    locale: str
    decimal: str
    group: str
    last: int = 3
    other: int = 3


@lru_cache(maxsize=64)
def marks_of(locale: str) -> Marks:
    """The marks of a Babel locale (`sv`, `sv_SE`, `en`, `de_CH`). Raises BadArgument for an unknown one."""
    try:
        parsed = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        help_ = "locales are written sv, sv_SE, en, de, fr_CH …"
        if locale in CODES:
            help_ = f"a currency is named besides: write  amount('sv', currency='{locale}')"
        raise BadArgument(f"unknown locale {quoted(locale)}", help_) from None
    last, other = parsed.decimal_formats[None].grouping
    decimal = plain_dashes(get_decimal_symbol(parsed, numbering_system="latn"))
    group = plain_dashes(get_group_symbol(parsed, numbering_system="latn"))
    return Marks(locale, decimal, group, last, other)


def read_number(text: str, marks: Marks | None) -> Decimal:
    """Digits with separators, no sign and no currency → an exact Decimal.

    Swedish `249:00`, `249:-` and `249,-` are read with and without a locale. Raises Unreadable and
    Ambiguous.
    """
    # Nearly every price: one mark and at most two decimals, or none. The rest of the rules agree.
    plain = _COMMON.fullmatch(text)
    if plain and (not plain[2] or marks is None or plain[2] == marks.decimal):
        return Decimal(text.replace(",", "."))
    if len(text) > _LONGEST:
        raise Unreadable("too long for a price")
    if whole := _NO_ORE.fullmatch(text):
        text = whole[1]
        if not _WITH_ORE.fullmatch(text):
            return Decimal(_integer(text, marks, after_decimal=True))
    if ore := _ORE.fullmatch(text):
        return Decimal(_integer(ore[1], marks, after_decimal=True) + "." + ore[2])
    if not _BODY.fullmatch(text):
        raise Unreadable(help=CUT_OFF)
    if "  " in text or text.startswith(" "):
        raise Unreadable("blanks in a row")
    at = _decimal_at(text, marks)
    if at is None:
        return Decimal(_integer(text, marks, after_decimal=False))
    if not text[at + 1 :].isdigit():
        raise Unreadable("separators after the decimal mark")
    return Decimal((_integer(text[:at], marks, after_decimal=True) if at else "0") + "." + text[at + 1 :])


def _decimal_at(text: str, marks: Marks | None) -> int | None:
    """Position of the decimal mark, None if there is none."""
    if marks is not None:
        found = text.count(marks.decimal)
        if found > 1:
            raise Unreadable(f'more than one decimal mark "{marks.decimal}"')
        return text.index(marks.decimal) if found else None
    dot, comma = text.rfind("."), text.rfind(",")
    if dot < 0 and comma < 0:
        return None
    at = max(dot, comma)
    if text.count(text[at]) > 1:
        if dot >= 0 and comma >= 0:
            raise Unreadable("mixed separators")
        return None
    if not text[at + 1 :].isdigit():
        raise Unreadable("separators after the decimal mark")
    alone = min(dot, comma) < 0 and not regex.search(r"[ '’]", text[:at])
    # "0,125" and "1234,567" can only be decimals; "1,234" can be either.
    if alone and len(text) - at == 4 and 1 <= at <= 3 and text[0] != "0":
        raise Ambiguous
    return at


def _integer(text: str, marks: Marks | None, *, after_decimal: bool) -> str:
    """The digits before the decimal mark, their grouping verified and taken out."""
    used = {c for c in text if not c.isdigit()}
    if not _BODY.fullmatch(text):
        raise Unreadable(help=CUT_OFF)
    if not used:
        return text
    if len(used) > 1:
        raise Unreadable("mixed separators")
    mark = used.pop()
    # Apostrophe and blank never stand for decimals. The other of dot and comma groups only where the
    # locale says so, or where the true decimal mark is there to prove it ("1.249,50" in Sweden).
    safe = mark in " '’" or marks is None or mark == marks.group or (after_decimal and mark != marks.decimal)
    if not safe and marks is not None:
        raise Unreadable(f'locale "{marks.locale}" does not use "{mark}" so', OTHER_LOCALE)
    last, other = (marks.last, marks.other) if marks else (3, 3)
    first, *groups = text.split(mark)
    sizes_fit = all(len(g) == other for g in groups[:-1]) and len(groups[-1]) == last
    if not (sizes_fit and 1 <= len(first) <= other and first[0] != "0"):
        raise Unreadable(f'"{mark}" stands where no thousands end')
    return text.replace(mark, "")
