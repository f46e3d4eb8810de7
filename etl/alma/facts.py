"""A payload, or a document of Alma's → the few facts by which a person or the program finds an order
again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from etl.alma.tree import Tree, members, read_tree, text
from etl.ledger.numbers import bare_number


@dataclass(frozen=True, slots=True)
class Facts:
    """What an order says of itself; "" for what it does not say. `price` is normalised ("22.5"), dates are
    bare.
    """

    number: str = ""
    vendor: str = ""
    vendor_account: str = ""
    reference: str = ""
    additional_reference: str = ""
    title_number: str = ""
    owner: str = ""
    type: str = ""
    isbn: str = ""
    issn: str = ""
    mms_id: str = ""
    title: str = ""
    price: str = ""
    currency: str = ""
    quantity: str = ""
    created: str = ""
    created_from: str = ""
    note: str = ""
    status: str = ""
    barcodes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Those that are there, for a person."""
        return {name: value for name, value in asdict(self).items() if value}


def facts_of_payload(payload: bytes) -> Facts:
    """Facts of a document on its way. A payload that cannot be read has none."""
    tree = read_tree(payload)
    return facts_of(tree) if tree is not None else Facts()


def facts_of(tree: Tree) -> Facts:
    """Facts of an order line or a purchase request in Alma's form."""
    about = tree.get("resource_metadata")
    price = "price" if "price" in tree else "estimated_cost"
    return Facts(
        number=text(tree, "number") or text(tree, "request_id"),
        vendor=text(tree, "vendor"),
        vendor_account=text(tree, "vendor_account"),
        reference=text(tree, "vendor_reference_number"),
        additional_reference=text(tree, "additional_order_reference"),
        title_number=text(about, "vendor_title_number"),
        owner=text(tree, "owner") or text(tree, "owning_library"),
        type=text(tree, "type") or text(tree, "format"),
        isbn=bare_number(text(about, "isbn")),
        issn=bare_number(text(about, "issn")),
        mms_id=text(about, "mms_id"),
        title=" ".join(text(about, "title").split()),
        price=amount(text(tree, price, "sum")),
        currency=text(tree, price, "currency"),
        quantity=_quantity(members(tree, "location")),
        created=text(tree, "created_date")[:10],
        created_from=text(tree, "created_from"),
        note=text(tree, "requester_note")
        or " ".join(text(note, "content") for note in members(tree, "note")),
        status=text(tree, "status"),
        barcodes=tuple(
            filter(
                None,
                (
                    text(copy, "barcode")
                    for place in members(tree, "location")
                    for copy in members(place, "copy")
                ),
            )
        ),
    )


def amount(written: str) -> str:
    """`234.0`, `234` and `234.00` alike: Alma writes sums back in another form. Not a number: as written."""
    try:
        value = Decimal(written)
    except InvalidOperation:
        return written
    return f"{value.normalize():f}" if value.is_finite() else written


def _quantity(places: list[Any]) -> str:
    found = [text(place, "quantity") for place in places]
    return str(sum(int(one) for one in found)) if found and all(one.isdecimal() for one in found) else ""
