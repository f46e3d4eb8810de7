"""The placements of an order line: completed, checked against its quantity, one row each if wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.order_line import PLACEMENT
from etl.plugin import DataPlace, Problem, Severity

_BETWEEN = re.compile(r"[;,|\n]")
FROM_THE_LINE = ("library", "department", "location", "loan_period", "fund")
"""What a placement has from its line where it does not say it itself."""


def settle_placements(line: dict[str, Any], place: DataPlace) -> list[Problem]:
    """Every line gets at least one placement; what a placement lacks and the line says is filled in from it.

    A line without a quantity gets the sum of its placements. Answers E357 when they do not add up, E440 when
    the line says a place or a fund that no placement takes.
    """
    given: list[Mapping[str, Any]] = list(line.get("placements") or [])
    alone = len(given) < 2
    placements = [{column.name: one.get(column.name) for column in PLACEMENT} for one in given or [{}]]
    problems = list(_unplaced(line, placements, place)) if given else []
    problems += _barcodes_in_one(placements, place)
    for one in placements:
        for name in FROM_THE_LINE:
            one[name] = one[name] or line.get(name)
    if alone:
        only = placements[0]
        only["quantity"] = line.get("quantity") if only["quantity"] is None else only["quantity"]
        only["fund_amount"] = line.get("fund_amount") if only["fund_amount"] is None else only["fund_amount"]
    line["placements"] = placements
    said: list[int | None] = [one["quantity"] for one in placements]
    counted = [quantity for quantity in said if quantity is not None]
    if len(counted) < len(said):
        return problems if alone else [*problems, _uneven(line, said, place)]
    if line.get("quantity") is None:
        line["quantity"] = sum(counted)
    return problems if sum(counted) == line["quantity"] else [*problems, _uneven(line, said, place)]


def _unplaced(
    line: Mapping[str, Any], placements: Sequence[Mapping[str, Any]], place: DataPlace
) -> Iterator[Problem]:
    """E440 for what the line says of its place and no placement takes: each says something else."""
    for name in (*FROM_THE_LINE, "fund_amount"):
        said, others = line.get(name), [one[name] for one in placements]
        unused = all(others) or (name == "fund_amount" and len(others) > 1)
        heard = {str(one).casefold() for one in others}
        if said is not None and unused and str(said).casefold() not in heard:
            listed = ", ".join(str(one) for one in dict.fromkeys(others) if one is not None)
            told = f'"{name}" is {said} for the line and {listed or "not said"} for its placements'
            help_ = "ask the vendor which is right"
            yield Problem("E440", told, Severity.HOLD, data=place, help=help_)


def _barcodes_in_one(placements: Sequence[Mapping[str, Any]], place: DataPlace) -> Iterator[Problem]:
    """E309, which holds: no barcode has such signs in it, and a copy has one."""
    for one in placements:
        if len(said := [part for part in _BETWEEN.split(str(one["barcode"] or "")) if part.strip()]) > 1:
            told = f'a copy has one barcode, and this says {len(said)}: "{one["barcode"]}"'
            help_ = "ask the vendor for a placement for each copy"
            yield Problem("E309", told, Severity.HOLD, data=place, help=help_)


def per_placement(line: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One line for each placement, with its quantity and places, and `sub_line` to tell them apart."""
    lines = []
    for number, one in enumerate(line["placements"], 1):
        own = {name: one[name] for name in (*FROM_THE_LINE, "quantity", "fund_amount")}
        own["classification"] = one["shelfmark"] or line.get("classification")
        lines.append({**line, **own, "sub_line": one["sub_line"] or str(number), "placements": [one]})
    return lines


def _uneven(line: Mapping[str, Any], quantities: list[int | None], place: DataPlace) -> Problem:
    listed = " + ".join("?" if quantity is None else str(quantity) for quantity in quantities)
    ordered = line.get("quantity")
    said = "not said" if ordered is None else ordered
    told = f"the placements ({listed}) do not add up to the quantity ordered ({said})"
    return Problem(
        "E357", told, data=place, help="ask the vendor which is right; nothing is ordered from this line"
    )
