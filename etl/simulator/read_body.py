"""Body bytes → a document of known members, or the complaint Alma's own parser would make.

Unknown members are dropped, as Alma drops them, and named in the call's notes so that a test can see what
was lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from lxml import etree

from etl.simulator.call import Call
from etl.simulator.errors import AlmaError
from etl.simulator.form_shapes import AMOUNT, CODE, Member

Document = dict[str, Any]

_DATE = re.compile(r"[1-9]\d{3}-\d\d-\d\dZ?\Z", re.ASCII).match
_SUM = re.compile(r"-?\d{1,14}(\.\d{0,14})?\Z", re.ASCII).match
_INTEGER = re.compile(r"-?\d{1,9}\Z", re.ASCII).match
_HALF = re.compile(r"\\u[dD][89a-fA-F]").search
_JAVA = {
    "text": "java.lang.String",
    "boolean": "java.lang.Boolean",
    "integer": "java.lang.Integer",
    "date": "javax.xml.datatype.XMLGregorianCalendar",
    "list": "java.util.ArrayList<java.lang.Object>",
}
_TOKENS: dict[type, str] = {
    dict: "Object",
    list: "Array",
    str: "String",
    bool: "Boolean",
    int: "Integer",
    float: "Float",
}


class _Misshapen(Exception):  # noqa: N818 - the body's fault, answered as HTTP 400
    """The body does not fit; the text is the parser's."""


def read_body(call: Call, root: str, members: Mapping[str, Member]) -> Document:
    """The document in the body.

    Raises AlmaError: 400 with Jackson's kind of text, 415 for an unknown media type.
    """
    as_json = call.request.sent_json
    if as_json is None:
        raise AlmaError((call.operation.general, "HTTP 415 Unsupported Media Type"), status=415)
    try:
        tree = _json_tree(call.request.body) if as_json else _xml_tree(call.request.body, root, members)
        return _object(tree, members, call.notes, "")
    except _Misshapen as complaint:
        # which code Alma gives here is not known; General error is the code documented for every call
        raise AlmaError((call.operation.general, str(complaint))) from None


def _json_tree(body: bytes) -> Any:
    try:
        text = body.decode("utf-8-sig")
        tree = json.loads(text)
        if _HALF(text):  # half of a pair is no character: it could be neither stored nor answered
            json.dumps(tree, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        at = (
            f" at line {error.lineno}, column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise _Misshapen(f"JSON parse error: Unexpected character or end-of-input{at}") from None
    return tree


def _object(value: Any, members: Mapping[str, Member], notes: list[str], path: str) -> Document:
    if not isinstance(value, dict):
        raise _Misshapen(_cannot("java.util.LinkedHashMap", value, path))
    found: Document = {}
    for name, given in value.items():
        member = members.get(name)
        if member is None:
            notes.append(f"unknown member {path}{name}")
        elif given is not None:
            found[name] = _value(given, member, notes, f"{path}{name}")
    return found


def _value(given: Any, member: Member, notes: list[str], path: str) -> Any:
    kind = member.kind
    if kind == "text":
        if type(given) is str:
            return given
        return _text(given, path)
    if kind == "code":
        return _object(given, CODE, notes, path + ".")
    if kind == "object":
        return _object(given, member.members, notes, path + ".") if member.members else {}
    if kind == "list":
        return _list(given, member, notes, path)
    if kind == "amount":
        return _amount(given, notes, path)
    return _scalar(kind, given, path)


def _list(given: Any, member: Member, notes: list[str], path: str) -> list[Any]:
    if not isinstance(given, list):
        raise _Misshapen(_cannot(_JAVA["list"], given, path))
    row = Member(member.item, member.members)
    return [_value(one, row, notes, f"{path}[{at}]") for at, one in enumerate(given) if one is not None]


def _amount(given: Any, notes: list[str], path: str) -> Document:
    amount = _object(given, AMOUNT, notes, path + ".")
    if amount.get("sum") and not _SUM(amount["sum"]):
        # captured: the template comes back unrendered
        raise _Misshapen("Invalid field value. Field: [Ljava.lang.Object;@5e91993f Value: {1}")
    return amount


def _text(given: Any, path: str) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | float):  # Jackson turns scalars into text
        return str(given)
    raise _Misshapen(_cannot(_JAVA["text"], given, path))


def _scalar(kind: str, given: Any, path: str) -> Any:
    """Booleans and integers come as themselves or as text; an empty text is no value."""
    if given == "":
        return None if kind != "boolean" else False
    if kind == "boolean":
        if isinstance(given, bool):
            return given
        if isinstance(given, str) and given.lower() in ("true", "false"):
            return given.lower() == "true"
    elif kind == "integer":
        if isinstance(given, int) and not isinstance(given, bool) and abs(given) < 2**31:
            return given
        if isinstance(given, str) and _INTEGER(given):
            return int(given)
    elif isinstance(given, str) and (day := alma_day(given)):
        return day
    raise _Misshapen(_cannot(_JAVA[kind], given, path))


def alma_day(text: str) -> str | None:
    """A day as Alma keeps it, `2026-11-21Z`; without `Z` it is accepted too. None: no such day."""
    if not _DATE(text):
        return None
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return None
    return text[:10] + "Z"


def _cannot(java: str, given: Any, path: str) -> str:
    token = _TOKENS.get(type(given), "Null")
    shown = f' "{given[:60]}"' if isinstance(given, str) else ""
    where = f'(through reference chain: "{path or "root"}")'
    return f"Cannot deserialize value of type {java} from {token} value{shown} {where}"


# --------------------------------------------------------------------------------------------- XML


def _xml_tree(body: bytes, root: str, members: Mapping[str, Member]) -> Any:
    """The JSON form of an XML body. Entities are not resolved, and a document type is refused."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        top = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise _Misshapen(f"XML parse error: {error.msg}") from None
    if top.getroottree().docinfo.internalDTD is not None:
        raise _Misshapen("XML parse error: DOCTYPE is disallowed")
    if top.tag != root:
        raise _Misshapen(
            f'unexpected element (uri:"", local:"{top.tag}"). Expected elements are <{{}}{root}>'
        )
    return _xml_object(top, members)


def _xml_object(element: Any, members: Mapping[str, Member]) -> Document:
    wrappers = {member.wrapper: (name, member) for name, member in members.items() if member.kind == "list"}
    found: Document = {name: text for name, text in element.attrib.items() if name in members}
    for child in element:
        if child.tag in wrappers:
            name, member = wrappers[child.tag]
            value: Any = [
                _xml_value(row, Member(member.item, member.members)) for row in child if row.tag == name
            ]
        else:
            name = str(child.tag)
            known = members.get(name)
            value = _xml_value(child, known) if known is not None and known.kind != "list" else child.text
        if name in found:
            raise _Misshapen(f"XML parse error: element {name} occurs more than once")
        found[name] = value
    return found


def _xml_value(element: Any, member: Member) -> Any:
    text = element.text or ""
    if member.kind == "code":
        return {
            "value": text.strip(),
            **{name: given for name, given in element.attrib.items() if name in CODE},
        }
    if member.kind == "amount":
        return _xml_object(element, AMOUNT)
    if member.kind == "object":
        return _xml_object(element, member.members)
    return text.strip() if member.kind in ("boolean", "integer", "date") else text
