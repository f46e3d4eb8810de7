"""What the institution file predicts, and what the simulator (which shares no code with it) then does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from etl.alma.client import AlmaClient
from etl.alma.tree import text
from etl.alma.wire import Wire
from etl.documents.targets import PoLineTarget, PurchaseRequestTarget
from etl.institution.check import CodeCheck
from etl.institution.model import Institution

LINE: dict[str, Any] = {
    "owner": "HBG",
    "type": "PRINTED_BOOK_OT",
    "vendor": "ADLIBRIS",
    "vendor_account": "ADLIBRIS",
    "price": {"sum": "249.00", "currency": "SEK"},
    "resource_metadata": {"title": "Påhittad bok", "isbn": "9789199990019"},
    "fund_distribution": [{"fund_code": "BOCKER", "amount": {"sum": "249.00", "currency": "SEK"}}],
    "location": [{"quantity": 1, "library": "HBG", "shelving_location": "VUXEN"}],
}
REQUEST: dict[str, Any] = {
    "format": "P",
    "requested_type": "BOOK",
    "owning_library": "HBG",
    "estimated_cost": {"sum": "100", "currency": "SEK"},
    "fund": "BOCKER",
    "vendor": "BTJ",
    "vendor_account": "BTJ",
    "resource_metadata": {"citation_type": "BOOK", "title": "Önskad bok"},
    "location": [{"quantity": 1, "library": "HBG", "shelving_location": "VUXEN"}],
}


def fund(code: str) -> dict[str, Any]:
    return {"fund_distribution": [{"fund_code": code, "amount": {"sum": "249.00", "currency": "SEK"}}]}


def place(**values: str) -> dict[str, Any]:
    return {"location": [{**LINE["location"][0], **values}]}


LINES = [
    ({}, "clean", ""),
    ({"owner": "46SIM_INST"}, "clean", ""),
    ({"owner": "hbg"}, "refused", "E842"),
    ({"vendor": "Adlibris"}, "refused", "E844"),
    ({"acquisition_method": "PURCHASES"}, "refused", "E847"),
    ({"acquisition_method": "PURCHASE"}, "clean", ""),
    ({"vendor": "GONE", "vendor_account": "GONE"}, "in review", "E844"),
    ({"vendor_account": "BOKUS"}, "in review", "E845"),
    (fund("bocker"), "in review", "E846"),
    (fund("BOCKER-25"), "in review", "E846"),
    (fund("HIST-M"), "in review", "E846"),
    (fund("HBG-BOK"), "clean", ""),
    (place(shelving_location="LAWPER"), "clean", "E843"),
    ({"material_type": "BOOK"}, "clean", ""),
    ({"material_type": "BOOKS"}, "refused", "E847"),
    (place(library="HBX"), "refused", "E842"),
    ({"price": {"sum": "249.00", "currency": "JPY"}, "fund_distribution": []}, "refused", "E847"),
    ({"fund_distribution": [{"fund_code": "BOCKER", "amount": {"sum": "1", "currency": "JPY"}}]}, "refused", "E847"),
]


@pytest.mark.parametrize(("change", "outcome", "code"), LINES, ids=lambda value: json.dumps(value)[:40])
def test_order_lines(
    change: dict[str, Any], outcome: str, code: str, institution: Institution, wire: Wire
) -> None:
    target = PoLineTarget()
    document = target.build({**LINE, **change})
    assert not isinstance(document, list)
    check = CodeCheck(institution, "po_line", "inst.json")
    findings = check.added_to(target.predict(document), document, target.open_codes)
    assert [one.code for one in findings if one.code.startswith("E84")] == ([code] if code else [])
    outcomes = {one.outcome for one in findings}
    predicted = "refused" if "refused" in outcomes else "in review" if "review" in outcomes else "clean"
    answer = AlmaClient(wire).post_line(target.payload(document, "json"))
    if not answer.done:
        actual = "refused"
        assert answer.verdict.error is not None
        assert [one.alma_code for one in findings if one.outcome == "refused"] == [answer.verdict.error.code]
    else:
        stored = AlmaClient(wire).line(text(answer.tree, "number")).tree
        actual = "in review" if text(stored, "status") == "INREVIEW" else "clean"
    assert (predicted, actual) == (outcome, outcome)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"owning_library": "HGB"}, "E842"),
        ({"estimated_cost": {"sum": "1", "currency": "JPY"}}, "E847"),
        ({"fund": "bocker"}, "E846"),
        ({"vendor": "BTJX"}, "E844"),
        ({"vendor_account": "ADLIBRIS"}, "E845"),
        ({"requested_type": "BOOKS"}, "E847"),
        (place(library="HBX"), "E842"),
        (place(shelving_location="STACK"), "E843"),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_purchase_requests(change: dict[str, Any], code: str, institution: Institution, wire: Wire) -> None:
    target = PurchaseRequestTarget()
    document = target.build({**REQUEST, **change})
    assert not isinstance(document, list)
    found = CodeCheck(institution, "purchase_request", "inst.json").findings(document)
    refused = [one for one in found if one.outcome == "refused"]
    assert code in [one.code for one in refused] if code else refused == []
    answer = AlmaClient(wire).post_request("anna.lind", target.payload(document, "json"))
    assert answer.done == (not code)
    if answer.verdict.error is not None:
        assert answer.verdict.error.code in [one.alma_code for one in refused]


def test_capitals_come_first_in_the_hint(institution: Institution) -> None:
    document = PoLineTarget().build({**LINE, **fund("hbg-barn")})
    assert not isinstance(document, list)
    (found,) = CodeCheck(institution, "po_line", "inst.json").findings(document)
    assert found.help is not None
    assert found.help.startswith('did you mean "HBG-BARN"? Capitals count')
    assert found.path == ("fund_distribution", 0, "fund_code")


def test_tables_that_are_not_known_are_not_asked(institution: Institution) -> None:
    unknown = institution.model_copy(update={"tables": {}, "currencies": {}})
    document = PoLineTarget().build({**LINE, "acquisition_method": "ANY", "material_type": "ANY"})
    assert not isinstance(document, list)
    assert CodeCheck(unknown, "po_line", "inst.json").findings(document) == []


def test_a_type_that_is_switched_off(institution: Institution) -> None:
    off = institution.model_copy(
        update={
            "tables": {**institution.tables, "PurchaseType": {"E_BOOK_OT": ""}},
            "disabled": {"PurchaseType": {"PRINTED_BOOK_OT": "Print"}},
        }
    )
    document = PoLineTarget().build(LINE)
    assert not isinstance(document, list)
    (found,) = CodeCheck(off, "po_line", "inst.json").findings(document)
    assert (found.code, found.outcome) == ("E847", "note")
    assert "switched off" in found.message
