"""The cells of funds and of places, edited to any number → the list they say, nothing hidden lost or moved."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.deadletters.cells import cells_of, changes_of, edited
from etl.deadletters.said import BadCell
from etl.documents.targets import PoLineTarget, PurchaseRequestTarget

TARGET = PoLineTarget()
CODES = st.sampled_from(["MAIN", "BARN", "VUXEN", "HBG", "0120"])
PLACES = st.lists(
    st.fixed_dictionaries(
        {"quantity": st.integers(1, 9)},
        optional={
            "library": CODES,
            "shelving_location": CODES,
            "copy": st.just([{"barcode": "?"}]),
        },
    ),
    max_size=3,
)
FUNDS = st.lists(st.fixed_dictionaries({"fund_code": CODES, "amount": st.integers(1, 500)}), max_size=3)
ROWS = st.lists(st.tuples(CODES, CODES | st.just("-"), st.integers(1, 9)), min_size=1, max_size=4)
PAID = st.lists(st.tuples(CODES, st.integers(1, 500)), min_size=1, max_size=4)


def line(places: list[dict[str, Any]] = [], funds: list[dict[str, Any]] = [], **more: Any) -> bytes:  # noqa: B006
    """An order line of 249 kronor a copy; barcodes get numbers that say where they stand."""
    locations = [dict(one) for one in places]
    for at, one in enumerate(locations):
        if one.get("copy") == [{"barcode": "?"}]:
            one["copy"] = [{"barcode": f"30{at}{copy}"} for copy in range(one["quantity"])]
    distribution = [
        {**one, "amount": {"sum": str(one["amount"]), "currency": "SEK"}} if "amount" in one else dict(one)
        for one in funds
    ]
    values = {
        "owner": "MAIN", "type": "PRINTED_BOOK_OT", "vendor": "ADLIBRIS", "vendor_account": "ADLIBRIS",
        "price": {"sum": "249.00", "currency": "SEK"}, "resource_metadata": {"title": "Påhittad"},
        "location": locations, "fund_distribution": distribution, **more,
    }  # fmt: skip
    document = TARGET.build(values)
    assert not isinstance(document, list), document
    return TARGET.payload(document, "json")


def plain(payload: bytes) -> Any:
    """The payload's values, codes without what stands around them."""
    return json.loads(payload, object_hook=lambda one: one["value"] if one.keys() == {"value"} else one)


def after(payload: bytes, **cells: str) -> Any:
    before = cells_of(TARGET, payload)
    return plain(edited(TARGET, payload, changes_of(before, {**before, **cells})))


def joined(values: Any) -> str:
    return "; ".join(map(str, values))


def barcodes(places: list[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
    """Barcode → the place where its copy goes."""
    return {
        copy["barcode"]: (one.get("library", "-"), one.get("shelving_location", "-"))
        for one in places
        for copy in one.get("copy", ())
    }


@given(PLACES, FUNDS)
def test_what_nobody_edits_stays_byte_by_byte(places: Any, funds: Any) -> None:
    payload = line(places, funds)
    cells = cells_of(TARGET, payload)
    spaced = {name: text.replace(";", " ; ") if ";" in text else text for name, text in cells.items()}
    for given_back in (cells, {name: text.strip() for name, text in cells.items()}, spaced):
        assert edited(TARGET, payload, changes_of(cells, given_back)) == payload


@given(PLACES, ROWS)
def test_places_are_what_the_cells_say(places: Any, rows: Any) -> None:
    """And every barcode is where it was, or where its place is called otherwise now; or the row is refused."""
    payload = line(places)
    before = barcodes(plain(payload).get("location", []))
    libraries, shelves, counts = zip(*rows, strict=True)
    cells = {"library": joined(libraries), "shelf": joined(shelves), "quantity": joined(counts)}
    found = None
    try:
        found = after(payload, **cells)["location"]
    except BadCell as error:
        words = str(error)
    if found is None:
        assert before
        assert "nobody can tell" in words
        return
    shown = [(one["library"], one.get("shelving_location", "-"), one["quantity"]) for one in found]
    assert shown == rows
    now = barcodes(found)
    assert now.keys() == before.keys()
    called = [(library, shelf) for library, shelf, _ in rows]
    renamed = {barcode for barcode, place in before.items() if now[barcode] != place}
    assert not renamed or len(places) == len(rows)
    assert all(before[barcode] not in called for barcode in renamed)
    assert all(len(one.get("copy", ())) <= one["quantity"] for one in found)


@given(FUNDS, PAID)
def test_funds_are_what_the_cells_say(funds: Any, rows: Any) -> None:
    found = after(
        line(funds=funds), fund=joined(code for code, _ in rows), fund_amount=joined(paid for _, paid in rows)
    )["fund_distribution"]
    assert [(one["fund_code"], Decimal(one["amount"]["sum"])) for one in found] == rows
    assert {one["amount"]["currency"] for one in found} == {"SEK"}


@given(PLACES, st.sampled_from(["library", "shelf", "quantity"]), st.integers(1, 4))
def test_one_cell_of_a_group_is_not_another_number_alone(places: Any, column: str, count: int) -> None:
    payload = line(places)
    filled = [
        name
        for name in ("library", "shelf", "quantity")
        if name != column and cells_of(TARGET, payload)[name]
    ]
    if count == len(places) or not filled:
        return
    with pytest.raises(BadCell, match=f"values with ; between, .* {count}|{count} values with ; between"):
        after(payload, **{column: joined(range(1, count + 1))})


def place(library: str, shelf: str, count: int, *numbers: str) -> dict[str, Any]:
    copies = {"copy": [{"barcode": one, "description": f"del {one}"} for one in numbers]} if numbers else {}
    return {"library": library, "shelving_location": shelf, "quantity": count, **copies}


def test_one_place_becomes_two_and_two_funds_one() -> None:
    found = after(
        line([place("HBG", "V", 2)], [{"fund_code": "A", "amount": 100}, {"fund_code": "B", "amount": 398}]),
        library="HBG; BARN", shelf="V; -", quantity="1;1", fund="A", fund_amount="498,00",
    )  # fmt: skip
    assert found["location"] == [
        {"quantity": 1, "library": "HBG", "shelving_location": "V"},
        {"quantity": 1, "library": "BARN"},
    ]
    assert [(one["fund_code"], one["amount"]["sum"]) for one in found["fund_distribution"]] == [
        ("A", "498.00")
    ]


def test_a_fund_where_there_was_none_and_none_where_there_was_one() -> None:
    found = after(line(), fund="A; B", fund_amount="100; 149")["fund_distribution"]
    assert [one["amount"] for one in found] == [
        {"sum": "100.00", "currency": "SEK"},
        {"sum": "149.00", "currency": "SEK"},
    ]
    funds = [{"fund_code": "A", "amount": 100}, {"fund_code": "B", "amount": 149}]
    for fund, amount in (("-", "-"), ("-; -", "-"), ("-;-", "- ; -")):
        assert "fund_distribution" not in after(line(funds=funds), fund=fund, fund_amount=amount)
    one = after(line(funds=funds), fund="-; B", fund_amount="-; 249")["fund_distribution"]
    assert [fund["fund_code"] for fund in one] == ["B"]


def test_the_amounts_follow_the_currency_of_the_order() -> None:
    funds = [{"fund_code": "A", "amount": 249}]
    found = after(line(funds=funds), currency="EUR")
    assert found["fund_distribution"][0]["amount"]["currency"] == found["price"]["currency"] == "EUR"
    other = [{"fund_code": "A", "amount": 20}]
    values = json.loads(line(funds=other))
    values["fund_distribution"][0]["amount"]["currency"] = {"value": "USD"}
    kept = after(json.dumps(values).encode(), currency="EUR", fund="B")
    assert kept["fund_distribution"][0]["amount"]["currency"] == "USD"


TWO = [place("HBG", "V", 1, "31"), place("BARN", "V", 1)]


@pytest.mark.parametrize(
    ("places", "cells", "words"),
    [
        (TWO, {"library": "BARN; HBG"}, 'at "HBG V" (barcode 31, description del 31)'),
        (TWO, {"library": "-; BARN", "shelf": "-; V", "quantity": "-; 1"}, 'at "HBG V"'),
        (TWO, {"library": "BARN", "shelf": "V", "quantity": "2"}, "Library of the copies changed so"),
        (TWO, {"library": "-", "shelf": "-", "quantity": "-"}, "nobody can tell"),
        (
            [place("HBG", "V", 2, "31", "32")],
            {"library": "HBG; HBG", "shelf": "V; B", "quantity": "1; 1"},
            "with Copies changed so",
        ),
        (
            [place("HBG", "V", 1, "31"), place("HBG", "V", 1, "32")],
            {"library": "HBG", "shelf": "V", "quantity": "2"},
            "nobody can tell",
        ),
    ],
)  # fmt: skip
def test_where_hidden_things_belong_is_not_guessed(places: Any, cells: Any, words: str) -> None:
    with pytest.raises(BadCell) as caught:
        after(line(places), **cells)
    assert words in str(caught.value)
    assert "kan ingen veta" in caught.value.said("sv")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"fund": "A; B"}, "Fund has 2 values with ; between, Fund amount 1"),
        ({"fund": "A;", "fund_amount": "249"}, "write - to take a value away"),
        ({"fund": "A; B", "fund_amount": "249; -"}, "give every fund its amount"),
        ({"fund": "-"}, "fund_code"),
        ({"fund": "A; B", "fund_amount": "1,249; 2"}, "more decimals than its currency"),
        ({"fund": "120; B", "fund_amount": "100; 149"}, "has lost its zeros"),
        ({"fund": "0120; B", "fund_amount": "100; -149"}, "less than nothing"),
    ],
)
def test_what_nobody_means_is_refused_in_a_group_too(cells: Any, words: str) -> None:
    with pytest.raises(BadCell) as caught:
        after(line(funds=[{"fund_code": "0120", "amount": 249}]), **cells)
    assert words in str(caught.value)


def test_the_places_of_a_request_and_its_one_fund() -> None:
    target = PurchaseRequestTarget()
    document = target.build(
        {
            "owning_library": "HBG",
            "fund": "A;B",
            "resource_metadata": {"title": "Påhittad", "citation_type": "BOOK"},
            "location": [TWO[1]],
        }
    )
    assert not isinstance(document, list), document
    payload = target.payload(document, "xml")
    before = cells_of(target, payload)
    cells = {**before, "library": "BARN; HBG", "shelf": "V; V", "quantity": "1; 2", "fund": "A;C"}
    found = cells_of(target, edited(target, payload, changes_of(before, cells)))
    assert found == cells
    assert edited(target, payload, {"currency": "-"}) == payload
