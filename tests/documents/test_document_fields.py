"""Every field of the two data dictionaries, typed here from the reference and not from the models."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from etl.documents.targets import PoLineTarget, PurchaseRequestTarget
from etl.plugin import Shape

# name:kind, required ones with !, those Alma fills with <, in the order of the XSD.
PO_LINE = """
    link:text< number:text status:code< owner:code! type:code! vendor:code vendor_account:text
    reclaim_interval:text expected_receipt_interval:text claiming_interval:text
    expected_activation_interval:text subscription_interval:text expected_activation_date:date
    e_activation_due_interval:text
    acquisition_method:code no_charge:boolean rush:boolean cancellation_restriction:boolean
    cancellation_restriction_note:text price:object discount:decimal vendor_reference_number:text
    vendor_reference_number_type:code source_type:code po_number:text additional_order_reference:text
    invoice_reference:text resource_metadata:object! fund_distribution:list reporting_code:text
    secondary_reporting_code:text tertiary_reporting_code:text fourth_reporting_code:text
    fifth_reporting_code:text vendor_note:text receiving_note:text alert:list< note:list portfolios:object<
    location:list interested_user:list license:code access_model:text url:text base_status:choice
    access_provider:text manual_renewal:boolean renewal_cycle:code subscription_from_date:date
    subscription_to_date:date renewal_date:date renewal_period:integer renewal_note:text material_type:code
    created_date:date< status_date:date< expected_receipt_date:date
"""
AMOUNT = "sum:decimal! currency:code!"
LINE_METADATA = """
    mms_id:code title:text author:text issn:text isbn:text publisher:text publication_place:text
    publication_year:text vendor_title_number:text title_id:text system_control_number:list
"""
LOCATION = "quantity:integer! library:code shelving_location:text holding:list< copy:list"
COPY = """
    link:text< pid:text< holding_id:text< barcode:text item_policy:code receive_date:date
    expected_arrival_date:date enumeration_a:text enumeration_b:text enumeration_c:text chronology_i:text
    chronology_j:text chronology_k:text description:text storage_location_id:text is_temp_location:boolean
    permanent_library:code permanent_shelving_location:text
"""
INTERESTED_USER = """
    primary_id:text! notify_receiving_activation:boolean hold_item:boolean notify_renewal:boolean
    notify_cancel:boolean first_name:text< last_name:text< email:text<
"""
PURCHASE_REQUEST = """
    request_id:text< created_date:date< last_modified_date:date< format:choice requested_type:code
    requester:code< notify_receiving_activation:boolean hold_item:boolean notify_renewal:boolean
    notify_cancel:boolean created_from:code< status:code< owning_library:code estimated_cost:object
    fund:code vendor:code
    vendor_account:text email:text approved_by:text requester_note:text reject_reason:code po_line:code<
    resource_metadata:object! note:list location:list
"""
REQUEST_METADATA = """
    mms_id:code citation_type:choice title:text author:text edition:text isbn:text issn:text lcc_number:text
    other_standard_id:text publisher:text publication_place:text publication_year:text bib_note:text
    volume:text
"""

TABLE = [
    (PoLineTarget.shape, (), PO_LINE),
    (PoLineTarget.shape, ("price",), AMOUNT),
    (PoLineTarget.shape, ("resource_metadata",), LINE_METADATA),
    (PoLineTarget.shape, ("fund_distribution",), "fund_code:code! amount:object"),
    (PoLineTarget.shape, ("fund_distribution", "amount"), AMOUNT),
    (PoLineTarget.shape, ("note",), "note_text:text creation_date:date created_by:text"),
    (PoLineTarget.shape, ("location",), LOCATION),
    (PoLineTarget.shape, ("location", "copy"), COPY),
    (PoLineTarget.shape, ("interested_user",), INTERESTED_USER),
    (PurchaseRequestTarget.shape, (), PURCHASE_REQUEST),
    (PurchaseRequestTarget.shape, ("estimated_cost",), AMOUNT),
    (PurchaseRequestTarget.shape, ("resource_metadata",), REQUEST_METADATA),
    (PurchaseRequestTarget.shape, ("note",), "content:text! creation_date:date created_by:text type:text"),
    (PurchaseRequestTarget.shape, ("location",), "quantity:integer! library:code shelving_location:text"),
]


def members(shape: Shape, path: tuple[str, ...]) -> Mapping[str, Shape]:
    for step in path:
        shape = shape.members[step]
        shape = shape.item or shape
    return shape.members


@pytest.mark.parametrize(("root", "path", "fields"), TABLE)
def test_names_order_kinds_and_use(root: Shape, path: tuple[str, ...], fields: str) -> None:
    found = [
        f"{name}:{shape.kind}{'!' if shape.required else ''}{'<' if shape.output_only else ''}"
        for name, shape in members(root, path).items()
    ]
    assert found == fields.split()


@pytest.mark.parametrize(("root", "path", "fields"), TABLE)
def test_every_field_has_a_meaning(root: Shape, path: tuple[str, ...], fields: str) -> None:
    assert [name for name, shape in members(root, path).items() if not shape.doc.endswith((".", ")."))] == []


def test_lists_of_plain_text_have_a_text_item() -> None:
    item = PoLineTarget.shape.members["resource_metadata"].members["system_control_number"].item
    assert item is not None
    assert item.kind == "text"


def test_only_the_request_needs_a_user() -> None:
    assert (PoLineTarget.needs_user, PurchaseRequestTarget.needs_user) == (False, True)
