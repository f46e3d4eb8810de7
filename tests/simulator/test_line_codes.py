"""Codes and parts of a line: what is refused, on POST and on PUT, the first of it or all at once."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from alma_client import Alma, build, code, order, sek, with_institution

from etl.simulator import Timing
from etl.simulator.line_money import total_of

LINE = "/acq/po-lines/POL-1"


def place(**changes: Any) -> dict[str, Any]:
    one = {"quantity": 2, "library": code("HBG"), "shelving_location": "VUXEN", **changes}
    return {"location": [{name: value for name, value in one.items() if value is not None}]}


def fund(currency: str | None) -> dict[str, Any]:
    amount = {"sum": "258", **({"currency": code(currency)} if currency else {})}
    return {"fund_distribution": [{"fund_code": code("HBG-BOK"), "amount": amount}]}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"price": {"sum": "129"}}, "missing", "currency"),
    ({"price": {"sum": "129", "currency": code("ZZZ")}}, "illegal", "currency"),
    (fund("ZZZ"), "illegal", "currency"),
    (fund(None), "missing", "currency"),
    (place(library=code("NOPE")), "illegal", "library"),
    (place(library=None), "missing", "library"),
    (place(quantity=None), "missing", "quantity"),
    (place(quantity=0), "illegal", "quantity"),
    (place(quantity=-5), "illegal", "quantity"),
    ({"material_type": code("NONSENSE")}, "illegal", "material_type"),
    ({"base_status": "WHATEVER"}, "illegal", "base_status"),
    ({"interested_user": [{"notify_cancel": True}]}, "missing", "primary_id"),
    ({"acquisition_method": code("NONSENSE")}, "illegal", "acquisition_method"),
    ({"vendor": code("NONSENSE")}, "illegal", "vendor"),
]
TEXTS = {
    "missing": ("401664", "Mandatory field is missing: {}"),
    "illegal": ("401872", "Given {} is illegal."),
}


@pytest.mark.parametrize(("changes", "kind", "name"), WRONG)
def test_refused_on_post(alma: Alma, changes: dict[str, Any], kind: str, name: str) -> None:
    number, text = TEXTS[kind]
    assert alma.refused("POST", "/acq/po-lines", order(**changes)) == (number, text.format(name))


@pytest.mark.parametrize(("changes", "kind", "name"), WRONG)
def test_refused_on_put(slow_alma: Alma, changes: dict[str, Any], kind: str, name: str) -> None:
    slow_alma.post()
    text = TEXTS[kind][1].format(name)
    assert slow_alma.refused("PUT", LINE, changes) == (
        "401876",
        f"Failed to update the PO Line. Errors: {text} ; ",
    )


@pytest.mark.parametrize(
    "changes",
    [
        place(shelving_location="NOPE"),
        {"material_type": code("DATABASE")},
        {"base_status": ""},
        {"interested_user": [{"primary_id": "somebody"}]},
        {"vendor_reference_number_type": code("XYZ")},
    ],
)
def test_codes_of_which_nothing_is_known_are_taken(alma: Alma, changes: dict[str, Any]) -> None:
    alma.post(**changes)
    assert alma.call("GET", LINE)["status"]["value"] == "SENT"


def test_a_material_type_is_described_by_either_table(alma: Alma) -> None:
    disc = {"value": "DVD", "desc": "DVD"}
    assert alma.post(type=code("E_BOOK_OT"), material_type=code("DVD"))["material_type"] == disc
    changed = alma.call("PUT", LINE, {"material_type": code("JOURNAL")})
    assert changed["material_type"] == {"value": "JOURNAL", "desc": "Journal"}


def test_a_currency_that_is_switched_off_is_none() -> None:
    rows = [{"code": "SEK", "description": "Krona"}, {"code": "EUR", "description": "Euro", "enabled": False}]
    alma = with_institution(code_tables={"Currency_CT": rows})
    alma.post()
    wrong = order(price={"sum": "1", "currency": code("EUR")})
    assert alma.refused("POST", "/acq/po-lines", wrong)[1] == "Given currency is illegal."


def test_what_is_missing_comes_before_what_is_unknown(alma: Alma) -> None:
    body = order(type=code("X"), price={"sum": "1"})
    assert alma.refused("POST", "/acq/po-lines", body)[1] == "Mandatory field is missing: currency"


def test_all_that_is_wrong_at_once() -> None:
    alma = build(all_refusals=True, timing=Timing.instant())
    body = order(
        owner=None, type=code("X"), no_charge=True, acquisition_method=code("GIFT"), **place(quantity=-1)
    )

    def errors(method: str, path: str, sent: dict[str, Any]) -> list[str]:
        answer = alma.raw(method, path, json.dumps(sent).encode())
        assert answer.status == 400
        return [error["errorMessage"] for error in json.loads(answer.body)["errorList"]["error"]]

    assert errors("POST", "/acq/po-lines", body) == [
        "Mandatory field is missing: owner",
        "Given type is illegal.",
        "Given quantity is illegal.",
        "No charge is not allowed for this PO line configuration.",
    ]
    alma.post()
    texts = errors("PUT", LINE, {"vendor": code("BTJ"), "material_type": code("X"), "price": sek("1")})
    assert [text.removeprefix("Failed to update the PO Line. Errors: ") for text in texts] == [
        "Cannot update field: vendor for po line in status SENT ; ",
        "Given material_type is illegal. ; ",
        "The funding list contains invalid values. ; ",
    ]


# ------------------------------------------------------------------- changes that would spoil a line


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"vendor_account": "NIX"}, "account NIX is not one of ADLIBRIS"),
        ({"fund_distribution": [{"fund_code": code("NIX"), "amount": sek("258")}]}, "fund code unknown: NIX"),
        ({"fund_distribution": [{"fund_code": code("HBG-BOK"), "amount": sek("1")}]}, "not fully funded"),
        ({"fund_distribution": []}, "fund missing"),
    ],
)
def test_a_clean_line_that_a_put_spoils_waits_in_review(
    slow_alma: Alma, changes: dict[str, Any], reason: str
) -> None:
    slow_alma.post()
    slow_alma.clock.now += 3
    assert slow_alma.call("GET", LINE)["status"]["value"] == "AUTO_PACKAGING"
    assert slow_alma.call("PUT", LINE, changes)["status"]["value"] == "INREVIEW"
    slow_alma.clock.now += 100
    assert slow_alma.call("GET", LINE)["status"]["value"] == "INREVIEW"
    line = slow_alma.app.world.store.line("POL-1")
    assert line is not None
    assert line.review == [reason]


def test_a_line_that_was_sent_takes_no_unknown_fund(alma: Alma) -> None:
    alma.post()
    wrong = {"fund_distribution": [{"fund_code": code("NIX"), "amount": sek("258")}]}
    assert "funding list contains invalid values" in alma.refused("PUT", LINE, wrong)[1]


def test_a_cancelled_line_is_not_changed(alma: Alma) -> None:
    alma.post()
    alma.raw("DELETE", LINE, reason="LIBRARY_CANCELLED")
    assert alma.refused("PUT", LINE, {"receiving_note": "x"}) == (
        "401876",
        "Failed to update the PO Line. Errors: Cannot update po line in status CANCELLED ; ",
    )
    assert alma.call("GET", "/acq/funds/HBG-BOK")["encumbered_balance"]["sum"] == "0.0"


# ------------------------------------------------------------------------------------------- money


def casalini(price: str, funded: str) -> dict[str, Any]:
    """One copy at a vendor with a discount of 10 %."""
    amount = {"fund_code": code("BOCKER"), "amount": sek(funded)}
    return {
        "vendor": code("CASALINI"),
        "vendor_account": "CASALINI",
        "price": sek(price),
        "fund_distribution": [amount],
        **place(quantity=1),
    }


def test_totals_are_rounded_to_the_smallest_coin(alma: Alma) -> None:
    alma.post(**casalini("10.00", "9.00"))
    changed = {name: casalini("10.01", "9.01")[name] for name in ("price", "fund_distribution")}
    assert alma.call("PUT", LINE, changed)["price"]["sum"] == "10.01"  # 9.009
    body = order(**casalini("10.06", "9.05"))  # 9.054
    assert alma.call("POST", "/acq/po-lines", body, profile_code="NEW_ORDER_STRICT")["number"] == "POL-2"
    short = order(**casalini("10.06", "9.04"))
    assert (
        "not fully funded" in alma.refused("POST", "/acq/po-lines", short, profile_code="NEW_ORDER_STRICT")[1]
    )


def test_yen_have_no_decimals() -> None:
    price = {"sum": "100.5", "currency": code("JPY")}
    assert f"{total_of({'type': code('E_BOOK_OT'), 'price': price}, Decimal(0))}" == "101"
    huge = {"price": {"sum": "9" * 14, "currency": code("SEK")}, "location": [{"quantity": 2**31 - 1}] * 20}
    assert total_of(huge, Decimal(0)) is not None


def test_a_quantity_that_no_java_int_holds_is_a_wrong_shape(alma: Alma) -> None:
    assert "java.lang.Integer" in alma.refused("POST", "/acq/po-lines", order(**place(quantity=2**31)))[1]


@pytest.mark.parametrize(("sent", "kept"), [("0.0", "10"), ("0", "10"), ("", "10"), ("20.0", "20.0")])
def test_a_discount_of_nothing_does_not_undo_the_accounts(alma: Alma, sent: str, kept: str) -> None:
    alma.post(**casalini("10.00", "9.00"), discount=sent)
    assert alma.call("GET", LINE)["discount"] == kept


def test_of_two_funds_without_amount_the_first_bears_it_all(alma: Alma) -> None:
    alma.post(fund_distribution=[{"fund_code": code("HBG-BOK")}, {"fund_code": code("HBG-BARN")}])
    sums = [
        alma.call("GET", f"/acq/funds/{name}")["encumbered_balance"]["sum"]
        for name in ("HBG-BOK", "HBG-BARN")
    ]
    assert sums == ["258.0", "0.0"]


# --------------------------------------------------------------------------------- asked-for statuses


@pytest.mark.parametrize("status", ["CLOSED", "READY", "DEFERRED", "WAITING_FOR_RENEWAL"])
def test_a_status_is_had_by_order_content(slow_alma: Alma, status: str) -> None:
    assert slow_alma.post(vendor_note=f"SIM-STATUS-{status} 17")["status"] == {"value": ""}
    assert slow_alma.call("GET", LINE)["status"]["value"] == ""
    slow_alma.clock.now += 100
    assert slow_alma.call("GET", LINE)["status"]["value"] == status


def test_a_person_releases_a_line_from_review(alma: Alma) -> None:
    alma.post(vendor=None)
    assert alma.call("GET", LINE)["status"]["value"] == "INREVIEW"
    released = alma.call("PUT", LINE, {"receiving_note": "SIM-STATUS-RELEASED"})
    assert released["status"]["value"] == "SENT"
    closed = alma.call("PUT", LINE, {"receiving_note": "SIM-STATUS-CLOSED"})
    assert (closed["status"]["value"], closed["po_number"]) == ("CLOSED", "PO-1")
    assert "status CLOSED" in alma.refused("PUT", LINE, {"price": sek("1")})[1]
    assert alma.post(vendor=None, vendor_note="SIM-STATUS-RELEASED")["number"] == "POL-2"
    assert alma.call("GET", "/acq/po-lines/POL-2")["status"]["value"] == "SENT"


@pytest.mark.parametrize("word", ["GONE", "CANCELLED", "closed", ""])
def test_a_status_that_nobody_can_give_is_said_to_be_none(alma: Alma, word: str) -> None:
    answer = alma.raw("POST", "/acq/po-lines", json.dumps(order(vendor_note=f"SIM-STATUS-{word}")).encode())
    assert (answer.status, answer.kind) == (400, "text/plain")
    assert b"there are AUTO_PACKAGING, " in answer.body
    assert alma.post()["number"] == "POL-1"


def test_continuous_lines_are_renewed_by_hand_unless_told_otherwise(alma: Alma) -> None:
    yearly = {"type": code("PRINT_CO"), "renewal_date": "2027-01-01Z"}
    assert [
        alma.post()["manual_renewal"],
        alma.post(**yearly)["manual_renewal"],
        alma.post(**yearly, manual_renewal="false")["manual_renewal"],
    ] == [False, True, False]
