"""Fields of two tags in one record → which of the one belongs to which of the other.

OASIS writes an order as a 960 and its internal note as a 961; three orders are three of each, either all 960
first or by turns. With as many of both, the first goes with the first. With fewer, the fields can only be
told apart when they stand by turns: each 961 then belongs to the 960 before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.formats.marc_record import Field, Unreadable
from connectors.formats.trouble import Trouble


def pair(fields: Sequence[Field], rows: str, other: str) -> list[list[Field]]:
    """For each field with the tag `rows`, the fields with the tag `other` that belong to it.

    Raises Unreadable (E381) when that cannot be told.
    """
    order = "".join("r" if field.tag == rows else "o" for field in fields if field.tag in (rows, other))
    others = [field for field in fields if field.tag == other]
    count = order.count("r")
    if count <= 1 or not others:
        return [others if count == 1 else [] for _ in range(count)]
    if len(others) == count and order in (
        "r" * count + "o" * count,
        "o" * count + "r" * count,
        "ro" * count,
        "or" * count,
    ):
        return [[field] for field in others]
    if order.startswith("r") and "or" in order:
        left = iter(others)
        return [[next(left) for _ in run] for run in order.split("r")[1:]]
    both = f"{count} fields {rows} and {len(others)} fields {other}"
    told = f"the record has {both}, and it cannot be told which belong together"
    raise Unreadable(
        Trouble("E381", told, f"have the vendor write each {other} right after its {rows}", other)
    )
