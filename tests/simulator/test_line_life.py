"""A line after it was posted: delays, changes, cancelling, receiving."""

from __future__ import annotations

from typing import Any

import pytest
from alma_client import Alma, code, order, sek

LINE = "/acq/po-lines/POL-1"


def status(alma: Alma) -> str:
    found: str = alma.call("GET", LINE)["status"]["value"]
    return found


def test_the_status_comes_later(slow_alma: Alma) -> None:
    slow_alma.post()
    seen = []
    for _ in range(3):
        seen.append(status(slow_alma))
        slow_alma.clock.now += 2.5
    assert seen == ["", "AUTO_PACKAGING", "SENT"]
    assert slow_alma.call("GET", LINE)["po_number"] == "PO-1"


def test_a_waiting_line_stays_in_review(slow_alma: Alma) -> None:
    slow_alma.post(vendor=None)
    assert "status_date" not in slow_alma.call("GET", LINE)
    slow_alma.clock.now += 1000
    assert slow_alma.call("GET", LINE)["status"] == {"value": "INREVIEW", "desc": "In Review"}


# --------------------------------------------------------------------------------------------- PUT


def put(alma: Alma, query: dict[str, str] | None = None, **members: Any) -> Any:
    return alma.call("PUT", LINE, members, **(query or {}))


def test_put_needs_a_body_and_a_line(alma: Alma) -> None:
    assert alma.refused("PUT", LINE) == ("401676", "Request body not found.")
    assert alma.refused("PUT", LINE, {}) == ("401871", "PO Line not found.")


@pytest.mark.parametrize(
    ("member", "value", "words"),
    [("vendor", code("BTJ"), "vendor"), ("vendor_account", "ADLIBRIS", "vendor account"), ("po_number", "PO-9", "po number"),
     ("acquisition_method", code("PURCHASE"), "acquisition method"), ("invoice_reference", "F1", "invoice reference"),
     ("access_provider", "P", "access provider")],
)  # fmt: skip
def test_some_members_move_only_before_the_order(
    slow_alma: Alma, member: str, value: Any, words: str
) -> None:
    slow_alma.post()
    slow_alma.clock.now += 3
    account = (
        {"vendor_account": "BTJ"} if member == "vendor" else {}
    )  # another's account would keep it In Review
    assert (
        put(slow_alma, **{member: value}, **account)[member] == value
        or put(slow_alma)[member]["value"] == value["value"]
    )
    slow_alma.clock.now += 10
    other = code("OASIS") if member == "vendor" else code("TECHNICAL") if isinstance(value, dict) else "other"
    message = (
        f"Failed to update the PO Line. Errors: Cannot update field: {words} for po line in status SENT ; "
    )
    assert slow_alma.refused("PUT", LINE, {member: other}) == ("401876", message)


def test_a_whole_document_can_be_sent_back(alma: Alma) -> None:
    alma.post(note=[{"note_text": "kvar"}])
    before = alma.call("GET", LINE)
    after = alma.call("PUT", LINE, {**before, "receiving_note": "ring"})
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"receiving_note", "note"}
    assert after["note"] == [
        {"note_text": "kvar", "creation_date": "2026-03-02Z", "created_by": "API, Ex Libris"}
    ]


def test_a_closed_lines_price_stays(alma: Alma) -> None:
    alma.post()
    line = alma.app.world.store.line("POL-1")
    assert line is not None
    line.fixed = "CLOSED"
    alma.app.world.store.change_line(line, 0)
    wanted = "Failed to update the PO Line. Errors: Cannot update field: list price for po line in status CLOSED ; "
    assert alma.refused("PUT", LINE, {"price": sek("130")}) == ("401876", wanted)


def test_a_new_price_needs_new_funds(alma: Alma) -> None:
    alma.post()
    wanted = "Failed to update the PO Line. Errors: The funding list contains invalid values. ; "
    assert alma.refused("PUT", LINE, {"price": sek("100")}) == ("401876", wanted)
    funds = [
        {"fund_code": code("HBG-BOK"), "amount": sek("150")},
        {"fund_code": code("HBG-BARN"), "amount": sek("50")},
    ]
    assert put(alma, price=sek("100"), fund_distribution=funds)["price"]["sum"] == "100.0"
    again = put(alma, {"redistribute_funds": "true"}, price=sek("200"), fund_distribution=[])
    assert [row["amount"]["sum"] for row in again["fund_distribution"]] == ["300.0", "100.0"]
    assert alma.call("GET", "/acq/funds/HBG-BARN")["encumbered_balance"]["sum"] == "100.0"


def test_lists_are_replaced_and_emptied_and_readers_kept(alma: Alma) -> None:
    alma.post(note=[{"note_text": "a"}], interested_user=[{"primary_id": "bo.ek"}])
    assert len(put(alma, receiving_note="x")["note"]) == 1
    emptied = put(alma, note=[], fund_distribution=[])
    assert emptied["note"] == []
    assert emptied["fund_distribution"][0]["fund_code"]["value"] == ""
    assert [one["primary_id"] for one in emptied["interested_user"]] == ["bo.ek"]


def test_a_temporary_copy_keeps_the_locations_as_they_are(alma: Alma) -> None:
    alma.post(location=[{"quantity": 1, "library": code("HBG"), "copy": [{"is_temp_location": "true"}]}])
    moved = [{"quantity": 3, "library": code("HBG"), "shelving_location": "BARN"}]
    assert put(alma, location=moved)["location"][0]["quantity"] == 1
    assert "temporary" in alma.app.log.entries[-1].notes[0]


def test_locations_are_replaced_unless_told_otherwise(alma: Alma) -> None:
    alma.post()
    moved = [{"quantity": 3, "library": code("HBG"), "shelving_location": "BARN"}]
    assert put(alma, {"update_inventory": "false"}, location=moved)["location"][0]["quantity"] == 2
    assert put(alma, location=moved)["location"][0]["shelving_location"] == "BARN"


def test_the_records_number_and_the_discount_do_not_move(alma: Alma) -> None:
    mms = alma.post()["resource_metadata"]["mms_id"]["value"]
    after = put(
        alma,
        discount="50",
        license=code("L"),
        resource_metadata={"mms_id": code("99123"), "title": "Ny titel"},
    )
    assert (after["resource_metadata"]["mms_id"]["value"], after["resource_metadata"]["title"]) == (
        mms,
        "Ny titel",
    )
    assert (after["discount"], after["license"]["value"]) == ("0", "")


def test_missing_data_that_is_supplied_ends_the_review(alma: Alma) -> None:
    alma.post(vendor_account=None)
    assert status(alma) == "INREVIEW"
    assert put(alma, vendor_account="ADLIBRIS")["status"]["value"] == "SENT"


def test_no_charge_on_put(alma: Alma) -> None:
    alma.post(acquisition_method=code("GIFT"))
    assert alma.refused("PUT", LINE, {"no_charge": True})[0] == "60320"


def test_the_date_shift_moves_dates_back_that_a_put_does_not_send(alma: Alma) -> None:
    shift: dict[str, str | None] = {"x-sim-fault": "date-shift"}
    body = order(type=code("PRINT_CO"), renewal_date="2027-03-01", expected_receipt_date="2026-05-05Z")
    assert alma.call("POST", "/acq/po-lines", body, shift)["expected_receipt_date"] == "2026-05-05Z"
    after = alma.call("PUT", LINE, {"renewal_date": "2027-03-01Z"}, shift)
    assert (after["renewal_date"], after["expected_receipt_date"]) == ("2027-03-01Z", "2026-05-04Z")


# ------------------------------------------------------------------------------------------ DELETE


def test_cancelling(alma: Alma) -> None:
    alma.post()
    assert alma.refused("DELETE", LINE)[0] == "401881"
    assert alma.refused("DELETE", LINE, reason="BORED") == (
        "401881",
        "Failed to cancel the PO Line. cancellation reason BORED is not valid",
    )
    assert alma.refused("DELETE", LINE, reason="LIBRARY_CANCELLED", bib="burn") == (
        "401874",
        "Failed to cancel the PO Line.",
    )
    answer = alma.raw("DELETE", LINE, reason="LIBRARY_CANCELLED", comment="fel")
    assert (answer.status, answer.body) == (204, b"")
    assert status(alma) == "CANCELLED"
    assert alma.refused("DELETE", LINE, reason="LIBRARY_CANCELLED") == (
        "401884",
        "PO Line already cancelled.",
    )
    assert alma.refused("DELETE", "/acq/po-lines/POL-9", reason="LIBRARY_CANCELLED") == (
        "401871",
        "Po-Line POL-9 not found.",
    )
    assert alma.call("GET", "/acq/funds/HBG-BOK")["encumbered_balance"]["sum"] == "0.0"


def test_cancelling_a_restricted_line_needs_the_override(alma: Alma) -> None:
    alma.post(cancellation_restriction=True)
    assert "Warning" in alma.refused("DELETE", LINE, reason="LIBRARY_CANCELLED")[1]
    assert alma.call("DELETE", LINE, reason="LIBRARY_CANCELLED", override="true", bib="delete") is None
    assert alma.post()["alert"] == []  # the record went along, and its inventory


# ------------------------------------------------------------------------------------------- items


def test_receiving_all_items_leads_to_the_invoice(alma: Alma) -> None:
    pids = [copy["pid"] for copy in alma.post()["location"][0]["copy"]]
    listed = alma.call("GET", LINE + "/items")
    assert (listed["total_record_count"], len(listed["item"])) == (2, 2)
    assert alma.refused("POST", f"{LINE}/items/{pids[0]}")[0] == "40166411"
    assert (
        alma.refused("POST", f"{LINE}/items/{pids[0]}", op="receive", receive_date="yesterday")[0]
        == "40166411"
    )
    for day in ("2026-99-99Z", "2026-02-30"):
        assert (
            alma.refused("POST", f"{LINE}/items/{pids[0]}", op="receive", receive_date=day)[0] == "40166411"
        )
        assert alma.refused("POST", f"{LINE}/items", receive_date=day)[0] == "40166411"
    assert alma.refused("POST", f"{LINE}/items/{pids[0]}", op="receive", department="NOPE")[0] == "401875"
    assert alma.refused("POST", f"{LINE}/items/77", op="receive")[0] == "401877"
    assert alma.refused("POST", "/acq/po-lines/POL-7/items/77", op="receive") == (
        "401871",
        "Failed to find the PO Line.",
    )
    answer = alma.raw(
        "POST",
        f"{LINE}/items/{pids[0]}",
        b"<item/>",
        op="receive",
        receive_date="2026-03-01Z",
        department="ACQ",
    )
    assert (answer.status, answer.kind) == (
        200,
        "application/xml;charset=UTF-8",
    )  # XML to a client that asked for JSON
    assert b"<arrival_date>2026-03-01Z</arrival_date>" in answer.body
    assert alma.refused("POST", f"{LINE}/items/{pids[0]}", op="receive")[0] == "401877"
    assert status(alma) == "SENT"
    assert alma.raw("POST", f"{LINE}/items/{pids[1]}", op="receive").status == 200
    assert status(alma) == "WAITING_FOR_INVOICE"


def test_receiving_one_item_more(alma: Alma) -> None:
    alma.post()
    body = {"item_data": {"barcode": "B-1"}}
    assert alma.raw("POST", LINE + "/items", b'{"item_data":{"barcode":"B-1"}}').status == 200
    assert alma.call("GET", LINE)["location"][0]["quantity"] == 3
    assert alma.refused("POST", LINE + "/items", body) == (
        "401878",
        "Failed to update the item after the receive.",
    )


def test_a_line_in_review_receives_nothing(alma: Alma) -> None:
    pid = alma.post(vendor=None)["location"][0]["copy"][0]["pid"]
    assert alma.refused("POST", f"{LINE}/items/{pid}", op="receive") == (
        "401877",
        "Failed to receive PO Line: the line is in status INREVIEW",
    )


def test_a_copy_with_a_receive_date_is_received_at_once(alma: Alma) -> None:
    copy = alma.post(
        location=[{"quantity": 1, "library": code("HBG"), "copy": [{"receive_date": "2026-02-01"}]}]
    )["location"][0]["copy"][0]
    assert copy["receive_date"] == "2026-02-01Z"
    assert "received" in alma.refused("DELETE", LINE, reason="LIBRARY_CANCELLED")[1]
