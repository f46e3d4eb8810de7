"""Each rule: a document that sets it off, and beside it one that does not."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from etl.documents.targets import PoLineTarget, PurchaseRequestTarget
from etl.plugin import Finding, Target

Changes = dict[str, Any]


def found(target: Target, values: dict[str, Any], changes: Changes) -> list[Finding]:
    """Findings on `values` with members changed; None takes a member out, dots lead into objects."""
    changed = copy.deepcopy(values)
    for name, value in changes.items():
        *path, last = name.split(".")
        here = changed
        for step in path:
            here = here[step]
        here[last] = value
    document = target.build(changed)
    assert isinstance(document, BaseModel), document
    return target.predict(document)


def sek(amount: str) -> dict[str, str]:
    return {"sum": amount, "currency": "SEK"}


def fund(amount: str | None, currency: str = "SEK") -> dict[str, Any]:
    return {"fund_code": "BOOKS", "amount": {"sum": amount, "currency": currency} if amount else None}


def copies(**members: Any) -> list[dict[str, Any]]:
    return [{"quantity": 2, "library": "MAIN", "shelving_location": "S", "copy": [members, members]}]


EBOOK: Changes = {"type": "E_BOOK_OT", "location": None, "fund_distribution": [fund("129.50")]}

FREE: Changes = {"price.sum": "0.00", "fund_distribution": [fund(None)]}

# code, outcome, path, what sets it off, what nearly does
LINE_RULES: list[tuple[str, str, tuple[str | int, ...], Changes, Changes]] = [
    ("E525", "refused", ("type",), {"type": "PRINT_BOOK_OT"}, {"type": "PRINT_OT"}),
    ("E526", "review", ("type",), EBOOK | {"type": "E_BOOK_PKG_OT"}, EBOOK),
    ("E527", "note", ("acquisition_method",), {"acquisition_method": "BUY"},
     {"acquisition_method": "PURCHASE"}),
    ("E528", "note", ("material_type",), {"material_type": "BOKO"}, EBOOK | {"material_type": "EBOOK"}),
    ("E529", "note", ("price", "currency"), {"price.currency": "SKR", "fund_distribution": [fund(None)]}, {}),
    ("E530", "review", ("vendor",), {"vendor": None}, {}),
    ("E531", "review", ("vendor_account",), {"vendor_account": None}, {}),
    ("E532", "review", ("price",), {"price": None}, {"price": None, "no_charge": True}),
    ("E532", "review", ("price",), {"price": None}, {"price": None, "acquisition_method": "TECHNICAL"}),
    ("E533", "review", ("fund_distribution",), {"fund_distribution": []},
     {"fund_distribution": [], "acquisition_method": "LEGAL_DEPOSIT"}),
    ("E533", "review", ("fund_distribution",), {"fund_distribution": []},
     {"fund_distribution": [], "acquisition_method": "GIFT_NOLETTER"}),
    ("E467", "held", ("price", "sum"), FREE, FREE | {"no_charge": True}),
    ("E467", "held", ("price", "sum"), FREE, FREE | {"acquisition_method": "GIFT"}),
    ("E467", "held", ("price", "sum"), FREE | {"price.sum": "-0"}, FREE | {"price": None}),
    ("E467", "held", ("discount",), {"discount": "100", "fund_distribution": [fund("0.00")]},
     {"discount": "99", "fund_distribution": [fund("2.59")]}),
    ("E467", "held", ("discount",), {"discount": "100", "fund_distribution": [fund(None)]},
     {"discount": "100", "fund_distribution": [fund(None)], "no_charge": True}),
    ("E467", "held", ("fund_distribution",), {"fund_distribution": [fund("0.00")]},
     {"fund_distribution": [fund("0.00")], "acquisition_method": "GIFT"}),
    ("E468", "held", ("price", "sum"), {"price.sum": Decimal("129.505"), "fund_distribution": [fund("259.01")]},
     {"price.sum": "129.5000"}),
    ("E468", "held", ("price", "sum"), {"price": {"sum": "1200.5", "currency": "JPY"}, "fund_distribution": [fund(None)]},
     {"price": {"sum": "1200.0", "currency": "JPY"}, "fund_distribution": [fund(None)]}),
    ("E468", "held", ("price", "sum"), {"price": {"sum": "1.2345", "currency": "KWD"}, "fund_distribution": [fund(None)]},
     {"price": {"sum": Decimal("1.234"), "currency": "KWD"}, "fund_distribution": [fund(None)]}),
    ("E468", "held", ("fund_distribution", 0, "amount", "sum"), {"fund_distribution": [fund("259.0010")]},
     {"fund_distribution": [fund("259.0000")]}),
    ("E444", "held", ("location", 0, "copy", 1, "barcode"), {"location": copies(barcode="30001")},
     {"location": copies(description="30001")}),
    ("E444", "held", ("location", 1, "copy", 0, "barcode"),
     {"location": [{"quantity": 1, "library": library, "shelving_location": "S", "copy": [{"barcode": "30001"}]} for library in "AB"]},
     {"location": [{"quantity": 1, "library": "A", "shelving_location": "S", "copy": [{"barcode": one}]} for one in ("30001", "30002")]}),
    ("E469", "held", ("location", 1),
     {"location": [{"quantity": 1, "library": "MAIN", "shelving_location": "S"}, {"quantity": 1, "library": " "}]}, {}),
    ("E537", "remark", ("location", 0), {"location": [{"quantity": 2, "library": "MAIN"}]},
     EBOOK | {"location": [{"quantity": 1, "library": "MAIN"}]}),
    ("E538", "remark", ("renewal_date",), {"renewal_date": "2025-01-01"},
     {"type": "PRINT_SO", "renewal_date": "2025-01-01"}),
    ("E538", "remark", ("manual_renewal",), {"manual_renewal": False},
     {"type": "PRINTED_JOURNAL_CO", "manual_renewal": False, "renewal_date": "2025-01-01"}),
    ("E534", "note", ("fund_distribution",), {"fund_distribution": [fund("258.99")]},
     {"fund_distribution": [fund("200"), fund("59")]}),
    ("E534", "review", ("fund_distribution",), {"discount": "10"},
     {"discount": "10", "fund_distribution": [fund("233.10")]}),
    ("E534", "note", ("fund_distribution",), {"fund_distribution": [fund("1")]},
     {"fund_distribution": [fund(None)]}),
    ("E534", "note", ("fund_distribution",), EBOOK | {"fund_distribution": [fund("259")]}, EBOOK),
    ("E535", "review", ("fund_distribution",), {"fund_distribution": [fund("129.5")]},
     {"fund_distribution": [fund("129.5")], "location": [{"quantity": 1}]}),
    ("E536", "review", ("renewal_date",), {"type": "PRINT_CO"},
     {"type": "PRINT_CO", "renewal_date": "2025-01-01"}),
    ("E536", "review", ("renewal_date",), {"type": "PRINT_SO_NONMON"}, {}),
    ("E540", "refused", ("no_charge",), {"no_charge": True, "acquisition_method": "TECHNICAL"},
     {"no_charge": True}),
    ("E540", "refused", ("no_charge",), {"no_charge": True, "acquisition_method": "LEGAL_DEPOSIT_NOLETTER"},
     {"no_charge": True, "acquisition_method": "APPROVAL"}),
    ("E550", "note", ("fund_distribution", 0, "amount", "currency"),
     {"fund_distribution": [fund("259", "EUR")]}, {}),
    ("E551", "note", ("discount",), {"discount": "0.0"},
     {"discount": "0.1", "fund_distribution": [fund("258.74")]}),
    ("E552", "note", ("location",), EBOOK | {"location": [{"quantity": 1}]}, EBOOK),
    ("E553", "note", ("location",), {"location": [], "fund_distribution": [fund("129.5")]}, EBOOK),
    ("E554", "note", ("license",), {"license": "L1"}, EBOOK | {"license": "L1"}),
    ("E554", "note", ("url",), {"url": "https://example.org/1"}, EBOOK | {"url": "https://example.org/1"}),
    ("E554", "note", ("base_status",), {"base_status": "ACTIVE"}, EBOOK | {"base_status": "ACTIVE"}),
    ("E554", "note", ("access_model",), {"access_model": "1U"}, EBOOK | {"access_model": "1U"}),
    ("E554", "note", ("access_provider",), {"access_provider": "P"}, EBOOK | {"access_provider": "P"}),
    ("E555", "note", ("location", 0, "copy", 0, "expected_arrival_date"),
     {"location": copies(expected_arrival_date="2024-01-01")}, {"expected_receipt_date": "2024-01-01"}),
    ("E556", "note", ("resource_metadata", "isbn"),
     {"resource_metadata.isbn": "9789199999012; 978-91-999990-2-9"}, {}),
    ("E557", "note", ("resource_metadata", "isbn"), {"resource_metadata.isbn": "9789199999013"},
     {"resource_metadata.isbn": "9199999013"}),
    ("E557", "note", ("resource_metadata", "isbn"), {"resource_metadata.isbn": "9789199999012 (hft.)"},
     {"resource_metadata.isbn": "919999903X"}),
    ("E558", "note", ("resource_metadata",), {"resource_metadata.isbn": None},
     {"resource_metadata.isbn": None, "resource_metadata.issn": "1234-5679"}),
    ("E559", "note", ("number",), {"number": "POL-HB-1"}, {}),
    ("E560", "note", ("receiving_note",), {"receiving_note": "None"}, {"receiving_note": "Nonesuch"}),
    ("E560", "note", ("note", 0, "note_text"), {"note": [{"note_text": "nan"}]},
     {"note": [{"note_text": "Nana"}]}),
    ("E560", "note", ("resource_metadata", "system_control_number", 1),
     {"resource_metadata.system_control_number": ["1", "NULL"]},
     {"resource_metadata.system_control_number": ["1"]}),
    ("E560", "note", ("location", 0, "library"), {"location": [{"quantity": 2, "library": "null", "shelving_location": "S"}]}, {}),
    ("E561", "note", ("location", 0, "copy", 1, "receive_date"),
     {"location": copies(receive_date="2024-01-01")}, {"location": copies(barcode="1")}),
    ("E562", "note", ("source_type",), {"source_type": "API"}, {}),
    ("E563", "note", ("location", 0, "copy"), {"location": [{"quantity": 2, "library": "MAIN", "shelving_location": "S", "copy": [{"barcode": "1"}]}]},
     {"location": copies(barcode="1")}),
    ("E566", "note", ("location", 0, "copy", 0, "permanent_library"),
     {"location": copies(permanent_library="MAIN")},
     {"location": copies(permanent_library="MAIN", is_temp_location=True)}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "outcome", "path", "trigger", "calm"), LINE_RULES)
def test_order_line_rules(
    po_line: PoLineTarget,
    line_values: dict[str, Any],
    code: str,
    outcome: str,
    path: tuple[str | int, ...],
    trigger: Changes,
    calm: Changes,
) -> None:
    hits = [(one.code, one.outcome, one.path) for one in found(po_line, line_values, trigger)]
    assert (code, outcome, path) in hits
    assert {hit[0] for hit in hits} == {code}, "another rule fired as well"
    assert code not in {one.code for one in found(po_line, line_values, calm)}


REQUEST_RULES: list[tuple[str, tuple[str | int, ...], Changes, Changes]] = [
    ("E467", ("estimated_cost", "sum"), {"estimated_cost.sum": "0.00"}, {"estimated_cost": None}),
    ("E468", ("estimated_cost", "sum"), {"estimated_cost.sum": "0.075"}, {"estimated_cost.sum": "0.080"}),
    ("E469", ("location", 0), {"location": [{"quantity": 3}]}, {"location": [{"quantity": 3}], "format": "E"}),
    ("E528", ("requested_type",), {"requested_type": "BOKO"},
     {"requested_type": "X", "format": "E", "location": []}),
    ("E529", ("estimated_cost", "currency"), {"estimated_cost.currency": "USX"}, {"estimated_cost": None}),
    ("E552", ("location",), {"format": "E"}, {"format": "E", "location": []}),
    ("E556", ("resource_metadata", "isbn"), {"resource_metadata.isbn": "9789199999012 9789199999029"}, {}),
    ("E557", ("resource_metadata", "isbn"), {"resource_metadata.isbn": "978-91-999990-1-2"}, {}),
    ("E558", ("resource_metadata",), {"resource_metadata.isbn": ""}, {"resource_metadata": {"mms_id": "99"}}),
    ("E560", ("email",), {"email": "null"}, {"email": "a@example.org"}),
    ("E564", ("resource_metadata", "other_standard_id"),
     {"resource_metadata": {"mms_id": "99", "other_standard_id": "1"}},
     {"resource_metadata": {"mms_id": "99"}}),
    ("E565", ("approved_by",), {"approved_by": "u"}, {}),
    ("E565", ("reject_reason",), {"reject_reason": "R"}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "trigger", "calm"), REQUEST_RULES)
def test_purchase_request_rules(
    purchase_request: PurchaseRequestTarget,
    request_values: dict[str, Any],
    code: str,
    path: tuple[str | int, ...],
    trigger: Changes,
    calm: Changes,
) -> None:
    hits = {(one.code, one.path) for one in found(purchase_request, request_values, trigger)}
    assert hits == {(code, path)}
    assert code not in {one.code for one in found(purchase_request, request_values, calm)}


def test_clean_documents_have_no_findings(
    po_line: PoLineTarget,
    purchase_request: PurchaseRequestTarget,
    line_values: dict[str, Any],
    request_values: dict[str, Any],
) -> None:
    assert found(po_line, line_values, {}) == []
    assert found(purchase_request, request_values, {}) == []
    assert found(po_line, line_values, EBOOK) == []


def test_refusals_carry_almas_code_and_come_first(po_line: PoLineTarget, line_values: dict[str, Any]) -> None:
    changes = {
        "type": "BOOKS",
        "no_charge": True,
        "acquisition_method": "TECHNICAL",
        "vendor": None,
        "number": "1",
        "location": [{"quantity": 2}],
    }
    findings = found(po_line, line_values, changes)
    assert [(one.outcome, one.alma_code) for one in findings if one.outcome == "refused"] == [
        ("refused", "401872"),
        ("refused", "60320"),
    ]
    order = [("refused", "held", "review", "note").index(one.outcome) for one in findings]
    assert order == sorted(order)
    assert len(set(order)) == 4


def test_discount_leaves_room_for_the_smallest_coin(
    po_line: PoLineTarget, line_values: dict[str, Any]
) -> None:
    # 2 × 129.50 less 7.5 % is 239.575: both roundings are right, a coin more is not.
    for amount, codes in (("239.57", []), ("239.58", []), ("239.56", ["E534"]), ("239.59", ["E534"])):
        changes = {"discount": "7.5", "fund_distribution": [fund(amount)]}
        assert [one.code for one in found(po_line, line_values, changes)] == codes
