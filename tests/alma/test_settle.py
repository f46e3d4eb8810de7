"""Whose is it? What was sent compared with what Alma holds."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from etl.alma.alma_clock import AlmaClock
from etl.alma.candidate import likeness_of, young_enough
from etl.alma.client import AlmaClient
from etl.alma.facts import Facts
from etl.alma.patience import Patience
from etl.alma.settle import FIRST_ASKED, Finding, Inquiry, _queries
from etl.alma.wire import Received, Sent
from etl.ledger.orders import NOBODYS, Cause, Order, State

SENT = Facts(
    vendor="BTJ", vendor_account="BTJ", reference="O-1", owner="HBG", isbn="9789199990002", title="Påhittad bok",
    price="249", currency="SEK", quantity="1",
)  # fmt: skip
STORED = replace(SENT, number="POL-1", created="2024-03-11", type="PRINTED_BOOK_OT")


@pytest.mark.parametrize(
    ("change", "likeness"),
    [
        ({}, "same"),
        ({"title": "Påhittad bok /"}, "same"),
        ({"title": "Another", "isbn": "9789199990002"}, "same"),
        ({"title": "Påhittad bok", "isbn": ""}, "same"),
        ({"vendor_account": ""}, "same"),
        ({"reference": " o-1"}, "same"),
        ({"reference": "O-2"}, "akin"),
        ({"reference": "O"}, "akin"),
        ({"reference": "O-2", "title": "Another", "isbn": "9789199990019"}, "other"),
        ({"reference": "O-2", "vendor": "BOKUS"}, "other"),
        ({"reference": "O-2", "vendor": "btj", "price": "1", "created": "1999-01-01"}, "akin"),
        ({"reference": "O-2", "title": "Påhittad bok : om något", "isbn": ""}, "akin"),
        ({"reference": ""}, "near"),
        ({"reference": "", "vendor": "BOKUS"}, "other"),
        ({"reference": "", "isbn": "9789199990019", "title": "Another"}, "other"),
        ({"price": "299"}, "near"),
        ({"quantity": "2"}, "near"),
        ({"vendor": "BOKUS"}, "near"),
        ({"title": "Another", "isbn": "9789199990019"}, "near"),
    ],
)
def test_an_order_line_with_our_reference(change: dict[str, str], likeness: str) -> None:
    assert likeness_of(SENT, replace(STORED, **change), "po_line") == likeness


@pytest.mark.parametrize(
    ("change", "likeness"),
    [
        ({"reference": ""}, "near"),
        ({"reference": "BY-HAND"}, "akin"),
        ({"reference": "", "price": "1"}, "near"),
        ({"reference": "", "vendor": "BOKUS"}, "other"),
        ({"reference": "", "isbn": "9789199990019", "title": "Another"}, "other"),
    ],
)
def test_an_order_line_without_reference_is_never_surely_ours(change: dict[str, str], likeness: str) -> None:
    assert likeness_of(replace(SENT, reference=""), replace(STORED, **change), "po_line") == likeness


@pytest.mark.parametrize(
    ("change", "likeness"),
    [
        ({"created_from": "API"}, "same"),
        ({"created_from": "PRIMO"}, "other"),
        ({"note": "another"}, "near"),
        ({"price": "1"}, "near"),
        ({"isbn": "", "title": "Another"}, "other"),
    ],
)
def test_a_purchase_request_agrees_in_everything(change: dict[str, str], likeness: str) -> None:
    assert likeness_of(SENT, replace(STORED, **change), "purchase_request") == likeness


@pytest.mark.parametrize(
    ("stored", "likeness"),
    [(("O-1", "P-1"), "same"), (("O-1", ""), "near"), (("", "P-1"), "near"), (("O-1", "P-2"), "near"), (("", "P-2"), "akin")],
)  # fmt: skip
def test_of_two_references_one_may_be_missing(stored: tuple[str, str], likeness: str) -> None:
    sent = replace(SENT, additional_reference="P-1")
    reference, additional = stored
    found = replace(STORED, reference=reference, additional_reference=additional)
    assert likeness_of(sent, found, "po_line") == likeness


@pytest.mark.parametrize(
    ("sent", "queries"),
    [
        (SENT, ["issn_isbn~9789199990002", "title~påhittad_bok AND vendor_code~BTJ"]),
        (Facts(mms_id="99 1"), ["mms_id~99_1"]),
        (Facts(title="A ~ B: c!"), ["title~a_b_c"]),
        (Facts(title="Fja\u0308llens bok"), ["title~fjällens_bok"]),
        (Facts(title="???"), []),
        (Facts(number="HBG-1"), ["number~HBG-1"]),
    ],
)
def test_what_is_searched_by(sent: Facts, queries: list[str]) -> None:
    assert [query for query, _ in _queries(sent)] == queries


_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(one.name for one in fields(Order)), "id": 1, "target": "po_line", "key": ("BTJ", "O-1"), "state": State.UNKNOWN,
    "version": 1, "attempts": 1, "created_at": "2024-03-11T10:00:00.000Z", "user_id": "bo.ek", "payload": json.dumps(
        {"vendor": {"value": "BTJ"}, "vendor_reference_number": "O-1",
         "resource_metadata": {"title": "Påhittad bok", "isbn": "9789199990002"}}),
}  # fmt: skip
ORDER = Order(**_COLUMNS)


Answers = Mapping[str, tuple[int, dict[str, Any]]]


def inquiry(answers: Answers, owners: dict[str, int] | None = None) -> Inquiry:
    """Of an Alma that answers so, by the beginning of the path; anything else lists nothing. `owners`: the
    ledger's.
    """

    def alma(request: Sent) -> Received:
        path = request.path.removeprefix("/almaws/v1")
        status, document = next(
            (answer for start, answer in answers.items() if path.startswith(start)),
            (200, {"total_record_count": 0}),
        )
        return Received(status, {"content-type": "application/json"}, json.dumps(document).encode())

    patience = Patience(first=0, read_tries=1)
    return Inquiry(AlmaClient(alma), patience, lambda _: owners or {}, 0, threading.Event())


def finding(answers: Answers, order: Order = ORDER) -> Finding:
    """What asking brings."""
    return inquiry(answers).settle(order)


def error(code: str, message: str = "") -> tuple[int, dict[str, Any]]:
    named = {"errorCode": code, "errorMessage": message, "trackingId": "E01"}
    return 400, {"errorsExist": True, "errorList": {"error": [named]}}


REQUEST = replace(ORDER, target="purchase_request")
ROW = {"number": "POL-1", "created_date": "2024-03-11Z"}


@pytest.mark.parametrize(
    ("answers", "order", "verdict"),
    [
        ({}, ORDER, "absent"),
        ({"/acq/po-lines?q=title": error("40188605", "more than 1000 items")}, ORDER, "unsure"),
        ({"/acq/po-lines?q=issn": error("40188600")}, ORDER, "unsure"),
        ({"/acq/po-lines?q=issn": error("999999", "never heard of")}, ORDER, "unsure"),
        ({"/acq/po-lines?q=issn": error("402119", "General error")}, ORDER, "not asked"),
        ({"/acq/po-lines?q=issn": (200, {"po_line": [ROW] * 100, "total_record_count": 5000})}, ORDER, "unsure"),
        (
            {"/acq/po-lines?q=issn": (200, {"po_line": [ROW], "total_record_count": 1}),
             "/acq/po-lines/POL-1": error("401871", "Po-Line POL-1 not found.")}, ORDER, "unsure",
        ),
        (
            {"/acq/po-lines?q=issn": (200, {"po_line": [ROW], "total_record_count": 1}),
             "/acq/po-lines/POL-1": error("401664", "restricted")}, ORDER, "unsure",
        ),
        ({"/acq/po-lines?q=issn": (200, {"total_record_count": 7})}, ORDER, "unsure"),
        ({}, replace(ORDER, payload='{"resource_metadata": {"title": "Påhittad bok"}}'), "unsure"),
        ({}, REQUEST, "absent"),
        ({"/users/bo.ek/": error("401890", "User not found")}, REQUEST, "unsure"),
    ],
)  # fmt: skip
def test_a_refused_search_has_not_found_nothing(
    answers: Mapping[str, tuple[int, dict[str, Any]]], order: Order, verdict: str
) -> None:
    """Absent means posted again, so only an answer that shows the order is not there may say it."""
    assert finding(answers, order).verdict == verdict


OURS = {
    **json.loads(ORDER.payload),
    "number": "POL-1",
    "created_date": "2024-03-11Z",
    "price": {"sum": "249.00", "currency": {"value": "SEK"}},
}
NEAR = OURS | {"vendor_reference_number": ""}
AKIN = OURS | {"vendor_reference_number": "BY-HAND"}
OTHER = AKIN | {"resource_metadata": {"title": "Another", "isbn": "9789199990019"}}
BOKUS = OURS | {"vendor": {"value": "BOKUS"}, "vendor_reference_number": "B-1"}
OLD = OURS | {"created_date": "2023-03-11Z"}


def holding(*lines: dict[str, Any]) -> Answers:
    """An Alma that has these, and lists them all as of the title that is asked for by its words."""
    stored = {f"POL-{place}": line | {"number": f"POL-{place}"} for place, line in enumerate(lines, 1)}
    rows = [{"number": number, "created_date": line["created_date"]} for number, line in stored.items()]
    listed = {"po_line": rows, "total_record_count": len(rows)}
    return {
        "/acq/po-lines?q=title": (200, listed),
        **{f"/acq/po-lines/{number}": (200, line) for number, line in stored.items()},
    }


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ([OURS], "found"),
        ([OTHER, OURS, OTHER], "found"),
        ([OURS, AKIN], "found"),
        ([NEAR], "unsure"),
        ([AKIN], "unsure"),
        ([OLD], "unsure"),
        ([OURS, NEAR], "unsure"),
        ([NEAR, OURS], "unsure"),
        ([OURS, OLD], "unsure"),
        ([OURS, OURS], "unsure"),
        ([OTHER, OTHER], "absent"),
        ([], "absent"),
    ],
)
def test_only_one_that_is_ours_beside_none_that_may_be_is_found(
    lines: list[dict[str, Any]], verdict: str
) -> None:
    found = finding(holding(*lines))
    assert (found.verdict, bool(found.words)) == (verdict, True)
    if verdict == "found":
        assert lines[int(found.number.removeprefix("POL-")) - 1] is OURS
    if verdict == "unsure":
        doubtful = [f"POL-{place}" for place, one in enumerate(lines, 1) if one is not OTHER]
        assert found.cause is not None
        assert found.cause.values["count"] == len(doubtful)
        assert all(number in found.words for number in doubtful), "each that may be it is named"


@pytest.mark.parametrize("line", [OURS, NEAR, AKIN, OLD])
def test_what_the_ledger_knows_as_another_order_is_not_ours(line: dict[str, Any]) -> None:
    """Whatever agrees, and whichever way it is come by; its own line stays its own."""
    by_number = {"/acq/po-lines/POL-1": (200, line)}
    for owner, known in ((2, True), (ORDER.id, False)):
        owners = {"POL-1": owner}
        verdicts = [
            inquiry(holding(line), owners).settle(ORDER).verdict,
            inquiry(by_number, owners).by_number("POL-1", ORDER).verdict,
        ]
        assert verdicts == ["absent"] * 2 if known else "absent" not in verdicts, owner
    assert inquiry(holding(line, OURS), {"POL-1": 2}).settle(ORDER).number == "POL-2"


@pytest.mark.parametrize(("target", "status"), [("po_line", "CANCELLED"), ("purchase_request", "REJECTED")])
def test_what_has_ended_is_never_surely_the_order(target: str, status: str) -> None:
    stored = replace(STORED, status=status)
    assert likeness_of(SENT, replace(stored, status="SENT"), target) == "same"
    assert likeness_of(SENT, stored, target) == "near"
    assert likeness_of(replace(SENT, number="POL-1"), stored, target) == "near"


CANCELLED = {"status": {"value": "CANCELLED", "desc": "Cancelled"}}


def test_a_person_is_told_that_it_was_cancelled() -> None:
    found = finding(holding({**OURS, **CANCELLED}))
    assert (found.verdict, "CANCELLED" in found.words) == ("unsure", True)
    assert finding(holding({**OURS, **CANCELLED}, OURS)).verdict == "unsure"


@pytest.mark.parametrize("owner", [ORDER.id, *NOBODYS])
@pytest.mark.parametrize("line", [OURS, NEAR, AKIN, OLD])
def test_what_was_an_order_of_ours_is_in_the_way_until_alma_shows_it_ended(
    line: dict[str, Any], owner: int
) -> None:
    for document, absent in ((line, False), ({**line, **CANCELLED}, True)):
        owners = {"POL-1": owner}
        verdicts = [
            inquiry(holding(document), owners).settle(ORDER).verdict,
            inquiry({"/acq/po-lines/POL-1": (200, document)}, owners).by_number("POL-1", ORDER).verdict,
        ]
        assert [verdict == "absent" for verdict in verdicts] == [absent] * 2


SLACK = {"po_line": 14, "purchase_request": 2}
DAY = date(2024, 3, 11)


@pytest.mark.parametrize("target", SLACK)
@pytest.mark.parametrize("today", [-400, 0, 3, None])
def test_days_of_almas_may_be_off_by_some(target: str, today: int | None) -> None:
    """Counted from the attempt, or from Alma's own today where that is earlier: our clock may be ahead."""
    now = DAY + timedelta(days=today) if today is not None else None
    first = min(DAY, now or DAY) - timedelta(days=SLACK[target])
    for days in range(-20, 20):
        created = first + timedelta(days=days)
        stored = replace(STORED, created=created.isoformat())
        assert young_enough(stored, target, f"{DAY}T10:00:00.000Z", now) is (days >= 0), created


@pytest.mark.parametrize(
    ("created", "attempt", "now", "young"),
    [
        ("", "2024-03-11", DAY, True),
        ("2024-13-41", "2024-03-11", DAY, True),
        ("1999-01-01 about", "2024-03-11", DAY, True),
        ("2024-03-11", "no day", DAY, True),
        ("2024-03-11", "", DAY, True),
        ("2024-01-11", "", DAY, False),
        ("2024-03-11", "", None, False),
        ("0001-01-01", "0001-01-03", None, True),
    ],
)
def test_a_day_that_is_none_makes_no_line_old(
    created: str, attempt: str, now: date | None, young: bool
) -> None:
    assert young_enough(replace(STORED, created=created), "po_line", attempt, now) is young


def test_a_number_that_alma_will_not_show_now_says_nothing() -> None:
    """Neither that the order is there nor that the number is another's."""
    for answer in (error("402119", "General error"), error("401871"), (500, {})):
        asked = inquiry({"/acq/po-lines/POL-1": answer}).by_number("POL-1", ORDER)
        assert (asked.verdict, asked.failure is not None, bool(asked.words)) == ("not asked", True, True)


def test_where_a_title_is_all_there_is_the_newest_of_the_vendor_are_read_too() -> None:
    """How Alma searches titles is not documented."""
    bare = {**OURS, "resource_metadata": {"title": "Påhittad bok"}}
    order = replace(ORDER, payload=json.dumps({name: one for name, one in bare.items() if name != "number"}))
    stored = holding(bare)
    newest = {"/acq/po-lines?q=vendor_code": stored.pop("/acq/po-lines?q=title"), **stored}
    assert finding(newest, order).verdict == "found"
    assert finding({}, order).verdict == "absent"


@pytest.mark.parametrize("told", [True, False], ids=["with total", "without total"])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250, 999, 1000, 1001, 1100, 5000])
def test_a_list_is_read_to_its_end_or_proves_nothing(count: int, told: bool) -> None:
    """Up to a thousand rows; of more the rest is not asked for."""
    pages: list[int] = []

    def alma(request: Sent) -> Received:
        asked = parse_qs(urlsplit(request.path).query)
        rows: list[dict[str, str]] = []
        document: dict[str, Any] = {"po_line": rows, "total_record_count": 0}
        if asked["q"][0].startswith("issn_isbn"):
            start, most = int(asked["offset"][0]), int(asked["limit"][0])
            pages.append(start)
            shown = range(start, min(start + most, count))
            rows += [BOKUS | {"number": f"POL-{number}"} for number in shown]
            document = {"po_line": rows, **({"total_record_count": count} if told else {})}
        return Received(200, {}, json.dumps(document).encode())

    asking = Inquiry(AlmaClient(alma), Patience(first=0, read_tries=1), lambda _: {}, 0, threading.Event())
    whole = count <= 1000 if told else count < 1000
    assert asking.settle(ORDER).verdict == ("absent" if whole else "unsure")
    last = count if told or not whole else count + 1  # a full page that may be the last has another after it
    assert pages == list(range(0, min(max(last, 1), 1000), 100))


@pytest.mark.parametrize(("asked", "left"), [(1000.0, 300.0), (1099.0, 300.0), (990.0, 290.0), (699.0, None)])
def test_how_long_it_may_still_come(asked: float, left: float | None) -> None:
    """By Alma's clock; one that was put back since gives the whole time anew, and no more."""
    client = AlmaClient(lambda _: Received(200, {}, b'{"total_record_count": 0}'))
    patience = Patience(first=0, read_tries=1)
    asking = Inquiry(client, patience, lambda _: {}, 300, threading.Event())
    order = replace(ORDER, cause=Cause(FIRST_ASKED, values={"at": asked}))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(AlmaClock, "now", lambda _: 1000.0)
        found = asking.first(order)
    assert (found.verdict, found.left or None) == (("absent", None) if left is None else ("early", left))
