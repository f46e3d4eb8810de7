"""One order of GOBI → its neutral order line and its problems.

A field is named by its path: CustomerDetail/SubAccount, OrderDetail/ListPrice/Amount. LocalData goes by
what the customer calls it, LocalData[LocalData3].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.formats.deleted_record import deleted
from connectors.formats.editx import flatten
from connectors.formats.marc_order_data import UnreadOrderData
from connectors.formats.marc_record import MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of, read_embedded_marc
from connectors.formats.two_fields import contradiction
from connectors.formats.xml_elements import Element
from connectors.gobi.documents import CUSTOMER, GobiOrder, said_by
from connectors.gobi.prices import compared_prices, prices_said
from connectors.layouts import Layout, parse_line
from connectors.layouts.leftovers import UNREAD, unread_in
from connectors.layouts.second_fields import second_fields
from connectors.order_marc.bibliography import (
    cut_all,
    drop_punctuation,
    found_in,
    ordered_book,
    system_numbers,
)
from connectors.order_marc.isbn_choice import IsbnChoice
from connectors.order_marc.order_data import left_unread
from connectors.order_marc.own_record import of_a_serial, unlike_its_line
from connectors.order_marc.paths import Fields, by_tag, first_names, other_isbns, paths_of, told_of
from etl.plugin import DataPlace, Problem, Severity

DETAIL = "OrderDetail"
_VALUE = re.compile(r"/(?:Description|Value(?:\[[0-9]+\])?)\Z")
_BASE, _SUB = f"{CUSTOMER}/BaseAccount", f"{CUSTOMER}/SubAccount"
_BASIS = {"ListPrice": "list", "NetPrice": "net"}


@dataclass(slots=True)
class _Embedded:
    """What the catalogue record says: `fields` by tag, `known` by the layout's names, `more` typed."""

    problems: list[Problem]
    fields: Fields = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    more: dict[str, object] = field(default_factory=dict)
    book: IsbnChoice = field(default_factory=IsbnChoice)


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
    fields = {"OrderType": element.name, **_electronic(element.name), **order.around}
    for holder in (element, *(child for child in element.children if child.name == "collection")):
        fields |= said_by(holder, "OrderType/text" if holder is element else "collection")
    if order.customer is not None:
        fields |= said_by(order.customer, CUSTOMER) | flatten(order.customer, f"{CUSTOMER}/")
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
    embedded = _embedded(element, layout, fields.get("OrderType.electronic", ""), place)
    problems += embedded.problems
    fields |= {name: text for name, text in embedded.known.items() if name not in fields}
    more = dict(embedded.more)
    if f"{DETAIL}/{kind}/Amount" in fields and not layout.columns["price_basis"].aliases:
        more["price_basis"] = _BASIS[kind]
    prices = compared_prices(fields, place)
    line, unread = parse_line(layout, fields, place, more, prices.fields)
    line[UNREAD] = {**unread_in(line), **_left(embedded, layout, fields)}
    line["raw"] = first_names(fields)
    drop_punctuation(line)
    problems += _two_customers(fields, place)
    return line, [*problems, *unread, *prices.problems, *second_fields(layout, fields, place)]


def _two_customers(fields: Mapping[str, str], place: DataPlace) -> Iterator[Problem]:
    """E440: an account that is none of its base account. GOBI numbers them by it, 8910 and 891010."""
    base, sub = (fields.get(name, "").strip() for name in (_BASE, _SUB))
    if base and sub and not sub.startswith(base):
        yield contradiction("account", _SUB, sub, _BASE, base, place)


def _electronic(kind: str) -> dict[str, str]:
    """ListedElectronicMonograph says so itself; a kind that says neither is for the mapping to know."""
    if "Electronic" in kind:
        return {"OrderType.electronic": "Y"}
    return {"OrderType.electronic": "N"} if "Print" in kind else {}


def _local_data(details: Sequence[Element], place: DataPlace) -> tuple[dict[str, str], list[Problem]]:
    """LocalData by what the customer calls it. Two values of one name are kept both, with a warning."""
    found: dict[str, list[str]] = {}
    beside: dict[str, str] = {}
    problems = []
    every = (child for detail in details for child in detail.children if child.name == "LocalData")
    for number, one in enumerate(every, 1):
        name = one.find("Description")
        label = f"LocalData[{name.text if name is not None and name.text else number}]"
        values = [child.text for child in one.children if child.name == "Value" and child.text]
        if label in found or len(values) > 1:
            at = DataPlace(place.file, place.record, one.line, one.offset, label)
            told = f'the order has two values for "{label}": they are joined by a semicolon'
            problems.append(Problem("E368", told, Severity.WARNING, data=at))
        if values:
            found.setdefault(label, []).extend(values)
        left = {path: text for path, text in flatten(one, f"{label}/").items() if not _VALUE.search(path)}
        beside |= left | said_by(one, f"{label}/text")
    return {**beside, **{label: "; ".join(texts) for label, texts in found.items()}}, problems


def _records(element: Element) -> list[Element]:
    """The catalogue records; an order without any lacks a title."""
    holders = [child for child in element.children if child.name == "collection"] or [element]
    return [child for holder in holders for child in holder.children if child.name == "record"]


def _embedded(element: Element, layout: Layout, electronic: str, place: DataPlace) -> _Embedded:
    """The catalogue record in the order. `electronic`: what the kind of order says of it, Y, N or nothing."""
    problems: list[Problem] = []
    records = _records(element)
    if len(records) > 1:
        told = f"the order came with {len(records)} catalogue records, of which the first is taken"
        help_ = "ask which title is meant"
        problems.append(Problem("E327", told, Severity.HOLD, data=place, help=help_))
    try:
        record = read_embedded_marc(records[0].as_xml()) if records else MarcRecord("")
    except Unreadable as reason:
        told = f"the embedded MARC record cannot be read: {reason.trouble.message}"
        return _Embedded([*problems, Problem("E374", told, data=place, help=reason.trouble.help)])
    problems += [one.noted(place) for one in deleted(record)]
    fields = by_tag(record)
    carrier = {"Y": "online", "N": "print"}.get(electronic)
    book = ordered_book(fields, (carrier,) if carrier else ())
    # What the record says of its form is left out: the kind of order says what is ordered.
    found = {name: text for name, text in found_in(fields, book).items() if name != "electronic"}
    known = {**cut_all(fields, paths_of(layout)), **found}
    problems += told_of(layout, fields, known, frozenset(), "the record", place, book)
    problems += unlike_its_line(record, (), carrier, place)
    problems += of_a_serial(record, place) if "Serial" not in element.name else []
    more = {"system_numbers": system_numbers(fields), **_as_xml(record, place, problems)}
    return _Embedded(problems, fields, known, more, book)


def _left(embedded: _Embedded, layout: Layout, fields: Mapping[str, str]) -> dict[str, str]:
    """Order data of the catalogue record that nothing reads, but for the order's key and prices once more."""
    unread = UnreadOrderData(paths_of(layout), frozenset())
    left = left_unread(unread, embedded.fields, prices_said(fields))
    if left.get("001", "").strip() == fields.get(f"{DETAIL}/YBPOrderKey", "").strip():
        left.pop("001", None)
    return {**left, **other_isbns(layout, embedded.known, embedded.book)}


def _as_xml(record: MarcRecord, place: DataPlace, problems: list[Problem]) -> dict[str, object]:
    if not record.fields:
        return {}
    try:
        return {"marc_xml": marcxml_of(record)}
    except Unreadable as reason:
        told = f"the record itself is left out: {reason.trouble.message}"
        problems.append(Problem("E368", told, Severity.WARNING, data=place, help="its fields were read"))
        return {}
