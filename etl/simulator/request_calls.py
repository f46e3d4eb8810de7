"""Purchase requests → listed, shown, approved into a line, rejected, cancelled, deleted."""

from __future__ import annotations

import json
from collections.abc import Container
from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.form_shapes import PURCHASE_REQUEST
from etl.simulator.line_create import account_of, save_line
from etl.simulator.line_money import discount_of, shares_of
from etl.simulator.line_rules import review_reasons, rule_reasons
from etl.simulator.line_status import status_of
from etl.simulator.read_body import Document, read_body
from etl.simulator.request_create import FLAGS, requesting_user, visible_request, wish_of
from etl.simulator.stored import Wish
from etl.simulator.world import World, code_of


def list_requests(world: World, call: Call) -> Tree:
    """GET /acq/purchase-requests/: filters by code, with Alma's lag."""
    tables = world.institution.descriptions
    choices: dict[str, Container[str]] = {
        "format": tables["PR_RequestedFormat"],
        "status": tables["PurchaseRequestStatus"],
        "citation_type": tables["PR_CitationType"],
        "owning_library": world.institution.library,
    }
    for name, valid in choices.items():
        if call.query(name) and call.query(name) not in valid:
            raise call.refusal("40166410")
    return _page(world, call, [wish for wish in _indexed(world, call) if _fits(call, wish)])


def _fits(call: Call, wish: Wish) -> bool:
    doc = wish.doc
    has = {
        "format": code_of(doc, "format"),
        "status": wish.status,
        "owning_library": code_of(doc, "owning_library"),
        "citation_type": code_of(doc["resource_metadata"], "citation_type"),
    }
    return all(call.query(name) in ("", value) for name, value in has.items())


def list_user_requests(world: World, call: Call) -> Tree:
    """GET /users/{user_id}/purchase-requests."""
    user = requesting_user(world, call)
    status = call.query("status")
    if status and status not in world.institution.descriptions["PurchaseRequestStatus"]:
        raise call.refusal("60275")
    wishes = [
        wish for wish in _indexed(world, call) if wish.user == user.primary_id and status in ("", wish.status)
    ]
    return _page(world, call, wishes)


def _indexed(world: World, call: Call) -> list[Wish]:
    seen = world.now - world.settings.timing.list_lag
    wishes = world.store.wishes("created <= ?", (seen,))
    return [wish for wish in wishes if call.may_see(code_of(wish.doc, "vendor"))]


def _page(world: World, call: Call, wishes: list[Wish]) -> Tree:
    limit, offset = min(call.number("limit", 10), 100), call.number("offset", 0)
    rows = [visible_request(world, wish) for wish in wishes[offset : offset + limit]]
    tree: dict[str, Any] = {"purchase_request": rows} if rows else {}
    return Tree("purchase_requests", {**tree, "total_record_count": len(wishes)})


def get_request(world: World, call: Call) -> Tree:
    """GET /acq/purchase-requests/{id}."""
    return Tree("purchase_request", visible_request(world, wish_of(world, call)))


def get_user_request(world: World, call: Call) -> Tree:
    """GET /users/{user_id}/purchase-requests/{purchase_request_id}: only the user's own."""
    return Tree("purchase_request", visible_request(world, _own(world, call)))


def _own(world: World, call: Call) -> Wish:
    user, wish = requesting_user(world, call), wish_of(world, call)
    if wish.user != user.primary_id:
        raise call.refusal("60276")
    return wish


def user_operation(world: World, call: Call) -> Tree:
    """POST …?op=cancel: the user takes the request back, while nobody has decided."""
    if call.query("op") != "cancel":
        raise call.refusal("401873")
    user = world.institution.user(call.arguments["user_id"], call.query("user_id_type"))
    if user is None:
        raise call.refusal("401652")  # 401890 is not among the codes documented for this call
    wish = wish_of(world, call)
    if wish.user != user.primary_id:
        raise call.refusal("60276")
    if wish.status not in ("INREVIEW", "DEFERRED"):
        raise call.refusal("60277")
    world.store.drop_wish(wish)
    call.saved = str(wish.id)
    return Tree("purchase_request", {})


def delete_request(world: World, call: Call) -> Tree:
    """DELETE /acq/purchase-requests/{id}."""
    wish = wish_of(world, call)
    world.store.drop_wish(wish)
    call.saved = str(wish.id)
    return Tree("", None)


# -------------------------------------------------------------------------------- approve and reject


def request_operation(world: World, call: Call) -> Tree:
    """POST /acq/purchase-requests/{id}?op=approve|reject; a body is needed."""
    wish = wish_of(world, call)
    op = call.query("op")
    if op not in ("approve", "reject") or not call.request.body:
        raise call.refusal("60319")
    sent = read_body(call, "purchase_request", PURCHASE_REQUEST)
    if _has_active_line(world, wish):
        raise call.refusal("60309")
    if wish.status not in ("INREVIEW", "DEFERRED"):
        raise call.refusal("60312")
    if op == "approve":
        _approve(world, call, wish, sent)
    else:
        _reject(world, call, wish, sent)
    call.saved = str(wish.id)
    return Tree("purchase_request", visible_request(world, wish))


def _has_active_line(world: World, wish: Wish) -> bool:
    if wish.line is None:
        return False
    line = next(world.store.lines("id = ?", (wish.line,)), None)
    return line is not None and status_of(world, line) not in ("CANCELLED", "CLOSED")


def _approve(world: World, call: Call, wish: Wish, sent: Document) -> None:
    approver = sent.get("approved_by", "")
    if world.institution.user(approver) is None:
        raise call.refusal("60313")
    library = code_of(wish.doc, "owning_library")
    if library not in world.institution.library:
        raise call.refusal("60314")
    type_ = world.institution.po_line_types.get("E" if code_of(wish.doc, "format") == "E" else "P")
    if type_ is None:
        raise call.refusal("60317")
    if world.store.bib(wish.mms) is None:
        raise call.refusal("60316")
    order = _order(wish, library, type_)
    account = account_of(world, order)
    shares, total = shares_of(world, order, discount_of("", account))
    reasons = review_reasons(world, order, shares, total) + rule_reasons(world, order)
    body = json.dumps(order, ensure_ascii=False).encode()
    with world.store.together():
        number, _, _ = save_line(world, call, order, body, account, reasons, shares)
        stored = world.store.line(number)
        wish.status, wish.line = "APPROVED", stored.id if stored else None
        wish.doc["po_line_number"], wish.doc["approved_by"] = number, approver
        world.store.change_wish(wish, world.now)


def _order(wish: Wish, library: str, type_: str) -> Document:
    """The line an approved request becomes."""
    doc = wish.doc
    metadata, cost, fund = doc["resource_metadata"], doc["estimated_cost"], code_of(doc, "fund")
    order: Document = {
        "owner": {"value": library},
        "type": {"value": type_},
        "vendor": {"value": code_of(doc, "vendor")},
        "vendor_account": doc["vendor_account"],
        "resource_metadata": {
            "mms_id": {"value": wish.mms},
            **{
                name: metadata[name]
                for name in (
                    "title",
                    "author",
                    "isbn",
                    "issn",
                    "publisher",
                    "publication_place",
                    "publication_year",
                )
            },
        },
        "location": doc["location"],
        "note": [{"note_text": note["content"]} for note in doc["note"]],
        "interested_user": [{"primary_id": wish.user, **{flag: doc[flag] for flag in FLAGS}}],
    }
    if cost["sum"]:
        order["price"] = cost
    if fund:
        order["fund_distribution"] = [{"fund_code": {"value": fund}}]
    return order


def _reject(world: World, call: Call, wish: Wish, sent: Document) -> None:
    """A reason is needed. The record goes with the request, unless a line or another request needs it."""
    reason = code_of(sent, "reject_reason")
    if reason not in world.institution.descriptions["PR_RejectReasons"]:
        raise call.refusal("60308")
    needed = (
        any(bib.mms_id == wish.mms for bib in world.institution.bibs)
        or next(world.store.lines("mms = ? and fixed <> 'CANCELLED'", (wish.mms,)), None) is not None
        or any(other.id != wish.id for other in world.store.wishes("mms = ?", (wish.mms,)))
    )
    with world.store.together():
        if not needed:
            world.store.drop_bib(wish.mms)
        wish.status = "REJECTED"
        wish.doc["reject_reason"] = world.coded("PR_RejectReasons", reason)
        world.store.change_wish(wish, world.now)
