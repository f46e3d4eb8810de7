"""Plain values → a `po_line` document, fields in the order of Alma's XSD.

Names, order and rules: Ex Libris data dictionary "Rest Po Line" and the official POST sample.
"""

from __future__ import annotations

from etl.documents.leaves import (
    Acquisition,
    BaseStatus,
    Code,
    Day,
    Days,
    FilledCode,
    FilledDay,
    FilledList,
    FilledObject,
    FilledText,
    Flag,
    LineType,
    LongText,
    Material,
    Reference,
    RenewalNote,
    Text,
    filled_list,
    listed,
    optional,
    required,
)
from etl.documents.money import Amount, Percent
from etl.documents.parts import Part
from etl.documents.po_line_parts import (
    FundDistribution,
    InterestedUser,
    Location,
    PoLineNote,
    ResourceMetadata,
)


class PoLine(Part):
    """An order line: what is bought, from whom, for how much, out of which fund, for which library."""

    link: FilledText = optional("Address of the line in the API.")
    number: Text | None = optional(
        "The line's number. Alma gives one; an own one is taken but not documented."
    )
    status: FilledCode = optional("State of the line (POLineStatus).")
    owner: Code = required("Library (or institution) responsible for the line.")
    type: LineType = required("PO line type (PurchaseType): physical or electronic, one-time or continuous.")
    vendor: Code | None = optional("Vendor code; without it the line stays In Review.")
    vendor_account: Reference | None = optional("Account code of that vendor, plain text; else In Review.")
    reclaim_interval: Text | None = optional("Days between claims; default from the vendor account.")
    expected_receipt_interval: Text | None = optional(
        "Days from today to arrival; default from the vendor account."
    )
    claiming_interval: Text | None = optional(
        "Days from expected arrival to a claim; default from the vendor account."
    )
    expected_activation_interval: Text | None = optional("Electronic: days from today to activation.")
    subscription_interval: Text | None = optional("Days added to the expected activation date.")
    expected_activation_date: Day | None = optional("Electronic: day of expected activation.")
    e_activation_due_interval: Text | None = optional("Electronic: days until activation is due.")
    acquisition_method: Acquisition | None = optional(
        "How it is acquired (AcquisitionMethod); default VENDOR_SYSTEM."
    )
    no_charge: Flag | None = optional(
        "Free of charge; only for purchase, vendor system and approval (else 60320)."
    )
    rush: Flag | None = optional("Rush order; default false.")
    cancellation_restriction: Flag | None = optional("Warn staff who cancel the line; default false.")
    cancellation_restriction_note: LongText | None = optional("The text of that warning.")
    price: Amount | None = optional("List price of one copy before discount; without it In Review.")
    discount: Percent | None = optional(
        "Percent; default from the vendor account, which 0 does not override."
    )
    vendor_reference_number: Reference | None = optional(
        "The vendor's number of this line. Not a duplicate key in Alma."
    )
    vendor_reference_number_type: Code | None = optional(
        "What kind of number that is (VendorReferenceNumberType)."
    )
    source_type: Code | None = optional("Where the line came from; ignored on POST, Alma stores API.")
    po_number: Reference | None = optional("Existing purchase order to join; else packaging decides.")
    additional_order_reference: Reference | None = optional("A further reference of the order.")
    invoice_reference: Reference | None = optional("Invoice number.")
    resource_metadata: ResourceMetadata = required("What is ordered.")
    fund_distribution: tuple[FundDistribution, ...] = listed(
        "Funds that pay; without one the line stays In Review.", "fund_distributions"
    )
    reporting_code: Reference | None = optional("First reporting code (plain text).")
    secondary_reporting_code: Reference | None = optional("Second reporting code.")
    tertiary_reporting_code: Reference | None = optional("Third reporting code.")
    fourth_reporting_code: Reference | None = optional("Fourth reporting code.")
    fifth_reporting_code: Reference | None = optional("Fifth reporting code.")
    vendor_note: LongText | None = optional("Note to the vendor.")
    receiving_note: LongText | None = optional("Note to the staff who receive the item.")
    alert: FilledList = filled_list("What blocked the processing of the line.", "alerts")
    note: tuple[PoLineNote, ...] = listed("Notes on the line.", "notes")
    portfolios: FilledObject = optional("Electronic portfolios of the line.")
    location: tuple[Location, ...] = listed("Where the copies go; physical lines only.", "locations")
    interested_user: tuple[InterestedUser, ...] = listed("Users to be told.", "interested_users")
    license: Code | None = optional("Electronic: licence code.")
    access_model: Text | None = optional("Electronic: access model, a public note if the profile defines it.")
    url: Text | None = optional("Address of the e-book.")
    base_status: BaseStatus | None = optional("Electronic: ACTIVE or INACTIVE.")
    access_provider: Text | None = optional("Electronic: who gives access.")
    manual_renewal: Flag | None = optional("Continuous: renewed by hand; default true.")
    renewal_cycle: Code | None = optional("Continuous: renewal cycle (RenewalCycle), if not renewed by hand.")
    subscription_from_date: Day | None = optional("Continuous: first day of the subscription.")
    subscription_to_date: Day | None = optional("Continuous: last day of the subscription.")
    renewal_date: Day | None = optional(
        "Continuous and standing orders: day of renewal; without it In Review."
    )
    renewal_period: Days | None = optional("Continuous: days before renewal to be reminded; default 0.")
    renewal_note: RenewalNote | None = optional("Continuous: note on renewal, at most 4000 characters.")
    material_type: Material | None = optional(
        "Material type (PhysicalMaterialType or electronicMaterialType)."
    )
    created_date: FilledDay = optional("Day the line was created.")
    status_date: FilledDay = optional("Day the status last changed.")
    expected_receipt_date: Day | None = optional(
        "Day the item is expected; else Alma computes it when sending."
    )
