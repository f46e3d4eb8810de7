"""Payload bytes: canonical, equal for equal documents, and read back to the same document."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Literal

import pytest
from documents_strategy import values_of
from hypothesis import HealthCheck, given, settings
from lxml import etree
from pydantic import BaseModel

from etl.documents.money import percent_text, sum_text
from etl.documents.po_line import PoLine
from etl.documents.purchase_request import PurchaseRequest
from etl.documents.schema_check import schema_errors
from etl.documents.targets import PoLineTarget, PurchaseRequestTarget
from etl.plugin import Target

FORMS: tuple[Literal["json", "json-line", "xml"], ...] = ("json", "json-line", "xml")
ROUND_TRIP = settings(max_examples=60)


def built(target: Target, values: dict[str, Any]) -> BaseModel:
    document = target.build(values)
    assert isinstance(document, BaseModel), document
    return document


def check_round_trips(target: Target, values: dict[str, Any]) -> None:
    document = built(target, values)
    for form in FORMS:
        written = target.payload(document, form)
        read = target.parse(written)
        assert read == document
        assert target.payload(built_again(read), form) == written
    assert schema_errors(target.payload(document, "json"), target.name) == []


def built_again(read: object) -> BaseModel:
    assert isinstance(read, BaseModel)
    return read


@ROUND_TRIP
@given(values=values_of(PoLine))
def test_order_lines_come_back_as_they_were(values: dict[str, Any]) -> None:
    check_round_trips(PoLineTarget(), values)


@ROUND_TRIP
@given(values=values_of(PurchaseRequest))
def test_requests_come_back_as_they_were(values: dict[str, Any]) -> None:
    check_round_trips(PurchaseRequestTarget(), values)


@ROUND_TRIP
@given(values=values_of(PoLine))
def test_json_is_that_of_the_standard_library(values: dict[str, Any]) -> None:
    target = PoLineTarget()
    document = built(target, values)
    line = target.payload(document, "json-line")
    assert line.count(b"\n") == 1
    indented = json.dumps(json.loads(line), indent=2, ensure_ascii=False) + "\n"
    assert target.payload(document, "json") == indented.encode()


def test_json_bytes(purchase_request: PurchaseRequestTarget) -> None:
    values = {
        "note": [{"content": 'Ä "quoted"\n'}],
        "estimated_cost": {"sum": "500", "currency": "DKK"},
        "hold_item": "true",
        "format": "P",
        "location": [{"quantity": "2", "library": "MAIN"}],
        "resource_metadata": {"mms_id": "99122652604305763"},
    }
    assert purchase_request.payload(built(purchase_request, values), "json").decode() == (
        '{\n  "format": {\n    "value": "P"\n  },\n  "hold_item": true,\n  "estimated_cost": {\n'
        '    "sum": "500.00",\n    "currency": {\n      "value": "DKK"\n    }\n  },\n'
        '  "resource_metadata": {\n    "mms_id": {\n      "value": "99122652604305763"\n    }\n  },\n'
        '  "note": [\n    {\n      "content": "Ä \\"quoted\\"\\n"\n    }\n  ],\n'
        '  "location": [\n    {\n      "quantity": 2,\n      "library": {\n        "value": "MAIN"\n'
        "      }\n    }\n  ]\n}\n"
    )


def test_xml_bytes(po_line: PoLineTarget, line_values: dict[str, Any]) -> None:
    line_values["resource_metadata"] = {"title": "A & B <1>\r\n", "system_control_number": ["(OCoLC)1", "2"]}
    line_values["location"] = [{"quantity": 1, "copy": [{"is_temp_location": False}]}]
    del line_values["fund_distribution"], line_values["price"]
    assert po_line.payload(built(po_line, line_values), "xml").decode() == (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<po_line>\n  <owner>MAIN</owner>\n'
        "  <type>PRINTED_BOOK_OT</type>\n  <vendor>ADLIBRIS</vendor>\n"
        "  <vendor_account>ADLIBRIS-1</vendor_account>\n  <resource_metadata>\n"
        "    <title>A &amp; B &lt;1&gt;&#13;\n</title>\n    <system_control_numbers>\n"
        "      <system_control_number>(OCoLC)1</system_control_number>\n"
        "      <system_control_number>2</system_control_number>\n    </system_control_numbers>\n"
        "  </resource_metadata>\n  <locations>\n    <location>\n      <quantity>1</quantity>\n"
        "      <copies>\n"
        "        <copy>\n          <is_temp_location>false</is_temp_location>\n        </copy>\n"
        "      </copies>\n    </location>\n  </locations>\n"
        "  <material_type>BOOK</material_type>\n</po_line>\n"
    )


@pytest.mark.parametrize(
    ("value", "currency", "spelling"),
    [
        ("22", "SEK", "22.00"), ("22.030", "SEK", "22.03"), ("22.0350", "SEK", "22.035"),
        ("-5", "EUR", "-5.00"),
        ("0", "EUR", "0.00"), ("-0.00", "EUR", "0.00"), ("1200", "JPY", "1200"), ("1200.50", "JPY", "1200.5"),
        ("1", "KWD", "1.000"), ("1E+3", "SEK", "1000.00"), ("1E-7", "SEK", "0.0000001"), ("7", "ISK", "7"),
        ("99999999999999.999", "USD", "99999999999999.999"), ("-0.5", "USD", "-0.50"), ("3", "XXX", "3.00"),
    ],
)  # fmt: skip
def test_sums_are_never_rounded(value: str, currency: str, spelling: str) -> None:
    assert sum_text(Decimal(value), currency) == spelling


@pytest.mark.parametrize(
    ("value", "spelling"), [("20", "20"), ("20.0", "20"), ("12.50", "12.5"), ("1E+1", "10")]
)
def test_percentages_are_short(value: str, spelling: str) -> None:
    assert percent_text(Decimal(value)) == spelling


def plain(value: Any) -> Any:
    """Alma's JSON reduced to what it means: no empties, no links; numbers and booleans as they read."""
    if isinstance(value, dict):
        members = {name: plain(member) for name, member in value.items() if name not in ("link", "desc")}
        return {name: member for name, member in members.items() if member not in (None, "", [], {})}
    if isinstance(value, list):
        return [item for item in map(plain, value) if item not in (None, "", [], {})]
    if value in ("true", "false"):
        return value == "true"
    return Decimal(str(value)) if str(value).replace(".", "", 1).isdigit() else value


def test_the_official_sample_means_the_same(po_line: PoLineTarget, shared: Any) -> None:
    sample = (shared / "alma/official-samples/po_line_post_sample.json").read_bytes()
    document = po_line.parse(sample)
    assert isinstance(document, PoLine), document
    ours = po_line.payload(document, "json")
    assert plain(json.loads(ours)) == plain(json.loads(sample))
    assert schema_errors(ours, "po_line") == []
    assert po_line.parse(po_line.payload(document, "xml")) == document


@pytest.fixture
def line_schema(shared: Any) -> etree.XMLSchema:
    """The order line's XSD, made optional where the official one requires what clients never send."""
    text = (shared / "alma/xsd/rest_po_line.reconstructed.xsd").read_text(encoding="utf-8")
    for name in ("reclaim_interval", "first_name", "last_name", "email"):
        element = f'<xs:element name="{name}" type="xs:string"/>'
        assert element in text
        text = text.replace(element, element.replace("/>", ' minOccurs="0"/>'))
    return etree.XMLSchema(etree.fromstring(text.encode()))


@settings(
    ROUND_TRIP,
    suppress_health_check=[*ROUND_TRIP.suppress_health_check, HealthCheck.function_scoped_fixture],
)
@given(values=values_of(PoLine))
def test_xml_is_valid_by_the_xsd(line_schema: etree.XMLSchema, values: dict[str, Any]) -> None:
    target = PoLineTarget()
    line_schema.assertValid(etree.fromstring(target.payload(built(target, values), "xml")))


def test_equal_documents_have_equal_bytes(po_line: PoLineTarget, line_values: dict[str, Any]) -> None:
    shuffled = dict(reversed(line_values.items())) | {"price": {"currency": "SEK", "sum": "129.5000"}}
    first, second = built(po_line, line_values), built(po_line, shuffled)
    assert [po_line.payload(first, form) for form in FORMS] == [
        po_line.payload(second, form) for form in FORMS
    ]
