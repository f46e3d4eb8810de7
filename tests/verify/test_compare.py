"""Sent and stored documents → only the differences that matter."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from etl.alma.compare import differences

SENT: dict[str, Any] = {
    "owner": {"value": "HBG"},
    "price": {"sum": "54.10", "currency": {"value": "SEK"}},
    "rush": "false",
    "expected_receipt_date": "2026-04-01Z",
    "receiving_note": "Signera",
    "resource_metadata": {
        "title": "Vindens öar",
        "isbn": "9789199990019",
        "system_control_number": ["(LIBRIS)1"],
    },
    "fund_distribution": [
        {"fund_code": {"value": "A"}, "amount": {"sum": "50", "currency": {"value": "SEK"}}},
        {"fund_code": {"value": "B"}, "amount": {"sum": "4.10", "currency": {"value": "SEK"}}},
    ],
    "note": [{"note_text": "ett"}, {"note_text": "två"}],
    "location": [{"quantity": "2", "library": {"value": "HBG"}, "shelving_location": "VUXEN"}],
}
STORED: dict[str, Any] = {
    **copy.deepcopy(SENT),
    "number": "POL-1",
    "status": {"value": "SENT", "desc": "Sent"},
    "price": {"sum": "54.1", "currency": {"value": "SEK", "desc": "Swedish Krona"}},
    "vendor_note": "",
    "resource_metadata": {
        "mms_id": {"value": "99", "link": "https://x"},
        "title": "Vindens  öar ",
        "isbn": "91-9999-001-0",
        "system_control_number": ["(LIBRIS)1", ""],
    },
    "fund_distribution": [
        {"fund_code": {"value": "B"}, "amount": {"sum": "4.1", "currency": {"value": "SEK"}}},
        {"fund_code": {"value": "A"}, "amount": {"sum": "50.0", "currency": {"value": "SEK"}}},
    ],
    "note": [
        {"note_text": "två", "creation_date": "2026-03-11Z", "created_by": "exl_api"},
        {"note_text": "ett", "creation_date": "2026-03-11Z", "created_by": "exl_api"},
    ],
    "location": [
        {
            "quantity": "2",
            "library": {"value": "HBG", "desc": "H"},
            "shelving_location": "VUXEN",
            "copy": [{}, {}],
        }
    ],
}
del STORED["rush"]


def changed(**changes: Any) -> list[str]:
    return [str(one) for one in differences(SENT, {**copy.deepcopy(STORED), **changes})]


def test_other_forms_of_the_same_values_are_no_differences() -> None:
    assert changed() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"receiving_note": ""}, 'receiving_note: sent "Signera", Alma has nothing'),
        ({"owner": {"value": "hbg"}}, 'owner: sent "HBG", Alma has "hbg"'),
        (
            {"price": {"sum": "54.11", "currency": {"value": "SEK"}}},
            'price.sum: sent "54.10", Alma has "54.11"',
        ),
        (
            {"price": {"sum": "54.1", "currency": {"value": "EUR"}}},
            'price.currency: sent "SEK", Alma has "EUR"',
        ),
        (
            {"expected_receipt_date": "2026-03-31Z"},
            'expected_receipt_date: sent "2026-04-01", Alma has "2026-03-31" (a day off: Alma\'s time zones)',
        ),
        ({"rush": "true"}, 'rush: sent "false", Alma has "true"'),
        ({"location": []}, 'location[0]: sent "2 HBG VUXEN", Alma has nothing'),
        (
            {"fund_distribution": STORED["fund_distribution"][:1]},
            'fund_distribution[0]: sent "A 50", Alma has nothing',
        ),
        ({"note": STORED["note"][:1]}, 'note[0]: sent "ett", Alma has nothing'),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_a_difference(changes: dict[str, Any], words: str) -> None:
    assert changed(**changes) == [words]


def test_the_same_note_twice_is_looked_for_twice() -> None:
    sent = {"note": [{"note_text": "x"}, {"note_text": "x"}]}
    assert [one.path for one in differences(sent, {"note": [{"note_text": "x"}]})] == ["note[1]"]


def test_with_a_record_number_the_catalogue_decides() -> None:
    sent = {"resource_metadata": {"mms_id": {"value": "991"}, "title": "Ours", "vendor_title_number": "7"}}
    stored = {"resource_metadata": {"mms_id": {"value": "991"}, "title": "Theirs"}}
    assert [one.path for one in differences(sent, stored)] == ["resource_metadata.vendor_title_number"]


def test_members_alma_never_shows_are_not_missed() -> None:
    assert differences({"discount": "20"}, {}) == []
    assert [str(one) for one in differences({"discount": "20.0"}, {"discount": "10"})] == [
        'discount: sent "20.0", Alma has "10"'
    ]


def test_every_wrong_shape_is_a_difference_and_no_crash() -> None:
    for odd in ("text", [], {}, [[]], None):
        found = differences(SENT, dict.fromkeys(SENT, odd))
        assert found
