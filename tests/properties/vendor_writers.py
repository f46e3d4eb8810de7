"""One order line as a vendor's field names and values → the bytes of a file that holds it, for each way of writing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

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
