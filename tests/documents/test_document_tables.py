"""Code tables, the derivations from type codes, constants, totals, ISBNs, schemas, problem codes."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from babel.numbers import list_currencies

import etl.documents
from etl.documents.code_tables import minor_units, table
from etl.documents.isbn import is_isbn, isbns_in
from etl.documents.likely_codes import likely
from etl.documents.order_type import order_type
from etl.documents.po_line import PoLine
from etl.documents.purchase_request import LIKELY_NAMES, PurchaseRequest
from etl.documents.schema import schema_bytes
from etl.documents.schema_check import schema_errors
from etl.documents.targets import WARNING_CODES, PoLineTarget, PurchaseRequestTarget
from etl.plugin import Target, Totals
from etl.template.builtins import BUILTIN_FILTERS
from etl.template.filters import FILTERS

PACKAGE = Path(etl.documents.__file__).parent


def test_purchase_types_are_all_there() -> None:
    assert len(table("purchase_type")) == 47
    assert [code for code, row in table("purchase_type").items() if row["grade"] == "removed"] == [
        "DB_CO", "DB_OT", "E_BOOK_PKG_CO", "E_BOOK_PKG_OT", "E_JOURNAL_PKG_CO", "E_JOURNAL_PKG_OT",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "medium", "term"),
    [
        ("PRINTED_BOOK_OT", "physical", "one-time"),
        ("PRINT_SO_NONMON", "physical", "standing"),
        ("PRINTED_BOOK_SO", "physical", "standing"),
        ("PHYSICAL_CF_CO", "physical", "continuous"),
        ("MANUSCRIPT", "physical", "one-time"),
        ("E_BOOK_SO", "electronic", "standing"),
        ("ELECTRONIC_TITLE_CO", "electronic", "continuous"),
        ("DB_OT", "electronic", "one-time"),
        ("REMOTE_CF_OT", "electronic", "one-time"),
        ("DB_SERVICE_OT", "service", "one-time"),
        ("ACCESS_SERVICE_CO", "service", "continuous"),
        ("ARTICLE_PROCESSING_CHARGES_OT", "service", "one-time"),
        ("LICENSE_UPGRADE", "service", "one-time"),
        ("DIGITAL_NONARCHIVING", "digital", "one-time"),
        ("DIGITAL_CO", "digital", "continuous"),
    ],
)
def test_what_a_type_code_means(code: str, medium: str, term: str) -> None:
    kind = order_type(code)
    assert (kind.medium, kind.term, kind.renews) == (medium, term, term != "one-time")
    assert code in table("purchase_type")


def test_currencies_are_known_to_babel_too() -> None:
    # The codes are ISO 4217's; Babel's list is longer (it keeps the dead) and may lag behind.
    assert set(table("currency")) - list_currencies() <= {"XCG", "UYW"}
    assert {code: minor_units(code) for code in ("SEK", "JPY", "ISK", "KWD", "CLF", "HUF", "ZZZ")} == {
        "SEK": 2, "JPY": 0, "ISK": 0, "KWD": 3, "CLF": 4, "HUF": 2, "ZZZ": 2,
    }  # fmt: skip


CONSTANTS: list[tuple[tuple[str, ...], str, str | None, str]] = [
    (("type",), "PRINTED_BOOK_OT", None, ""),
    (("type",), "PRINT_BOOK_OT", "E525", 'did you mean "PRINTED_BOOK_OT" (Print Book - One Time)?'),
    (("type",), "E_BOOK_PKG_OT", "E526", "choose another"),
    (("acquisition_method",), "VENDOR_SYSTEM", None, ""),
    (("acquisition_method",), "VENDORSYSTEM", "E527", 'did you mean "VENDOR_SYSTEM"'),
    (("material_type",), "BOOK", None, ""),
    (("material_type",), "BOOKS", "E528", 'did you mean "BOOK"'),
    (("price", "currency"), "SEK", None, ""),
    (("price", "currency"), "SKR", "E529", 'did you mean "SEK"?'),
    (("type",), "E_BOOK", "E525", 'did you mean "E_BOOK_OT" (Electronic Book - One Time)?'),
    (("type",), "PRINTED_BOOK", "E525", 'did you mean "PRINTED_BOOK_OT" (Print Book - One Time)?'),
    (("type",), "JOURNAL", "E525", '"PRINTED_JOURNAL_CO" (Print Journal - Subscription)'),
    (("type",), "SUBSCRIPTION", "E525", '"PRINTED_JOURNAL_CO" (Print Journal - Subscription)'),
    (("type",), "DATABASE_SERVICES_CO", "E525", '"ACCESS_SERVICE_CO" (Access Service - Subscription)'),
    (("type",), "BOOK_STANDING_ORDER", "E525", '"PRINTED_BOOK_SO" (Print Book - Standing Order)'),
    (("type",), "XYZZY", "E525", '"PRINTED_BOOK_OT" (Print Book - One Time)'),
    (("acquisition_method",), "BUY", "E527", 'did you mean "PURCHASE" (Purchase)? The known ones are PURCHASE, '),
    (("shelving_location",), "STACK", "E500", 'it belongs inside "location"'),
    (("title",), "x", "E500", 'it belongs inside "resource_metadata"'),
    (("location", "owner"), "x", "E500", "one level up"),
    (("price", "currency"), "kr", "E508", "SEK"),
    (("price", "sum"), "129,00", "E506", "amount"),
    (("price",), "129", "E503", "sum"),
    (("renewal_date",), "2024-13-01", "E509", ""),
    (("rush",), "yes", "E510", ""),
    (("location", "quantity"), "0", "E512", ""),
    (("location", "quantity"), "one", "E511", ""),
    (("location",), "MAIN", "E503", "list"),
    (("location", "copy", "receive_date"), "2024-01-01", None, ""),
    (("base_status",), "active", "E513", "ACTIVE"),
    (("discount",), "20%", "E516", ""),
    (("status",), "READY", "E501", "remove"),
    (("owner",), "MAIN ", None, ""),
    (("owner",), "", None, ""),
    (("resource_metadata", "system_control_number"), "(SE-LIBR)1", None, ""),
    (("resource_metadata", "titel"), "x", "E500", 'did you mean "title"'),
]


@pytest.mark.parametrize(("path", "value", "code", "hint"), CONSTANTS)
def test_constants_of_order_lines(
    po_line: PoLineTarget, path: tuple[str, ...], value: str, code: str | None, hint: str
) -> None:
    fault = po_line.check_constant(path, value)
    assert (fault.code if fault else None) == code
    if fault:
        assert fault.path == path
        assert hint in (fault.help or "")


def test_no_code_is_suggested_that_alma_has_removed_or_orders_otherwise() -> None:
    """Without the end of a code that says how often, the one-time type is meant, never the standing order."""
    for code, row in table("purchase_type").items():
        stem = code.removesuffix("_OT")
        if stem != code and row["grade"] != "removed" and stem not in table("purchase_type"):
            assert code in likely(stem, "purchase_type"), stem
            assert not [one for one in likely(stem, "purchase_type") if one.endswith("_SO")], stem


@pytest.mark.parametrize("name", ["purchase_type", "acquisition_method", "physical_material_type", "currency"])
def test_what_people_call_a_code_leads_to_it(name: str) -> None:
    wrong = [
        (called, code)
        for code, row in table(name).items()
        for called in (row["also"] or "").split()
        if called in table(name) or code not in likely(called, name)
    ]
    assert wrong == []


def test_constants_of_purchase_requests(purchase_request: PurchaseRequestTarget) -> None:
    def code(path: tuple[str, ...], value: str) -> str | None:
        fault = purchase_request.check_constant(path, value)
        return fault.code if fault else None

    assert code(("format",), "PHYSICAL") == "E513"
    assert code(("requested_type",), "BOKO") == "E528"
    assert code(("resource_metadata", "citation_type"), "BOOK") is None
    # The note of a request has a member "type", which is no PO line type.
    assert code(("note", "type"), "LIBRARY") is None


def test_doubts_are_told_from_errors() -> None:
    assert {"E526", "E527", "E528", "E529"} == WARNING_CODES


TOTALS: list[tuple[Target, str, dict[str, Any], Totals]] = [
    (PoLineTarget(), "price", {"location": [{"quantity": 2}, {"quantity": 3}]},
     Totals(5, {"SEK": Decimal("50.5")})),
    (PoLineTarget(), "price", {"location": [], "no_charge": True}, Totals(1, {"SEK": Decimal("10.1")})),
    (PoLineTarget(), "price", {"price": None}, Totals(1, {})),
    (PurchaseRequestTarget(), "estimated_cost", {"location": [{"quantity": 3}]},
     Totals(3, {"SEK": Decimal("30.3")})),
    (PurchaseRequestTarget(), "estimated_cost", {}, Totals(1, {"SEK": Decimal("10.1")})),
]  # fmt: skip


@pytest.mark.parametrize(("target", "field", "changes", "expected"), TOTALS)
def test_totals(target: Target, field: str, changes: dict[str, Any], expected: Totals) -> None:
    values: dict[str, Any] = {
        field: {"sum": "10.10", "currency": "SEK"},
        "resource_metadata": {"mms_id": "99"},
    }
    if target.name == "po_line":
        values |= {"owner": "MAIN", "type": "PRINT_OT"}
    document = target.build(values | changes)
    assert not isinstance(document, list), document
    assert target.totals(document) == expected


def test_totals_do_not_round(po_line: PoLineTarget, line_values: dict[str, Any]) -> None:
    line_values["price"]["sum"] = "99999999999999.99999999999999999999"
    document = po_line.build(line_values)
    assert not isinstance(document, list)
    assert po_line.totals(document).money == {"SEK": Decimal("199999999999999.99999999999999999998")}


@pytest.mark.parametrize(
    ("text", "numbers", "good"),
    [
        ("9789199999012", ["9789199999012"], True),
        ("9789199999013", ["9789199999013"], False),
        ("919999903X", ["919999903X"], True),
        ("919999903x", ["919999903x"], False),
        ("9199999013", ["9199999013"], True),
        ("978-91-999990-1-2", ["9789199999012"], False),
        ("9789199999012 9789199999029", ["9789199999012", "9789199999029"], False),
        ("97891999990121", [], False),
        ("n/a", [], False),
        ("٩٧٨٩١٩٩٩٩٩٠١٢", [], False),
    ],
)
def test_isbns(text: str, numbers: list[str], good: bool) -> None:
    assert (isbns_in(text), is_isbn(text)) == (numbers, good)


@pytest.mark.parametrize(("model", "name"), [(PoLine, "po_line"), (PurchaseRequest, "purchase_request")])
def test_committed_schemas_are_current(model: Any, name: str) -> None:
    committed = (PACKAGE / "schemas" / f"{name}.json").read_bytes()
    assert committed == schema_bytes(model, name), "run  python -m etl.documents.schema"


SCHEMA_ERRORS = [
    ({"price": {"sum": 129, "currency": {"value": "SEK"}}}, "$.price.sum: 129 is not of type 'string'"),
    ({"owner": "MAIN"}, "$.owner: 'MAIN' is not of type 'object'"),
    ({"rush": "true"}, "$.rush: 'true' is not of type 'boolean'"),
    ({"renewal_date": "2024-01-01"}, "$.renewal_date: '2024-01-01' does not match"),
    ({"location": [{"library": {"value": "A"}}]}, "$.location[0]: 'quantity' is a required property"),
    ({"status": {"value": "x"}}, "$: Additional properties are not allowed ('status' was unexpected)"),
    ({"resource_metadata": {"author": "A"}}, "$.resource_metadata: "),
]


@pytest.mark.parametrize(("change", "message"), SCHEMA_ERRORS)
def test_schema_errors_name_their_place(
    po_line: PoLineTarget, line_values: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    document = po_line.build(line_values)
    assert not isinstance(document, list)
    payload = json.loads(po_line.payload(document, "json"))
    assert schema_errors(json.dumps(payload).encode(), "po_line") == []
    errors = schema_errors(json.dumps(payload | change).encode(), "po_line")
    assert len(errors) == 1
    assert errors[0].startswith(message)


def test_schema_check_of_what_is_not_json() -> None:
    assert schema_errors(b"<po_line/>", "po_line")[0].startswith("$: not JSON")
    with pytest.raises(KeyError):
        schema_errors(b"{}", "../po_line")


def test_unsure_names_are_in_one_place() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py"))
    for name in LIKELY_NAMES:
        quoted = re.findall(rf'"{name}"', sources)
        # The table's two sides, the alias, and at most a use through the table.
        assert len(quoted) - len(re.findall(rf'LIKELY_NAMES\["{name}"\]', sources)) == 2


def test_every_code_is_explained_and_every_explanation_used() -> None:
    files = [*PACKAGE.glob("*.py"), PACKAGE.parent / "run" / "build.py"]  # of a document beside others
    sources = "".join(path.read_text(encoding="utf-8") for path in files)
    raised = set(re.findall(r'"(E5[0-9]{2})"', sources))
    pages = (PACKAGE.parent / "codes" / "e5-documents.md").read_text(encoding="utf-8")
    explained = re.findall(r"^## (E5[0-9]{2}) \S", pages, re.M)
    assert sorted(raised) == explained


def test_help_names_filters_that_exist() -> None:
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py")]
    texts.append((PACKAGE.parent / "codes" / "e5-documents.md").read_text(encoding="utf-8"))
    named = {name for text in texts for name in re.findall(r"\{\{ \w+ \| (\w+)", text)}
    assert named - set(FILTERS) - set(BUILTIN_FILTERS) == set()
    assert {"amount", "date", "integer", "isbn13"} <= named
