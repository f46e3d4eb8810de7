"""Prices of a line and numbers of its copies → exact values.

EDIFACT has no thousands separators. The UNA names the decimal mark, and vendors write the other one as well;
only a number like 1,089 in an interchange whose mark is the point can mean two things, and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

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
_NUMBER = re.compile(r"(\d{1,12})(?:([.,])(\d{1,6})0*)?")


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


def choose_price(
    fields: Mapping[str, str], wanted: Sequence[str], mark: str, place: DataPlace
) -> tuple[dict[str, object], list[Problem]]:
    """Neutral values of the first price, in the order wanted, that is there; and what is wrong with it."""
    there = [name.removeprefix("PRI+") for name in fields if name.startswith("PRI+") and name[4:].isalnum()]
    kind = next((one for one in wanted if one in there), None)
    if kind is None:
        return {}, _unused(there, wanted, place)
    name = f"PRI+{kind}"
    exact = DataPlace(place.file, place.record, place.line, place.offset, name)
    other = fields.get(f"{name} repeat 2")
    if other is not None and other != fields[name]:
        told = f"the line has two prices {name}: {shown(fields[name])} and {shown(other)}"
        return {}, [Problem("E351", told, data=exact, help="ask the vendor which is right")]
    try:
        amount = read_number(fields[name], mark)
    except Unreadable as reason:
        return {}, [Problem(reason.code, reason.message, data=exact, help=reason.help)]
    basis, taxed = KINDS.get(kind, (None, None))
    return {"unit_price": amount, "price_basis": basis, "price_includes_vat": taxed}, []


def _unused(there: Sequence[str], wanted: Sequence[str], place: DataPlace) -> list[Problem]:
    if not there:
        return []
    told = f"no price is taken: the line has PRI+{', PRI+'.join(there)}, and none is among the prices wanted"
    help_ = f"add it to  prices: [{', '.join(wanted)}]  under source.options"
    return [Problem("E368", told, Severity.WARNING, data=place, help=help_)]
