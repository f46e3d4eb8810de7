"""Values that a document cannot take: code, place, words, and all of them at once."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

import pytest

from etl.documents.po_line import PoLine
from etl.documents.targets import PoLineTarget, PurchaseRequestTarget
from etl.plugin import Fault, Target
from etl.template.filters.amounts import amount


def faults(target: Target, values: dict[str, Any]) -> list[Fault]:
    built = target.build(values)
    assert isinstance(built, list), f"accepted: {built!r}"
    return built


def put(values: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """A copy of `values` with `value` at `path`, objects and lists made on the way."""
    result = copy.deepcopy(values)
    here: Any = result
    for step, following in pairwise(path):
        if isinstance(step, int):
            here += [{} for _ in range(step + 1 - len(here))]
        elif step not in here:
            here[step] = [] if isinstance(following, int) else {}
        here = here[step]
    here[path[-1]] = value
    return result


LINE_FAULTS = [
    (("vendr",), "X", "E500", 'did you mean "vendor"'),
    (("locations",), [{"quantity": 1}], "E500", 'did you mean "location"'),
    (("location", 0, "copy", 0, "policy"), "X", "E500", 'did you mean "item_policy"'),
    (("fund_distribution", 0, "percent"), "50", "E500", "the fields here are: fund_code, amount"),
    (("resource_metadata", "citation_type"), "BOOK", "E500", "the fields here are"),
    (("status",), "READY", "E501", "remove it"),
    (("location", 0, "copy", 0, "pid"), "23", "E501", "remove it"),
    (("location", 0, "holding"), [{"id": "22"}], "E501", "remove it"),
    (("interested_user", 0, "email"), "a@example.org", "E501", "remove it"),
    (("price",), "129.00", "E503", "sum"),
    (("price",), ["129.00"], "E503", "sum"),
    (("location",), {"quantity": 1}, "E503", "list"),
    (("location",), "MAIN", "E503", "list"),
    (("location", 0), "MAIN", "E503", "quantity"),
    (("resource_metadata",), "a title", "E503", "mms_id"),
    (("vendor_account",), {"value": "ACC"}, "E503", "the text itself"),
    (("vendor_note",), ["a", "b"], "E503", "join"),
    (("owner",), {"code": "MAIN"}, "E503", "owner: MAIN"),
    (("owner",), {"value": "MAIN", "name": "x"}, "E503", "plainly"),
    (("resource_metadata", "title"), 1.5, "E504", "string"),
    (("resource_metadata", "title"), True, "E504", "string"),
    (("resource_metadata", "title"), Decimal("1.0"), "E504", "string"),
    (("owner",), date(2024, 1, 1), "E504", "string"),
    (("resource_metadata", "title"), "a\x1eb", "E505", "encoding"),
    (("resource_metadata", "title"), "a\ud800", "E505", "encoding"),
    (("vendor_note",), "a\ufffe", "E505", "encoding"),
    *[
        (("price", "sum"), wrong, "E506", "amount")
        for wrong in ("129,00", "129.00 kr", "+5", "1e3", ".5", "5.", "٣", "1" * 15, Decimal("NaN"), True)
    ],
    *[
        ((*field, "sum"), negative, "E466", "when")
        for field in (("price",), ("fund_distribution", 0, "amount"))
        for negative in ("-5", "-0.01", "-1.000", Decimal("-4900"), -1, "-" + "9" * 14)
    ],
    (("price", "sum"), "1.000", "E506", "amount('de')"),
    (("price", "sum"), Decimal(10) ** 14, "E506", "right column"),
    (("price", "sum"), "0." + "1" * 31, "E506", "amount"),
    (("price", "sum"), Decimal("1E-31"), "E506", "amount"),
    (("price", "sum"), 129.0, "E507", "decimal"),
    # Python refuses to spell numbers this long, which must not become a crash.
    (("price", "sum"), 10**5000, "E506", "right column"),
    (("vendor_note",), 10**5000, "E504", "string"),
    (("renewal_period",), 10**5000, "E512", "from 0"),
    (("price",), 10**5000, "E503", "sum"),
    (("price", "currency"), "kr", "E508", "SEK"),
    (("price", "currency"), "sek", "E508", '"SEK"'),
    *[
        (("renewal_date",), wrong, "E509", "")
        for wrong in ("2024-02-30", "24-01-01", "2024-01-01T00:00:00", "2024-01-01z", 20240101)
    ],
    (("renewal_date",), datetime(2024, 1, 1, tzinfo=UTC), "E509", "| date"),
    *[(("rush",), wrong, "E510", "") for wrong in ("yes", "True", 1, "1", 0)],
    *[(("renewal_period",), wrong, "E511", "") for wrong in ("1.0", 1.0, True, "x", " 1", "1_0", Decimal(1))],
    (("location", 0, "quantity"), 0, "E512", "from 1"),
    (("location", 0, "quantity"), "-1", "E512", "from 1"),
    (("renewal_period",), -1, "E512", "from 0"),
    (("renewal_period",), 2**31, "E512", "from 0"),
    (("base_status",), "active", "E513", '"ACTIVE" or "INACTIVE"'),
    (("renewal_note",), "x" * 4001, "E514", "4000"),
    *[(("discount",), wrong, "E516", "") for wrong in ("5 %", "101", -1, 12.5, "-1")],
]


@pytest.mark.parametrize(("path", "value", "code", "hint"), LINE_FAULTS, ids=range(len(LINE_FAULTS)))
def test_one_wrong_value(
    po_line: PoLineTarget,
    line_values: dict[str, Any],
    path: tuple[str | int, ...],
    value: Any,
    code: str,
    hint: str,
) -> None:
    base = {name: part for name, part in line_values.items() if name != "location"} | {"location": []}
    if len(path) > 1 and path[0] == "location" and path[-1] != "quantity":
        base = put(base, ("location", 0, "quantity"), 1)
    if path[0] == "interested_user":
        base = put(base, ("interested_user", 0, "primary_id"), "u1")
    found = faults(po_line, put(base, path, value))
    assert [(fault.path, fault.code, fault.missing) for fault in found] == [(path, code, False)]
    assert hint in (found[0].help or "")
    assert "\n" not in found[0].message


@pytest.mark.parametrize("nothing", ["", " ", "\u200b", "\ufeff\u00a0"])
def test_a_required_field_in_which_nothing_is_seen_is_missing(
    po_line: PoLineTarget, line_values: dict[str, Any], nothing: str
) -> None:
    found = faults(po_line, put(line_values, ("owner",), nothing))
    assert [(fault.path, fault.code, fault.missing) for fault in found] == [(("owner",), "E502", True)]


def test_a_float_of_a_connector_is_no_price(po_line: PoLineTarget, line_values: dict[str, Any]) -> None:
    found = faults(po_line, put(line_values, ("price", "sum"), 19.9))
    assert [fault.code for fault in found] == ["E507"]


LINE_MISSING = [
    (("owner",), "401664 Mandatory field is missing: owner"),
    (("type",), "401664 Mandatory field is missing: type"),
    (("resource_metadata",), "401664 Mandatory field is missing: title"),
    (("resource_metadata", "title"), "401664 Mandatory field is missing: title"),
    (("price", "sum"), '"sum" is missing'),
    (("price", "currency"), '"currency" is missing'),
    (("fund_distribution", 0, "fund_code"), '"fund_code" is missing'),
    (("location", 0, "quantity"), '"quantity" is missing'),
]


@pytest.mark.parametrize("empty", ["", None, "  \u00a0", [], {}, {"value": ""}, {"value": None, "desc": "x"}])
@pytest.mark.parametrize(("path", "words"), LINE_MISSING)
def test_a_required_field_that_came_out_empty(
    po_line: PoLineTarget, line_values: dict[str, Any], path: tuple[str | int, ...], words: str, empty: Any
) -> None:
    (fault,) = faults(po_line, put(line_values, path, empty))
    assert (fault.path, fault.code, fault.missing) == (path, "E502", True)
    assert words in fault.message


REQUEST_FAULTS = [
    (("resource_metadata",), None, "E502", "60274"),
    (("resource_metadata", "title"), "", "E502", "60273"),
    (("resource_metadata", "citation_type"), "", "E502", "60280"),
    (("vendor_account",), "", "E502", "60272"),
    (("location", 0, "quantity"), "", "E502", "60283"),
    (("format",), "PHYSICAL", "E513", "60270"),
    (("resource_metadata", "citation_type"), "BK", "E513", "60280"),
    (("note",), [{"created_by": "x"}], "E502", "content"),
    (("note",), [{"content": "x", "note_text": "y"}], "E500", "note_text"),
    (("requester",), "u1", "E501", "filled by Alma"),
    (("material_type",), "BOOK", "E500", "material_type"),
    (("estimated_price",), {"sum": "1"}, "E500", "estimated_price"),
]


@pytest.mark.parametrize(("path", "value", "code", "words"), REQUEST_FAULTS)
def test_purchase_request_faults(
    purchase_request: PurchaseRequestTarget,
    request_values: dict[str, Any],
    path: tuple[str | int, ...],
    value: Any,
    code: str,
    words: str,
) -> None:
    (fault,) = faults(purchase_request, put(request_values, path, value))
    assert fault.path[: len(path)] == path
    assert fault.code == code
    assert words in fault.message


def test_slips_that_letters_do_not_explain(purchase_request: PurchaseRequestTarget) -> None:
    found = faults(
        purchase_request,
        {"material_type": "BOOK", "estimated_price": "1", "resource_metadata": {"mms_id": "99"}},
    )
    assert {str(fault.help) for fault in found} == {
        'did you mean "requested_type"?',
        'did you mean "estimated_cost"?',
    }


def test_a_record_number_stands_for_title_and_citation_type(purchase_request: PurchaseRequestTarget) -> None:
    assert not isinstance(purchase_request.build({"resource_metadata": {"mms_id": "99"}}), list)


def test_all_faults_at_once(po_line: PoLineTarget) -> None:
    found = faults(
        po_line,
        {
            "type": ["X"],
            "vendr": 1,
            "price": {"sum": "1,0"},
            "resource_metadata": {"author": "A"},
            "status": "x",
        },
    )
    assert {(fault.path, fault.code) for fault in found} == {
        (("owner",), "E502"),
        (("type",), "E503"),
        (("vendr",), "E500"),
        (("price", "sum"), "E506"),
        (("price", "currency"), "E502"),
        (("resource_metadata", "title"), "E502"),
        (("status",), "E501"),
    }


def test_paths_count_list_items_as_they_were_given(
    po_line: PoLineTarget, line_values: dict[str, Any]
) -> None:
    copies = [{"barcode": ""}, {}, {"barcode": "1", "rush": "x"}]
    line_values["location"] = [{}, {"quantity": 1}, None, {"quantity": "many", "copy": copies}]
    found = faults(po_line, line_values)
    assert {fault.path for fault in found} == {
        ("location", 3, "quantity"),
        ("location", 3, "copy", 2, "rush"),
    }


def test_empties_are_omitted_at_any_depth(po_line: PoLineTarget, line_values: dict[str, Any]) -> None:
    clean = po_line.build(line_values)
    line_values["note"] = [{}, {"note_text": " "}, ""]
    line_values["vendor_note"] = "\t"
    line_values["license"] = {"value": "", "desc": "none"}
    line_values["renewal_cycle"] = {}
    line_values["fund_distribution"].append(
        {"amount": {"sum": "", "currency": {}}, "fund_code": {"value": "", "desc": ""}}
    )
    assert po_line.build(line_values) == clean


def test_the_values_given_are_not_changed(po_line: PoLineTarget, line_values: dict[str, Any]) -> None:
    line_values["note"] = [{"note_text": ""}]
    before = copy.deepcopy(line_values)
    po_line.build(line_values)
    assert line_values == before


def test_values_as_text_and_as_themselves_are_the_same(
    po_line: PoLineTarget, line_values: dict[str, Any]
) -> None:
    typed = {
        "renewal_date": date(2024, 5, 2), "renewal_period": 100, "rush": True, "discount": Decimal(20),
        "price": {"sum": Decimal("129.5"), "currency": "SEK"}, "vendor_note": 7,
        "vendor": "V", "resource_metadata": {"title": "\u00c5ngest"},
    }  # fmt: skip
    texts = {
        "renewal_date": "2024-05-02Z", "renewal_period": "100", "rush": "true", "discount": "20.0",
        "price": {"sum": "129.50", "currency": {"value": "SEK", "desc": "Kronor"}}, "vendor_note": "7",
        "vendor": {"value": "V", "desc": "x"}, "resource_metadata": {"title": "A\u030angest"},
    }  # fmt: skip
    assert po_line.build(line_values | typed) == po_line.build(line_values | texts)
    assert isinstance(po_line.build(line_values | typed), PoLine)


def test_a_text_is_an_amount_only_where_it_can_mean_one_thing(
    po_line: PoLineTarget, line_values: dict[str, Any]
) -> None:
    """The filter `amount` without a locale decides what that is."""
    spellings = ["".join(signs) for length in range(1, 7) for signs in product("10.", repeat=length)]
    taken = 0
    for text in spellings:
        line_values["price"] = {"sum": text, "currency": "SEK"}
        document = po_line.build(line_values)
        if not isinstance(document, list):
            taken += 1
            assert amount(text) == document.price.sum, text  # type: ignore[attr-defined]
    assert taken > 200


@pytest.mark.parametrize("code", ["SEK", "KWD", "JPY"])
def test_a_payload_of_our_own_is_read_as_it_was_meant(
    po_line: PoLineTarget, line_values: dict[str, Any], code: str
) -> None:
    for given in ("1.000", "12.345", "999.999", "1000"):
        for field in (line_values["price"], line_values["fund_distribution"][0]["amount"]):
            field |= {"sum": Decimal(given), "currency": code}
        document = po_line.build(line_values)
        assert not isinstance(document, list)
        for form in ("json", "xml"):
            assert po_line.parse(po_line.payload(document, form)) == document  # type: ignore[arg-type]
