"""The price blocks of a ship notice's line that say one price in several ways → where they contradict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from connectors.layouts.numbers import read_money
from connectors.layouts.oddities import price_trouble
from connectors.layouts.unreadable import Unreadable, shown
from etl.plugin import DataPlace, Problem, Severity

BLOCK = "PricingDetail"
NET = "UnitCost"
"""How the kinds begin of what a copy costs, its discount taken off."""
_LIST = re.compile(r"RP|Retail|List")
_ASK = "ask the vendor which of them is wrong"


def with_and_without(
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


def dearer_than_list(
    kinds: Sequence[str], fields: Mapping[str, str], place: DataPlace
) -> Iterator[Problem]:
    """E375 for a price after discount that is above the list price it is taken off. Prices of two currencies
    are not compared, nor a list price without VAT with a net price that has it.
    """
    nets = [f"{NET}{tax}" for tax in ("ExcludingTax", "IncludingTax") if f"{NET}{tax}" in kinds]
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


def compared_in(kinds: Sequence[str], fields: Mapping[str, str]) -> frozenset[str]:
    """What the blocks of a pair say: it is the same, or `with_and_without` tells of it."""
    parts = ("MonetaryAmount", "CurrencyCode", "Tax/Percent")
    blocks = [block for _, *pair in _pairs(kinds, fields) for block in pair]
    return frozenset(f"{block}/{part}" for block in blocks for part in parts)


def number_of(text: str) -> Decimal | None:
    """None for what is no number."""
    try:
        return read_money(text, "dot").amount
    except Unreadable:
        return None
