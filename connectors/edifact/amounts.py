"""Numbers of a line → exact values; its price of one copy, and whether all it says of money fits together.

EDIFACT has no thousands separators. The UNA names the decimal mark, and vendors write the other one as well;
only a number like 1,089 in an interchange whose mark is the point can mean two things, and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import NamedTuple

from connectors.formats.typed_rows import fits
from connectors.layouts.unreadable import Unreadable, shown
from etl.plugin import DataPlace, Problem, Severity

# UN code list 5125 and its GS1 edition: qualifier → (list or net, with tax or without). D
KINDS: Mapping[str, tuple[str, bool]] = {
    "AAA": ("net", False),
    "AAB": ("list", False),
    "AAC": ("list", True),
    "AAE": ("list", True),
    "AAF": ("list", False),
}
PIECES = frozenset({"", "PCE", "EA", "C62", "H87", "NAR"})
"""Codes of UN recommendation 20 and of EANCOM for one copy."""
_SPECIFIED = {"NTP": "net", "DPR": "net", "SRP": "list", "RTP": "list", "MSR": "list"}
"""Code list 5387, what a price is → list or net."""
_TYPES = frozenset({"", "CA", "CT", "DI", "PE"})
"""Code list 5375, who set a price: a catalogue, a contract, the distributor, for each."""

_NUMBER = re.compile(r"(\d{1,12})(?:([.,])(\d{1,6})0*)?")
_CENT = Decimal("0.01")


def read_number(text: str, mark: str) -> Decimal:
    """`mark` is the decimal mark of the UNA. Raises Unreadable E351."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise Unreadable("E351", f"not a number: {shown(text)}", "EDIFACT writes digits and one decimal mark")
    whole, written, decimals = found.groups()
    if written not in (None, mark) and len(decimals) == 3:
        help_ = f'the UNA says that the decimal mark is "{mark}": ask the vendor which is meant'
        raise Unreadable("E351", f"{shown(text)} can be read in two ways", help_)
    return Decimal(f"{whole}.{decimals or 0}")


def number_or_none(text: str | None, mark: str) -> Decimal | None:
    """None for what is not there, or no number."""
    try:
        return None if text is None else read_number(text, mark)
    except Unreadable:
        return None


def plain_copies(text: str, mark: str) -> str:
    """`2.000`, where the point is the decimal mark, as `2`; other texts as they stand.

    >>> plain_copies("2.000", "."), plain_copies("2,000", "."), plain_copies("1.5", ".")
    ('2', '2,000', '1.5')
    """
    number = number_or_none(text, mark)
    return str(int(number)) if number is not None and number == int(number) else text


@dataclass(slots=True)
class Price:
    """`values` are neutral ones for the line; `used` are the fields that were read or compared."""

    values: dict[str, object] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    used: set[str] = field(default_factory=set)


class _Offer(NamedTuple):
    """One PRI: the price of one copy, `list` or `net`, with tax or without; None where that is not known."""

    amount: Decimal
    basis: str | None
    taxed: bool | None


def choose_price(
    fields: Mapping[str, str], wanted: Sequence[str], mark: str, place: DataPlace, rate: Decimal | None
) -> Price:
    """The first price, in the order wanted, that is there. The others are compared with it, as far as they
    can be: `rate` is the line's VAT in percent, if known.
    """
    price = Price()
    there = [name.removeprefix("PRI+") for name in fields if name.startswith("PRI+") and name[4:].isalnum()]
    kind = next((one for one in wanted if one in there), None)
    if kind is None:
        price.problems += _unused(there, wanted, place)
        price.used |= {f"PRI+{one}" for one in there}
        return price
    try:
        chosen = _offer(fields, kind, mark, price)
    except Unreadable as reason:
        exact = _at(place, f"PRI+{kind}")
        return Price({}, [Problem(reason.code, reason.message, data=exact, help=reason.help)])
    values = (chosen.amount, chosen.basis, chosen.taxed)
    price.values = dict(zip(("unit_price", "price_basis", "price_includes_vat"), values, strict=True))
    discount = number_or_none(fields.get("ALC+A/PCD+3"), mark)
    for other in there:
        if other != kind:
            price.problems += _beside(fields, (kind, chosen), other, mark, rate, discount, place, price)
    return price


def _offer(fields: Mapping[str, str], kind: str, mark: str, price: Price) -> _Offer:
    """What one PRI says of one copy, exactly. Raises Unreadable E351: two of them, no number, not exact."""
    name = f"PRI+{kind}"
    amount, other = fields[name], fields.get(f"{name} repeat 2")
    said = {part: fields.get(f"{name}/{part}", "") for part in ("type", "kind", "basis", "unit")}
    again = {part: fields.get(f"{name}/{part} repeat 2", "") for part in said}
    if other is not None and (other, again) != (amount, said):
        told = f"the line has two prices {name}: {shown(amount)} and {shown(other)}, or of different basis"
        raise Unreadable("E351", told, "ask the vendor which is right")
    basis, taxed = KINDS.get(kind, (None, None))
    price.used.add(name)
    if said["unit"].upper() in PIECES:
        price.used.add(f"{name}/unit")
    if said["type"].upper() in _TYPES:
        price.used.add(f"{name}/type")
    if not said["kind"] or _SPECIFIED.get(said["kind"].upper(), "") == basis:
        price.used.add(f"{name}/kind")
    price.used.add(f"{name}/basis")
    return _Offer(_of_one(name, amount, said["basis"], mark), basis, taxed)


def _of_one(name: str, text: str, basis: str, mark: str) -> Decimal:
    amount = read_number(text, mark)
    copies = read_number(basis, mark) if basis else Decimal(1)
    with localcontext(prec=40):
        exact = amount / copies if copies else None
        if exact is not None and fits(exact, "decimal") and exact * copies == amount:
            return exact
    told = f"{name} is {shown(text)} for {shown(basis)} copies, which gives no exact price of one"
    raise Unreadable("E351", told, "ask the vendor for the price of one copy")


def _beside(
    fields: Mapping[str, str],
    taken: tuple[str, _Offer],
    other: str,
    mark: str,
    rate: Decimal | None,
    discount: Decimal | None,
    place: DataPlace,
    price: Price,
) -> Iterator[Problem]:
    """A price that is not taken: one that was compared is used, one that contradicts has the line wait."""
    kind, chosen = taken
    try:
        offer = _offer(fields, other, mark, price)
    except Unreadable as reason:
        exact = _at(place, f"PRI+{other}")
        yield Problem("E427", reason.message, Severity.HOLD, data=exact, help=reason.help)
        return
    fitting = _fitting(chosen, offer, rate, discount)
    if fitting is None:
        price.used.discard(f"PRI+{other}")
    elif not fitting:
        told = f"the prices PRI+{kind} {chosen.amount} and PRI+{other} {offer.amount} contradict each other"
        help_ = "ask the vendor which is right; VAT and discount of the line do not explain the difference"
        yield Problem("E427", told, Severity.HOLD, data=_at(place, f"PRI+{other}"), help=help_)


def _fitting(one: _Offer, other: _Offer, rate: Decimal | None, discount: Decimal | None) -> bool | None:
    """Are they one price, said in two ways? None: what they say cannot be compared."""
    if one.basis is None or other.basis is None:
        return None
    low, high = sorted((one, other), key=_weight)
    if _weight(low) == _weight(high):
        return low.amount == high.amount
    off = Decimal(0) if low.basis == high.basis else discount
    tax = Decimal(0) if low.taxed == high.taxed else rate
    if off is None or tax is None:
        return None if low.amount <= high.amount else False
    return abs(high.amount * (100 - off) / (100 + tax) - low.amount) <= _CENT


def _weight(offer: _Offer) -> tuple[bool, bool]:
    return offer.basis == "list", bool(offer.taxed)


def _unused(there: Sequence[str], wanted: Sequence[str], place: DataPlace) -> list[Problem]:
    if not there:
        return []
    told = f"no price is taken: the line has PRI+{', PRI+'.join(there)}, and none is among the prices wanted"
    help_ = f"add it to  prices: [{', '.join(wanted)}]  under source.options"
    return [Problem("E368", told, Severity.WARNING, data=place, help=help_)]


def _at(place: DataPlace, name: str) -> DataPlace:
    return DataPlace(place.file, place.record, place.line, place.offset, name)
