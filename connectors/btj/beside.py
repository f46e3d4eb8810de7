"""What a ship notice says of copies and money beside what its columns read → why the line waits, or that it
is the same.

A second quantity, the value of a copy, a fund's share and the currency of the notice say nothing new where
they fit, and something that would be lost where they do not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from connectors.btj.price_pairs import BLOCK, number_of
from connectors.formats.editx import Copy, Item
from connectors.formats.two_fields import contradiction
from connectors.layouts.leftovers import UNREAD
from connectors.layouts.unreadable import Unreadable, shown
from connectors.layouts.values import find_format
from etl.plugin import DataPlace, Problem, Severity

_SHIPPED = "QuantityShipping"
_QUANTITY = re.compile(r"Quantity\w*(?:\[\d+\])?")
_COUNTED = re.compile(r"\[\d+\]")
_ROUNDING = Decimal("0.5")


@dataclass(slots=True)
class Beside:
    """Looks at one line whose columns are read: `problems`, which hold, and the fields that it `compared`."""

    item: Item
    fields: Mapping[str, str]
    line: Mapping[str, object]
    place: DataPlace
    problems: list[Problem] = field(default_factory=list)
    compared: set[str] = field(default_factory=set)

    def look(self, named: Collection[str]) -> None:
        """`named` are the columns whose field the mapping names itself: it has decided which counts."""
        if "quantity" not in named:
            self._quantities()
        if "currency" not in named:
            self._currencies()
        prices = self._prices()
        for copy in self.item.copies:
            self._value(copy, prices)
            self._share(copy)

    def left(self) -> dict[str, str]:
        """What no column took, less what was looked at here; repeated parts go by one name."""
        unread = self.line[UNREAD]
        seen = {_COUNTED.sub("", name) for name in self.compared}
        return {n: text for n, text in unread.items() if n not in seen} if isinstance(unread, dict) else {}

    def _quantities(self) -> None:
        for name, text in self.item.fields.items():
            if name == _SHIPPED or not _QUANTITY.fullmatch(name):
                continue
            self.compared.add(name)
            try:
                said = find_format("integer dot").reader(text)
            except Unreadable:
                said = text
            nothing = said == 0 and not name.startswith("QuantityOrdered")
            if said != self.line.get("quantity") and not nothing:
                shipped = self.fields.get(_SHIPPED, "")
                self.problems.append(contradiction("quantity", _SHIPPED, shipped, name, text, self.place))

    def _currencies(self) -> None:
        """Those that the notice or the line says outside of its prices and copies."""
        own = self.line.get("currency")
        for name, text in self.fields.items():
            outside = not name.startswith((BLOCK, "CopyDetail"))
            if outside and name.rpartition("/")[2].startswith("Currency") and isinstance(own, str):
                self.compared.add(name)
                if text.strip().upper() != own:
                    self.problems.append(contradiction("currency", BLOCK, own, name, text, self.place))

    def _value(self, copy: Copy, prices: list[Decimal]) -> None:
        """E426 for the value of a copy that is none of the line's prices, nor what its copies cost."""
        count = number_of(copy.fields.get("CopyQuantity", "")) or Decimal(1)
        for part, text in copy.fields.items():
            name = copy.prefix + part
            if not part.startswith("CopyValue") or not prices:
                continue
            self.compared.add(name)
            if part.rpartition("/")[2].startswith("Currency"):
                fits = text.strip().upper() == self.line.get("currency")
            else:
                value = number_of(text)
                fits = value is not None and (not value or _is_near(prices, value, count))
            if not fits:
                told = f"the value of a copy is none of the line's prices: {name} is {shown(text)}"
                self._hold("E426", told, name)

    def _prices(self) -> list[Decimal]:
        """What one copy costs, as any of the line's prices says, in order."""
        begin, end = f"{BLOCK}[", "/MonetaryAmount"
        said = self.fields.items()
        texts = [text for name, text in said if name.startswith(begin) and name.endswith(end)]
        price, rate = self.line.get("unit_price"), self.line.get("vat_percent")
        amounts = [amount for text in texts if (amount := number_of(text)) is not None]
        if isinstance(price, Decimal):
            amounts += [price, price * (1 + rate / 100) if isinstance(rate, Decimal) else price]
        return sorted(amounts)

    def _share(self, copy: Copy) -> None:
        """E428 for a fund that is to pay a part: who pays the rest is not said, or is in a second fund."""
        for part, text in copy.fields.items():
            if re.fullmatch(r"FundDetail(?:\[\d+\])?/Percent\w*", part):
                name = copy.prefix + part
                self.compared.add(name)
                if number_of(text.strip().removesuffix("%")) != 100:
                    told = f"the fund pays a part of the copy, and is taken for all: {name} is {shown(text)}"
                    self._hold("E428", told, name)

    def _hold(self, code: str, told: str, name: str) -> None:
        plain = _COUNTED.sub("", name)  # the name by which a mapping ignores it in all copies
        help_ = f'ask the vendor which is right, or say that it does not matter:  ignore: {{"{plain}": …}}'
        exact = replace(self.place, field=plain)
        self.problems.append(Problem(code, told, Severity.HOLD, data=exact, help=help_))


def _is_near(prices: list[Decimal], value: Decimal, count: Decimal) -> bool:
    """Is it one of the prices, or that of so many copies, give or take what is rounded?"""
    for copies in (Decimal(1), count):
        at = bisect_left(prices, (value - _ROUNDING) / copies)
        if at < len(prices) and prices[at] * copies <= value + _ROUNDING:
            return True
    return False
