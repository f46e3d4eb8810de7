"""Plain values → a `purchase_request` document, fields in the order of Alma's data dictionary.

The published dictionary lost every name after its first underscore. Most were restored from classes
generated from the XSD, from captures and from sibling schemas; four are only likely. Since Alma drops
unknown members without a word, those four stand in `LIKELY_NAMES` and nowhere else.
"""

from __future__ import annotations

from typing import ClassVar, Final

from etl.documents.leaves import (
    CitationType,
    Code,
    Day,
    FilledCode,
    FilledDay,
    FilledText,
    Flag,
    LongText,
    Material,
    Mms,
    Quantity,
    Reference,
    RequestFormat,
    Text,
    listed,
    optional,
    required,
)
from etl.documents.money import Amount
from etl.documents.parts import Part

# Name here → name in Alma, as far as we know. Change the right side if Alma proves to differ.
LIKELY_NAMES: Final = {
    "created_from": "created_from",
    "requested_type": "requested_type",
    "requester_note": "requester_note",
    "other_standard_id": "other_standard_id",
}


class RequestedResource(Part):
    """What is asked for: a record number, or at least title and citation type."""

    one_group_of: ClassVar = (("mms_id",), ("title", "citation_type"))

    mms_id: Mms | None = optional("Alma's record number; if given, everything else here is ignored.")
    citation_type: CitationType | None = optional("BOOK or JOURNAL; required unless mms_id is given (60280).")
    title: Text | None = optional("Title; required unless mms_id is given (60273).")
    author: Text | None = optional("Author.")
    edition: Text | None = optional("Edition.")
    isbn: Reference | None = optional("One ISBN, without hyphens or qualifiers.")
    issn: Reference | None = optional("ISSN.")
    lcc_number: Text | None = optional("Library of Congress number.")
    other_standard_id: Reference | None = optional(
        "Another central number, such as (OCoLC)123.", alias=LIKELY_NAMES["other_standard_id"]
    )
    publisher: Text | None = optional("Publisher.")
    publication_place: Text | None = optional("Place of publication.")
    publication_year: Text | None = optional("Year of publication.")
    bib_note: LongText | None = optional("Note of the bibliographic record.")
    volume: Text | None = optional("Volume.")


class RequestNote(Part):
    """A note on the request. (The notes of order lines have other members.)"""

    content: LongText = required("The note.")
    creation_date: Day | None = optional("Day of the note; default today.")
    created_by: Text | None = optional("Who wrote it.")
    type: Text | None = optional("For citation notes only.")


class RequestLocation(Part):
    """Where the requested copies would go. For physical requests only."""

    quantity: Quantity = required("Copies for this location, 1 or more (60283).")
    library: Code | None = optional("Library (60281).")
    shelving_location: Reference | None = optional("Shelving location in that library (60282).")


class PurchaseRequest(Part):
    """A wish that something be bought, for staff to approve. The requesting user goes into the path."""

    goes_with: ClassVar = {"vendor": "vendor_account"}

    request_id: FilledText = optional("Number of the request.")
    created_date: FilledDay = optional("Day of the request.")
    last_modified_date: FilledDay = optional("Day of the last change.")
    format: RequestFormat | None = optional(
        "P (physical) or E (electronic); default from the table PR_RequestedFormat."
    )
    requested_type: Material | None = optional(
        "Material type: PhysicalMaterialType for P, electronicMaterialType for E.",
        alias=LIKELY_NAMES["requested_type"],
    )
    requester: FilledCode = optional("The requesting user; on POST Alma takes the user from the path.")
    notify_receiving_activation: Flag | None = optional("Mail the user when it arrives; default false.")
    hold_item: Flag | None = optional("Place a hold for the user (physical only); default false.")
    notify_renewal: Flag | None = optional("Tell the user about renewals (continuous only); default false.")
    notify_cancel: Flag | None = optional("Tell the user when the order is cancelled; default false.")
    created_from: FilledCode = optional(
        "Where the request was made (PPRSourceType).", alias=LIKELY_NAMES["created_from"]
    )
    status: FilledCode = optional("State of the request.")
    owning_library: Code | None = optional("Library that should get the item (402469).")
    estimated_cost: Amount | None = optional("Estimated cost of one copy (60271 for a bad currency).")
    fund: Code | None = optional("Fund code (60279).")
    vendor: Code | None = optional("Vendor code (402880); needs vendor_account.")
    vendor_account: Reference | None = optional("Account code of that vendor, plain text (60272).")
    email: Text | None = optional("Mail address of the user.")
    approved_by: Text | None = optional("Who approves; read by op=approve only.")
    requester_note: LongText | None = optional(
        "Note to the staff who decide.", alias=LIKELY_NAMES["requester_note"]
    )
    reject_reason: Code | None = optional("Why it is rejected; read by op=reject only.")
    po_line: FilledCode = optional("The order line made from the request.")
    resource_metadata: RequestedResource = required("What is asked for (60274).")
    note: tuple[RequestNote, ...] = listed("Notes on the request.", "notes")
    location: tuple[RequestLocation, ...] = listed("Where the copies would go; physical only.", "locations")
