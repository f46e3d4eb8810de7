"""The price blocks of a ship notice's line → the layout that reads the wanted one, and its kind of price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectors.btj.price_pairs import BLOCK, NET, compared_in, dearer_than_list, with_and_without
from connectors.formats.editx import kinds_of
from connectors.layouts import Layout
from connectors.layouts.unreadable import shown
from etl.plugin import DataPlace, Problem, Severity


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
        "price_basis": "net" if kind.startswith(NET) else "list",
        "price_includes_vat": kind.endswith("IncludingTax") if kind.endswith("cludingTax") else None,
    }
    if "unit_price" not in own:  # the mapping names the price itself, and then says what kind it is
        return Priced(layout, {})
    problems = (
        *_contradicting(block, fields, place),
        *with_and_without(kinds, fields, place),
        *dearer_than_list(kinds, fields, place),
    )
    return Priced(layout.adapted(own, {}, {}), more, problems, compared_in(kinds, fields))


def _contradicting(block: str, fields: Mapping[str, str], place: DataPlace) -> tuple[Problem, ...]:
    """Two blocks of one kind, for two countries perhaps: neither can be preferred."""
    first, other = fields[f"{block}/MonetaryAmount"], fields.get(f"{block}[2]/MonetaryAmount")
    if other is None or other == first:
        return ()
    told = f"the line has two prices of the kind {block}: {shown(first)} and {shown(other)}"
    help_ = "name the right one:  columns: {unit_price: '" + block + "[2]/MonetaryAmount'}"
    exact = DataPlace(place.file, place.record, place.line, place.offset, f"{block}/MonetaryAmount")
    return (Problem("E351", told, data=exact, help=help_),)


def _unused(kinds: Sequence[str], wanted: Sequence[str], place: DataPlace) -> tuple[Problem, ...]:
    if not kinds:
        return ()
    there = ", ".join(map(shown, kinds))
    told = f"no price is taken: the line has {there}, and none is among the prices wanted"
    help_ = f"add it to  prices: [{', '.join(wanted)}]  under source.options"
    return (Problem("E368", told, Severity.WARNING, data=place, help=help_),)
