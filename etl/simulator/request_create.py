"""POST and PUT of a purchase request → checked in Alma's order, completed, stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.errors import AlmaError
from etl.simulator.form_shapes import PURCHASE_REQUEST
from etl.simulator.institution_parts import User
from etl.simulator.read_body import read_body
from etl.simulator.standard_numbers import bare_isbn, bare_issn
from etl.simulator.stored import Record, Wish
from etl.simulator.world import World, alma_date, code_of

Document = Mapping[str, Any]
FLAGS = ("notify_receiving_activation", "hold_item", "notify_renewal", "notify_cancel")
# members that are right or wrong together, whichever of them a PUT sends
_TOGETHER = ("format", "requested_type", "vendor", "vendor_account")
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
    call.check_vendor_if(code_of(sent, "vendor"))
    call.refuse(_refusals(world, call, sent, creating=True), every=world.settings.all_refusals)
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
        store.add_bib(Record(mms, metadata.get("title", ""), isbn, issn))
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
    merged = {**{name: wish.doc[name] for name in _TOGETHER}, **sent}
    call.check_vendor_if(code_of(merged, "vendor"))
    call.refuse(_refusals(world, call, merged, creating=False), every=world.settings.all_refusals)
    fresh = stored_request(world, merged, user)
    kept = {name: value for name, value in fresh.items() if name in sent or name == "requester"}
    wish.doc.update(kept)
    wish.user = user.primary_id
    wish.mms = code_of(sent["resource_metadata"], "mms_id") or wish.mms
    if wish.status == "INREVIEW" and code_of(sent, "status") == "DEFERRED":
        wish.status = "DEFERRED"
    world.store.change_wish(wish, world.now)
    call.saved = str(wish.id)
    return Tree("purchase_request", visible_request(world, wish))


def wish_of(world: World, call: Call) -> Wish:
    """The request of the path. Raises AlmaError 60276, or UNAUTHORIZED for another vendor's."""
    number = call.arguments.get("id") or call.arguments["purchase_request_id"]
    found = (
        next(world.store.wishes("id = ?", (int(number),)), None)
        if re.fullmatch(r"[0-9]{1,15}", number)
        else None
    )
    if found is None:
        raise call.refusal("60276")
    call.check_vendor_if(code_of(found.doc, "vendor"))
    return found


# ------------------------------------------------------------------------------------------ checks


def _refusals(world: World, call: Call, sent: Document, *, creating: bool) -> Iterator[AlmaError]:
    """The refusals in Alma's order; PUT knows fewer. `sent` of a PUT holds also what stays (_TOGETHER)."""
    metadata = sent.get("resource_metadata")
    if not metadata:
        yield call.refusal("60274")
        metadata = {}
    mms = code_of(metadata, "mms_id")
    if mms and world.store.bib(mms) is None:
        yield call.refusal("60221")
    if not mms and not metadata.get("title"):
        yield call.refusal("60273")
    citations = world.institution.descriptions["PR_CitationType"]
    if creating and not mms and code_of(metadata, "citation_type") not in citations:
        yield call.refusal("60280")
    yield from _illegal_codes(world, call, sent)
    if creating:
        for place in sent.get("location") or ():
            code = _wrong_place(world, place)
            if code:
                yield call.refusal(code)


def _illegal_codes(world: World, call: Call, sent: Document) -> Iterator[AlmaError]:
    institution, tables = world.institution, world.institution.descriptions
    format_ = code_of(sent, "format")
    if format_ and format_ not in tables["PR_RequestedFormat"]:
        yield call.refusal("60270")
    wanted = code_of(sent, "requested_type")
    if wanted and wanted not in tables[_material_table(format_)]:
        yield call.refusal("60329")
    library = code_of(sent, "owning_library")
    if library and library not in institution.library:
        yield call.refusal("402469")
    cost = sent.get("estimated_cost") or {}
    currency = code_of(cost, "currency")
    if (currency or cost.get("sum")) and currency not in institution.currencies:
        yield call.refusal("60271")
    code = code_of(sent, "vendor")
    vendor = institution.vendor.get(code)
    if code and vendor is None:
        yield call.refusal("402880")
    if vendor is not None and vendor.account(sent.get("vendor_account", "")) is None:
        yield call.refusal("60272")  # a vendor needs one of its own accounts
    fund = code_of(sent, "fund")
    if fund and fund not in institution.fund:
        yield call.refusal("60279")


def _material_table(format_: str) -> str:
    return "electronicMaterialType" if format_ == "E" else "PhysicalMaterialType"


def _wrong_place(world: World, place: Document) -> str:
    """The code of what is wrong with a location, or empty."""
    library = world.institution.library.get(code_of(place, "library"))
    if library is None:
        return "60281"
    shelf = place.get("shelving_location", "")
    if shelf and shelf not in {one.code for one in library.locations}:
        return "60282"
    return "60283" if int(place.get("quantity") or 0) < 1 else ""


# ---------------------------------------------------------------------------------------- document


def stored_request(world: World, sent: Document, user: User) -> dict[str, Any]:
    """The document as it is kept: number, dates and status are filled in when it is read."""
    metadata = sent.get("resource_metadata") or {}
    format_ = code_of(sent, "format") or "P"
    name = f"{user.first_name} {user.last_name}".strip()
    return {
        "format": world.coded("PR_RequestedFormat", format_),
        "requested_type": world.coded(_material_table(format_), code_of(sent, "requested_type")),
        "requester": {"value": user.primary_id, "desc": name},
        **{flag: sent.get(flag) or False for flag in FLAGS},
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
