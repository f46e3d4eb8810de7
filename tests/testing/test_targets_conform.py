"""The built-in targets keep the promises of every target."""

from __future__ import annotations

from typing import Any, ClassVar

from etl.documents.targets import PoLineTarget, PurchaseRequestTarget
from etl.testing.target_suite import TargetSuite

SEK = {"sum": "249.00", "currency": "SEK"}


class TestPoLine(TargetSuite):
    target = PoLineTarget()
    values: ClassVar[dict[str, Any]] = {
        "owner": "MAIN",
        "type": "PRINTED_BOOK_OT",
        "vendor": "ADLIBRIS",
        "vendor_account": "ADLIBRIS-1",
        "rush": "true",
        "price": SEK,
        "discount": "12.5",
        "resource_metadata": {
            "title": "Vindens öar",
            "isbn": "9789199999913",
            "system_control_number": ["(SE-LIBR)20123456"],
        },
        "fund_distribution": [{"fund_code": "BOOKS", "amount": SEK}],
        "note": [{"note_text": "inbunden & plastad"}],
        "location": [
            {
                "quantity": "2",
                "library": "MAIN",
                "shelving_location": "STACK",
                "copy": [
                    {"barcode": "B1"},
                    {"barcode": "B2", "is_temp_location": "false"},
                ],
            }
        ],
        "interested_user": [{"primary_id": "anna", "notify_receiving_activation": "true"}],
        "material_type": "BOOK",
        "expected_receipt_date": "2024-05-01",
    }


class TestPurchaseRequest(TargetSuite):
    target = PurchaseRequestTarget()
    values: ClassVar[dict[str, Any]] = {
        "format": "P",
        "requested_type": "BOOK",
        "owning_library": "MAIN",
        "hold_item": "true",
        "estimated_cost": SEK,
        "vendor": "ADLIBRIS",
        "vendor_account": "ADLIBRIS-1",
        "resource_metadata": {
            "citation_type": "BOOK",
            "title": "Vindens öar",
            "isbn": "9789199999913",
        },
        "note": [{"content": "till kursen <2024>"}],
        "location": [{"quantity": "1", "library": "MAIN", "shelving_location": "STACK"}],
    }
