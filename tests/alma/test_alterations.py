"""Every member of a document, come, gone and changed → changed in what Alma has, and nothing else with it."""

from __future__ import annotations

import json
from copy import deepcopy
from itertools import permutations
from typing import Any

import pytest

from etl.alma.alterations import alterations, changed_there, document, payload_tree, why_by_hand
from etl.documents.targets import PoLineTarget

ALWAYS = {"owner": "HBG", "type": "PRINTED_BOOK_OT"}
MONEY = [{"sum": "249.00", "currency": "SEK"}, {"sum": "12.5", "currency": "EUR"}]
PLACE = {"quantity": 1, "library": "HBG", "shelving_location": "VUXEN"}
VALUES: dict[str, tuple[Any, Any]] = {
    "vendor": ("ADLIBRIS", "BTJ"),
    "vendor_account": ("A", "B"),
    "acquisition_method": ("PURCHASE", "TECHNICAL"),
    "rush": (True, None),
    "price": (MONEY[0], MONEY[1]),
    "receiving_note": ("Signera", "Hylla 3"),
    "reporting_code": ("A", "B"),
    "renewal_date": ("2027-01-02", "2027-02-03"),
    "renewal_period": (3, 30),
    "material_type": ("BOOK", "DVD"),
    "note": ([{"note_text": "a"}], [{"note_text": "b"}, {"note_text": "a"}]),
    "fund_distribution": ([{"fund_code": "X", "amount": MONEY[0]}], [{"fund_code": "Y", "amount": MONEY[0]}]),
    "location": ([PLACE], [PLACE | {"quantity": 2}, PLACE | {"shelving_location": "BARN"}]),
    "interested_user": ([{"primary_id": "anna"}], [{"primary_id": "bo", "notify_cancel": True}]),
    "resource_metadata.author": ("Anna Ek", "Bo Ek"),
    "resource_metadata.publication_year": ("2024", "c2025"),
}
TURNS = [(path, *turn) for path in VALUES for turn in permutations((None, *filter(None, VALUES[path])), 2)]


def payload(form: str, **values: Any) -> str:
    given: dict[str, Any] = {**ALWAYS, "resource_metadata": {"title": "Bok"}}
    for path, value in values.items():
        inside, _, name = path.rpartition(".")
        where = given[inside] if inside else given
        if value is not None:
            where[name] = value
    target = PoLineTarget()
    built = target.build(given)
    assert not isinstance(built, list), built
    return target.payload(built, form).decode()  # type: ignore[arg-type]


def as_stored(sent: dict[str, Any]) -> dict[str, Any]:
    """As Alma gives it back: sums written otherwise, descriptions, numbers of its own, and a fund that is none."""
    stored = deepcopy(sent)
    for part in [stored, *stored.get("fund_distribution", [])]:
        for name in ("price", "amount"):
            if name in part:
                part[name]["sum"] = f"{float(part[name]['sum'])}"
                part[name]["currency"]["desc"] = "pengar"
    for at, place in enumerate(stored.get("location", [])):
        place["holding"] = [{"id": f"22{at}", "link": "x"}]
        place["copy"] = [{"pid": f"23{at}{copy}"} for copy in range(int(place["quantity"]))]
    none = {"amount": {"sum": "", "currency": {}}, "fund_code": {"value": "", "desc": ""}}
    extra = {
        "number": "POL-1",
        "status": {"value": "INREVIEW"},
        "vendor_note": "hos Bo",
        "alert": [{"desc": "x"}],
    }
    return {"fund_distribution": [none], **stored, **extra}


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(("path", "before", "after"), TURNS)
def test_a_member_is_changed_and_nothing_else(path: str, before: Any, after: Any, form: str) -> None:
    sent, wanted = (payload_tree(payload(form, **{path: one}), "po_line") for one in (before, after))
    stored = as_stored(sent)
    seen = deepcopy(stored)
    [one] = alterations(sent, wanted, stored)
    assert (one.path, one.there, one.touched) == (path, False, False)
    assert why_by_hand(one, "po_line", stored) == ""
    body = json.loads(json.dumps(document(stored, [one])))
    assert stored == seen  # looked at, and left as it was
    assert [again.may_be_there for again in alterations(sent, wanted, body)] == [True]
    name = path.partition(".")[0]
    kept = {other for other in seen if other not in (name, "fund_distribution")}
    assert {other: body[other] for other in kept} == {other: seen[other] for other in kept}
    if name != "fund_distribution":
        assert [fund for fund in seen["fund_distribution"] if fund["fund_code"]["value"]] == body[
            "fund_distribution"
        ]
    assert changed_there(sent, body, {path}) == []


@pytest.mark.parametrize(("path", "before", "after"), [turn for turn in TURNS if turn[0] != "rush"])
def test_what_somebody_did_is_seen(path: str, before: Any, after: Any) -> None:
    """Alma has a third value: neither what was sent nor what is wanted."""
    third = {"vendor_account": "C", "renewal_date": "2028-01-01", "price": {"sum": "1.00", "currency": "SEK"}}
    others: dict[str, Any] = {
        "note": [{"note_text": "Bos"}],
        "fund_distribution": [{"fund_code": "Z", "amount": MONEY[0]}],
        "location": [PLACE | {"library": "BTH"}],
        "interested_user": [{"primary_id": "eva"}],
        "renewal_period": 9,
        "acquisition_method": "LEGAL_DEPOSIT",
    }
    value = (third | others).get(path, "tredje")
    sent, wanted = (payload_tree(payload("json", **{path: one}), "po_line") for one in (before, after))
    stored = as_stored(payload_tree(payload("json", **{path: value}), "po_line"))
    [one] = alterations(sent, wanted, stored)
    assert (one.there, one.touched) == (False, True)


def test_with_a_record_number_the_title_is_the_records() -> None:
    mms = {"resource_metadata.mms_id": "9912345678901"}
    sent, wanted = (
        payload_tree(payload("json", **mms, **{"resource_metadata.author": one}), "po_line")
        for one in ("A", "B")
    )
    assert alterations(sent, wanted, as_stored(sent)) == []
