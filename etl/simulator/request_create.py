"""POST and PUT of a purchase request → checked in Alma's order, completed, stored."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.form_shapes import PURCHASE_REQUEST
from etl.simulator.institution import User
from etl.simulator.read_body import read_body
from etl.simulator.store import Wish
from etl.simulator.world import World, alma_date, bare_isbn, bare_issn, code_of

Document = Mapping[str, Any]
_FLAGS = ("notify_receiving_activation", "hold_item", "notify_renewal", "notify_cancel")
_TITLE = (
    "title",
    "author",
    "edition",
    "isbn",
    "issn",
    "lcc_number",
    "other_standard_id",
    "publisher",
    "publication_place",
    "publication_year",
    "bib_note",
    "volume",
)


def requesting_user(world: World, call: Call) -> User:
    """The user of the path. Raises AlmaError 401890, captured with two blanks when no type is given."""
    identifier, kind = call.arguments["user_id"], call.query("user_id_type")
    user = world.institution.user(identifier, kind)
    if user is None:
        raise call.refusal("401890", identifier, kind)
    return user


def create_request(world: World, call: Call) -> Tree:
    """The handler of POST /users/{user_id}/purchase-requests."""
    user = requesting_user(world, call)
    if not call.request.body:
        raise call.refusal("60278")
    sent = read_body(call, "purchase_request", PURCHASE_REQUEST)
    check_request(world, call, sent, creating=True)
    doc = stored_request(world, sent, user)
    with world.store.together():
        mms = code_of(sent.get("resource_metadata") or {}, "mms_id") or _record(
            world, sent["resource_metadata"]
        )
        # the number is the row's, so it is put in when the request is read
        wish = world.store.add_wish(
            {
                "user": user.primary_id,
                "created": world.now,
                "mms": mms,
                "doc": json.dumps(doc, ensure_ascii=False),
                "sent": call.request.body,
                "request": call.operation.path,
            }
        )
    call.saved = str(wish)
    return Tree("purchase_request", visible_request(world, next(world.store.wishes("id = ?", (wish,)))))


def _record(world: World, metadata: Document) -> str:
    """The record with the ISBN or ISSN, or a new one."""
    store = world.store
    isbn, issn = bare_isbn(metadata.get("isbn", "")), bare_issn(metadata.get("issn", ""))
    mms = store.bib_by(isbn, issn)
    if mms is None:
        mms = world.record_number("99", store.next_id("bib"))
        store.add_bib(mms, isbn, issn, metadata.get("title", ""))
    return mms


def change_request(world: World, call: Call) -> Tree:
    """PUT /acq/purchase-requests/{id}: notes and locations replace, what is absent stays."""
    wish = wish_of(world, call)
    if wish.status not in ("INREVIEW", "DEFERRED"):
        raise call.refusal("60309")
    if not call.request.body:
        raise call.refusal("60308")
    sent = read_body(call, "purchase_request", PURCHASE_REQUEST)
    user = world.institution.user(code_of(sent, "requester") or wish.user)
    if user is None:
        raise call.refusal("401890")
    check_request(world, call, sent, creating=False)
    fresh = stored_request(world, sent, user)
    kept = {name: value for name, value in fresh.items() if name in sent or name == "requester"}
    wish.doc.update(kept)
    wish.mms = code_of(sent["resource_metadata"], "mms_id") or wish.mms
    if wish.status == "INREVIEW" and code_of(sent, "status") == "DEFERRED":
        wish.status = "DEFERRED"
    world.store.change_wish(wish, world.now)
    call.saved = str(wish.id)
    return Tree("purchase_request", visible_request(world, wish))


def wish_of(world: World, call: Call) -> Wish:
    """The request of the path. Raises AlmaError 60276."""
    number = call.arguments.get("id") or call.arguments["purchase_request_id"]
    found = (
        next(world.store.wishes("id = ?", (int(number),)), None)
        if re.fullmatch(r"[0-9]{1,15}", number)
        else None
    )
    if found is None:
        raise call.refusal("60276")
    return found


# ------------------------------------------------------------------------------------------ checks


def check_request(world: World, call: Call, sent: Document, *, creating: bool) -> None:
    """The refusals in Alma's order; PUT knows fewer."""
    metadata = sent.get("resource_metadata")
    if not metadata:
        raise call.refusal("60274")
    mms = code_of(metadata, "mms_id")
    if mms and world.store.bib(mms) is None:
        raise call.refusal("60221")
    if not mms and not metadata.get("title"):
        raise call.refusal("60273")
    citations = world.institution.descriptions["PR_CitationType"]
    if creating and not mms and code_of(metadata, "citation_type") not in citations:
        raise call.refusal("60280")
    _check_codes(world, call, sent)
    _check_vendor(world, call, sent)
    fund = code_of(sent, "fund")
    if fund and fund not in world.institution.fund:
        raise call.refusal("60279")
    if creating:
        for place in sent.get("location") or ():
            _check_place(world, call, place)


def _check_codes(world: World, call: Call, sent: Document) -> None:
    tables = world.institution.descriptions
    format_ = code_of(sent, "format")
    if format_ and format_ not in tables["PR_RequestedFormat"]:
        raise call.refusal("60270")
    wanted = code_of(sent, "requested_type")
    if (
        wanted
        and wanted not in tables["electronicMaterialType" if format_ == "E" else "PhysicalMaterialType"]
    ):
        raise call.refusal("60329")
    library = code_of(sent, "owning_library")
    if library and library not in world.institution.library:
        raise call.refusal("402469")
    currency = code_of(sent.get("estimated_cost") or {}, "currency")
    if currency and currency not in tables["Currency_CT"]:
        raise call.refusal("60271")


def _check_vendor(world: World, call: Call, sent: Document) -> None:
    """A vendor needs one of its own accounts."""
    code = code_of(sent, "vendor")
    vendor = world.institution.vendor.get(code)
    if code and vendor is None:
        raise call.refusal("402880")
    if vendor is not None and vendor.account(sent.get("vendor_account", "")) is None:
        raise call.refusal("60272")


def _check_place(world: World, call: Call, place: Document) -> None:
    library = world.institution.library.get(code_of(place, "library"))
    if library is None:
        raise call.refusal("60281")
    shelf = place.get("shelving_location", "")
    if shelf and shelf not in {one.code for one in library.locations}:
        raise call.refusal("60282")
    if int(place.get("quantity") or 0) < 1:
        raise call.refusal("60283")


# ---------------------------------------------------------------------------------------- document


def stored_request(world: World, sent: Document, user: User) -> dict[str, Any]:
    """The document as it is kept: number, dates and status are filled in when it is read."""
    metadata = sent.get("resource_metadata") or {}
    format_ = code_of(sent, "format") or "P"
    table = "electronicMaterialType" if format_ == "E" else "PhysicalMaterialType"
    name = f"{user.first_name} {user.last_name}".strip()
    return {
        "format": world.coded("PR_RequestedFormat", format_),
        "requested_type": world.coded(table, code_of(sent, "requested_type")),
        "requester": {"value": user.primary_id, "desc": name},
        **{flag: sent.get(flag) or False for flag in _FLAGS},
        "created_from": world.coded("PPRSourceType", "API"),
        "owning_library": world.library(code_of(sent, "owning_library")),
        "estimated_cost": world.money(sent.get("estimated_cost")) or {"sum": "", "currency": {}},
        "fund": world.fund(code_of(sent, "fund")),
        "vendor": world.vendor(code_of(sent, "vendor")),
        "vendor_account": sent.get("vendor_account", ""),
        "email": sent.get("email") or user.email,
        "approved_by": "",
        "requester_note": sent.get("requester_note", ""),
        "resource_metadata": {
            "mms_id": {"value": code_of(metadata, "mms_id")},
            "citation_type": world.coded("PR_CitationType", code_of(metadata, "citation_type")),
            **{member: metadata.get(member, "") for member in _TITLE},
        },
        "note": [
            {
                "content": note.get("content", ""),
                "creation_date": note.get("creation_date") or world.today(),
                "created_by": "exl_api",
            }
            for note in sent.get("note") or ()
        ],
        "location": [
            {
                "quantity": place.get("quantity") or 0,
                "library": world.library(code_of(place, "library")),
                "shelving_location": place.get("shelving_location", ""),
            }
            for place in sent.get("location") or ()
        ],
    }


def visible_request(world: World, wish: Wish) -> dict[str, Any]:
    """The document as answers give it now, in the order of the data dictionary."""
    doc = wish.doc
    doc["resource_metadata"]["mms_id"] = {"value": wish.mms}
    head = {
        "request_id": f"{wish.id}",
        "created_date": alma_date(wish.created),
        "last_modified_date": alma_date(wish.changed),
    }
    status = {"status": world.coded("PurchaseRequestStatus", wish.status)}
    line = {"po_line": {"value": f"{doc.get('po_line_number', '')}"}} if wish.line is not None else {}
    rest = {name: value for name, value in doc.items() if name != "po_line_number"}
    return {**head, **rest, **status, **line}
