"""Lists and searches of lines: fields, statuses, order, paging, lag."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from alma_client import Alma, build, code, order, with_institution

from etl.simulator import Timing


@pytest.fixture
def stocked(alma: Alma) -> Alma:
    alma.post(
        resource_metadata={
            "title": "Bok B",
            "author": "Holm",
            "isbn": "9789100000028",
            "publisher": "Ankaret",
            "publication_year": "2026",
        }
    )
    alma.post(resource_metadata={"title": "Bok A", "isbn": "9100000000"}, vendor=code("BTJ"), vendor_account="BTJ", po_number="PO-77",
              expected_receipt_date="2026-04-02Z", location=[{"quantity": 1, "library": code("MAIN"), "shelving_location": "MAG", "copy": [{"enumeration_a": "7"}]}])  # fmt: skip
    alma.post(
        resource_metadata={"title": "Tidskrift C", "issn": "0028-0836"},
        acquisition_method=code("TECHNICAL"),
        owner=code("MAIN"),
    )
    return alma


def numbers(alma: Alma, **query: str) -> list[str]:
    return [line["number"] for line in alma.call("GET", "/acq/po-lines", **query).get("po_line", [])]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("title~bok", ["POL-1", "POL-2"]), ("title~bok_a", ["POL-2"]), ("author~holm", ["POL-1"]), ("publisher~ankaret", ["POL-1"]),
        ("publication_year~2026", ["POL-1"]), ("issn_isbn~978-91-0-000000-4", ["POL-2"]), ("issn_isbn~9789100000004", ["POL-2"]),
        ("issn_isbn~00280836", ["POL-3"]), ("vendor_code~BTJ", ["POL-2"]), ("vendor_name~btj", ["POL-2"]), ("vendor_account~BTJ", ["POL-2"]),
        ("fund_code~HBG-BOK", ["POL-1", "POL-2", "POL-3"]), ("fund_name~böcker", ["POL-1", "POL-2", "POL-3"]), ("number~pol-3", ["POL-3"]),
        ("po_number~PO-77", ["POL-2"]), ("shelving_location~MAG", ["POL-2"]), ("item_library~MAIN", ["POL-2"]), ("enumeration_a~7", ["POL-2"]),
        ("all~holm", ["POL-1"]), ("title~bok AND vendor_code~ADLIBRIS", ["POL-1"]), ("issn_isbn~9789100000028 AND vendor_code~BTJ", []),
        ("all~A-1001", []),  # the vendor's reference is in no index
    ],
)  # fmt: skip
def test_search(stocked: Alma, q: str, found: list[str]) -> None:
    assert numbers(stocked, q=q, order_by="number", direction="asc") == found


def test_search_by_record(stocked: Alma) -> None:
    mms = stocked.call("GET", "/acq/po-lines/POL-1")["resource_metadata"]["mms_id"]["value"]
    assert numbers(stocked, q=f"mms_id~{mms}") == ["POL-1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            {"q": "vendor_reference_number~A-1001"},
            ("40188600", "Search query parameter vendor_reference_number is not supported."),
        ),
        (
            {"q": "words without a field"},
            ("40188600", "Search query parameter words without a field is not supported."),
        ),
        ({"order_by": "enumeration_a"}, ("40188602", "")),
        ({"order_by": "title,number"}, ("40188603", "")),
        ({"order_by": "enumeration_a,title", "q": "enumeration_a~7"}, ("40188603", "")),
        ({"order_by": "price"}, ("40188604", "order_by value price is invalid.")),
        ({"limit": "many"}, ("402119", "General error.")),
        ({"status": "LOST"}, ("402119", "General error.")),
        ({"min_expected_arrival_date": "garbage"}, ("402119", "General error.")),
        ({"max_expected_arrival_date": "2026-02-30"}, ("402119", "General error.")),
    ],
)
def test_refused(stocked: Alma, query: dict[str, str], expected: tuple[str, str]) -> None:
    got, message = stocked.refused("GET", "/acq/po-lines", **query)
    assert got == expected[0]
    assert message.startswith(expected[1])


def test_a_search_follows_a_change(alma: Alma) -> None:
    alma.post(resource_metadata={"title": "Bok", "isbn": "9789100000035"})
    changed = {"resource_metadata": {"isbn": "9789100000042", "issn": "0028-0836"}}
    alma.call("PUT", "/acq/po-lines/POL-1", changed)
    assert numbers(alma, q="issn_isbn~9789100000042") == ["POL-1"]
    assert numbers(alma, q="issn_isbn~00280836") == ["POL-1"]
    assert numbers(alma, q="issn_isbn~9789100000035") == []


def test_a_line_ordered_by_record_number_is_found_by_the_records_isbn(alma: Alma) -> None:
    made = alma.post(resource_metadata={"mms_id": code("990000012340001501")})
    assert made["resource_metadata"]["isbn"] == "9789100000004"
    assert numbers(alma, q="issn_isbn~978-91-0-000000-4") == ["POL-1"]


def test_letters_beyond_ascii_are_found_in_any_case() -> None:
    alma = with_institution(vendors=[{"code": "ÅBO", "accounts": [{"code": "ÅBO"}]}])
    alma.post(vendor=code("ÅBO"), vendor_account="ÅBO", number="ÖL-1")
    for query in ("vendor_code~ÅBO", "vendor_code~åbo", "number~öl-1", "number~ÖL-1"):
        assert numbers(alma, q=query) == ["ÖL-1"]


def test_too_many_hits() -> None:
    alma = build(timing=Timing.instant(), most_hits=1)
    alma.post()
    alma.post()
    assert alma.refused("GET", "/acq/po-lines", q="title~fyren")[0] == "40188605"
    assert len(numbers(alma)) == 2


def test_order_and_paging(stocked: Alma) -> None:
    assert numbers(stocked) == ["POL-3", "POL-1", "POL-2"]  # title, descending
    assert numbers(stocked, order_by="title", direction="asc") == ["POL-2", "POL-1", "POL-3"]
    assert numbers(stocked, order_by="item_library", q="item_library~main") == ["POL-2"]
    page = stocked.call("GET", "/acq/po-lines", limit="1", offset="1", order_by="number", direction="asc")
    assert ([line["number"] for line in page["po_line"]], page["total_record_count"]) == (["POL-2"], 3)
    assert stocked.call("GET", "/acq/po-lines", limit="0") == {"total_record_count": 3}


def test_at_most_a_hundred_rows(alma: Alma) -> None:
    for _ in range(101):
        alma.post()
    assert len(numbers(alma, limit="500")) == 100


def test_filters(stocked: Alma) -> None:
    assert numbers(stocked, acquisition_method="TECHNICAL,GIFT") == ["POL-3"]
    assert numbers(stocked, library="MAIN") == ["POL-3"]
    # POL-2 was given a day; POL-1 is expected thirty days, its account's interval, after it was sent; POL-3 waits
    assert numbers(
        stocked, min_expected_arrival_date="2026-04-02", max_expected_arrival_date="2026-04-30"
    ) == ["POL-2"]
    assert numbers(stocked, max_expected_arrival_date="2026-04-01") == ["POL-1"]
    assert stocked.call("GET", "/acq/po-lines/POL-1")["expected_receipt_date"] == "2026-04-01Z"
    assert "expected_receipt_date" not in stocked.call("GET", "/acq/po-lines/POL-3")
    assert numbers(stocked, min_expected_arrival_date="2026-04-03") == []


def test_all_leaves_out_what_is_closed(stocked: Alma) -> None:
    store = stocked.app.world.store
    for number, status in (("POL-1", "CLOSED"), ("POL-2", "CANCELLED")):
        line = store.line(number)
        assert line is not None
        store.change_line(replace(line, fixed=status), 0)
    seen = {
        status: sorted(numbers(stocked, status=status))
        for status in ("ALL", "ALL_WITH_CLOSED", "ACTIVE", "CLOSED", "CANCELLED")
    }
    assert seen == {"ALL": ["POL-2", "POL-3"], "ALL_WITH_CLOSED": ["POL-1", "POL-2", "POL-3"], "ACTIVE": ["POL-3"],
                    "CLOSED": ["POL-1"], "CANCELLED": ["POL-2"]}  # fmt: skip


def test_rows_are_brief_unless_expanded(stocked: Alma) -> None:
    (row,) = stocked.call("GET", "/acq/po-lines", q="number~POL-1")["po_line"]
    assert row.keys() & {"note", "location"} == set()
    (row,) = stocked.call("GET", "/acq/po-lines", q="number~POL-1", expand="NOTES,locations")["po_line"]
    assert row.keys() >= {"note", "location"}


def test_without_hits_the_array_is_absent(alma: Alma) -> None:
    assert alma.call("GET", "/acq/po-lines", q="title~nothing") == {"total_record_count": 0}
    assert alma.xml("GET", "/acq/po-lines").attrib == {"total_record_count": "0"}


def test_lists_lag_behind_and_single_lines_do_not(slow_alma: Alma) -> None:
    slow_alma.post()
    slow_alma.call(
        "POST",
        "/users/bo.ek/purchase-requests",
        {"resource_metadata": {"citation_type": code("BOOK"), "title": "x"}},
    )
    lists: list[Any] = []
    for _ in range(2):
        lists.append([slow_alma.call("GET", path)["total_record_count"] for path in (
            "/acq/po-lines", "/acq/vendors/ADLIBRIS/po-lines", "/acq/purchase-requests", "/users/bo.ek/purchase-requests")])  # fmt: skip
        assert slow_alma.call("GET", "/acq/po-lines/POL-1")["number"] == "POL-1"
        slow_alma.clock.now += 3
    assert lists == [[0, 0, 0, 0], [1, 1, 1, 1]]


def test_a_vendors_lines(stocked: Alma) -> None:
    assert [line["number"] for line in stocked.call("GET", "/acq/vendors/BTJ/po-lines")["po_line"]] == [
        "POL-2"
    ]
    assert stocked.call("GET", "/acq/vendors/OASIS/po-lines") == {"total_record_count": 0}
    assert stocked.refused("GET", "/acq/vendors/NOPE/po-lines") == ("401871", "Vendor NOPE not found.")


def test_a_search_cannot_reach_the_database(stocked: Alma) -> None:
    assert numbers(stocked, q="issn_isbn~' or 1=1 --") == []
    assert numbers(stocked, library="x' or '1'='1") == []
    assert stocked.call("POST", "/acq/po-lines", order())["number"] == "POL-4"
