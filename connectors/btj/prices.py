"""The price blocks of a ship notice's line → the layout that reads the wanted one, and its kind of price."""

from __future__ import annotations

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
        "price_basis": "net" if kind.startswith("UnitCost") else "list",
        "price_includes_vat": kind.endswith("IncludingTax") if kind.endswith("cludingTax") else None,
    }
    if "unit_price" not in own:  # the mapping names the price itself, and then says what kind it is
        return Priced(layout, {})
    problems = (*_contradicting(block, fields, place), *_with_and_without(kinds, fields, place))
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
    """E375 for prices of one kind that VAT does not explain. What cannot be read is another problem's."""
    for kind, without, with_vat in _pairs(kinds, fields):
        said = fields[f"{with_vat}/MonetaryAmount"]
        rates = (fields.get(f"{block}/Tax/Percent", "") for block in (without, with_vat))
        texts = (fields.get(f"{without}/MonetaryAmount", ""), said, max(rates))
        price, other, rate = map(_number, texts)
        if price is not None and other is not None:
            told = price_trouble({"unit_price": price, "vat_percent": rate}, other, said)
            if told:
                exact = replace(place, field=f"{with_vat}/MonetaryAmount")
                yield Problem("E375", f"{kind}: {told}", Severity.HOLD, data=exact, help=_ASK)


def _pairs(kinds: Sequence[str], fields: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(kind, its block without VAT, its block with VAT) of the kinds that have both."""
    for kind in kinds:
        without, with_vat = f"{BLOCK}[{kind}]", f"{BLOCK}[{kind.replace('Excluding', 'Including')}]"
        if with_vat != without and f"{with_vat}/MonetaryAmount" in fields:
            yield kind, without, with_vat


def _compared(kinds: Sequence[str], fields: Mapping[str, str]) -> frozenset[str]:
    """What `_with_and_without` compares, and the currency of the other block where it is the same."""
    amounts = {f"{block}/MonetaryAmount" for _, *pair in _pairs(kinds, fields) for block in pair}
    same = {
        f"{block}/CurrencyCode"
        for _, *pair in _pairs(kinds, fields)
        if len({fields.get(f"{block}/CurrencyCode") for block in pair}) == 1
        for block in pair
    }
    return frozenset(amounts | same)


def _number(text: str) -> Decimal | None:
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
