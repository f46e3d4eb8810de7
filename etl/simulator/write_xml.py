"""A JSON-form tree → Alma's XML: plain element names, wrapper elements around lists, `desc` and `link` as
attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from etl.simulator.errors import DECLARATION

_WRAPPERS = {
    "copy": "copies",
    "user_identifier": "user_identifiers",
    "currency": "currencies",
    "fund_distribution": "fund_distributions",
    "library": "libraries",
}
_ATTRIBUTES = ("link", "desc", "total_record_count")

# the order of captured XML answers; what is not named follows in its own order
_PO_LINE_ORDER = (
    "number",
    "status",
    "owner",
    "type",
    "vendor",
    "vendor_account",
    "reclaim_interval",
    "expected_receipt_interval",
    "claiming_interval",
    "acquisition_method",
    "no_charge",
    "rush",
    "cancellation_restriction",
    "cancellation_restriction_note",
    "price",
    "discount",
    "vendor_reference_number",
    "vendor_reference_number_type",
    "source_type",
    "po_number",
    "additional_order_reference",
    "invoice_reference",
    "resource_metadata",
    "fund_distribution",
    "reporting_code",
    "secondary_reporting_code",
    "tertiary_reporting_code",
    "fourth_reporting_code",
    "fifth_reporting_code",
    "vendor_note",
    "receiving_note",
    "alert",
    "note",
    "portfolios",
    "location",
    "interested_user",
    "license",
    "access_model",
    "url",
    "base_status",
    "access_provider",
    "manual_renewal",
    "renewal_cycle",
)


def write_xml(root: str, tree: Mapping[str, Any] | str) -> bytes:
    """The document's bytes."""
    parts = [DECLARATION]
    if isinstance(tree, str):
        parts.append(f"<{root}>{escape(_clean(tree))}</{root}>")
    else:
        # at the root, and beside a total_record_count, rows stand without a wrapper
        _element(
            parts, root, tree, wrapped=root in ("po_line", "purchase_request", "vendor", "fund", "code_table")
        )
    return "".join(parts).encode()


def _element(parts: list[str], name: str, value: Any, *, wrapped: bool = True) -> None:
    if isinstance(value, Mapping):
        _mapping(parts, name, value, wrapped=wrapped)
    elif isinstance(value, bool):
        parts.append(f"<{name}>{'true' if value else 'false'}</{name}>")
    else:
        parts.append(f"<{name}>{escape(_clean(str(value)))}</{name}>")


def _mapping(parts: list[str], name: str, value: Mapping[str, Any], *, wrapped: bool) -> None:
    given = {
        key: str(value[key]) for key in _ATTRIBUTES if key in value and not isinstance(value[key], Mapping)
    }
    attributes = "".join(f" {key}={quoteattr(_clean(text))}" for key, text in given.items())
    parts.append(f"<{name}{attributes}>")
    if "value" in value:
        parts.append(escape(_clean(str(value["value"]))))
    counted = "total_record_count" in value
    for key in _ordered(name, value):
        member = value[key]
        if isinstance(member, list):
            _rows(parts, key, member, wrapped=wrapped and not counted)
        else:
            _element(parts, key, member)
    parts.append(f"</{name}>")


def _ordered(name: str, value: Mapping[str, Any]) -> list[str]:
    keys = [key for key in value if key not in _ATTRIBUTES and key != "value"]
    if name == "resource_metadata":
        keys.sort(key=lambda key: key != "mms_id")
    if name != "po_line":
        return keys
    first = [key for key in _PO_LINE_ORDER if key in value]
    return first + [key for key in keys if key not in _PO_LINE_ORDER]


def _rows(parts: list[str], name: str, rows: list[Any], *, wrapped: bool) -> None:
    wrapper = _WRAPPERS.get(name, name + "s")
    if wrapped:
        parts.append(f"<{wrapper}>")
    for row in rows:
        _element(parts, name, row)
    if wrapped:
        parts.append(f"</{wrapper}>")


def _clean(text: str) -> str:
    """XML 1.0 has no place for control characters; JSON bodies may bring them."""
    if text.isprintable():
        return text
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n\r").translate(
        {0xFFFE: None, 0xFFFF: None}
    )
