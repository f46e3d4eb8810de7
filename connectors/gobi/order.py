"""One order of GOBI → its neutral order line and its problems.

A field is named by its path: CustomerDetail/SubAccount, OrderDetail/ListPrice/Amount. LocalData goes by
what the customer calls it, LocalData[LocalData3].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.formats.editx import flatten
from connectors.formats.marc_record import MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of, read_embedded_marc
from connectors.formats.xml_elements import Element
from connectors.gobi.documents import CUSTOMER, GobiOrder
from connectors.layouts import Layout, parse_line
from connectors.order_marc.bibliography import cut_all, drop_punctuation, found_in, system_numbers
from connectors.order_marc.paths import by_tag, paths_of
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
    if (detail := element.find(DETAIL)) is not None:
        fields |= flatten(detail, f"{DETAIL}/", frozenset({"LocalData"}))
        local, problems = _local_data(detail, place)
        fields |= local
    else:
        told = f'the order "{element.name}" has no {DETAIL}: nothing says how many, for what money'
        problems = [Problem("E355", told, data=place)]
    # The first price that has an amount; without any, it is the first that is missing.
    kind = next((one for one in layouts if f"{DETAIL}/{one}/Amount" in fields), next(iter(layouts)))
    layout = layouts[kind]
    more: dict[str, object] = {}
    try:
        record = _record(element)
    except Unreadable as reason:
        told = f"the embedded MARC record cannot be read: {reason.trouble.message}"
        problems.append(Problem("E374", told, data=place, help=reason.trouble.help))
    else:
        fields |= {name: text for name, text in _bibliographic(record, layout).items() if name not in fields}
        more = {"system_numbers": system_numbers(by_tag(record)), **_as_xml(record, place, problems)}
    if f"{DETAIL}/{kind}/Amount" in fields and not layout.columns["price_basis"].aliases:
        more["price_basis"] = _BASIS[kind]
    line, unread = parse_line(layout, fields, place, more)
    drop_punctuation(line)
    return line, [*problems, *unread]


def _electronic(kind: str) -> dict[str, str]:
    """ListedElectronicMonograph says so itself; a kind that says neither is for the mapping to know."""
    if "Electronic" in kind:
        return {"OrderType.electronic": "Y"}
    return {"OrderType.electronic": "N"} if "Print" in kind else {}


def _local_data(detail: Element, place: DataPlace) -> tuple[dict[str, str], list[Problem]]:
    """LocalData by what the customer calls it. Two of one name are kept both, with a warning."""
    found: dict[str, list[str]] = {}
    problems = []
    for number, one in enumerate((child for child in detail.children if child.name == "LocalData"), 1):
        name, value = (one.find(part) for part in ("Description", "Value"))
        label = f"LocalData[{name.text if name is not None and name.text else number}]"
        if label in found:
            at = DataPlace(place.file, place.record, one.line, one.offset, label)
            told = f'the order has two values for "{label}": they are joined by a semicolon'
            problems.append(Problem("E368", told, Severity.WARNING, data=at))
        if value is not None and value.text:
            found.setdefault(label, []).append(value.text)
    return {label: "; ".join(texts) for label, texts in found.items()}, problems


def _record(element: Element) -> MarcRecord:
    """Raises Unreadable; an order without any record gives an empty one, and then lacks a title."""
    holder = element.find("collection") or element
    record = holder.find("record")
    return read_embedded_marc(record.as_xml()) if record is not None else MarcRecord("")


def _bibliographic(record: MarcRecord, layout: Layout) -> dict[str, str]:
    fields = by_tag(record)
    # What the record says of its form is left out: the kind of order says what is ordered.
    found = {name: text for name, text in found_in(fields).items() if name != "electronic"}
    return {**cut_all(fields, paths_of(layout)), **found}


def _as_xml(record: MarcRecord, place: DataPlace, problems: list[Problem]) -> dict[str, object]:
    if not record.fields:
        return {}
    try:
        return {"marc_xml": marcxml_of(record)}
    except Unreadable as reason:
        told = f"the record itself is left out: {reason.trouble.message}"
        problems.append(Problem("E368", told, Severity.WARNING, data=place, help="its fields were read"))
        return {}
