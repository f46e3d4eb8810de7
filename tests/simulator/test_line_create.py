"""POST of order lines: refusals in Alma's order, what the answer holds, and why a line waits for a person."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alma_client import Alma, code, order, sek, with_institution

SHAPE = "Cannot deserialize value of type "


def metadata(**members: Any) -> dict[str, Any]:
    return {"title": "Fyren vid havet", "isbn": "9789100000028", **members}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"owner": None}, ("401664", "Mandatory field is missing: owner")),
        ({"owner": code("")}, ("401664", "Mandatory field is missing: owner")),
        ({"type": None}, ("401664", "Mandatory field is missing: type")),
        ({"resource_metadata": {"isbn": "9789100000028"}}, ("401664", "Mandatory field is missing: title")),
        ({"resource_metadata": None}, ("401664", "Mandatory field is missing: title")),
        ({"owner": code("hbg")}, ("401872", "Given owner is illegal.")),
        ({"type": code("ELECTRONIC_BOOK_OT")}, ("401872", "Given type is illegal.")),
        ({"vendor": code("NOBODY")}, ("401872", "Given vendor is illegal.")),
        ({"acquisition_method": code("BUY")}, ("401872", "Given acquisition_method is illegal.")),
        ({"no_charge": True, "acquisition_method": code("GIFT")}, ("60320", "No charge is not allowed for this PO line configuration.")),
        ({"no_charge": "true", "acquisition_method": code("TECHNICAL")}, ("60320", "No charge is not allowed for this PO line configuration.")),
    ],
)  # fmt: skip
def test_refused(alma: Alma, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert alma.refused("POST", "/acq/po-lines", order(**changes)) == expected
    assert alma.call("GET", "/acq/po-lines") == {"total_record_count": 0}


def test_the_first_failure_answers(alma: Alma) -> None:
    """Everything is wrong at once; mending one thing after the other shows the order."""
    wrong: dict[str, Any] = {
        "price": "129",
        "type": code("X"),
        "number": "OWN-1",
        "no_charge": True,
        "acquisition_method": code("GIFT"),
    }
    alma.call("POST", "/acq/po-lines", order(number="OWN-1"))
    body = order(**wrong)
    del body["owner"]
    no_key = {"authorization": "apikey wrong"}
    answers = [alma.raw("POST", "/acq/po-lines", b"{", no_key).body.decode()]
    answers.append(alma.refused("POST", "/acq/po-lines", body)[1][:31])
    for mended in (
        {"price": sek("129")},
        {"owner": code("HBG")},
        {"type": code("PRINTED_BOOK_OT")},
        {"no_charge": False},
        {"number": "OWN-2"},
    ):
        body.update(mended)
        if mended.get("number"):
            assert alma.call("POST", "/acq/po-lines", body)["number"] == "OWN-2"
        else:
            answers.append(alma.refused("POST", "/acq/po-lines", body)[0])
    assert answers == ["Invalid API Key", SHAPE[:31], "401664", "401872", "60320", "401870"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vendor_account": {"value": "ADLIBRIS"}}, "java.lang.String from Object"),
        ({"owner": "HBG"}, "java.util.LinkedHashMap from String"),
        ({"location": {"quantity": 1}}, "java.util.ArrayList<java.lang.Object> from Object"),
        ({"rush": "ja"}, "java.lang.Boolean from String"),
        ({"location": [{"quantity": "two"}]}, "java.lang.Integer from String"),
        ({"renewal_date": "2026-02-30"}, "XMLGregorianCalendar from String"),
        ({"resource_metadata": {"title": ["x"]}}, "java.lang.String from Array"),
        (
            {"price": {"sum": "12,50", "currency": code("SEK")}},
            "Invalid field value. Field: [Ljava.lang.Object;@",
        ),
        ({"discount": "much"}, "Invalid field value. Field: [Ljava.lang.Object;@"),
    ],
)
def test_wrong_shapes(alma: Alma, changes: dict[str, Any], words: str) -> None:
    got, message = alma.refused("POST", "/acq/po-lines", order(**changes))
    assert got == "402119"
    assert words in message


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'"text"', b"[" * 100_000])
def test_bodies_that_cannot_be_read(alma: Alma, body: bytes) -> None:
    answer = alma.raw("POST", "/acq/po-lines", body)
    assert answer.status == 400
    assert json.loads(answer.body)["errorList"]["error"][0]["errorCode"] == "402119"


def test_an_unknown_media_type_is_415(alma: Alma) -> None:
    assert alma.raw("POST", "/acq/po-lines", b"a", {"content-type": "text/csv"}).status == 415


def test_unknown_members_are_dropped_and_logged(alma: Alma) -> None:
    made = alma.post(vendor_acount="X", resource_metadata=metadata(_isbn="1"))
    assert "vendor_acount" not in made
    assert alma.app.log.entries[-1].notes == (
        "unknown member resource_metadata._isbn",
        "unknown member vendor_acount",
    )
    alma.call("POST", "/acq/po-lines", order(), profile="X")
    assert alma.app.log.entries[-1].notes == ("unknown parameter profile",)


def test_the_answer_has_the_captured_form(alma: Alma) -> None:
    made = alma.post(
        vendor_reference_number_type=code("IA"),
        note=[{"note_text": "Leverans: tisdag"}],
        interested_user=[{"primary_id": "bo.ek"}],
    )
    assert made["number"] == "POL-1"
    assert made["status"] == {"value": ""}
    assert made["owner"] == {"value": "HBG", "desc": "Helsingborgs stadsbibliotek"}
    assert made["price"] == {"sum": "129.0", "currency": {"value": "SEK", "desc": "Swedish Krona"}}
    assert made["source_type"] == {"value": "API", "desc": "API"}
    assert made["acquisition_method"] == {"value": "VENDOR_SYSTEM", "desc": "Purchase at Vendor System"}
    assert made["vendor_reference_number_type"] == {"value": "IA"}
    assert made["portfolios"] == {"portfolio": [], "total_record_count": 0}
    assert (made["alert"], made["renewal_cycle"], made["renewal_period"], made["url"]) == ([], {}, 0, "")
    assert (made["reclaim_interval"], made["expected_receipt_interval"], made["claiming_interval"]) == (
        "0",
        "30",
        "60",
    )
    assert made["note"] == [
        {"note_text": "Leverans: tisdag", "creation_date": "2026-03-02Z", "created_by": "exl_api"}
    ]
    assert made["interested_user"][0]["email"] == "bo.ek@example.org"
    assert made["resource_metadata"]["system_control_number"] == [""]
    assert made["resource_metadata"]["mms_id"]["link"].endswith(
        "/almaws/v1/bibs/" + made["resource_metadata"]["mms_id"]["value"]
    )
    (place,) = made["location"]
    assert place["quantity"] == 2
    assert [copy["pid"][:2] + copy["pid"][-4:] for copy in place["copy"]] == ["231501", "231501"]
    assert place["copy"][0]["link"].endswith(
        f"/holdings/{place['holding'][0]['id']}/items/{place['copy'][0]['pid']}"
    )
    absent = {"discount", "status_date", "access_model", "subscription_from_date", "renewal_date"}
    assert made.keys() & absent == set()
    later = alma.call("GET", "/acq/po-lines/POL-1")
    assert (later["access_model"], later["status_date"], later["discount"]) == ("Null", "2026-03-02Z", "0")


def test_without_a_fund_there_is_one_empty_entry(alma: Alma) -> None:
    empty = [{"amount": {"sum": "", "currency": {}}, "fund_code": {"value": "", "desc": ""}}]
    assert alma.post(fund_distribution=None)["fund_distribution"] == empty


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0.00", "0.0"),
        ("50", "50.0"),
        ("234.00", "234.0"),
        ("54.10", "54.1"),
        ("-7.050", "-7.05"),
        ("007", "7.0"),
    ],
)
def test_sums_are_shortened(alma: Alma, sent: str, kept: str) -> None:
    assert alma.post(price=sek(sent))["price"]["sum"] == kept


def test_seven_identical_orders_make_seven_lines(alma: Alma) -> None:
    numbers = [alma.post(resource_metadata={"title": "Utan nummer"}) for _ in range(7)]
    assert [line["number"] for line in numbers] == [f"POL-{n}" for n in range(1, 8)]
    assert len({line["resource_metadata"]["mms_id"]["value"] for line in numbers}) == 7


def test_records_are_matched_by_number_then_isbn(alma: Alma) -> None:
    known = "990000012340001501"
    assert alma.post(resource_metadata={"mms_id": code(known)})["resource_metadata"]["title"] == "Havets bok"
    assert (
        alma.post(resource_metadata=metadata(isbn="978-91-0-000000-4 (inb.)"))["resource_metadata"]["mms_id"][
            "value"
        ]
        == known
    )
    assert (
        alma.post(resource_metadata=metadata(isbn="9100000000"))["resource_metadata"]["mms_id"]["value"]
        == known
    )
    first, second = (alma.post()["resource_metadata"]["mms_id"]["value"] for _ in range(2))
    assert first == second != known


def test_copies_already_there_are_an_alert_that_does_not_block(alma: Alma) -> None:
    alma.post(location=[{"quantity": 1, "library": code("HBG"), "shelving_location": "VUXEN"}])
    made = alma.post()
    wanted = "The ordered resource already exists in the Inventory:  1 copies in library: Helsingborgs stadsbibliotek."
    assert made["alert"] == [{"value": "", "desc": wanted}]
    assert alma.call("GET", "/acq/po-lines/" + made["number"])["status"]["value"] == "SENT"


def test_the_accounts_discount_counts_and_zero_does_not_undo_it(alma: Alma) -> None:
    body = {
        "vendor": code("CASALINI"),
        "vendor_account": "CASALINI",
        "fund_distribution": [{"fund_code": code("BOCKER")}],
        "discount": "0",
    }
    alma.post(**body)
    assert alma.call("GET", "/acq/po-lines/POL-1")["discount"] == "10"
    (row,) = alma.call("GET", "/acq/funds/BOCKER/transactions")["fund_transaction"]
    assert row["amount"]["sum"] == "232.2"  # 2 × 129 less 10 %


def test_a_disabled_type_is_replaced_or_kept_with_an_alert() -> None:
    alma = with_institution(disabled_types={"PRINTED_BOOK_OT": "", "DB_OT": "E_BOOK_OT"})
    assert "PO Line type is disabled" in alma.post()["alert"][0]["desc"]
    assert alma.post(type=code("DB_OT"))["type"]["value"] == "E_BOOK_OT"


def test_an_electronic_line_has_no_copies(alma: Alma) -> None:
    assert alma.post(type=code("E_BOOK_OT"))["location"] == []


def test_a_huge_quantity_does_not_fill_the_memory(alma: Alma) -> None:
    (place,) = alma.post(location=[{"quantity": 99_999_999, "library": code("HBG")}])["location"]
    assert (place["quantity"], len(place["copy"])) == (99_999_999, 200)


def test_numbers_of_ones_own_do_not_collide(alma: Alma) -> None:
    alma.post(number="POL-2")
    assert alma.post()["number"] == "POL-3"
    assert alma.refused("POST", "/acq/po-lines", order(number="POL-2")) == (
        "401870",
        "PoLine POL-2 already exists.",
    )


def test_a_closed_catalogue_refuses_unknown_records() -> None:
    sent = order(resource_metadata={"mms_id": code("990009990000001501")})
    assert with_institution(closed_catalogue=True).refused("POST", "/acq/po-lines", sent)[0] == "401872"
    assert with_institution().call("POST", "/acq/po-lines", sent)["number"] == "POL-1"
