"""GIR segments of a line → its placements, one for each copy number.

GIR+001+HUV:LLO+VUX24:LFN: branch, fund. A copy with more than five values goes on in a second GIR of the same
number. One GIR without a number of copies (LQT) stands for the whole line, several stand for one copy each.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from connectors.edifact.amounts import plain_copies, read_number
from connectors.edifact.options import EdifactOptions
from connectors.layouts.unreadable import Unreadable
from connectors.layouts.values import find_format
from etl.plugin import DataPlace, Problem

_REPEATED = frozenset({"LVT", "LNO"})
"""Codes that a copy may have several of: servicing instructions and notes."""


def copies_of(fields: Mapping[str, str]) -> dict[str, dict[str, list[str]]]:
    """Copy number → code → values, from fields named `GIR+001+LLO`."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, value in fields.items():
        if (copy := _copy_of(name)) is not None:
            found.setdefault(copy[0], {}).setdefault(copy[1], []).append(value)
    return found


def _copy_of(name: str) -> tuple[str, str] | None:
    """`GIR+001+LLO`, whichever of several → its number and code."""
    number, mark, code = name[4:].partition(" repeat ")[0].partition("+")
    return (number, code) if mark and name.startswith("GIR+") else None


def codes_used(fields: Mapping[str, str], options: EdifactOptions) -> set[str]:
    """The fields of GIR that placements are made of."""
    wanted = {number: set(_chosen(values, options).values()) for number, values in copies_of(fields).items()}
    copies = ((name, _copy_of(name)) for name in fields)
    return {name for name, copy in copies if copy is not None and copy[1] in wanted[copy[0]]}


def placements_of(
    fields: Mapping[str, str], options: EdifactOptions, mark: str, place: DataPlace
) -> tuple[list[dict[str, object]], list[Problem]]:
    """Placements in the order of the copies, and what is wrong with them."""
    copies = copies_of(fields)
    problems: list[Problem] = []
    placements = []
    for number, values in copies.items():
        problems += _repeated(number, values, place)
        placements.append(_placement(number, values, options, mark, place, problems))
    if len(placements) > 1:
        for one in placements:
            one["quantity"] = 1 if one.get("quantity") is None else one["quantity"]
    for one in placements:
        amount, quantity = one.get("fund_amount"), one.get("quantity")
        if isinstance(amount, Decimal) and isinstance(quantity, int):
            one["fund_amount"] = amount * quantity  # LCV is the value of one copy
    return placements, problems


def _placement(
    number: str,
    values: Mapping[str, list[str]],
    options: EdifactOptions,
    mark: str,
    place: DataPlace,
    problems: list[Problem],
) -> dict[str, object]:
    found: dict[str, object] = {"sub_line": number}
    for column, code in _chosen(values, options).items():
        text = "; ".join(values[code])
        try:
            found[column] = _value(column, text, mark)
        except Unreadable as reason:
            exact = _at(place, f"GIR+{number}+{code}")
            problems.append(Problem(reason.code, reason.message, data=exact, help=reason.help))
    return found


def _chosen(values: Mapping[str, list[str]], options: EdifactOptions) -> dict[str, str]:
    """Column → the first of its codes that the copy has."""
    wanted = {column: [code] if isinstance(code, str) else code for column, code in options.copies.items()}
    found = {column: next((one for one in codes if one in values), None) for column, codes in wanted.items()}
    return {column: code for column, code in found.items() if code is not None}


def _value(column: str, text: str, mark: str) -> object:
    if column == "quantity":
        return find_format("integer").reader(plain_copies(text, mark))
    return read_number(text, mark) if column == "fund_amount" else find_format("text").reader(text)


def _repeated(number: str, values: Mapping[str, list[str]], place: DataPlace) -> list[Problem]:
    """Two branches of one copy are rather two copies under one number: nobody can tell how many there are."""
    twice = [code for code, texts in values.items() if len(texts) > 1 and code not in _REPEATED]
    if not twice:
        return []
    one, other, *_ = values[twice[0]]
    told = f'copy {number} has {len(values[twice[0]])} values {twice[0]}: "{one}" and "{other}"'
    help_ = "are two copies numbered alike? ask the vendor; nothing is ordered from this line"
    return [Problem("E357", told, data=_at(place, f"GIR+{number}+{twice[0]}"), help=help_)]


def _at(place: DataPlace, field: str) -> DataPlace:
    return DataPlace(place.file, place.record, place.line, place.offset, field)
