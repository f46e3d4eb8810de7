"""The objects inside a po_line, in the order of the official schema (reference: Rest Po Line)."""

from __future__ import annotations

from typing import ClassVar

from etl.documents.leaves import (
    Code,
    Day,
    FilledList,
    FilledText,
    Flag,
    LongText,
    Mms,
    Quantity,
    Reference,
    Text,
    filled_list,
    listed,
    optional,
    required,
)
from etl.documents.money import Amount
from etl.documents.parts import Part


class ResourceMetadata(Part):
    """What is ordered. Alma matches a bibliographic record by it, or makes a new brief one."""

    one_group_of: ClassVar = (("mms_id",), ("title",))

    mms_id: Mms | None = optional("Alma's record number; if given, nothing else is used for matching.")
    title: Text | None = optional("Title; required unless mms_id is given (401664).")
    author: Text | None = optional("Author, as plain text.")
    issn: Reference | None = optional("ISSN; used for matching when no match rule is set.")
    isbn: Reference | None = optional("One ISBN, that of the ordered format, without hyphens or qualifiers.")
    publisher: Text | None = optional("Publisher.")
    publication_place: Text | None = optional("Place of publication.")
    publication_year: Text | None = optional("Year of publication, free text (c2007.).")
    vendor_title_number: Reference | None = optional("The vendor's number of the title.")
    title_id: Reference | None = optional(
        "OASIS only: portfolio of 'Ebook Central Perpetual and DDA Titles' to activate."
    )
    system_control_number: tuple[Reference, ...] = listed(
        "Numbers of MARC 035: bare or with their prefix, (OCoLC)123.", "system_control_numbers"
    )


class FundDistribution(Part):
    """One fund and its share of the cost."""

    fund_code: Code = required("Fund code; case counts. An unknown one leaves the line In Review.")
    amount: Amount | None = optional(
        "What this fund pays, in the currency of the price, all copies together."
    )


class PoLineNote(Part):
    """A note on the order line. (The notes of purchase requests have other members.)"""

    note_text: LongText | None = optional("The note.")
    creation_date: Day | None = optional("Day of the note; default today.")
    created_by: Text | None = optional("Who wrote it; Alma answers exl_api for notes that came by API.")


class Copy(Part):
    """One item to be made for the line."""

    link: FilledText = optional("Address of the item in the API.")
    pid: FilledText = optional("The item's number.")
    holding_id: FilledText = optional("Number of the item's holding record.")
    barcode: Reference | None = optional("Barcode of the item.")
    item_policy: Code | None = optional("Item policy of the institution or library (ItemPolicy).")
    receive_date: Day | None = optional("Day of arrival: with it the item is created as received.")
    expected_arrival_date: Day | None = optional("Deprecated on POST: use the line's expected_receipt_date.")
    enumeration_a: Text | None = optional("Enumeration, first level (volume).")
    enumeration_b: Text | None = optional("Enumeration, second level.")
    enumeration_c: Text | None = optional("Enumeration, third level.")
    chronology_i: Text | None = optional("Chronology, first level (year).")
    chronology_j: Text | None = optional("Chronology, second level.")
    chronology_k: Text | None = optional("Chronology, third level.")
    description: Text | None = optional("Description of the item.")
    storage_location_id: Text | None = optional("Where the item is stored.")
    is_temp_location: Flag | None = optional("The location is a temporary one of the item.")
    permanent_library: Code | None = optional("Permanent library; only if is_temp_location.")
    permanent_shelving_location: Reference | None = optional(
        "Permanent shelving location; only if is_temp_location."
    )


class Location(Part):
    """Where the ordered copies go. For physical lines only."""

    quantity: Quantity = required("Copies for this location, 1 or more.")
    library: Code | None = optional("Library that gets the copies.")
    shelving_location: Reference | None = optional(
        "Shelving location in that library (plain text, not a code object)."
    )
    holding: FilledList = filled_list("Holding records concerned.", "holdings")
    # "copy" would hide pydantic's own method of that name.
    copies: tuple[Copy, ...] = listed("Items to be made, one per copy.", "copies", "copy")


class InterestedUser(Part):
    """A user who is told about the order, or for whom the item is put on hold."""

    primary_id: Reference = required("The user's primary identifier.")
    notify_receiving_activation: Flag | None = optional(
        "Mail the user when it arrives or is activated; default false."
    )
    hold_item: Flag | None = optional("Place a hold for the user (physical only); default false.")
    notify_renewal: Flag | None = optional("Tell the user about renewals (continuous only); default false.")
    notify_cancel: Flag | None = optional("Tell the user when the order is cancelled; default false.")
    first_name: FilledText = optional("First name.")
    last_name: FilledText = optional("Last name.")
    email: FilledText = optional("Mail address.")
