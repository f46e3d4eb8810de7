"""OASIS's order lines (JSON, CSV) and the answers of its order API → order lines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from oasis_files import ANSWER, ORDER, answer, order, read, refusal


def test_an_order_line() -> None:
    row = read(order()).row
    expected = {
        "source": "oasis_order", "account": "KTHB01", "order_id": "OAS-10482211", "order_type": "firm",
        "order_date": date(2024, 3, 11), "isbn": "9199999013", "form": "P", "is_electronic": False, "quantity": 2,
        "unit_price": Decimal("8.99"), "currency": "GBP", "price_includes_vat": False, "fund": "ENGLIT",
        "library": "MAIN", "location": "STACKS", "note_vendor": "Shelf ready", "note_internal": "For Dr Lindqvist",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert row["raw"]["dupe_override"] == "false"


@pytest.mark.parametrize(
    "written",
    ["2024-03-11", "/Date(1710163325000)/", "/Date(1710163325000+0100)/", "2024-03-11T14:22:05+01:00"],
)
def test_dates_are_iso_or_microsofts(written: str) -> None:
    assert read(order(order_date=written)).row["order_date"] == date(2024, 3, 11)


def test_an_e_book() -> None:
    row = read(
        order(format="E", isbn=None, title_id="4963417", access_model="1-User", url="https://example.org/1")
    ).row
    assert (row["is_electronic"], row["title_id"], row["access_model"]) == (True, "4963417", "1-User")
    assert row["url"] == "https://example.org/1"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": "Paperback"}, "E354"),
        ({"quantity": None}, "E355"),
        ({"customer_account": ""}, "E355"),
        ({"isbn": None}, "E355"),
        ({"title": None}, "E355"),
        ({"list_price": "8,99"}, "E351"),
        ({"isbn": "9,78914E+12"}, "E352"),
    ],
)
def test_a_line_that_cannot_be_trusted_is_rejected(change: dict[str, object], code: str) -> None:
    assert read(order(**change)).why[0].code == code


def test_the_same_line_as_csv() -> None:
    names = list(ORDER)
    cells = ["" if ORDER[name] is None else str(ORDER[name]).replace("False", "false") for name in names]
    lines = [";".join(names), ";".join(cells)]
    row, other = read("\r\n".join(lines).encode()).row, read(order()).row
    for each in (row, other):
        for name in ("raw", "_line", "_offset"):
            del each[name]
    assert row == other


def test_an_unknown_file_is_refused_and_told_what_was_looked_for() -> None:
    problem = refusal(b'{"ordernummer": "1"}')
    assert problem.code == "E356"
    assert "oasis_answer lacks OrderNumber" in (problem.help or "")


def test_an_answer_with_its_request() -> None:
    request = {
        "apiKey": "s3cret",
        "ISBN": "9199999013",
        "Quantity": "2",
        "Site": "MAIN",
        "IntNotes": "For Dr L",
    }
    found = read(answer(request=request, Title="Fjärilar"), columns={"title": "Title"})
    row = found.row
    assert (row["order_id"], row["order_date"], row["quantity"]) == ("20417733", date(2024, 3, 11), 2)
    assert (row["isbn"], row["library"], row["note_internal"]) == ("9199999013", "MAIN", "For Dr L")
    assert row["raw"]["Code"] == "100"
    assert "s3cret" not in str(row)


@pytest.mark.parametrize(
    "logged",
    [
        {"apiKey": "s3cret"},
        {"APIKEY": "s3cret"},
        {"log": {"request": {"apiKey": 's3cret "quoted"'}}},
        {"url": "https://example.org/order?apiKey=s3cret&ISBN=9199999013"},
        {"request": {"url": "https://example.org/order?ISBN=1&api_key=s3cret"}},
    ],
)
def test_a_key_is_written_down_nowhere(logged: dict[str, object]) -> None:
    found = read(answer(Title="A", **logged), columns={"title": "Title"})
    assert "s3cret" not in str(found.row)
    refused = read(answer(Code=200, **logged))
    assert b"s3cret" not in refused.rejected[0].raw


def test_an_answer_alone_has_no_title_and_is_no_order_line() -> None:
    (problem,) = read(answer()).why
    assert problem.code == "E355"
    assert "title" in problem.message
    assert "overlay" in (problem.help or "")


@pytest.mark.parametrize("code", [200, 0, None, "101"])
def test_a_refused_order_is_rejected_with_what_oasis_said(code: object) -> None:
    found = read(
        answer(Code=code, OrderNumber="", Message="ISBN not recognised", request={"apiKey": "s3cret"})
    )
    (problem,) = found.why
    assert problem.code == "E394"
    assert "ISBN not recognised" in problem.message
    assert b"s3cret" not in found.rejected[0].raw, "reports are read by people who may not have the key"


def test_an_accepted_order_without_a_number_is_rejected() -> None:
    found = read(answer(OrderNumber="", Title="A"), columns={"title": "Title"})
    assert [(one.code, one.data and one.data.field) for one in found.why] == [("E355", "OrderNumber")]


def test_a_key_that_stands_twice_is_told() -> None:
    data = order()[:-1] + b', "quantity": 5}'
    assert "E371" in [problem.code for problem in read(data).why]


def test_the_answer_of_the_samples_is_recognised() -> None:
    assert set(ANSWER) >= {"OrderNumber", "Code", "RequestStart"}
    assert read(answer(Title="A"), columns={"title": "Title"}).row["source"] == "oasis_answer"
