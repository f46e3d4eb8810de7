"""The members of Alma's documents → which shape each must have, in JSON and in XML.

Names come from the data dictionaries; a list has the singular name in JSON and a wrapper element in XML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "code", "amount", "boolean", "integer", "date", "object", "list"]


@dataclass(frozen=True, slots=True)
class Member:
    """One member. `wrapper`: the XML element around a list; `item`: the shape of its rows."""

    kind: Kind
    members: Mapping[str, Member] = field(default_factory=dict)
    wrapper: str = ""
    item: Kind = "object"


def _plain(kind: Kind, names: str) -> dict[str, Member]:
    return {name: Member(kind) for name in names.split()}


def _rows(wrapper: str, members: Mapping[str, Member] | None = None, item: Kind = "object") -> Member:
    return Member("list", members or {}, wrapper, item)


CODE = _plain("text", "value desc link")
AMOUNT = {"sum": Member("text"), "currency": Member("code", CODE)}

_COPY = {
    **_plain(
        "text",
        """link pid holding_id barcode enumeration_a enumeration_b enumeration_c chronology_i chronology_j
             chronology_k description storage_location_id permanent_shelving_location""",
    ),
    **_plain("code", "item_policy permanent_library"),
    **_plain("date", "receive_date expected_arrival_date"),
    **_plain("boolean", "is_temp_location"),
}

_LOCATION = {
    **_plain("integer", "quantity"),
    **_plain("code", "library"),
    **_plain("text", "shelving_location"),
    "holding": _rows("holdings", _plain("text", "id link")),
    "copy": _rows("copies", _COPY),
}

PO_LINE: Mapping[str, Member] = {
    **_plain(
        "text",
        """link number vendor_account reclaim_interval expected_receipt_interval claiming_interval
             expected_activation_interval subscription_interval e_activation_due_interval
             cancellation_restriction_note discount vendor_reference_number po_number
             additional_order_reference invoice_reference reporting_code secondary_reporting_code
             tertiary_reporting_code fourth_reporting_code fifth_reporting_code vendor_note receiving_note
             access_model url base_status access_provider renewal_note""",
    ),
    **_plain(
        "code",
        """status owner type vendor acquisition_method vendor_reference_number_type source_type license
             renewal_cycle material_type""",
    ),
    **_plain("boolean", "no_charge rush cancellation_restriction manual_renewal"),
    **_plain("integer", "renewal_period"),
    **_plain(
        "date",
        """expected_activation_date subscription_from_date subscription_to_date renewal_date created_date
             status_date expected_receipt_date""",
    ),
    "price": Member("amount", AMOUNT),
    "resource_metadata": Member(
        "object",
        {
            **_plain("code", "mms_id"),
            **_plain(
                "text",
                """title author issn isbn publisher publication_place publication_year vendor_title_number
                 title_id""",
            ),
            "system_control_number": _rows("system_control_numbers", item="text"),
        },
    ),
    "fund_distribution": _rows(
        "fund_distributions", {**_plain("code", "fund_code"), "amount": Member("amount", AMOUNT)}
    ),
    "alert": _rows("alerts", CODE, "code"),
    "note": _rows("notes", {**_plain("text", "note_text created_by"), **_plain("date", "creation_date")}),
    "portfolios": Member("object"),
    "location": _rows("locations", _LOCATION),
    "interested_user": _rows(
        "interested_users",
        {
            **_plain("text", "primary_id first_name last_name email"),
            **_plain("boolean", "notify_receiving_activation hold_item notify_renewal notify_cancel"),
        },
    ),
}

PURCHASE_REQUEST: Mapping[str, Member] = {
    **_plain("text", "link request_id vendor_account email approved_by requester_note"),
    **_plain(
        "code",
        """format requested_type requester created_from status owning_library fund vendor reject_reason
             po_line""",
    ),
    **_plain("date", "created_date last_modified_date"),
    **_plain("boolean", "notify_receiving_activation hold_item notify_renewal notify_cancel"),
    "estimated_cost": Member("amount", AMOUNT),
    "resource_metadata": Member(
        "object",
        {
            **_plain("code", "mms_id citation_type"),
            **_plain(
                "text",
                """title author edition isbn issn lcc_number other_standard_id publisher publication_place
                 publication_year bib_note volume""",
            ),
        },
    ),
    "note": _rows("notes", {**_plain("text", "content created_by type"), **_plain("date", "creation_date")}),
    "location": _rows(
        "locations",
        {
            **_plain("integer", "quantity"),
            **_plain("code", "library"),
            **_plain("text", "shelving_location"),
        },
    ),
}

CODE_TABLE: Mapping[str, Member] = {
    **_plain("text", "link name description updated_by update_date"),
    **_plain("code", "sub_system language"),
    **_plain("boolean", "patron_facing"),
    "scope": Member("object", _plain("code", "institution_id library_id")),
    "row": _rows(
        "rows",
        {
            **_plain("text", "code description updated_by update_date"),
            **_plain("boolean", "default enabled"),
        },
    ),
}

ITEM: Mapping[str, Member] = {
    "item_data": Member("object", _COPY),
    **_plain("text", "link barcode description"),
}
