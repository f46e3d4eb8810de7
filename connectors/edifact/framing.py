"""Fields that say what others are (a unit, a category, a kind of allowance) → those that say the usual."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.edifact.amounts import PIECES, number_or_none

_DISCOUNTS = frozenset({"DI", "TD"})
"""Code list 7161: discount, trade discount."""
_USES = frozenset({"4", "9", "10", "11", "12"})
"""Code list 6343: a currency of invoices, orders, prices, payments."""
NO_TAX = frozenset({"Z", "E"})
"""Code list 5305: zero rated, exempt."""
_RATED = frozenset({"S", "AA", "H"})
_FRAMES = re.compile(r"\A(?:head/|foot/)?(?:ALC\+|TAX\+|(?:CUX|QTY|MOA)\+[^/]*/)")


def usual_frames(
    fields: Mapping[str, str], taken: Mapping[str, str], currency: object, mark: str
) -> set[str]:
    """`taken`: column → field it is read from; `currency` is the line's."""
    frames = [(name, *_split(name.partition(" repeat ")[0])) for name in fields if _FRAMES.search(name)]
    amounts = {stem for _, stem, part in frames if part.startswith(("PCD+", "MOA+"))}
    discount = _split(taken.get("discount_percent", ""))[0]
    found = set()  # amounts that are told have the stem in their names, and name the service
    for name, stem, part in frames:
        text = fields[name]
        rate = number_or_none(fields.get(f"{stem}/rate"), mark) if part == "category" else None
        usual = {
            "": stem in amounts or (stem.endswith("TAX+7") and text == "VAT"),
            "service": text in _DISCOUNTS if stem == discount else stem in amounts and "repeat" not in name,
            "sequence": stem == discount and text == "1",
            "category": stem.endswith("TAX+7") and text in (_RATED if rate else NO_TAX | _RATED),
            "use": fields.get(stem) == currency and text in _USES,
            "unit": stem == taken.get("quantity") and text.upper() in PIECES,
            "currency": "MOA+" in stem and text == currency,
        }
        if usual.get(part, False):
            found.add(name)
    return found


def _split(name: str) -> tuple[str, str]:
    """`head/ALC+A/service` → what it frames, and the frame."""
    where = name[:5] if name.startswith(("head/", "foot/")) else ""
    stem, _, part = name.removeprefix(where).partition("/")
    return where + stem, part
