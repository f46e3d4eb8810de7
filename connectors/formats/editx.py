"""EDItX LibraryShipNotice → its order lines, each a flat mapping of named fields.

Elements are taken by name and not by position, for real notices break the order of the schema (BTJ Finland
writes ProcessingInstructionCode before CopyValue). A field is named by its path within the line; an element
that says in a child what kind it is carries the kind in brackets, and a second one of a name its number:

    ItemDescription/Title                        LineNumber
    ProductID[ISBN]/Identifier                   ReferenceCoded[VendorsOrderReference]/ReferenceDate
    PricingDetail[SRPExcludingTax]/MonetaryAmount (Price, a mere wrapper, is left out, as PartyName is)
    CopyDetail[2]/FundDetail/FundNumber          Header/BuyerParty/PartyID[VendorAssignedID]/Identifier
    QuantityShipping/@unit (an attribute)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.formats.xml_elements import Element, XmlBroken, read_children
from etl.plugin import DataPlace, Problem, Refusal, Source

ROOT = "LibraryShipNotice"
_KIND = {
    "DateCoded": "DateQualifierCode",
    "Message": "MessageType",
    "PartyID": "PartyIDType",
    "PricingDetail": "PriceQualifierCode",
    "ProductID": "ProductIDType",
    "ReferenceCoded": "ReferenceTypeCode",
}
_OF_XML = frozenset({"schemaLocation", "noNamespaceSchemaLocation", "lang", "space", "base"})
_WRAPPERS = frozenset({"Price", "PartyName"})
_KIND_LENGTH = 100  # it is in the path of everything below
_RECORD = "04"  # MessageType of a catalogue record; 01 is free text


@dataclass(frozen=True, slots=True)
class Copy:
    """One CopyDetail. `prefix` begins its fields in the line's; `messages` are texts for people."""

    line: int
    prefix: str
    fields: Mapping[str, str]
    messages: tuple[str, ...]
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One ItemDetail. `fields` hold those of its copies too; `records` are MARCXML texts, not yet parsed."""

    fields: Mapping[str, str]
    copies: tuple[Copy, ...]
    messages: tuple[str, ...]
    records: tuple[str, ...]


def read_header(source: Source) -> Mapping[str, str]:
    """The fields of the Header, wherever in the file it stands; read before the lines, which it is true of.

    Raises Refusal E355 when there is none: nobody could say whose order it is. E349, E367, NOT_WHOLE as for
    any XML.
    """
    try:
        for element in read_children(source):
            if element.name == "Header":
                return flatten(element, "Header/")
    except XmlBroken as broken:
        trouble = broken.trouble()
        told = f"the notice has no Header before the place where {broken.message}"
        trouble = trouble if broken.cut else trouble._replace(message=told)
        raise Refusal(trouble.at(DataPlace(source.name, line=broken.line))) from broken
    told = "the notice has no Header: nothing says whose order it is"
    raise Refusal(
        Problem("E355", told, data=DataPlace(source.name), help="ask the vendor for a complete notice")
    )


def item_of(element: Element) -> Item:
    """An ItemDetail element as a line."""
    copies: list[Copy] = []
    for child in element.children:
        if child.name == "CopyDetail":
            messages, records = _messages(child)
            prefix = f"CopyDetail[{len(copies) + 1}]/"
            copies.append(Copy(child.line, prefix, flatten(child), messages, records))
    fields = flatten(element, leave_out=frozenset({"CopyDetail"}))
    for copy in copies:
        fields.update({copy.prefix + name: text for name, text in copy.fields.items()})
    return Item(fields, tuple(copies), *_messages(element))


def kinds_of(fields: Mapping[str, str], tag: str) -> list[str]:
    """The kinds in which `tag` occurs among the fields, in their order: ["UnitCostExcludingTax", …]."""
    found = (re.match(rf"{tag}\[([^\]]*)\]", name) for name in fields)
    return list(dict.fromkeys(match[1] for match in found if match))


def flatten(element: Element, prefix: str = "", leave_out: frozenset[str] = frozenset()) -> dict[str, str]:
    """Every text of the element, by path. Empty elements give no field."""
    fields: dict[str, str] = {}
    _flatten(element, prefix, fields, leave_out, Counter())
    return fields


def _flatten(
    element: Element,
    prefix: str,
    fields: dict[str, str],
    leave_out: frozenset[str],
    shared: Counter[str],
) -> None:
    """`shared` counts, over all of `fields`, the texts that came to a path that was taken."""
    seen: dict[str, int] = {}
    for child in element.children:
        if child.name in leave_out:
            continue
        if child.name in _WRAPPERS:
            _flatten(child, prefix, fields, leave_out, shared)
            continue
        label = _label(child)
        seen[label] = number = seen.get(label, 0) + 1
        path = prefix + (label if number == 1 else f"{label}[{number}]")
        if child.name == "MessageLine":
            fields[path] = _message_line(child)
            continue
        if child.text:
            fields[_free(path, fields, shared)] = child.text
        fields |= attributes_of(child, path + "/")
        _flatten(child, path + "/", fields, leave_out, shared)


def attributes_of(element: Element, prefix: str) -> dict[str, str]:
    """`prefix/@name` → text, but for what XML itself says by attributes."""
    said = ((name, text.strip()) for name, text in element.attributes.items() if name not in _OF_XML)
    return {f"{prefix}@{name}": text for name, text in said if text}


def _free(path: str, fields: Mapping[str, str], shared: Counter[str]) -> str:
    """A path that two wrappers share gets a number, so that no text takes the place of another."""
    free = path
    while free in fields:
        shared[path] += 1
        free = f"{path}[{shared[path] + 1}]"
    return free


def _label(element: Element) -> str:
    kind = _kind(element)
    return f"{element.name}[{kind}]" if kind else element.name


def _kind(element: Element) -> str:
    name = _KIND.get(element.name)
    if name is None:
        return ""
    holders = [element, *(child for child in element.children if child.name in _WRAPPERS)]
    kind = next((found.text for holder in holders if (found := holder.find(name)) is not None), "")
    return kind[:_KIND_LENGTH]


def _messages(element: Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(texts for people, catalogue records) of the Messages that are children of the element."""
    texts: list[str] = []
    records: list[str] = []
    for message in element.children:
        if message.name != "Message":
            continue
        lines = [_message_line(child) for child in message.children if child.name == "MessageLine"]
        if _kind(message) == _RECORD:
            records.append("".join(lines))
        else:
            texts.append(" ".join(line for line in lines if line))
    return tuple(filter(None, texts)), tuple(filter(None, records))


def _message_line(element: Element) -> str:
    """Its text; a record that stands there as XML and not as text becomes text."""
    return element.text + "".join(child.as_xml() for child in element.children)


def lines_of(source: Source) -> Iterator[Element]:
    """The root's children except the Header. Raises XmlBroken, Refusal as `read_children`."""
    return (element for element in read_children(source) if element.name != "Header")
