"""One order line as a vendor's field names and values → the bytes of a file that holds it, for each way of writing."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pymarc

Record = dict[str, Any]


def as_csv(record: Record) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerows([list(record), list(record.values())])
    return out.getvalue().encode("utf-8")


def as_json(lines: str) -> Callable[[Record], bytes]:
    def write(record: Record) -> bytes:
        head = {name[6:]: value for name, value in record.items() if name.startswith("order.")}
        line = {name: value for name, value in record.items() if not name.startswith("order.")}
        places = {name: line.pop(name) for name in list(line) if name.startswith("fordelning.")}
        if places:
            line["fordelning"] = [{name[11:]: value for name, value in places.items()}]
        return json.dumps({**head, lines: [line]} if lines else {**head, **line}).encode()

    return write


def as_form(record: Record) -> bytes:
    head = ("lev", "konto", "order", "datum")
    keys = {name if name in head else f"{name}_1": value for name, value in record.items()}
    return urlencode({**keys, "rader": "1"}).encode() + b"\n"


def as_notice(record: Record) -> bytes:
    """Paths as the connector names them: [KIND] says what kind an element is of."""
    kinds = {
        "PartyID": "PartyIDType",
        "ProductID": "ProductIDType",
        "ReferenceCoded": "ReferenceTypeCode",
        "PricingDetail": "PriceQualifierCode",
    }
    header: dict[str, Any] = {}
    root = ElementTree.Element("LibraryShipNotice")
    item = ElementTree.Element("ItemDetail")
    made: dict[str, ElementTree.Element] = header
    for path, text in record.items():
        node, at = (root, "") if path.startswith("Header/") else (item, "item/")
        for step in path.split("/"):
            at += step + "/"
            name, _, kind = step.removesuffix("]").partition("[")
            if at not in made:
                made[at] = ElementTree.SubElement(node, name)
                if kind:
                    ElementTree.SubElement(made[at], kinds[name]).text = kind
            node = made[at]
        node.text = str(text)
    root.append(item)
    summary = ElementTree.SubElement(root, "Summary")
    ElementTree.SubElement(summary, "NumberOfLines").text = "1"
    ElementTree.SubElement(summary, "UnitsShipped").text = str(record["QuantityShipping"])
    return ElementTree.tostring(root)


def as_acquisition(record: Record) -> bytes:
    """A record and its holdings; `852$b` and its like are the holding's subfields."""
    bib = {"001": "8452921", "003": "SE-LIBR", "020$a": record["020$a"], "245$a": record["245$a"]}
    holding = {name: text for name, text in record.items() if name.startswith("852")}
    bib |= {name: text for name, text in record.items() if name not in holding}

    def fields(values: Mapping[str, str]) -> str:
        tags: dict[str, str] = {}
        for name, text in values.items():
            tag, _, code = name.partition("$")
            tags[tag] = tags.get(tag, "") + (f'<subfield code="{code}">{text}</subfield>' if code else text)
        return "".join(
            f'<controlfield tag="{tag}">{inner}</controlfield>'
            if tag < "010"
            else f'<datafield tag="{tag}" ind1="{"3" if tag == "024" else " "}" ind2=" ">{inner}</datafield>'
            for tag, inner in tags.items()
        )

    return (
        '<collection xmlns="http://www.loc.gov/MARC21/slim">'
        f'<record type="Bibliographic"><leader>00000nam a22000008a 4500</leader>{fields(bib)}</record>'
        f'<record type="Holdings"><leader>00000nx  a22000001n 4500</leader>{fields(holding)}</record>'
        "</collection>"
    ).encode()


def _marc_fields(record: Record) -> list[pymarc.Field]:
    """`245$a` and its like, those of one tag in one field; `024{ind1=8}$a` says an indicator."""
    subfields: dict[tuple[str, str], list[pymarc.Subfield]] = {}
    fields = []
    for name, text in record.items():
        path, _, code = name.partition("$")
        tag, _, indicator = path.removesuffix("}").partition("{ind1=")
        if code:
            subfields.setdefault((tag, indicator or " "), []).append(pymarc.Subfield(code, str(text)))
        elif re.fullmatch(r"00[1-9]", tag):
            fields.append(pymarc.Field(tag, data=str(text)))
    fields += [pymarc.Field(tag, [first, " "], several) for (tag, first), several in subfields.items()]
    return sorted(fields, key=lambda one: one.tag)


def as_marc(record: Record) -> bytes:
    made = pymarc.Record(leader="00000nam a2200000 i 4500")
    made.add_field(*_marc_fields(record))
    return made.as_marc()


def as_answer(record: Record) -> bytes:
    """An answer with the request it is for; `request.ISBN` is one of the request's."""
    request = {name[8:]: value for name, value in record.items() if name.startswith("request.")}
    answer = {name: value for name, value in record.items() if not name.startswith("request.")}
    return json.dumps({**answer, "request": request}).encode()


def as_purchase(record: Record) -> bytes:
    """GOBI's; what is no path is the catalogue record's."""
    root = ElementTree.Element("PurchaseOrder")
    customer = ElementTree.SubElement(root, "CustomerDetail")
    book = ElementTree.SubElement(ElementTree.SubElement(root, "Order"), "ListedPrintMonograph")
    marc = pymarc.Record(leader="00000nam a2200000u  4500")
    marc.add_field(*_marc_fields({name: text for name, text in record.items() if "/" not in name}))
    collection = ElementTree.SubElement(book, "collection")
    collection.append(pymarc.marcxml.record_to_xml_node(marc))
    detail = ElementTree.SubElement(book, "OrderDetail")
    made: dict[str, ElementTree.Element] = {}
    for path, text in record.items():
        first, *steps = path.split("/")
        node = customer if first == "CustomerDetail" else detail
        for at, step in enumerate(steps):
            name, _, kind = step.removesuffix("]").partition("[")
            here = "/".join(steps[: at + 1])
            if here not in made:
                made[here] = ElementTree.SubElement(node, name)
                if kind:
                    ElementTree.SubElement(made[here], "Description").text = kind
            node = ElementTree.SubElement(made[here], "Value") if kind else made[here]
        if steps:
            node.text = str(text)
    return ElementTree.tostring(root)


_SEGMENTS = {
    "head/BGM/number": "BGM+31F::28+{}+9",
    "head/DTM+137": "DTM+137:{}:102",
    "head/RFF+ON": "RFF+ON:{}",
    "head/NAD+BY:9": "NAD+BY+{}::9",
    "head/NAD+BY/RFF+API": "RFF+API:{}",
    "head/NAD+SU:9": "NAD+SU+{}::9",
    "head/CUX+2": "CUX+2:{}:12",
    "LIN/number": "LIN+{}",
    "LIN+EN": "++{}:EN",
    "PIA+5+IB": "PIA+5+{}:IB",
    "QTY+1": "QTY+1:{}",
    "GIR/LLO": "GIR+001+{}:LLO",
    "DTM+44": "DTM+44:{}:102",
    "FTX+LIN": "FTX+LIN+++{}",
    "PRI+AAA": "PRI+AAA:{}",
    "RFF+QLI": "RFF+QLI:{}",
    "RFF+LI": "RFF+LI:{}",
}
"""Name → segment; what begins with + goes on with the segment before."""


def as_quotation(record: Record) -> bytes:
    """An EDIFACT message of one line; of a name that has no segment here, one of free text that is asked nowhere."""
    segments: list[str] = []
    for name, value in record.items():
        text = "".join(f"?{one}" if one in "?+:'" else one for one in str(value))
        if name.startswith("IMD+"):
            segments.append(f"IMD+L+{name[4:]}+:::{text}")
        elif name.startswith("GIR/") and segments[-1].startswith("GIR"):
            segments[-1] += f"+{text}:{name[4:]}"
        elif (made := _SEGMENTS.get(name, f"ZZZ+{name}+{{}}").format(text)).startswith("+"):
            segments[-1] += made
        else:
            segments.append(made)
    inside = [*segments, "UNS+S", "CNT+2:1"]
    whole = ["UNH+M1+QUOTES:D:96A:UN:EAN008", *inside, f"UNT+{len(inside) + 2}+M1"]
    unb = "UNB+UNOC:3+SENDER:14+BUYER:14+240311:0930+IC1++QUOTES"
    return "".join(f"{one}'" for one in ["UNA:+.? ", unb, *whole, "UNZ+1+IC1"]).encode("latin-1")
