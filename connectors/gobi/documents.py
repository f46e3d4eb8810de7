"""A file of GOBI's order XML → its orders, each with its customer.

    PurchaseOrder
        CustomerDetail       BaseAccount, SubAccount
        Order
            ListedPrintMonograph, …        the kind of order; one order line
                collection/record          MARCXML without a namespace
                OrderDetail                fund, location, quantity, prices, LocalData …

GOBI posts one PurchaseOrder at a time; whoever stores them may put several under a root of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connectors.formats.editx import attributes_of
from connectors.formats.xml_elements import (
    Element,
    XmlBroken,
    read_children,
    read_root,
    read_root_element,
)
from etl.plugin import DataPlace, Problem, Refusal, Source

_TWO_CUSTOMERS = "there are two CustomerDetail: nothing says whose orders these are"
ROOT, CUSTOMER, ORDER = "PurchaseOrder", "CustomerDetail", "Order"


@dataclass(frozen=True, slots=True)
class GobiOrder:
    """`element` is the kind of order; or what stands in its place, and `missing` says so. `around`: what its
    Order and PurchaseOrder say themselves, Order/@status → text.
    """

    element: Element
    customer: Element | None
    missing: str = ""
    around: Mapping[str, str] = field(default_factory=dict)


def find_orders(source: Source) -> str:
    """How the file is built, in words. Raises Refusal: E349 no XML, E367 a document type, E356 no orders."""
    root = read_root(source)
    if root == ROOT:
        return f"its root element is {ROOT}"
    try:
        first = next(read_children(source), None)
    except XmlBroken as broken:
        place = DataPlace(source.name, line=broken.line)
        raise Refusal(broken.trouble().at(place)) from broken
    if first is not None and first.name == ROOT:
        return f"there are {ROOT} elements under its root"
    told = f'no known layout: the XML is "{root[:60]}"'
    help_ = f"looked for: {ROOT}, alone or several under one root"
    raise Refusal(Problem("E356", told, data=DataPlace(source.name), help=help_))


def read_orders(source: Source) -> Iterator[GobiOrder]:
    """Every order in file order. Raises XmlBroken behind the last whole one; Refusal as `find_orders`."""
    root = read_root_element(source)
    if root.name == ROOT:
        customer, around = _customer(source), attributes_of(root, f"{ROOT}/")
        customers = 0
        for child in read_children(source):
            customers += child.name == CUSTOMER
            if child.name != CUSTOMER:
                yield from _orders_in(child, customer, around)
            elif customers > 1:
                yield GobiOrder(child, None, _TWO_CUSTOMERS)
        return
    for child in read_children(source):
        if child.name != ROOT or child.oversize:
            yield GobiOrder(child, None, f'"{child.name}" stands where a {ROOT} should')
            continue
        orders = [one for one in child.children if one.name != CUSTOMER]
        if len(child.children) > len(orders) + 1:
            yield GobiOrder(child, None, _TWO_CUSTOMERS)
            continue
        if not orders:
            yield GobiOrder(child, None, f"the {ROOT} has no {ORDER}")
        around = said_by(child, ROOT)
        for one in orders:
            yield from _orders_in(one, child.find(CUSTOMER), around)


def said_by(element: Element, name: str) -> dict[str, str]:
    """What an element that holds others says itself: its attributes, and text that stands between them."""
    return attributes_of(element, f"{name}/") | ({name: element.text} if element.text else {})


def _orders_in(element: Element, customer: Element | None, around: Mapping[str, str]) -> Iterator[GobiOrder]:
    around = {**around, **said_by(element, ORDER)}
    if element.name != ORDER:
        yield GobiOrder(element, customer, f'"{element.name}" stands where an {ORDER} should')
    elif element.oversize:
        yield GobiOrder(element, customer)
    elif not element.children:
        yield GobiOrder(element, customer, f"the {ORDER} is empty: nothing says what is ordered")
    for child in element.children if element.name == ORDER else ():
        yield GobiOrder(child, customer, around=around)


def _customer(source: Source) -> Element | None:
    """The CustomerDetail, wherever it stands; None also when the XML breaks before it."""
    try:
        return next((child for child in read_children(source) if child.name == CUSTOMER), None)
    except XmlBroken:
        return None  # read_orders comes to the break itself and tells it
