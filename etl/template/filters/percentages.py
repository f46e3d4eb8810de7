"""A price and a percentage → another price."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import reduce
from typing import TypedDict

from etl.plugin import BadArgument, BadValue, NumberCell
from etl.records import as_shown
from etl.template.arithmetic import EXACT, divide
from etl.template.bounds import MAX_DIGITS
from etl.template.filters.amounts import undoubted
from etl.template.filters.arguments import NoArgument, percentage, whole_number
from etl.template.filters.incoming import is_missing, wrong_kind
from etl.values.quoting import quoted

_ROUNDING = Context(prec=MAX_DIGITS, rounding=ROUND_HALF_UP, traps=[InvalidOperation])


def round_amount(value: str | int | Decimal | None, places: int = 2) -> Decimal | None:
    """The amount with so many decimals, halves rounded up (away from zero), as an invoice does.

    `places`: number of decimals, 0 to 6.

    >>> round_amount("1187.735")
    Decimal('1187.74')
    >>> round_amount("187.5", 0)
    Decimal('188')
    >>> round_amount("187,5")
    Traceback (most recent call last):
    etl.plugin.BadValue: not a number with a dot for decimals: "187,5"
    """
    step = Decimal(1).scaleb(-whole_number(places, "places", 0, 6))
    number = undoubted(value)
    if number is None:
        return None
    return number.quantize(step, context=_ROUNDING)


def percent(value: str | int | Decimal | None) -> Decimal | None:
    """The percentage, from 0 to 100, with or without its sign; dot and comma both stand before decimals.

    Without the sign, what is above 0 and below 1 is refused: it may be a share of one.

    >>> percent("33,5%")
    Decimal('33.5')
    >>> percent("60 %")
    Decimal('60')
    >>> percent("0.6")
    Traceback (most recent call last):
    etl.plugin.BadValue: "0.6" is less than one percent
    >>> percent("hälften")
    Traceback (most recent call last):
    etl.plugin.BadValue: not a percentage: "hälften"
    """
    if is_missing(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise wrong_kind(value, "percent", "a percentage")
    no_percentage = BadValue(
        "E493",
        f"not a percentage: {quoted(str(as_shown(value)).strip())}",
        "a percentage is a number from 0 to 100:  60,  33,5 %",
    )
    if isinstance(value, NumberCell) and value.beside not in ("", "%"):
        raise no_percentage
    try:
        rate = percentage(value, "it")
    except BadArgument:
        raise no_percentage from None
    if 0 < rate < 1 and "%" not in str(as_shown(value)):
        help_ = "a share of 1 becomes a percentage by  … * 100;  0,6 % is written with its sign"
        raise BadValue("E493", f"{quoted(str(value))} is less than one percent", help_)
    return rate


def minus_vat(value: str | int | Decimal | None, rate: object) -> Decimal | None:
    """The price without VAT, from a price with it. Not rounded: end with `round_amount`.

    `rate`: VAT in percent (6, 25), a constant or a column.

    >>> minus_vat("265.00", 6)
    Decimal('250')
    >>> round_amount(minus_vat("199.00", 6))
    Decimal('187.74')
    >>> minus_vat("199,00", 6)
    Traceback (most recent call last):
    etl.plugin.BadValue: not a number with a dot for decimals: "199,00"
    """
    factor, number = _vat_factor(rate), undoubted(value)
    return None if number is None else divide(number, factor)


def plus_vat(value: str | int | Decimal | None, rate: object) -> Decimal | None:
    """The price with VAT, from a price without it. Not rounded: end with `round_amount`.

    `rate`: VAT in percent (6, 25), a constant or a column.

    >>> plus_vat("189.00", 6)
    Decimal('200.3400')
    >>> plus_vat("189 kr", 6)
    Traceback (most recent call last):
    etl.plugin.BadValue: not a number with a dot for decimals: "189 kr"
    """
    factor, number = _vat_factor(rate), undoubted(value)
    return None if number is None else EXACT.multiply(number, factor)


def net(value: str | int | Decimal | None, discount: object) -> Decimal | None:
    """The price after a discount. Not rounded: end with `round_amount`.

    `discount`: percent taken off (27.5), a constant or a column. An Alma vendor account with a
    discount of its own takes it off once more: send either the net price or the discount.

    >>> net("200.00", 25)
    Decimal('150.0000')
    >>> net("gratis", 10)
    Traceback (most recent call last):
    etl.plugin.BadValue: not a number with a dot for decimals: "gratis"
    """
    factor = EXACT.subtract(1, divide(percentage(discount, "discount"), 100))
    number = undoubted(value)
    return None if number is None else EXACT.multiply(number, factor)


class Share(TypedDict):
    """What one fund pays."""

    name: str | None
    amount: Decimal


def share_out(
    value: str | int | Decimal | None, weights: object, names: object, places: int = 2
) -> list[Share] | None:
    """The amount in parts that add up to it exactly, one for each name: what each fund pays.

    `weights`: a list of numbers, such as copies per placement; they are shares of their sum, whatever it
    is: of percentages the mapping has to ask whether they are 100 together. `names`: as many names, such as
    fund codes; what has one name is one part. `places`: decimals of the currency, 0 to 6. Each part is
    rounded, halves up; what that leaves over or takes goes to the last.

    >>> share_out("100.00", [1, 1, 1], ["A", "B", "C"])[2]
    {'name': 'C', 'amount': Decimal('33.34')}
    >>> share_out("448.20", [2, 1], ["VUX24", "VUX24"])
    [{'name': 'VUX24', 'amount': Decimal('448.20')}]
    >>> share_out("100.00", [2], ["A", "B"])
    Traceback (most recent call last):
    etl.plugin.BadArgument: 1 weights and 2 names: each weight needs its name
    """
    whole_number(places, "places", 0, 6)
    shares = _shares(weights, names)
    number = round_amount(value, places)
    if number is None:
        return None
    total = reduce(EXACT.add, shares.values())
    parts = [
        round_amount(divide(EXACT.multiply(number, one), total), places) or Decimal(0)
        for one in shares.values()
    ]
    parts[-1] = EXACT.add(parts[-1], EXACT.subtract(number, reduce(EXACT.add, parts)))
    return [{"name": name, "amount": part} for name, part in zip(shares, parts, strict=True)]


def _shares(weights: object, names: object) -> dict[str | None, Decimal]:
    """Name → weight, in the order of the names."""
    if weights is None or (isinstance(weights, list | tuple) and None in weights):
        raise NoArgument("a weight is empty", "is the quantity, or the share of the fund, missing?")
    if not isinstance(weights, list | tuple) or not all(map(_is_weight, weights)):
        raise BadArgument(
            "weights must be a list of numbers, none below 0",
            "make numbers of the texts:  | map('integer') | list  or  | map('percent') | list",
        )
    if not isinstance(names, list | tuple) or not all(isinstance(one, str | None) for one in names):
        raise BadArgument("names must be a list of texts")
    if len(weights) != len(names):
        raise BadArgument(f"{len(weights)} weights and {len(names)} names: each weight needs its name")
    if not any(weights):
        raise BadArgument("weights must have at least one above 0", "is the quantity missing?")
    shares: dict[str | None, Decimal] = {}
    for name, weight in zip(names, weights, strict=True):
        shares[name] = EXACT.add(shares.get(name, 0), weight)
    return shares


def _is_weight(value: object) -> bool:
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return number and Decimal(value).is_finite() and value >= 0  # type: ignore[arg-type, operator]


def _vat_factor(rate: object) -> Decimal:
    """1 + rate/100. Gluing "1." and the rate together makes 1.6 of 6 %: a public BTJ reader does."""
    share = percentage(rate, "VAT rate")
    if 0 < share < 1:
        raise BadArgument(f"VAT rate {share} is less than one percent", "write 6 for six percent, not 0.06")
    return EXACT.add(1, divide(share, 100))
