"""One order of GOBI → its neutral order line and its problems.

A field is named by its path: CustomerDetail/SubAccount, OrderDetail/ListPrice/Amount. LocalData goes by
what the customer calls it, LocalData[LocalData3].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.formats.deleted_record import deleted
from connectors.formats.editx import flatten
from connectors.formats.marc_record import MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of, read_embedded_marc
from connectors.formats.xml_elements import Element
from connectors.gobi.documents import CUSTOMER, GobiOrder
from connectors.layouts import Layout, parse_line
from connectors.layouts.second_fields import second_fields
from connectors.order_marc.bibliography import cut_all, drop_punctuation, found_in, system_numbers
from connectors.order_marc.own_record import unlike_its_line
from connectors.order_marc.paths import by_tag, first_names, paths_of, told_of
from etl.plugin import DataPlace, Problem, Severity

DETAIL = "OrderDetail"
_BASIS = {"ListPrice": "list", "NetPrice": "net"}


def by_price(layout: Layout, wanted: Sequence[str]) -> Mapping[str, Layout]:
    """Kind of price, in the order wanted → the layout that reads it. A field the mapping names wins."""
    layouts = {}
    for kind in wanted:
        block = f"{DETAIL}/{kind}"
        columns = {"unit_price": [f"{block}/Amount"], "currency": [f"{block}/Currency"]}
        own = {name: aliases for name, aliases in columns.items() if not layout.columns[name].aliases}
        layouts[kind] = layout.adapted(own, {}, {})
    return layouts


def line_of(
    order: GobiOrder, layouts: Mapping[str, Layout], place: DataPlace
) -> tuple[dict[str, object], list[Problem]]:
    """The line is not to be used when there is an error among the problems."""
    element = order.element
    fields = {"OrderType": element.name, **_electronic(element.name)}
    if order.customer is not None:
        fields |= flatten(order.customer, f"{CUSTOMER}/")
    fields |= flatten(element, leave_out=frozenset({"collection", "record", "LocalData"}))
    details = [child for child in element.children if child.name == DETAIL]
    local, problems = _local_data(details, place)
    fields |= local
    if not details:
        told = f'the order "{element.name}" has no {DETAIL}: nothing says how many, for what money'
        problems.append(Problem("E355", told, data=place))
    # The first price that has an amount; without any, it is the first that is missing.
    kind = next((one for one in layouts if f"{DETAIL}/{one}/Amount" in fields), next(iter(layouts)))
    layout = layouts[kind]
    more: dict[str, object] = {}
    records = _records(element)
    if len(records) > 1:
        told = f"the order came with {len(records)} catalogue records, of which the first is taken"
        help_ = "ask which title is meant"
        problems.append(Problem("E327", told, Severity.HOLD, data=place, help=help_))
    try:
        record = read_embedded_marc(records[0].as_xml()) if records else MarcRecord("")
    except Unreadable as reason:
        told = f"the embedded MARC record cannot be read: {reason.trouble.message}"
        problems.append(Problem("E374", told, data=place, help=reason.trouble.help))
    else:
        problems += [one.noted(place) for one in deleted(record)]
        known, doubts = _bibliographic(record, layout, place)
        fields |= {name: text for name, text in known.items() if name not in fields}
        problems += doubts
        carrier = {"Y": "online", "N": "print"}.get(fields.get("OrderType.electronic", ""))
        problems += unlike_its_line(record, (), carrier, place)
        more = {"system_numbers": system_numbers(by_tag(record)), **_as_xml(record, place, problems)}
    if f"{DETAIL}/{kind}/Amount" in fields and not layout.columns["price_basis"].aliases:
        more["price_basis"] = _BASIS[kind]
    line, unread = parse_line(layout, fields, place, more, fields)
    line["raw"] = first_names(fields)
    drop_punctuation(line)
    return line, [*problems, *unread, *second_fields(layout, fields, place)]


def _electronic(kind: str) -> dict[str, str]:
    """ListedElectronicMonograph says so itself; a kind that says neither is for the mapping to know."""
    if "Electronic" in kind:
        return {"OrderType.electronic": "Y"}
    return {"OrderType.electronic": "N"} if "Print" in kind else {}


def _local_data(details: Sequence[Element], place: DataPlace) -> tuple[dict[str, str], list[Problem]]:
    """LocalData by what the customer calls it. Two of one name are kept both, with a warning."""
    found: dict[str, list[str]] = {}
    problems = []
    every = (child for detail in details for child in detail.children if child.name == "LocalData")
    for number, one in enumerate(every, 1):
        name, value = (one.find(part) for part in ("Description", "Value"))
        label = f"LocalData[{name.text if name is not None and name.text else number}]"
        if label in found:
            at = DataPlace(place.file, place.record, one.line, one.offset, label)
            told = f'the order has two values for "{label}": they are joined by a semicolon'
            problems.append(Problem("E368", told, Severity.WARNING, data=at))
        if value is not None and value.text:
            found.setdefault(label, []).append(value.text)
    return {label: "; ".join(texts) for label, texts in found.items()}, problems


def _records(element: Element) -> list[Element]:
    """The catalogue records; an order without any lacks a title."""
    holders = [child for child in element.children if child.name == "collection"] or [element]
    return [child for holder in holders for child in holder.children if child.name == "record"]


def _bibliographic(
    record: MarcRecord, layout: Layout, place: DataPlace
) -> tuple[dict[str, str], list[Problem]]:
    fields = by_tag(record)
    # What the record says of its form is left out: the kind of order says what is ordered.
    found = {name: text for name, text in found_in(fields).items() if name != "electronic"}
    known = {**cut_all(fields, paths_of(layout)), **found}
    return known, told_of(layout, fields, known, frozenset(), "the record", place)


def _as_xml(record: MarcRecord, place: DataPlace, problems: list[Problem]) -> dict[str, object]:
    if not record.fields:
        return {}
    try:
        return {"marc_xml": marcxml_of(record)}
    except Unreadable as reason:
        told = f"the record itself is left out: {reason.trouble.message}"
        problems.append(Problem("E368", told, Severity.WARNING, data=place, help="its fields were read"))
        return {}
