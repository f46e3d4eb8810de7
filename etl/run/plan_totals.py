"""Documents about to be sent → what they order, by vendor, fund, library and currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from etl.plugin import Totals

_NOBODY = "(none)"
_Groups = defaultdict[str, Totals]


def _none_yet() -> _Groups:
    return defaultdict(Totals)


@dataclass(slots=True)
class PlanTotals:
    """Copies and money; by fund it is what each fund pays, by library what its copies cost."""

    whole: Totals = field(default_factory=Totals)
    vendors: _Groups = field(default_factory=_none_yet)
    funds: _Groups = field(default_factory=_none_yet)
    libraries: _Groups = field(default_factory=_none_yet)

    def add(self, document: BaseModel, totals: Totals) -> None:
        """`totals` are the document's own, from its target."""
        values = document.model_dump(by_alias=True, exclude_none=True)
        self.whole += totals
        self.vendors[values.get("vendor") or _NOBODY] += totals
        for fund, share in _funds(values, totals):
            self.funds[fund] += share
        for library, share in _libraries(values, totals):
            self.libraries[library] += share

    def as_dict(self) -> dict[str, Any]:
        """Sorted, sums as text."""
        return {
            "all": _plain(self.whole),
            "by_vendor": {name: _plain(self.vendors[name]) for name in sorted(self.vendors)},
            "by_fund": {name: _plain(self.funds[name]) for name in sorted(self.funds)},
            "by_library": {name: _plain(self.libraries[name]) for name in sorted(self.libraries)},
        }


def _funds(values: dict[str, Any], totals: Totals) -> Iterator[tuple[str, Totals]]:
    shares = values.get("fund_distribution") or ()
    if not shares:
        yield values.get("fund") or _NOBODY, totals
    for share in shares:
        amount = share.get("amount")
        money = {amount["currency"]: amount["sum"]} if amount else {}
        yield share["fund_code"], Totals(0, money)


def _libraries(values: dict[str, Any], totals: Totals) -> Iterator[tuple[str, Totals]]:
    places = values.get("location") or ()
    if not places:
        yield values.get("owner") or values.get("owning_library") or _NOBODY, totals
    price = values.get("price") or values.get("estimated_cost")
    for place in places:
        copies = place["quantity"]
        money: dict[str, Decimal] = {price["currency"]: price["sum"] * copies} if price else {}
        yield place.get("library") or _NOBODY, Totals(copies, money)


def _plain(totals: Totals) -> dict[str, Any]:
    return {"copies": totals.copies, **{name: str(totals.money[name]) for name in sorted(totals.money)}}
