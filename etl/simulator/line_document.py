"""A checked line as sent → the document Alma keeps: every member present, sums shortest, codes described,
copies made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.simulator.institution_parts import Account
from etl.simulator.line_money import discount_of, electronic
from etl.simulator.line_rules import continuous, method_of
from etl.simulator.stored import Record
from etl.simulator.world import World, code_of

Document = dict[str, Any]

# A quantity is kept as sent; the list of its copies ends here, so that one order cannot fill the memory.
MOST_COPIES = 200
# Captured: absent from the answer to POST, there on a later GET.
LATER = (
    "discount",
    "subscription_from_date",
    "subscription_to_date",
    "renewal_date",
    "access_model",
    "status_date",
)
DATES = (
    "expected_activation_date",
    "subscription_from_date",
    "subscription_to_date",
    "renewal_date",
    "expected_receipt_date",
)
_REPORTING = (
    "reporting_code",
    "secondary_reporting_code",
    "tertiary_reporting_code",
    "fourth_reporting_code",
    "fifth_reporting_code",
)
_OPTIONAL = (
    "expected_activation_interval",
    "subscription_interval",
    "e_activation_due_interval",
    "cancellation_restriction_note",
    "expected_activation_date",
)


@dataclass(frozen=True, slots=True)
class Origin:
    """What a document needs besides the order: its number, record, address, type and account."""

    number: str
    record: Record
    api: str
    type: str
    account: Account | None


def stored_line(world: World, sent: Mapping[str, Any], origin: Origin, alerts: list[str]) -> Document:
    """The whole document in the key order of captured answers; the status is filled in when it is read."""
    account = origin.account or Account(code="")
    method = method_of(sent)
    reference_type = code_of(sent, "vendor_reference_number_type")
    line: Document = {
        "number": origin.number,
        "status": {"value": ""},
        "owner": world.library(code_of(sent, "owner")),
        "type": world.coded("PurchaseType", origin.type),
        "vendor": world.vendor(code_of(sent, "vendor")),
        "rush": sent.get("rush") or False,
        "price": world.money(sent.get("price")) or {"sum": "", "currency": {}},
        "discount": f"{discount_of(sent.get('discount', ''), account):f}",
        "portfolios": {"portfolio": [], "total_record_count": 0},
        "license": {"value": code_of(sent, "license"), "desc": ""},
        "url": sent.get("url", ""),
        "vendor_account": sent.get("vendor_account", ""),
        "reclaim_interval": sent.get("reclaim_interval") or account.reclaim_interval,
        "expected_receipt_interval": sent.get("expected_receipt_interval")
        or account.expected_receipt_interval,
        "claiming_interval": sent.get("claiming_interval") or account.claiming_interval,
        **{name: sent[name] for name in _OPTIONAL if sent.get(name)},
        "acquisition_method": world.coded("AcquisitionMethod", method),
        "no_charge": sent.get("no_charge") or False,
        "cancellation_restriction": sent.get("cancellation_restriction") or False,
        "vendor_reference_number": sent.get("vendor_reference_number", ""),
        "vendor_reference_number_type": {"value": reference_type},  # captured: without a description
        "source_type": {"value": "API", "desc": "API"},
        "po_number": sent.get("po_number", ""),
        "additional_order_reference": sent.get("additional_order_reference", ""),
        "invoice_reference": sent.get("invoice_reference", ""),
        "resource_metadata": _metadata(sent.get("resource_metadata") or {}, origin),
        "fund_distribution": stored_funds(world, sent),
        **{name: sent.get(name, "") for name in _REPORTING},
        "vendor_note": sent.get("vendor_note", ""),
        "receiving_note": sent.get("receiving_note", ""),
        "alert": [{"value": "", "desc": text} for text in alerts],
        "note": [_note(world, note) for note in sent.get("note") or ()],
        "location": [] if electronic(origin.type) else stored_places(world, sent, origin),
        "interested_user": [stored_reader(world, one) for one in sent.get("interested_user") or ()],
        "access_model": sent.get("access_model") or "Null",  # captured: the word Null
        "base_status": sent.get("base_status", ""),
        "access_provider": sent.get("access_provider", ""),
        # documented: true by default; captured: false in one-time lines
        "manual_renewal": sent["manual_renewal"]
        if sent.get("manual_renewal") is not None
        else continuous(origin.type),
        "renewal_cycle": world.coded("RenewalCycle", code_of(sent, "renewal_cycle"))
        if code_of(sent, "renewal_cycle")
        else {},
        "renewal_period": sent.get("renewal_period") or 0,
        "renewal_note": sent.get("renewal_note", ""),
        "material_type": stored_material(world, code_of(sent, "material_type"), origin.type),
        "created_date": world.today(),
        "status_date": world.today(),
    }
    for name in DATES[1:]:
        if sent.get(name):
            line[name] = sent[name]
    return line


def _metadata(sent: Mapping[str, Any], origin: Origin) -> Document:
    names = ("publication_place", "publication_year", "vendor_title_number")
    record = origin.record
    return {
        "title": sent.get("title") or record.title,
        "author": sent.get("author", ""),
        "issn": sent.get("issn") or record.issn,
        "isbn": sent.get("isbn") or record.isbn,
        "publisher": sent.get("publisher", ""),
        "mms_id": {"value": record.mms, "link": f"{origin.api}/bibs/{record.mms}"},
        **{name: sent.get(name, "") for name in names},
        **({"title_id": sent["title_id"]} if sent.get("title_id") else {}),
        "system_control_number": sent.get("system_control_number") or [""],
    }


def stored_funds(world: World, sent: Mapping[str, Any]) -> list[Document]:
    """Funds as they come back: unknown codes emptied, and without any fund one empty entry, as captured."""
    funds = [
        {
            "fund_code": world.fund(code_of(row, "fund_code")),
            "amount": world.money(row.get("amount")) or {"sum": "", "currency": {}},
        }
        for row in sent.get("fund_distribution") or ()
    ]
    return funds or [{"amount": {"sum": "", "currency": {}}, "fund_code": {"value": "", "desc": ""}}]


def _note(world: World, note: Mapping[str, Any]) -> Document:
    return {
        "note_text": note.get("note_text", ""),
        "creation_date": note.get("creation_date") or world.today(),
        "created_by": "exl_api",
    }


def stored_material(world: World, code: str, type_: str) -> Document:
    """A material type with its description: of the table that goes with the line's type, or of the other."""
    tables = ("electronicMaterialType", "PhysicalMaterialType")
    first, other = tables if electronic(type_) else tables[::-1]
    known = code in world.institution.descriptions[first]
    return dict(world.coded(first if known else other, code))


def stored_reader(world: World, sent: Mapping[str, Any]) -> Document:
    """An interested user with the name and address Alma knows."""
    user = world.institution.user(sent.get("primary_id", ""))
    flags = ("notify_receiving_activation", "hold_item", "notify_renewal", "notify_cancel")
    return {
        "primary_id": sent.get("primary_id", ""),
        "first_name": user.first_name if user else "",
        "last_name": user.last_name if user else "",
        "email": user.email if user else "",
        **{name: sent.get(name) or False for name in flags},
    }


# --------------------------------------------------------------------------------------- locations


def stored_places(
    world: World, sent: Mapping[str, Any], origin: Origin, before: Sequence[Document] = ()
) -> list[Document]:
    """Locations with a holding each and one copy per quantity, with links.

    A shelf that was there `before` keeps its holding.
    """
    holdings = {
        (place["library"]["value"], place["shelving_location"]): place["holding"][0]["id"] for place in before
    }
    return [_place(world, place, origin, holdings) for place in sent.get("location") or ()]


def _place(
    world: World, place: Mapping[str, Any], origin: Origin, holdings: Mapping[tuple[str, str], str]
) -> Document:
    quantity = int(place.get("quantity") or 0)
    given = place.get("copy") or []
    count = max(min(quantity, MOST_COPIES), len(given[:MOST_COPIES]))
    first = world.store.take_items(count + 1)
    shelf = (code_of(place, "library"), place.get("shelving_location", ""))
    holding = holdings.get(shelf) or world.record_number("22", first)
    link = f"{origin.api}/bibs/{origin.record.mms}/holdings/{holding}"
    copies = [
        _copy(
            world,
            given[at] if at < len(given) else {},
            (world.record_number("23", first + 1 + at), holding, link),
        )
        for at in range(count)
    ]
    return {
        "quantity": quantity,
        "library": world.library(code_of(place, "library")),
        "shelving_location": place.get("shelving_location", ""),
        "holding": [{"id": holding, "link": link}],
        "copy": copies,
    }


def _copy(world: World, sent: Mapping[str, Any], made: tuple[str, str, str]) -> Document:
    new_pid, holding, link = made
    pid = sent.get("pid") or new_pid
    copy: Document = {
        "link": f"{link}/items/{pid}",
        "pid": pid,
        "holding_id": holding,
        "barcode": sent.get("barcode") or f"SIM{pid}",
        "item_policy": world.coded("ItemPolicy", code_of(sent, "item_policy"))
        if code_of(sent, "item_policy")
        else {"value": ""},
        "is_temp_location": sent.get("is_temp_location") or False,
    }
    kept = (
        "receive_date",
        "enumeration_a",
        "enumeration_b",
        "enumeration_c",
        "chronology_i",
        "chronology_j",
        "chronology_k",
        "description",
        "storage_location_id",
        "permanent_shelving_location",
    )
    copy.update({name: sent[name] for name in kept if sent.get(name)})
    if code_of(sent, "permanent_library"):
        copy["permanent_library"] = world.library(code_of(sent, "permanent_library"))
    return copy
