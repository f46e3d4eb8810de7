"""Purchase requests: checks in Alma's order, and their life until a line, a rejection or their end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alma_client import Alma, build, code, sek, wish, with_institution

USER = "/users/bo.ek/purchase-requests"
ONE = "/acq/purchase-requests/1"


def meta(**members: Any) -> dict[str, Any]:
    return {"resource_metadata": {"citation_type": code("BOOK"), "title": "Skogens ljus", **members}}


CHECKS: list[tuple[dict[str, Any], str, str]] = [
    ({"resource_metadata": None}, "60274", "Resource metadata is required."),
    ({"resource_metadata": {}}, "60274", "Resource metadata is required."),
    (meta(mms_id=code("991")), "60221", "Mms ID is not valid."),
    (meta(title=""), "60273", "Title is missing."),
    ({"resource_metadata": {"title": "x"}}, "60280", "Purchase request citation not valid."),
    (meta(citation_type=code("FILM")), "60280", "Purchase request citation not valid."),
    ({"format": code("PHYSICAL")}, "60270", "Requested format is not valid."),
    ({"requested_type": code("PAPER")}, "60329", "Purchase requested material type is not valid."),
    ({"format": code("E"), "requested_type": code("DVD")}, "60329", "Purchase requested material type is not valid."),
    ({"owning_library": code("NOPE")}, "402469", "Library is not valid."),
    ({"estimated_cost": {"sum": "1", "currency": code("XXX")}}, "60271", "Currency is not valid."),
    ({"vendor": code("NOPE")}, "402880", "Vendor is not valid."),
    ({"vendor_account": None}, "60272", "Vendor account is not valid."),
    ({"vendor_account": "BTJ"}, "60272", "Vendor account is not valid."),
    ({"fund": code("NOPE")}, "60279", "Fund is not valid."),
    ({"location": [{"quantity": 1, "library": code("NOPE")}]}, "60281", "Purchase request location's library not valid."),
    ({"location": [{"quantity": 1, "library": code("HBG"), "shelving_location": "NOPE"}]}, "60282", "Purchase request location's shelving location not valid."),
    ({"location": [{"quantity": 0, "library": code("HBG")}]}, "60283", "Purchase request location's quantity not valid."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "number", "text"), CHECKS)
def test_refused(alma: Alma, changes: dict[str, Any], number: str, text: str) -> None:
    assert alma.refused("POST", USER, wish(**changes)) == (number, text)
    assert alma.call("GET", USER) == {"total_record_count": 0}


def test_the_checks_come_in_alma_s_order(alma: Alma) -> None:
    """Each check wrong together with every later one: the earlier answers."""
    picked = {
        "60274": 0,
        "60273": 3,
        "60280": 4,
        "60270": 6,
        "60329": 7,
        "402469": 9,
        "60271": 10,
        "402880": 11,
        "60279": 14,
        "60281": 15,
    }
    later: dict[str, Any] = {}
    for number, at in reversed(picked.items()):
        later = {**later, **CHECKS[at][0]}
        assert alma.refused("POST", USER, wish(**later))[0] == number


def test_an_unknown_user_is_captured_with_two_blanks(alma: Alma) -> None:
    assert alma.refused("POST", "/users/nobody/purchase-requests", wish()) == (
        "401890",
        "User with identifier nobody of type  was not found.",
    )
    assert (
        alma.refused("POST", USER, wish(), user_id_type="BARCODE")[1]
        == "User with identifier bo.ek of type BARCODE was not found."
    )
    assert alma.refused("GET", "/users/nobody/purchase-requests")[0] == "401890"
    made = alma.call("POST", "/users/20000001/purchase-requests", wish(), user_id_type="BARCODE")
    assert made["requester"]["value"] == "anna.lind"


def test_the_answer(alma: Alma) -> None:
    made = alma.call("POST", USER, wish())
    assert (made["request_id"], made["created_date"], made["status"]) == (
        "1",
        "2026-03-02Z",
        {"value": "INREVIEW", "desc": "In Review"},
    )
    assert made["created_from"]["value"] == "API"
    assert made["estimated_cost"] == {"sum": "249.0", "currency": {"value": "SEK", "desc": "Swedish Krona"}}
    assert made["note"] == [
        {"content": "önskas snart", "creation_date": "2026-03-02Z", "created_by": "exl_api"}
    ]
    assert alma.call("GET", ONE) == alma.call("GET", USER + "/1") == made
    smallest = alma.call("POST", USER, meta())
    assert smallest["format"] == {"value": "P", "desc": "Physical"}
    by_record = alma.call("POST", USER, {"resource_metadata": {"mms_id": code("990000012340001501")}})
    assert by_record["resource_metadata"]["mms_id"]["value"] == "990000012340001501"


@pytest.mark.parametrize(
    "path",
    [
        ONE,
        USER + "/1",
        "/acq/purchase-requests/x",
        "/acq/purchase-requests/%C2%B2",
        USER + "/99999999999999999999",
    ],
)
def test_no_such_request(alma: Alma, path: str) -> None:
    assert alma.refused("GET", path) == ("60276", "The purchase request identifier is not valid.")


def test_lists_and_filters(alma: Alma) -> None:
    alma.call("POST", USER, wish())
    alma.call(
        "POST",
        "/users/anna.lind/purchase-requests",
        wish(format=code("E"), requested_type=None, owning_library=code("MAIN"), location=None),
    )
    for query, count in (
        ({}, 2),
        ({"format": "E"}, 1),
        ({"owning_library": "HBG"}, 1),
        ({"status": "INREVIEW"}, 2),
        ({"status": "APPROVED"}, 0),
        ({"citation_type": "JOURNAL"}, 0),
    ):
        assert alma.call("GET", "/acq/purchase-requests/", **query)["total_record_count"] == count
    assert alma.refused("GET", "/acq/purchase-requests/", status="LOST")[0] == "40166410"
    assert alma.refused("GET", USER, status="LOST") == ("60275", "Purchase request status is not valid.")
    assert [row["request_id"] for row in alma.call("GET", USER)["purchase_request"]] == ["1"]
    assert alma.refused("GET", USER + "/2")[0] == "60276"
    assert alma.xml("GET", "/acq/purchase-requests/").findall("purchase_request")[1].findtext("format") == "E"


def test_approving_makes_a_line(alma: Alma) -> None:
    alma.call("POST", USER, wish())
    approved = alma.call("POST", ONE, {"approved_by": "anna.lind"}, op="approve")
    assert (approved["status"]["value"], approved["po_line"], approved["approved_by"]) == (
        "APPROVED",
        {"value": "POL-1"},
        "anna.lind",
    )
    line = alma.call("GET", "/acq/po-lines/POL-1")
    assert (line["vendor"]["value"], line["price"]["sum"], line["status"]["value"]) == (
        "BOKUS",
        "249.0",
        "SENT",
    )
    assert line["interested_user"][0]["primary_id"] == "bo.ek"
    assert alma.refused("POST", ONE, {"approved_by": "anna.lind"}, op="approve") == (
        "60309",
        "An active purchase order exists for this request.",
    )
    assert alma.refused("PUT", ONE, wish()) == ("60309", "Purchase request status not valid for update.")
    assert alma.refused("POST", USER + "/1", op="cancel")[0] == "60277"


@pytest.mark.parametrize(
    ("changes", "body", "op", "number"),
    [
        ({}, None, "approve", "60319"),
        ({}, {"approved_by": "bo.ek"}, "hug", "60319"),
        ({}, {"approved_by": "nobody"}, "approve", "60313"),
        ({}, {"requester_note": "ja"}, "approve", "60313"),
        ({"owning_library": None}, {"approved_by": "bo.ek"}, "approve", "60314"),
        ({}, {"comment": "no"}, "reject", "60308"),
        ({}, {"reject_reason": code("NOPE")}, "reject", "60308"),
    ],
)
def test_operations_refused(alma: Alma, changes: dict[str, Any], body: Any, op: str, number: str) -> None:
    alma.call("POST", USER, wish(**changes))
    assert alma.refused("POST", ONE, body, op=op)[0] == number


def test_approving_needs_a_line_type_and_a_record() -> None:
    alma = with_institution(po_line_types={"E": "E_BOOK_OT"})
    made = alma.call("POST", USER, wish())
    assert alma.refused("POST", ONE, {"approved_by": "bo.ek"}, op="approve")[0] == "60317"
    alma = with_institution()
    made = alma.call("POST", USER, wish())
    alma.app.world.store.drop_bib(made["resource_metadata"]["mms_id"]["value"])
    assert alma.refused("POST", ONE, {"approved_by": "bo.ek"}, op="approve")[0] == "60316"


def test_rejecting(alma: Alma) -> None:
    mms = alma.call("POST", USER, wish())["resource_metadata"]["mms_id"]["value"]
    rejected = alma.call("POST", ONE, {"reject_reason": code("BUDGET")}, op="reject")
    assert (rejected["status"]["value"], rejected["reject_reason"]["desc"]) == ("REJECTED", "No budget")
    assert alma.app.world.store.bib(mms) is None
    assert alma.refused("POST", ONE, {"reject_reason": code("BUDGET")}, op="reject") == (
        "60312",
        "Purchase request invalid status.",
    )


def test_rejecting_what_was_ordered_already_keeps_the_record(alma: Alma) -> None:
    made = alma.post(resource_metadata={"title": "Skogens ljus", "isbn": "9789100000035"})
    mms = made["resource_metadata"]["mms_id"]["value"]
    assert alma.call("POST", USER, wish())["resource_metadata"]["mms_id"]["value"] == mms
    rejected = alma.call("POST", ONE, {"reject_reason": code("OWNED")}, op="reject")
    assert rejected["status"]["value"] == "REJECTED"
    assert alma.app.world.store.bib(mms) is not None


def test_a_reject_that_cannot_delete_the_record_comes_on_request(alma: Alma) -> None:
    alma.call("POST", USER, wish())
    body = {"reject_reason": code("OWNED"), "requester_note": "SIM-FAULT-alma-60315"}
    assert alma.refused("POST", ONE, body, op="reject") == ("60315", "Delete bib failure during reject.")
    assert alma.call("GET", ONE)["status"]["value"] == "INREVIEW"


def test_cancelling_and_deleting(alma: Alma) -> None:
    alma.call("POST", USER, wish())
    assert alma.refused("POST", USER + "/1", op="hug") == ("401873", "The operation is not supported.")
    assert alma.refused("POST", "/users/nobody/purchase-requests/1", op="cancel")[0] == "401652"
    assert alma.refused("POST", "/users/anna.lind/purchase-requests/1", op="cancel")[0] == "60276"
    assert alma.call("POST", USER + "/1", op="cancel") == {}
    assert alma.refused("GET", ONE)[0] == "60276"
    assert alma.call("POST", USER, wish())["request_id"] == "2"  # a number is never given twice
    assert alma.raw("DELETE", "/acq/purchase-requests/2").status == 204
    assert alma.refused("DELETE", "/acq/purchase-requests/2") == (
        "60276",
        "Purchase request id is not valid.",
    )


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"resource_metadata": None}, "60274"), (meta(mms_id=code("991")), "60221"), (meta(title=""), "60273"), ({"format": code("X")}, "60270"),
        ({"requester": code("nobody")}, "401890"), ({"owning_library": code("X")}, "402469"), ({"vendor": code("X")}, "402880"),
        ({"vendor_account": "X"}, "60272"), ({"fund": code("X")}, "60279"), ({"requested_type": code("X")}, "60329"),
        ({"estimated_cost": {"sum": "1", "currency": code("X")}}, "60271"), ({"estimated_cost": {"sum": "1"}}, "60271"),
    ],
)  # fmt: skip
def test_put_refused(alma: Alma, changes: dict[str, Any], number: str) -> None:
    alma.call("POST", USER, wish())
    assert alma.refused("PUT", ONE, wish(**changes))[0] == number


def test_put(alma: Alma) -> None:
    alma.call("POST", USER, wish())
    assert alma.refused("PUT", ONE) == ("60308", "Purchase request update failed.")
    alma.clock.now += 86400
    changed = alma.call(
        "PUT",
        ONE,
        {
            **meta(mms_id=code("990000012350001501")),
            "note": [],
            "estimated_cost": sek("99"),
            "status": code("DEFERRED"),
        },
    )
    assert (changed["note"], changed["estimated_cost"]["sum"], changed["status"]["value"]) == (
        [],
        "99.0",
        "DEFERRED",
    )
    assert changed["vendor"]["value"] == "BOKUS"
    assert changed["resource_metadata"]["mms_id"]["value"] == "990000012350001501"
    assert (changed["created_date"], changed["last_modified_date"]) == ("2026-03-02Z", "2026-03-03Z")
    assert alma.call("GET", ONE) == changed


def test_put_counts_what_stays_with_what_is_sent(alma: Alma) -> None:
    """The format that is kept says which material types there are; the vendor that is kept, which accounts."""
    alma.call("POST", USER, wish(format=code("E"), requested_type=code("BOOK"), location=None))
    database = alma.call("PUT", ONE, {**meta(), "requested_type": code("DATABASE")})
    assert database["requested_type"] == {"value": "DATABASE", "desc": "Database"}
    assert alma.refused("PUT", ONE, {**meta(), "requested_type": code("DVD")})[0] == "60329"
    assert alma.refused("PUT", ONE, {**meta(), "format": code("P")})[0] == "60329"
    assert alma.refused("PUT", ONE, {**meta(), "vendor_account": "BTJ"})[0] == "60272"
    assert alma.refused("PUT", ONE, {**meta(), "vendor": code("BTJ")})[0] == "60272"


def test_put_of_another_requester_moves_the_request(alma: Alma) -> None:
    alma.call("POST", USER, wish())
    alma.call("PUT", ONE, {**meta(), "requester": code("anna.lind")})
    assert alma.call("GET", USER) == {"total_record_count": 0}
    assert alma.call("GET", "/users/anna.lind/purchase-requests")["total_record_count"] == 1
    assert alma.refused("POST", USER + "/1", op="cancel")[0] == "60276"


def test_a_request_whose_line_was_cancelled_has_no_active_order(alma: Alma) -> None:
    alma.call("POST", USER, wish())
    alma.call("POST", ONE, {"approved_by": "anna.lind"}, op="approve")
    alma.raw("DELETE", "/acq/po-lines/POL-1", reason="LIBRARY_CANCELLED")
    assert alma.refused("POST", ONE, {"approved_by": "anna.lind"}, op="approve") == (
        "60312",
        "Purchase request invalid status.",
    )


def test_the_line_of_a_request_knows_what_its_reader_asked_for(alma: Alma) -> None:
    alma.call("POST", USER, wish(hold_item=True, notify_cancel="true"))
    alma.call("POST", ONE, {"approved_by": "anna.lind"}, op="approve")
    (reader,) = alma.call("GET", "/acq/po-lines/POL-1")["interested_user"]
    flags = ("notify_receiving_activation", "hold_item", "notify_renewal", "notify_cancel")
    assert [reader[flag] for flag in flags] == [False, True, False, True]


def test_all_that_is_wrong_with_a_request_at_once() -> None:
    alma = build(all_refusals=True)
    body = wish(format=code("X"), fund=code("X"), resource_metadata={"isbn": "9789100000035"})
    answer = alma.raw("POST", USER, json.dumps(body).encode())
    codes = [error["errorCode"] for error in json.loads(answer.body)["errorList"]["error"]]
    assert codes == ["60273", "60280", "60270", "60279"]
