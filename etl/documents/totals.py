"""A document → what it orders: copies, and money by currency.

Copies are the sum of the locations' quantities, or 1 where there is no location (an electronic line is
one copy). Money is list price × copies, before any discount and also for `no_charge` lines: guards
count with it, and a guard should rather stop a run too early. A purchase request's `estimated_cost`
is "an estimated cost for the item" in the dictionary, so it too is taken per copy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Context, Decimal

from etl.documents.money import Amount
from etl.documents.po_line_parts import Location
from etl.documents.purchase_request import RequestLocation
from etl.plugin import Totals

# Amounts have at most 14 digits and 30 decimals: nothing is rounded on the way.
EXACT = Context(prec=200)
_PLAIN = re.compile(r"[0-9]{1,14}(?:\.[0-9]{1,30})?")


def copies(locations: Sequence[Location | RequestLocation]) -> int:
    """Number of copies ordered."""
    return sum(location.quantity for location in locations) or 1


def totals(amount: Amount | None, locations: Sequence[Location | RequestLocation]) -> Totals:
    """Copies and money of one document."""
    count = copies(locations)
    return Totals(count, {amount.currency: EXACT.multiply(amount.sum, Decimal(count))} if amount else {})


def said(price: object, locations: object) -> Totals:
    """The same of plain values that are no document: what of them cannot be counted is not."""
    places = locations if isinstance(locations, list) else []
    quantities = (place.get("quantity") for place in places if isinstance(place, dict))
    count = sum(number for number in quantities if isinstance(number, int)) or 1
    amount, currency = map(price.get, ("sum", "currency")) if isinstance(price, dict) else (None, None)
    if isinstance(amount, str) and _PLAIN.fullmatch(amount):
        amount = Decimal(amount)
    if not isinstance(amount, int | Decimal) or not isinstance(currency, str):
        return Totals(count, {})
    return Totals(count, {currency: EXACT.multiply(Decimal(amount), Decimal(count))})
