"""Money and numbers as vendors write them → Decimal, int, currency code."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import regex

from etl.plugin import BadArgument, BadValue, NumberCell
from etl.records import as_shown
from etl.template.filters.arguments import words
from etl.template.filters.incoming import is_missing, kind_of, none_in_words, text_of, wrong_kind
from etl.values.amounts import read_whole, written_amount
from etl.values.currency_marks import (
    CODES,
    FAMILIES,
    SPELLINGS,
    currencies_in,
    currencies_of,
    take_mark,
)
from etl.values.numerals import Ambiguous, Marks, Unreadable, marks_of, read_number
from etl.values.quoting import quoted
from etl.values.spelling import plain_dashes

_PLAIN = regex.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_TWO_FACED = regex.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_NUMBER_AMID_WORDS = (
    "what does the word count: copies, or sets, dozens, packs? Cut off the one that means copies, and no "
    "other:  {{ … | replace_re(' ?ex$', '') | integer }}"
)
_WORD_AMID_MONEY = (
    "a word beside the amount may be its basis (per 10), its unit or its VAT: ask what it means, "
    "before it is cut off"
)
_SEVERAL_NUMBERS = (
    "is one of them a basis (so much for ten), a pack, a span or another price? Ask, and give each a column; "
    "none of them is to be cut off unseen"
)
_ONE_AMID_WORDS = regex.compile(r"(?:\p{L}[\p{L} .:]*+)?[0-9]++(?:[ .:]*+\p{L}[\p{L} .]*+)?")
_SEVERAL = regex.compile(r"[0-9][^0-9\p{L}]*+\p{L}[^0-9]*+[0-9]|[0-9]\s*[*×/–-]\s*[0-9]")


def amount(
    value: str | int | Decimal | None, locale: str | None = None, currency: str | None = None
) -> Decimal | None:
    """The amount of money, exact.

    `locale`: how the vendor writes numbers (`sv`, `en`, `de_CH` …). Without it `1 249,50`, `1.249,50`
    and `1,249.50` are still read, for they can mean one thing only; `1,249` can mean two and is
    refused. With it, marks of another locale are refused. Swedish `249:00`, `249:-`, any kind of blank
    between thousands and one currency before or behind are fine.

    `currency`: the code of the one that is meant (`SEK`). A text that names another is refused; "kr" may be
    Swedish, Norwegian, Danish or Icelandic, "$" any dollar. A currency that is named, and is neither read
    with `currency` nor the one that is sent, rejects the record.

    >>> amount("1 249,50 kr")
    Decimal('1249.50')
    >>> amount("1,234", "en")
    Decimal('1234')
    >>> amount("249:-", currency="SEK")
    Decimal('249')
    >>> amount("19,90 €", currency="SEK")
    Traceback (most recent call last):
    etl.plugin.BadValue: "19,90 €" is not in SEK
    >>> amount("1,234")
    Traceback (most recent call last):
    etl.plugin.BadValue: amount "1,234" can be read in two ways
    >>> amount("2 x 40")
    Traceback (most recent call last):
    etl.plugin.BadValue: more than one number in "2 x 40"
    """
    marks = None if locale is None else marks_of(words(locale, "locale"))
    if currency and currency not in CODES:
        raise BadArgument(f"currency must be a code, not {quoted(str(currency))}", "write SEK, NOK, USD …")
    number = _exact(value, "amount")
    _refuse_share(value, "E412", "an amount")
    if number is not None:
        _agree(currency, currencies_in(str(as_shown(value))), str(as_shown(value)))
        return number
    text = text_of(value, "amount")
    if text is None:
        return None
    written = written_amount(text)
    digits = written.digits
    _agree(currency, currencies_of(written.mark), text)
    try:
        return written.number(marks)
    except Ambiguous:
        raise BadValue(
            "E413",
            f"amount {quoted(text)} can be read in two ways",
            _readings(digits),
        ) from None
    except Unreadable as reason:
        if _SEVERAL.search(digits):
            raise BadValue("E414", f"more than one number in {quoted(text)}", _SEVERAL_NUMBERS) from None
        why = f" ({reason.reason})" if reason.reason else ""
        call = f"amount('{locale}')" if locale else "amount"
        help_ = none_in_words(text, call) or _help_for(digits, reason, marks)
        raise BadValue("E412", f"not an amount: {quoted(text)}{why}", help_) from None


def _refuse_share(value: object, code: str, wanted: str) -> None:
    """What shows a percent sign counts nothing, in a number cell as in a text."""
    if isinstance(value, NumberCell) and value.beside == "%":
        raise BadValue(code, f'not {wanted}: "{value} %"', "read a percentage with  | percent")


def _agree(meant: str | None, named: frozenset[str], text: str) -> None:
    if meant and named and meant not in named:
        raise BadValue("E419", f"{quoted(text)} is not in {meant}", "is it the right column, or supplier?")


def _help_for(digits: str, reason: Unreadable, marks: Marks | None) -> str | None:
    if regex.fullmatch(r"[0-9.,' ]+-", digits):
        return 'a minus behind the number can be a sign or a Swedish ":-": rewrite it with | replace_re'
    if regex.search(r"\p{L}{2}", digits):
        return _WORD_AMID_MONEY
    return (None if marks is None else _readings(digits)) or reason.help


def _readings(digits: str, call: str = "amount") -> str | None:
    """What each way of writing makes of the digits: 1.000 is a thousand to one vendor and 1 to another. Of a
    whole number only those that are one.
    """
    found: dict[Decimal, str] = {}
    for locale in ("sv", "en", "de", "de_CH"):
        with suppress(Unreadable, Ambiguous):
            number = read_number(digits, marks_of(locale))
            if call == "amount" or number == number.to_integral_value():
                found.setdefault(number, locale)
    places = "f" if call == "amount" else ".0f"
    told = [f"{call}('{locale}') reads {number:{places}}" for number, locale in found.items()]
    return f"say how this vendor writes:  {' ,  '.join(told)}" if told else None


def _exact(value: object, filter_name: str) -> Decimal | None:
    """A value that is a number already, a number cell too; None for anything else. Floats are refused
    (E415).
    """
    if isinstance(value, NumberCell):
        return Decimal(value)
    if isinstance(value, float):
        raise BadValue(
            "E415",
            f'"{filter_name}" got the floating-point number {value!r}',
            "floats round money; read the column as text",
        )
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise BadValue("E417", f"not a number: {value}")
        return value
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else None


def currency(
    value: str | None,
    kr: str | None = None,
    dollar: str | None = None,
    pound: str | None = None,
    yen: str | None = None,
) -> str | None:
    """The ISO code of the currency that the text names; nothing if it names none.

    `kr`, `dollar`, `pound`, `yen`: what a mark shared by several countries stands for at this vendor
    (`kr="SEK"`).

    >>> currency("SEK 199")
    'SEK'
    >>> currency("199 kr", kr="SEK")
    'SEK'
    >>> currency("$14.99")
    Traceback (most recent call last):
    etl.plugin.BadValue: "$" in "$14.99" stands for several currencies
    """
    meant = {"kr": kr, "dollar": dollar, "pound": pound, "yen": yen}
    for name, code in meant.items():
        if code is not None and code not in CODES:
            raise BadArgument(
                f"{name} must be a currency code, not {quoted(str(code))}", "write SEK, NOK, USD …"
            )
    text = text_of(as_shown(value), "currency")
    if text is None:
        return None
    front, body, behind = take_mark(plain_dashes(text).strip())
    mark = front or behind
    if (front and behind) or regex.search(r"\p{L}|\p{Sc}", body):
        raise BadValue("E416", f"no single known currency in {quoted(text)}")
    if not mark or mark in CODES:
        return mark or None
    code = SPELLINGS[mark.casefold()] or meant[FAMILIES[mark.casefold()]]
    if code is None:
        family = FAMILIES[mark.casefold()]
        raise BadValue(
            "E416",
            f"{quoted(mark)} in {quoted(text)} stands for several currencies",
            f"say which: currency({family}=…)",
        )
    return code


def decimal(value: str | int | Decimal | None) -> Decimal | None:
    """A number written with digits and, for decimals, a dot: the way files made for machines write it.

    >>> decimal("199.00")
    Decimal('199.00')
    >>> decimal("199,00")
    Traceback (most recent call last):
    etl.plugin.BadValue: not a number with a dot for decimals: "199,00"
    """
    number = _exact(value, "decimal")
    if number is not None:
        return number
    text = text_of(value, "decimal")
    if text is None:
        return None
    if not _PLAIN.fullmatch(text.strip()):
        way_out = none_in_words(text, "decimal") or "for prices as people write them use | amount"
        raise BadValue("E417", f"not a number with a dot for decimals: {quoted(text)}", way_out)
    return Decimal(text.strip())


def undoubted(value: str | int | Decimal | None) -> Decimal | None:
    """As `decimal` reads it, for filters that calculate. Raises BadValue E413 for a text of two meanings:
    nobody has said yet that its dot stands before decimals.
    """
    if isinstance(value, str) and not isinstance(value, NumberCell) and _TWO_FACED.fullmatch(value.strip()):
        raise BadValue(
            "E413",
            f"amount {quoted(value)} can be read in two ways",
            _readings(value.strip().removeprefix("-")),
        )
    return decimal(value)


def integer(value: str | int | Decimal | None, locale: str | None = None) -> int | None:
    """A whole number written with digits only, at most 18 of them; or a number that came out whole.

    `locale`: how the vendor writes numbers (`sv`, `en` …). With it, marks of thousands and decimals that are
    all zero are read too; without it nobody can tell what `2.000` is.

    >>> integer("003")
    3
    >>> integer("2,0", "sv")
    2
    >>> integer(Decimal("18.0"))
    18
    >>> integer("3,0")
    Traceback (most recent call last):
    etl.plugin.BadValue: not a whole number: "3,0"
    """
    marks = None if locale is None else marks_of(words(locale, "locale"))
    if is_missing(value):
        return None
    _refuse_share(value, "E418", "a whole number")
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise (
            wrong_kind(value, "integer", "a whole number")
            if not isinstance(value, float)
            else BadValue("E415", f'"integer" got {kind_of(value)} {value!r}', "read the column as text")
        )
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = f"{value:.0f}"
    text = str(value).strip()
    try:
        return read_whole(text, None if isinstance(value, NumberCell) else marks)
    except (Unreadable, Ambiguous):
        amid_words = _NUMBER_AMID_WORDS if _ONE_AMID_WORDS.fullmatch(text) else None
        help_ = none_in_words(text, "integer") or amid_words or _readings(text, "integer")
        if isinstance(value, Decimal):
            help_ = "say how to make it whole:  {{ … | round_amount(0) | integer }} ,  or divide with //"
        raise BadValue("E418", f"not a whole number: {quoted(text)}", help_) from None
