"""An order line → notes: values Alma takes and then ignores, or that seldom mean what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from etl.documents.code_check import check_acquisition_method, check_currency, check_material_type
from etl.documents.metadata_rules import identifiers_missing, isbn_oddities
from etl.documents.order_type import order_type
from etl.documents.po_line import PoLine
from etl.documents.po_line_parts import Copy
from etl.documents.spoiled_text import spoiled_texts
from etl.documents.values import shown
from etl.plugin import Fault, Finding

Rule = Callable[[PoLine], Iterable[Finding]]

_ELECTRONIC_ONLY: Final = (
    "license", "access_model", "access_provider", "base_status", "url", "expected_activation_interval",
    "expected_activation_date", "e_activation_due_interval",
)  # fmt: skip
_CONTINUOUS_ONLY: Final = (
    "manual_renewal", "renewal_cycle", "subscription_from_date", "subscription_to_date", "renewal_date",
    "renewal_period", "renewal_note",
)  # fmt: skip


def _note(code: str, message: str, path: tuple[str | int, ...], help: str) -> Finding:
    return Finding("note", code, message, path, help=help)


def _remark(code: str, message: str, path: tuple[str | int, ...], help: str) -> Finding:
    return Finding("remark", code, message, path, help=help)


def doubt(fault: Fault | None) -> Iterator[Finding]:
    """A code that is not in a table which is known here only in part: no more than a note."""
    if fault:
        yield Finding("note", fault.code, fault.message, fault.path, help=fault.help)


def unknown_codes(line: PoLine) -> Iterator[Finding]:
    """Acquisition method, currencies and (physical) material type that are not in the tables here."""
    if line.acquisition_method:
        yield from doubt(check_acquisition_method(line.acquisition_method, ("acquisition_method",)))
    if line.material_type and order_type(line.type).medium == "physical":
        yield from doubt(check_material_type(line.material_type, ("material_type",)))
    if line.price:
        yield from doubt(check_currency(line.price.currency, ("price", "currency")))


def fund_currency(line: PoLine) -> Iterator[Finding]:
    """Whether Alma converts between the price's and a fund amount's currency is not known."""
    for at, fund in enumerate(line.fund_distribution):
        if fund.amount and line.price and fund.amount.currency != line.price.currency:
            yield _note(
                "E550",
                f"fund {shown(fund.fund_code)} pays in {fund.amount.currency}, but the price is in "
                f"{line.price.currency}",
                ("fund_distribution", at, "amount", "currency"),
                "give both in the currency of the order; Alma converts to the fund's own",
            )


def zero_discount(line: PoLine) -> Iterator[Finding]:
    """A discount of 0 does not override the vendor account's (data dictionary)."""
    if line.discount == 0:
        yield _note(
            "E551",
            "a discount of 0 does not cancel the discount of the vendor account",
            ("discount",),
            "leave it out; for net prices set the account's discount to 0 in Alma",
        )


def electronic_location(line: PoLine) -> Iterator[Finding]:
    """Locations are for physical lines."""
    if line.location and order_type(line.type).medium == "electronic":
        yield _note(
            "E552", f"{line.type} is electronic, but the line has locations", ("location",), "leave them out"
        )


def physical_without_location(line: PoLine) -> Iterator[Finding]:
    """Without a location Alma makes no items for a physical line."""
    if not line.location and order_type(line.type).medium == "physical":
        yield _note(
            "E553",
            f"{line.type} is physical, but the line has no location",
            ("location",),
            "give library and quantity",
        )


def electronic_fields(line: PoLine) -> Iterator[Finding]:
    """Licence and access belong to electronic lines."""
    if order_type(line.type).medium != "physical":
        return
    for name in _ELECTRONIC_ONLY:
        if getattr(line, name) is not None:
            yield _note(
                "E554",
                f"{shown(name)} is for electronic lines, and {line.type} is physical",
                (name,),
                "leave it out, or check the type",
            )


def shelf_missing(line: PoLine) -> Iterator[Finding]:
    """Alma makes the items of a location without a shelf; where they stand nobody has said."""
    for at, location in enumerate(line.location):
        if location.library and not location.shelving_location and order_type(line.type).medium == "physical":
            yield _remark(
                "E537",
                f"the location of library {shown(location.library)} names no shelving location",
                ("location", at),
                "give it:  shelving_location: CODE",
            )


def continuous_fields(line: PoLine) -> Iterator[Finding]:
    """Renewal and subscription belong to continuous and standing orders."""
    if order_type(line.type).renews:
        return
    for name in _CONTINUOUS_ONLY:
        if getattr(line, name) is not None:
            yield _remark(
                "E538",
                f"{shown(name)} is for continuous and standing orders, and {line.type} is one-time",
                (name,),
                "leave it out, or check the type",
            )


def own_number(line: PoLine) -> Iterator[Finding]:
    """An own number works (401870 guards it against doubles), but the dictionary calls it output."""
    if line.number is not None:
        yield _note(
            "E559",
            f"the line brings its own number {shown(line.number)}, which Alma takes but does not document",
            ("number",),
            "an existing number is refused with 401870 PoLine X already exists; else leave it to Alma",
        )


def source_type_given(line: PoLine) -> Iterator[Finding]:
    """POST always stores API."""
    if line.source_type is not None:
        yield _note(
            "E562", "source_type is ignored: Alma stores API for every line", ("source_type",), "leave it out"
        )


def copy_count(line: PoLine) -> Iterator[Finding]:
    """What Alma does with fewer or more copies than the quantity says is not known."""
    for at, location in enumerate(line.location):
        if location.copies and len(location.copies) != location.quantity:
            yield _note(
                "E563",
                f"the location describes {len(location.copies)} of its {location.quantity} copies",
                ("location", at, "copy"),
                "what Alma does then is unknown: describe as many as the quantity says, or none",
            )


def expected_arrival(line: PoLine) -> Iterator[Finding]:
    """Deprecated on POST."""
    for path, copy in _copies(line):
        if copy.expected_arrival_date:
            yield _note(
                "E555",
                "expected_arrival_date of a copy is deprecated",
                (*path, "expected_arrival_date"),
                "use the line's expected_receipt_date",
            )


def received_at_once(line: PoLine) -> Iterator[Finding]:
    """An item with a receive date is created as received."""
    for path, copy in _copies(line):
        if copy.receive_date:
            yield _note(
                "E561",
                "receive_date makes the item count as received at once",
                (*path, "receive_date"),
                "leave it out for books that are only being ordered",
            )


def permanent_place(line: PoLine) -> Iterator[Finding]:
    """The permanent place counts for items in a temporary location only."""
    for path, copy in _copies(line):
        for name in ("permanent_library", "permanent_shelving_location"):
            if getattr(copy, name) and not copy.is_temp_location:
                yield _note(
                    "E566",
                    f"{shown(name)} counts only where is_temp_location is true",
                    (*path, name),
                    "leave it out, or say that the location is temporary",
                )


def _copies(line: PoLine) -> Iterator[tuple[tuple[str | int, ...], Copy]]:
    for at, location in enumerate(line.location):
        for position, copy in enumerate(location.copies):
            yield ("location", at, "copy", position), copy


def metadata(line: PoLine) -> Iterator[Finding]:
    """What Alma would match by."""
    yield from isbn_oddities(line.resource_metadata.isbn)
    resource = line.resource_metadata
    yield from identifiers_missing(resource.mms_id, resource.isbn, resource.issn)


ODDITIES: Final[tuple[Rule, ...]] = (
    unknown_codes,
    fund_currency,
    zero_discount,
    electronic_location,
    physical_without_location,
    electronic_fields,
    shelf_missing,
    continuous_fields,
    own_number,
    source_type_given,
    copy_count,
    expected_arrival,
    received_at_once,
    permanent_place,
    metadata,
    spoiled_texts,
)
