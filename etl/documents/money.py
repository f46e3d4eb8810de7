"""Sum and currency → an exact amount; amount → the text Alma expects.

Alma's `sum` is text of up to 14 digits with an optional decimal point (data dictionary of
purchase_request, "amount"). It is kept as a Decimal and never rounded. ISO 4217's own minor units
are used for writing, not Babel's: CLDR gives display digits, which differ for a dozen currencies.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import PlainValidator

from etl.documents.code_tables import minor_units
from etl.documents.leaves import Leaf, required
from etl.documents.parts import Part
from etl.documents.values import code, shown, spelt, wrong
from etl.plugin import NumberCell

_AMOUNT = re.compile(r"-?[0-9]{1,14}(\.[0-9]+)?")
_TWO_FACED = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]+)?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_WHOLE_DIGITS = 14
_MOST_DECIMALS = 30  # more are no price; the limit keeps every later calculation exact


def _exact(value: Any, spelling: re.Pattern[str]) -> Decimal | None:
    """The number as it stands, where it is one and its decimals can be kept."""
    if (
        type(value) is int
        or isinstance(value, Decimal)
        or (isinstance(value, str) and spelling.fullmatch(value))
    ):
        exact = Decimal(value)
        exponent = exact.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -_MOST_DECIMALS:  # NaN and infinity have a letter
            return exact
    return None


def _sum(value: Any) -> Decimal:
    exact = _exact(value, _AMOUNT)
    if exact is not None and exact < 0:
        raise wrong(
            "E466",
            f"{shown(value)} is less than 0, and nothing that is ordered costs that",
            "a credit or a correction is no order: see what the vendor means, or pass it over with  when:",
        )
    if exact is not None and exact.adjusted() < _WHOLE_DIGITS:
        if isinstance(value, str) and not isinstance(value, NumberCell) and _TWO_FACED.fullmatch(value):
            raise wrong(
                "E506",
                f"{shown(value)} can be read in two ways: the dot may stand before decimals or thousands",
                "say how the vendor writes:  "
                f"{{{{ … | amount('de') }}}} reads {value.replace('.', '')} ,  amount('en') reads {value}",
            )
        return exact
    if isinstance(value, float):
        raise wrong(
            "E507",
            f"{shown(value)} is a binary float, which cannot hold money exactly",
            "give a decimal or text, for example with the amount filter:  {{ … | amount('sv') }}",
        )
    if isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite()):
        few = "round it:  {{ … | round_amount }}"
        few = "no price is that high: is it the right column?" if abs(value) >= 10**_WHOLE_DIGITS else few
        raise wrong("E506", f"{shown(value)} has more digits than an amount", few)
    raise wrong(
        "E506",
        f"{shown(value)} is not an amount (up to 14 digits, decimal point, no other signs)",
        "convert the vendor's spelling with the amount filter:  {{ … | amount('sv') }}",
    )


def _percent(value: Any) -> Decimal:
    exact = _exact(value, _PERCENT)
    if exact is None or not 0 <= exact <= 100:
        raise wrong(
            "E516",
            f"{shown(value)} is not a percentage from 0 to 100",
            'write the number alone, with a decimal point: "12.5"; a binary float is refused too',
        )
    return exact


def _currency(plain: str) -> str:
    if not _CURRENCY.fullmatch(plain):
        hint = 'write "SEK", not "kr"; of the mark in a cell the filter makes the code:'
        hint += "  {{ … | currency(kr='SEK') }}"
        hint = f'write "{plain.upper()}"' if _CURRENCY.fullmatch(plain.upper()) else hint
        raise wrong("E508", f"{shown(plain)} is not a currency code of three capital letters", hint)
    return plain


Sum = Annotated[Decimal, Leaf("decimal"), PlainValidator(_sum)]
Percent = Annotated[Decimal, Leaf("decimal"), PlainValidator(_percent)]
Currency = Annotated[str, Leaf("code", True, table="currency"), PlainValidator(spelt(code, _currency))]


class Amount(Part):
    """A sum of money in one currency."""

    sum: Sum = required("The amount: a decimal, with as many decimals as the vendor gave.")
    currency: Currency = required("ISO 4217 code, active in the institution (Currency_CT).")


def sent_amount(value: Any) -> Any:
    """The same as in a payload of our own, whose dot stands before decimals: its `sum` as a number.

    >>> sent_amount({"sum": "1.250", "currency": "KWD"})["sum"]
    Decimal('1.250')
    """
    given = value.get("sum")
    plain = isinstance(given, str) and _TWO_FACED.fullmatch(given)
    return {**value, "sum": Decimal(given)} if plain else value


def sum_text(value: Decimal, currency: str) -> str:
    """The sum with at least the currency's decimals; further ones only where they are not zero.

    >>> sum_text(Decimal("22"), "SEK"), sum_text(Decimal("22.0350"), "SEK"), sum_text(Decimal("1200"), "JPY")
    ('22.00', '22.035', '1200')
    """
    whole, _, fraction = format(value, "f").partition(".")
    fraction = fraction.rstrip("0").ljust(minor_units(currency), "0")
    if value == 0:
        whole = "0"  # Decimal knows a negative zero; money does not
    return f"{whole}.{fraction}" if fraction else whole


def percent_text(value: Decimal) -> str:
    """The shortest spelling: 20.0 → "20"."""
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
