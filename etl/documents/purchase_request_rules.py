"""A purchase request → findings. Most of what Alma refuses here, validation has refused already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from etl.documents.amount_rules import decimals, nothing_to_pay
from etl.documents.code_check import check_currency, check_material_type
from etl.documents.location_rules import library_missing
from etl.documents.metadata_rules import identifiers_missing, isbn_oddities
from etl.documents.outline import outline
from etl.documents.po_line_oddities import doubt
from etl.documents.purchase_request import LIKELY_NAMES, PurchaseRequest, RequestedResource
from etl.documents.spoiled_text import spoiled_texts
from etl.documents.values import shown
from etl.plugin import Finding

Rule = Callable[[PurchaseRequest], Iterable[Finding]]


def unknown_codes(request: PurchaseRequest) -> Iterator[Finding]:
    """Currency (60271) and material type of physical requests (60329) that are not in the tables here."""
    if request.estimated_cost:
        yield from doubt(check_currency(request.estimated_cost.currency, ("estimated_cost", "currency")))
    # Without a format the institution's default counts, which is not known here.
    if request.requested_type and request.format == "P":
        yield from doubt(check_material_type(request.requested_type, (LIKELY_NAMES["requested_type"],)))


def free_of_charge(request: PurchaseRequest) -> Iterator[Finding]:
    """An estimate of 0 says that the title costs nothing; one that is left out says nothing."""
    meant = "leave the estimate out where nothing is to be paid: $if beside its sum"
    yield from nothing_to_pay("estimated_cost", request.estimated_cost, meant)


def electronic_location(request: PurchaseRequest) -> Iterator[Finding]:
    """Locations are for physical requests."""
    if request.format == "E" and request.location:
        yield Finding(
            "note",
            "E552",
            "the request is for an electronic format, but has locations",
            ("location",),
            help="leave them out",
        )


def copies_without_library(request: PurchaseRequest) -> Iterator[Finding]:
    """As of order lines."""
    if request.format != "E":
        yield from library_missing(request.location)


def metadata(request: PurchaseRequest) -> Iterator[Finding]:
    """What Alma would match by."""
    resource = request.resource_metadata
    yield from isbn_oddities(resource.isbn)
    yield from identifiers_missing(resource.mms_id, resource.isbn, resource.issn)


def ignored_metadata(request: PurchaseRequest) -> Iterator[Finding]:
    """With an mms_id everything else about the title is ignored (data dictionary)."""
    resource = request.resource_metadata
    if resource.mms_id is None:
        return
    for node in outline(RequestedResource):
        if node.attribute != "mms_id" and getattr(resource, node.attribute) is not None:
            yield Finding(
                "note",
                "E564",
                f"{shown(node.name)} is ignored, because mms_id is given",
                ("resource_metadata", node.name),
                help="leave it out; the record in Alma counts",
            )


def decision_fields(request: PurchaseRequest) -> Iterator[Finding]:
    """Read by the operations approve and reject, not when a request is made."""
    for name in ("approved_by", "reject_reason"):
        if getattr(request, name) is not None:
            yield Finding(
                "note", "E565", f"{shown(name)} means nothing on a new request", (name,), help="leave it out"
            )


RULES: Final[tuple[Rule, ...]] = (
    unknown_codes,
    free_of_charge,
    decimals,
    electronic_location,
    copies_without_library,
    metadata,
    ignored_metadata,
    decision_fields,
    spoiled_texts,
)
