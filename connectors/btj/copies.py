"""The CopyDetails of a ship notice's line → its placements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from connectors.btj.glued import split_glued
from connectors.btj.options import GluedCodes
from connectors.formats.editx import Copy
from connectors.layouts.numbers import Money
from connectors.layouts.unreadable import Unreadable, shown
from connectors.layouts.values import find_format
from etl.plugin import DataPlace, Problem, Severity

# Column of a placement → the element, how it is written, whether BTJ's receivers insist on it.
_COLUMNS: Mapping[str, tuple[str, str, bool]] = {
    "sub_line": ("SubLineNumber", "identifier", True),
    "quantity": ("CopyQuantity", "integer dot", True),
    "location": ("DeliverToLocation", "text", True),
    "loan_period": ("ReaderInterestCode", "text", False),
    "fund": ("FundDetail/FundNumber", "text", False),
    "fund_amount": ("FundDetail/MonetaryAmount", "money dot", False),
    "barcode": ("Barcode", "identifier", False),
}


def read_of(copies: Sequence[Copy]) -> set[str]:
    """The fields of the line that its placements are made of, or that were compared with them."""
    names = (*(name for name, _, _ in _COLUMNS.values()), "DestinationLocation", "FundDetail/CurrencyCode")
    messages = (copy.prefix + name for copy in copies for name in copy.fields if name.startswith("Message"))
    return {*messages, *(copy.prefix + name for copy in copies for name in names)}


def placements_of(
    copies: Sequence[Copy], glued: GluedCodes | None, place: DataPlace
) -> tuple[list[dict[str, object]], list[Problem]]:
    """One placement for each CopyDetail, and what is wrong with them (errors), or left out (warnings)."""
    if not copies:
        told = 'the order line has no "CopyDetail": nothing says where its copies go'
        return [], [Problem("E355", told, data=_at(place, place.line, "CopyDetail"))]
    problems: list[Problem] = []
    placements = [_placement(copy, place, problems) for copy in copies]
    for one in placements:
        code = one.get("location")
        if glued is None or not isinstance(code, str):
            continue
        if (parts := split_glued(code, glued.branches, glued.locations, glued.year)) is not None:
            one["library"], one["location"] = parts.branch, parts.location
    return placements, problems


def _placement(copy: Copy, place: DataPlace, problems: list[Problem]) -> dict[str, object]:
    found: dict[str, object] = {"note": "; ".join(copy.messages) or None}
    for column, (name, form, required) in _COLUMNS.items():
        text = copy.fields.get(name)
        exact = _at(place, copy.line, copy.prefix + name)
        if text is None:
            if required:
                told = f'the CopyDetail has no "{name}", which every copy needs'
                problems.append(Problem("E355", told, data=exact, help="ask for a complete notice"))
            continue
        found[column] = _value(find_format(form).reader, text, exact, problems)
    if "FundDetail[2]/FundNumber" in copy.fields:
        told = "the CopyDetail is charged to several funds; only the first is taken"
        exact = _at(place, copy.line, copy.prefix + "FundDetail[2]")
        problems.append(Problem("E368", told, Severity.HOLD, data=exact, help="the others stand under raw"))
    here, there = copy.fields.get("DeliverToLocation"), copy.fields.get("DestinationLocation")
    if here and there and here != there:
        told = f"the CopyDetail is delivered to {shown(here)} and meant for {shown(there)}"
        exact = _at(place, copy.line, copy.prefix + "DestinationLocation")
        problems.append(Problem("E440", told, Severity.HOLD, data=exact, help="DeliverToLocation is taken"))
    return found


def _value(reader: Callable[[str], object], text: str, exact: DataPlace, problems: list[Problem]) -> object:
    try:
        value = reader(text)
    except Unreadable as reason:
        problems.append(Problem(reason.code, reason.message, data=exact, help=reason.help))
        return None
    return value.amount if isinstance(value, Money) else value


def _at(place: DataPlace, line: int | None, field: str) -> DataPlace:
    return DataPlace(place.file, place.record, line, place.offset, field)
