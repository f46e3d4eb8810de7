"""The price blocks of a ship notice's line → the layout that reads the wanted one, and its kind of price."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from connectors.formats.editx import kinds_of
from connectors.layouts import Layout
from connectors.layouts.numbers import read_money
from connectors.layouts.oddities import price_trouble
from connectors.layouts.unreadable import Unreadable, shown
from etl.plugin import DataPlace, Problem, Severity

BLOCK = "PricingDetail"
_NET, _LIST = "UnitCost", re.compile(r"RP|Retail|List")
_ASK = "ask the vendor which of them is wrong"


class Priced(NamedTuple):
    """`more` are neutral values for the line; `compared` fields were looked at and are in none of them."""

    layout: Layout
    more: Mapping[str, object]
    problems: tuple[Problem, ...] = ()
    compared: frozenset[str] = frozenset()


def choose_price(
    layout: Layout, fields: Mapping[str, str], wanted: Sequence[str], place: DataPlace
) -> Priced:
    """The first block, in the order wanted, that has an amount.

    UnitCost is what the library pays, its discount taken off already (the funds of BTJ's notices are charged
    exactly copies × UnitCost); fixed and suggested retail prices are list prices.
    """
    kinds = kinds_of(fields, BLOCK)
    kind = next((kind for kind in wanted if f"{BLOCK}[{kind}]/MonetaryAmount" in fields), None)
    if kind is None:
        return Priced(layout, {}, _unused(kinds, wanted, place))
    block = f"{BLOCK}[{kind}]"
    columns = {
        "unit_price": [f"{block}/MonetaryAmount"],
        "currency": [f"{block}/CurrencyCode"],
        "vat_percent": [f"{block}/Tax/Percent", *(f"{BLOCK}[{other}]/Tax/Percent" for other in kinds)],
        "discount_percent": [f"{block}/DiscountPercentage"],
    }
    own = {name: aliases for name, aliases in columns.items() if not layout.columns[name].aliases}
    more: dict[str, object] = {
        "price_basis": "net" if kind.startswith(_NET) else "list",
        "price_includes_vat": kind.endswith("IncludingTax") if kind.endswith("cludingTax") else None,
    }
    if "unit_price" not in own:  # the mapping names the price itself, and then says what kind it is
        return Priced(layout, {})
    problems = (
        *_contradicting(block, fields, place),
        *_with_and_without(kinds, fields, place),
        *_dearer_than_list(kinds, fields, place),
    )
    return Priced(layout.adapted(own, {}, {}), more, problems, _compared(kinds, fields))


def _contradicting(block: str, fields: Mapping[str, str], place: DataPlace) -> tuple[Problem, ...]:
    """Two blocks of one kind, for two countries perhaps: neither can be preferred."""
    first, other = fields[f"{block}/MonetaryAmount"], fields.get(f"{block}[2]/MonetaryAmount")
    if other is None or other == first:
        return ()
    told = f"the line has two prices of the kind {block}: {shown(first)} and {shown(other)}"
    help_ = "name the right one:  columns: {unit_price: '" + block + "[2]/MonetaryAmount'}"
    exact = DataPlace(place.file, place.record, place.line, place.offset, f"{block}/MonetaryAmount")
    return (Problem("E351", told, data=exact, help=help_),)


def _with_and_without(
    kinds: Sequence[str], fields: Mapping[str, str], place: DataPlace
) -> Iterator[Problem]:
    """E375 for prices of one kind that VAT does not explain: other amounts, other currencies or rates. What
    cannot be read is another problem's.
    """
    for kind, without, with_vat in _pairs(kinds, fields):
        said = fields[f"{with_vat}/MonetaryAmount"]
        yield from _two_ways(kind, (without, with_vat), fields, place)
        rates = (fields.get(f"{block}/Tax/Percent", "") for block in (without, with_vat))
        rate = next((one for text in rates if (one := number_of(text)) is not None), None)
        price, other = number_of(fields.get(f"{without}/MonetaryAmount", "")), number_of(said)
        if price is not None and other is not None:
            told = price_trouble({"unit_price": price, "vat_percent": rate}, other, said)
            if told:
                yield _held(f"{kind}: {told}", f"{with_vat}/MonetaryAmount", place)


def _two_ways(
    kind: str, blocks: tuple[str, str], fields: Mapping[str, str], place: DataPlace
) -> Iterator[Problem]:
    """E375 for what both blocks of one kind say, and each otherwise."""
    for part, read in (("CurrencyCode", str.upper), ("Tax/Percent", number_of)):
        one, other = (fields.get(f"{block}/{part}", "") for block in blocks)
        if one and other and read(one) != read(other):
            told = f"{kind}: {part} is {shown(one)} without VAT, and {shown(other)} with VAT"
            yield _held(told, f"{blocks[1]}/{part}", place)


def _dearer_than_list(
    kinds: Sequence[str], fields: Mapping[str, str], place: DataPlace
) -> Iterator[Problem]:
    """E375 for a price after discount that is above the list price it is taken off. Prices of two currencies
    are not compared, nor a list price without VAT with a net price that has it.
    """
    nets = [f"{_NET}{tax}" for tax in ("ExcludingTax", "IncludingTax") if f"{_NET}{tax}" in kinds]
    for net, other in ((net, other) for net in nets for other in kinds if _LIST.search(other)):
        mine, theirs = f"{BLOCK}[{net}]", f"{BLOCK}[{other}]"
        price, listed = (number_of(fields.get(f"{block}/MonetaryAmount", "")) for block in (mine, theirs))
        currencies = {fields.get(f"{block}/CurrencyCode") for block in (mine, theirs)} - {None}
        taxed = [kind.endswith("IncludingTax") for kind in (net, other)]
        if price and listed and len(currencies) < 2 and taxed != [True, False] and listed < price:
            told = f"{net} is {price}, which is more than the list price {other} of {listed}"
            yield _held(told, f"{theirs}/MonetaryAmount", place)


def _held(told: str, name: str, place: DataPlace) -> Problem:
    return Problem("E375", told, Severity.HOLD, data=replace(place, field=name), help=_ASK)


def _pairs(kinds: Sequence[str], fields: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(kind, its block without VAT, its block with VAT) of the kinds that have both."""
    for kind in kinds:
        without, with_vat = f"{BLOCK}[{kind}]", f"{BLOCK}[{kind.replace('Excluding', 'Including')}]"
        if with_vat != without and f"{with_vat}/MonetaryAmount" in fields:
            yield kind, without, with_vat


def _compared(kinds: Sequence[str], fields: Mapping[str, str]) -> frozenset[str]:
    """What the blocks of a pair say: it is the same, or `_with_and_without` tells of it."""
    parts = ("MonetaryAmount", "CurrencyCode", "Tax/Percent")
    blocks = [block for _, *pair in _pairs(kinds, fields) for block in pair]
    return frozenset(f"{block}/{part}" for block in blocks for part in parts)


def number_of(text: str) -> Decimal | None:
    """None for what is no number."""
    try:
        return read_money(text, "dot").amount
    except Unreadable:
        return None


def _unused(kinds: Sequence[str], wanted: Sequence[str], place: DataPlace) -> tuple[Problem, ...]:
    if not kinds:
        return ()
    there = ", ".join(map(shown, kinds))
    told = f"no price is taken: the line has {there}, and none is among the prices wanted"
    help_ = f"add it to  prices: [{', '.join(wanted)}]  under source.options"
    return (Problem("E368", told, Severity.WARNING, data=place, help=help_),)
