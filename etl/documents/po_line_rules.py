"""An order line → findings about its processing: what Alma refuses, and what it parks in review.

Facts: data dictionary "Rest Po Line" (needed for processing), the documented 400 codes of POST
/acq/po-lines, and what captured responses show. Findings that are mere oddities are in
`po_line_oddities`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final

from etl.documents.amount_rules import decimals, nothing_to_pay
from etl.documents.code_check import check_type
from etl.documents.code_tables import minor_units, table
from etl.documents.location_rules import library_missing
from etl.documents.money import Amount, sum_text
from etl.documents.order_type import order_type
from etl.documents.po_line import PoLine
from etl.documents.po_line_oddities import ODDITIES
from etl.documents.totals import EXACT, copies
from etl.documents.values import shown
from etl.no_day import is_no_day
from etl.plugin import Finding

Rule = Callable[[PoLine], Iterable[Finding]]

DEFAULT_METHOD: Final = "VENDOR_SYSTEM"  # what Alma takes when acquisition_method is absent


def _method(line: PoLine) -> dict[str, str]:
    """The row of the line's acquisition method; empty for one not known here."""
    return dict(table("acquisition_method").get(line.acquisition_method or DEFAULT_METHOD, {}))


def unknown_type(line: PoLine) -> Iterator[Finding]:
    """A type outside PurchaseType is refused; one marked as removed is replaced or kept with an alert."""
    fault = check_type(line.type, ("type",))
    if fault and fault.code == "E525":
        yield Finding("refused", fault.code, fault.message, fault.path, "401872", fault.help)
    elif fault:
        yield Finding("review", fault.code, fault.message, fault.path, help=fault.help)


def no_charge_method(line: PoLine) -> Iterator[Finding]:
    """`no_charge` goes with approval plan, purchase and purchase at vendor system only."""
    if line.no_charge and _method(line).get("no_charge") == "no":
        yield Finding(
            "refused",
            "E540",
            f"a line acquired by {shown(line.acquisition_method)} cannot be free of charge; Alma would "
            "refuse it: 60320 No charge is not allowed for this PO line configuration",
            ("no_charge",),
            "60320",
            "leave no_charge out, or use PURCHASE or VENDOR_SYSTEM",
        )


def vendor_missing(line: PoLine) -> Iterator[Finding]:
    """Needed for processing, with no exception in the dictionary."""
    if line.vendor is None:
        yield _in_review("E530", "vendor", "no vendor", "give the vendor's code")


def vendor_account_missing(line: PoLine) -> Iterator[Finding]:
    """Needed for processing."""
    if line.vendor_account is None:
        yield _in_review("E531", "vendor_account", "no vendor account", "give the account's code")


def price_missing(line: PoLine) -> Iterator[Finding]:
    """Needed for processing, unless free of charge or acquired by a method without payment."""
    if line.price is None and _is_paid_for(line):
        yield _in_review("E532", "price", "no price", "give the list price of one copy, or set no_charge")


def free_of_charge(line: PoLine) -> Iterator[Finding]:
    """A price of 0, or of which nothing is paid, goes with `no_charge`, or with a method without payment."""
    if not _is_paid_for(line):
        return
    meant = "no_charge: true  says so, or an acquisition method such as GIFT"
    yield from nothing_to_pay("price", line.price, meant)
    if line.price is not None and line.price.sum and (line.discount == 100 or _fund_total(line) == 0):
        paid = "a discount of 100 %" if line.discount == 100 else "nothing that its funds pay"
        said = f"the line has a price of {_spell(line.price.sum, line.price)} and {paid}"
        at = ("discount",) if line.discount == 100 else ("fund_distribution",)
        yield Finding("held", "E467", said, at, help=f"if it is meant, {meant}")


def no_day_of_receipt(line: PoLine) -> Iterator[Finding]:
    """Alma would claim for ever, or at once, what is expected on a day that stands for none."""
    if line.expected_receipt_date is not None and is_no_day(line.expected_receipt_date):
        said = f"{line.expected_receipt_date} is no day on which something is received"
        help_ = "leave the day out where the vendor writes such a one: $if beside it"
        yield Finding("held", "E567", said, ("expected_receipt_date",), help=help_)


def fund_missing(line: PoLine) -> Iterator[Finding]:
    """Needed for processing, with the same exceptions as the price."""
    if not line.fund_distribution and _is_paid_for(line):
        yield _in_review("E533", "fund_distribution", "no fund", "give at least one fund_code")


def _is_paid_for(line: PoLine) -> bool:
    return not line.no_charge and _method(line).get("funds") != "not needed"


def _in_review(code: str, field: str, what: str, help: str) -> Finding:
    return Finding("review", code, f"the line has {what}: Alma would leave it In Review", (field,), help=help)


def fund_sum(line: PoLine) -> Iterator[Finding]:
    """The fund amounts add up to price × copies less discount (PUT refuses others; POST is unknown)."""
    price, paid = line.price, _fund_total(line)
    if price is None or not paid:  # that nothing is paid is told by free_of_charge
        return
    count = _copies(line)
    total = _net(price, count, line.discount)
    smallest = Decimal(1).scaleb(-minor_units(price.currency))
    if abs(paid - total) < smallest:  # the discount may leave fractions of the smallest coin
        return
    if count > 1 and paid == price.sum:
        yield Finding(
            "review",
            "E535",
            f"the funds pay {_spell(paid, price)}, which is the price of one copy, but {count} are ordered",
            ("fund_distribution",),
            help="the fund's amount covers all copies: multiply by the quantity",
        )
        return
    known = "" if line.discount is not None else " before the vendor account's own discount"
    yield Finding(
        "review" if line.discount is not None else "note",
        "E534",
        f"the funds pay {_spell(paid, price)}, but the line costs {_spell(total, price)}{known}",
        ("fund_distribution",),
        help="the fund amounts together are price × copies, less the discount",
    )


def _copies(line: PoLine) -> int:
    return 1 if order_type(line.type).medium == "electronic" else copies(line.location)


def _fund_total(line: PoLine) -> Decimal | None:
    """The sum of the fund amounts, where all are given in the currency of the price."""
    amounts = [fund.amount for fund in line.fund_distribution]
    total = Decimal(0)
    for amount in amounts:
        if amount is None or line.price is None or amount.currency != line.price.currency:
            return None
        total = EXACT.add(total, amount.sum)
    return total if amounts else None


def _net(price: Amount, count: int, discount: Decimal | None) -> Decimal:
    full = EXACT.multiply(price.sum, Decimal(count))
    return EXACT.multiply(full, (100 - (discount or Decimal(0))).scaleb(-2))


def _spell(value: Decimal, price: Amount) -> str:
    return f"{sum_text(value, price.currency)} {price.currency}"


def renewal_date_missing(line: PoLine) -> Iterator[Finding]:
    """Continuous and standing orders need a renewal date for processing."""
    kind = order_type(line.type)
    if kind.renews and line.renewal_date is None:
        said = f"no renewal date, and {line.type} is {kind.term}"
        yield _in_review("E536", "renewal_date", said, "give one:  renewal_date: YYYY-MM-DD")


def copies_without_library(line: PoLine) -> Iterator[Finding]:
    """Copies of a physical line go to a library; Alma ignores the locations of an electronic one."""
    if order_type(line.type).medium != "electronic":
        yield from library_missing(line.location)


def barcode_twice(line: PoLine) -> Iterable[Finding]:
    """A barcode is that of one item: Alma makes no second one with it."""
    met: set[str] = set()
    for at, location in enumerate(line.location):
        for position, copy in enumerate(location.copies):
            if copy.barcode in met:
                yield Finding(
                    "held",
                    "E444",
                    f"the barcode {shown(copy.barcode)} is that of one item, and two copies have it",
                    ("location", at, "copy", position, "barcode"),
                    help="give each copy its own, or none: Alma makes one",
                )
            met |= {copy.barcode} if copy.barcode else set()


RULES: Final[tuple[Rule, ...]] = (
    unknown_type,
    no_charge_method,
    vendor_missing,
    vendor_account_missing,
    price_missing,
    free_of_charge,
    no_day_of_receipt,
    fund_missing,
    fund_sum,
    renewal_date_missing,
    copies_without_library,
    barcode_twice,
    decimals,
    *ODDITIES,
)
