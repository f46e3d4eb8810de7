"""Payload files that others wrote: Alma's answers, broken ones, hostile ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from etl.documents.outline import Node, outline
from etl.documents.po_line import PoLine
from etl.documents.targets import PoLineTarget, PurchaseRequestTarget
from etl.plugin import Fault
from etl.simulator.errors import AlmaError
from etl.simulator.form_shapes import PO_LINE, PURCHASE_REQUEST, Member
from etl.simulator.read_body import read_body

if TYPE_CHECKING:
    from etl.simulator.call import Call

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
BODY = (
    b"<owner>MAIN</owner><type>PRINTED_BOOK_OT</type><resource_metadata><title>T</title></resource_metadata>"
)


def line_xml(inside: bytes = b"") -> bytes:
    return HEAD + b"<po_line>" + BODY + inside + b"</po_line>"


def line_json(**members: Any) -> bytes:
    codes = {"owner": {"value": "MAIN"}, "type": {"value": "PRINTED_BOOK_OT"}}
    return json.dumps({**codes, "resource_metadata": {"title": "T"}} | members).encode()


# What a GET answers around the values that an order has.
RESPONSE: dict[str, Any] = {
    "link": "https://example.org/po-lines/POL-1",
    "owner": {"value": "MAIN", "desc": "Main Library"},
    "status": {"value": ""},
    "alert": [{"value": "", "desc": "Manually marked for review."}],
    "portfolios": {"portfolio": [], "total_record_count": 0},
    "license": {"value": "", "desc": ""},
    "renewal_cycle": {},
    "issn": None,
    "fund_distribution": [{"amount": {"sum": "", "currency": {}}, "fund_code": {"value": "", "desc": ""}}],
    "resource_metadata": {"mms_id": {"value": "99", "link": "https://x"}, "system_control_number": [""]},
    "renewal_period": "0",
    "rush": "false",
    "base_status": "",
    "created_date": "",
}


def test_a_response_shape_loads(po_line: PoLineTarget) -> None:
    document = po_line.parse(line_json(**RESPONSE))
    assert isinstance(document, PoLine), document
    assert (document.owner, document.resource_metadata.mms_id) == ("MAIN", "99")
    assert (document.renewal_period, document.rush, document.fund_distribution) == (0, False, ())


def test_a_response_shape_loads_from_xml(po_line: PoLineTarget) -> None:
    document = po_line.parse(
        HEAD
        + b'<po_line link="x"><!-- c --><number/><status desc=""/><owner desc="Main">MA<!-- c -->IN</owner>'
        b"<type>PRINTED_BOOK_OT</type><alerts><alert desc='x'></alert></alerts><notes/>"
        b'<portfolios total_record_count="0"/><license desc=""></license><price>\n<sum>1</sum>\n'
        b'<currency desc="x">SEK</currency></price><resource_metadata><mms_id link="y">99</mms_id>'
        b"<system_control_numbers><system_control_number/></system_control_numbers></resource_metadata>"
        b"<fund_distributions><fund_distribution><fund_code desc=''/><amount><sum/><currency/></amount>"
        b"</fund_distribution></fund_distributions><locations/></po_line>"
    )
    assert isinstance(document, PoLine), document
    assert (document.owner, document.fund_distribution, document.note) == ("MAIN", (), ())
    assert document == po_line.parse(
        json.dumps(
            {
                "owner": {"value": "MAIN"},
                "type": {"value": "PRINTED_BOOK_OT"},
                "price": {"sum": "1.00", "currency": {"value": "SEK"}},
                "resource_metadata": {"mms_id": {"value": "99"}},
            }
        ).encode()
    )


def test_utf_16_and_byte_order_marks(po_line: PoLineTarget) -> None:
    plain = po_line.parse(line_json())
    assert isinstance(plain, PoLine)
    assert po_line.parse(b"\xef\xbb\xbf" + line_json()) == plain
    assert po_line.parse(b"\xef\xbb\xbf" + line_xml()) == plain
    utf_16 = line_xml().decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert po_line.parse(utf_16) == plain


def test_json_numbers_keep_their_decimals(po_line: PoLineTarget) -> None:
    payload = line_json(price={"sum": "@", "currency": {"value": "SEK"}}).replace(b'"@"', b"0.10000000000000000001")
    document = po_line.parse(payload)
    assert isinstance(document, PoLine)
    assert b'"0.10000000000000000001"' in po_line.payload(document, "json-line")


UNUSABLE = [
    (b"", (), "E517", "line 1"),
    (b"{", (), "E517", "line 1"),
    (b'{\n "owner": nope}', (), "E517", "line 2"),
    (b'{"owner": NaN}', (), "E517", "NaN"),
    (b'{"owner": "\xe5"}', (), "E517", "byte 11"),
    (b"[" * 100_000, (), "E517", "deep"),
    (b'{"note": ' * 900 + b"1" + b"}" * 900, (), "E517", "deep"),
    (b'{"renewal_period": ' + b"1" * 5000 + b"}", (), "E517", "number"),
    (b"[]", (), "E519", "object"),
    (b'"text"', (), "E519", "object"),
    (b'{"owner": "A", "owner": "B"}', ("owner",), "E520", "owner"),
    (line_json(status={"value": "READY"}), ("status",), "E501", "Alma"),
    (line_json(alert=[{"value": "X"}]), ("alert",), "E501", "Alma"),
    (line_json(portfolios={"portfolio": [{"id": "1"}]}), ("portfolios",), "E501", "Alma"),
    (line_json(notes=[{"note_text": "x"}]), ("notes",), "E500", "notes"),
    (b"<po_line>", (), "E517", "line 1"),
    (HEAD + b"<purchase_request/>", (), "E519", "purchase_request"),
    (HEAD + b'<po_line xmlns="urn:x"/>', (), "E519", "po_line"),
    (line_xml(b"<owner>B</owner>"), ("owner",), "E520", "owner"),
    (line_xml(b"<note><note_text>x</note_text></note>"), ("note",), "E521", "note"),
    (line_xml(b"<notes><remark>x</remark></notes>"), ("note", 0), "E521", "remark"),
    (line_xml(b"stray"), (), "E521", "stray"),
    (line_xml(b"<price>9<sum>9</sum><currency>SEK</currency></price>"), ("price",), "E521", "9"),
    (line_xml(b'<rush code="x">true</rush>'), ("rush",), "E521", "code"),
    (line_xml(b"<vendor><value>X</value></vendor>"), ("vendor",), "E503", "elements"),
    (line_xml(b"<vendr>X</vendr>"), ("vendr",), "E500", "vendr"),
    (line_xml(b"<vendr><value>X</value></vendr>"), ("vendr",), "E500", "vendr"),
    (line_xml(b"<alerts><alert>X</alert></alerts>"), ("alert",), "E501", "Alma"),
    (line_xml(b"<locations><location><holdings><holding><id>2</id></holding></holdings>"
              b"<quantity>1</quantity></location></locations>"), ("location", 0, "holding"), "E501", "Alma"),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "path", "code", "words"), UNUSABLE, ids=range(len(UNUSABLE)))
def test_unusable_payloads(
    po_line: PoLineTarget, payload: bytes, path: tuple[str | int, ...], code: str, words: str
) -> None:
    found = po_line.parse(payload)
    assert isinstance(found, list), found
    assert [(fault.path, fault.code) for fault in found] == [(path, code)]
    assert words in found[0].message


BOMB = b'<!DOCTYPE po_line [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + at, b"&%c;" % (97 + at) * 10) for at in range(9)
) + b"]>"  # fmt: skip
HOSTILE = {
    "entity bomb": BOMB + b"<po_line><owner>&j;</owner></po_line>",
    "external entity": b'<!DOCTYPE po_line [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    b"<po_line><owner>&x;</owner></po_line>",
    "external subset": b'<!DOCTYPE po_line SYSTEM "http://127.0.0.1:9/x.dtd"><po_line><owner>A</owner></po_line>',
    "parameter entity": b'<!DOCTYPE po_line [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><po_line/>',
    "harmless doctype": b"<!DOCTYPE po_line>" + line_xml()[len(HEAD) :],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused_and_nothing_is_expanded(po_line: PoLineTarget, name: str) -> None:
    found = po_line.parse(HEAD + HOSTILE[name])
    assert isinstance(found, list), found
    (fault,) = found
    assert isinstance(fault, Fault)
    # libxml2 stops some attacks itself (E517); what it lets through has a document type (E518).
    assert fault.code in ("E517", "E518")
    assert "hostname" not in fault.message


def test_blanks_around_numbers_and_flags_do_not_count(po_line: PoLineTarget) -> None:
    document = po_line.parse(line_xml(b"<rush>\n true </rush><renewal_period> 7\n</renewal_period>"))
    assert isinstance(document, PoLine), document
    assert (document.rush, document.renewal_period) == (True, 7)


def test_very_deep_xml_is_refused(po_line: PoLineTarget) -> None:
    found = po_line.parse(HEAD + b"<po_line>" + b"<price>" * 5000)
    assert isinstance(found, list)
    assert found[0].code == "E517"


Place = tuple[str | int, ...]


def leaves(nodes: Sequence[Node], path: Place = ()) -> Iterator[tuple[Place, Node]]:
    for node in nodes:
        here = (*path, node.name, 0) if node.form == "list" else (*path, node.name)
        if node.members:
            yield from leaves(node.members, here)
        else:
            yield here, node


def put(path: Place, value: Any) -> bytes:
    """A body in which nothing stands but a value at a place."""
    for step in reversed(path):
        value = [value] if step == 0 else {step: value}
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("target", "shapes"), [(PoLineTarget(), PO_LINE), (PurchaseRequestTarget(), PURCHASE_REQUEST)]
)
def test_what_alma_cannot_read_is_told_with_its_place(
    target: PoLineTarget | PurchaseRequestTarget, shapes: Mapping[str, Member]
) -> None:
    """Every member in every shape: the simulator, which knows the shapes from elsewhere, takes no body that passes here."""
    refused = 0
    values = ("X", {"value": "X"}, ["X"], {"value": ["X"]}, {"value": {"value": "X"}}, True, 7, 1.5, "2024-03-11")
    for path, node in leaves(outline(target.model)):
        if node.leaf and node.leaf.output_only:
            continue
        for value in (*values, [], {}, [{}], ""):
            body = put(path, value)
            call = SimpleNamespace(
                request=SimpleNamespace(sent_json=True, body=body), notes=[], operation=SimpleNamespace(general="401")
            )
            try:
                read_body(cast("Call", call), target.name, shapes)
            except AlmaError:
                refused += 1
                told = target.parse(body)
                assert isinstance(told, list)
                at = [fault.path for fault in told if not fault.missing]
                assert any(path[: len(place)] == place[: len(path)] for place in at), (path, value, told)
    assert refused > 100


def test_a_bare_code_is_told_beside_what_else_is_wrong(po_line: PoLineTarget) -> None:
    places = [{"quantity": 0, "library": "MAIN"}, {"quantity": 1, "library": {"value": "MAIN"}}]
    told = po_line.parse(line_json(owner="MAIN", location=places, price={"sum": "1", "currency": "SEK"}))
    assert isinstance(told, list)
    found = {(fault.code, fault.path) for fault in told}
    bare = {("owner",), ("location", 0, "library"), ("price", "currency")}
    assert found == {("E570", path) for path in bare} | {("E512", ("location", 0, "quantity"))}


def test_what_alma_filled_is_passed_over_in_what_it_returned(po_line: PoLineTarget) -> None:
    copies = [{"pid": "23", "holding_id": "22", "barcode": "3001"}]
    place = {"quantity": 1, "library": {"value": "MAIN"}, "holding": [{"id": "22"}], "copy": copies}
    body = line_json(
        status={"value": "SENT"}, alert=[{"value": "X"}], created_date="2024-03-11Z", location=[place], number="POL-1"
    )
    assert isinstance(po_line.parse(body), list)
    document = po_line.parse(body, returned=True)
    assert isinstance(document, PoLine), document
    assert document.location[0].copies[0].barcode == "3001"
    xml = line_xml(b"<status>SENT</status><created_date>2024-03-11Z</created_date><number>POL-1</number>")
    assert isinstance(po_line.parse(xml, returned=True), PoLine)
    told = po_line.parse(line_json(owner="MAIN", status={"value": "SENT"}), returned=True)
    assert isinstance(told, list)
    assert [fault.code for fault in told] == ["E570"]
