"""Price, copies, discount and funds of a line → its total, and what each fund bears."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, NamedTuple

from etl.simulator.errors import AlmaError
from etl.simulator.institution_parts import Account, Fund
from etl.simulator.world import World, code_of, shortest

Document = Mapping[str, Any]

_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?\Z").match
# ISO 4217: currencies without two decimals
_DECIMALS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
_UNITS = {places: Decimal(1).scaleb(-places) for places in (0, 2, 3)}
# a price may have 28 digits and an order any number of shelves: the default 28 digits would not hold a total
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)


class Share(NamedTuple):
    """What one fund bears. `fund` is None when there is none of that code."""

    code: str
    fund: Fund | None
    amount: Decimal
    currency: str


def electronic(type_: str) -> bool:
    """Electronic lines have no copies: their quantity is 1."""
    return type_.startswith(("E_", "ELECTRONIC_", "DB_", "REMOTE_CF_"))


def discount_of(text: str, account: Account | None) -> Decimal:
    """The line's percent; 0 or nothing does not undo the vendor account's.

    Raises AlmaError for what is no number.
    """
    if text and not _PERCENT(text):
        raise AlmaError(("402119", "Invalid field value. Field: [Ljava.lang.Object;@1c2c22f3 Value: {1}"))
    own = Decimal(text or 0)
    return own or (account.discount if account else Decimal(0))


def copies_of(line: Document) -> int:
    """How many copies are ordered: an electronic line is one."""
    if electronic(code_of(line, "type")):
        return 1
    return sum(int(place.get("quantity") or 0) for place in line.get("location") or ()) or 1


def total_of(line: Document, discount: Decimal) -> Decimal | None:
    """Copies × list price × (1 − discount/100) in the currency's smallest unit, or None without a price."""
    price = line.get("price")
    if not price or not price.get("sum"):
        return None
    total = _EXACT.multiply(Decimal(price["sum"]), Decimal(copies_of(line)))
    if discount:
        total = _EXACT.multiply(total, 1 - discount / 100)
    return total.quantize(_unit(code_of(price, "currency")), context=_EXACT)


def _unit(currency: str) -> Decimal:
    return _UNITS[_DECIMALS.get(currency, 2)]


def shares_of(world: World, line: Document, discount: Decimal) -> tuple[list[Share], Decimal | None]:
    """What each fund named bears, and the line's total.

    The first fund without an amount gets what the others leave.
    """
    total = total_of(line, discount)
    usual = code_of(line.get("price") or {}, "currency")
    rows = [row for row in line.get("fund_distribution") or () if code_of(row, "fund_code")]
    amounts = [row.get("amount") or {} for row in rows]
    rest = (total or Decimal(0)) - sum((Decimal(one.get("sum") or 0) for one in amounts), Decimal(0))
    found = []
    for row, amount in zip(rows, amounts, strict=True):
        if amount.get("sum"):
            value = Decimal(amount["sum"])
        else:
            value, rest = max(rest, Decimal(0)), Decimal(0)
        code = code_of(row, "fund_code")
        currency = code_of(amount, "currency") or usual
        found.append(Share(code, world.institution.fund.get(code), value, currency))
    return found, total


def redistribute(doc: dict[str, Any]) -> None:
    """`redistribute_funds=true`: the total over the existing funds, in the proportion they have."""
    rows = [row for row in doc["fund_distribution"] if row["amount"]["sum"]]
    total = total_of(doc, discount_of(doc["discount"], None))
    old = sum((Decimal(row["amount"]["sum"]) for row in rows), Decimal(0))
    if total is None or not old:
        return
    left, unit = total, _unit(code_of(doc["price"], "currency"))
    for row in rows[:-1]:
        share = (total * Decimal(row["amount"]["sum"]) / old).quantize(unit, context=_EXACT)
        row["amount"]["sum"], left = shortest(f"{share:f}"), left - share
    rows[-1]["amount"]["sum"] = shortest(f"{left:f}")
