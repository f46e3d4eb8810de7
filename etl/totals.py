"""What documents order, added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document orders: copies, and money by currency (list price × copies)."""

    copies: int = 0
    money: Mapping[str, Decimal] = field(default_factory=dict)

    def __add__(self, other: Totals) -> Totals:
        money = dict(self.money)
        for currency, amount in other.money.items():
            money[currency] = money.get(currency, Decimal(0)) + amount
        return Totals(self.copies + other.copies, money)
