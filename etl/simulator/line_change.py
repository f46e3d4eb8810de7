"""GET, PUT and DELETE of one line → the line, the changed line, the cancelled line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.errors import AlmaError
from etl.simulator.form_shapes import PO_LINE
from etl.simulator.line_checks import illegal_in, missing_in, no_charge_fits
from etl.simulator.line_document import (
    DATES,
    Origin,
    stored_funds,
    stored_material,
    stored_places,
    stored_reader,
)
from etl.simulator.line_mark import give_status, status_mark
from etl.simulator.line_money import discount_of, redistribute, shares_of, total_of
from etl.simulator.line_rules import review_reasons
from etl.simulator.line_status import BEFORE_ORDER, line_of, shifted, status_of, visible
from etl.simulator.read_body import read_body
from etl.simulator.stored import Line, Record
from etl.simulator.world import World, code_of

Document = dict[str, Any]

# Changeable until the line is on an order; the words are those of Alma's messages where one was captured.
_BEFORE_ORDER = {
    "vendor": "vendor",
    "vendor_account": "vendor account",
    "acquisition_method": "acquisition method",
    "po_number": "po number",
    "invoice_reference": "invoice reference",
    "access_provider": "access provider",
}
# never changed by PUT, or handled one by one below
_KEPT = frozenset(
    {
        "link",
        "number",
        "status",
        "owner",
        "type",
        "discount",
        "license",
        "source_type",
        "resource_metadata",
        "alert",
        "portfolios",
        "created_date",
        "status_date",
        "price",
        "fund_distribution",
        "note",
        "location",
        "interested_user",
    }
)
_TABLES = {
    "acquisition_method": "AcquisitionMethod",
    "renewal_cycle": "RenewalCycle",
}
_BIB = ("retain", "delete", "suppress")


def get_line(world: World, call: Call) -> Tree:
    """GET one line."""
    return Tree("po_line", visible(world, line_of(world, call)))


# --------------------------------------------------------------------------------------------- PUT


def change_line(world: World, call: Call) -> Tree:
    """PUT: what is absent stays, lists replace, and some members move only before the order."""
    if not call.request.body:
        raise call.refusal("401676")
    sent = read_body(call, "po_line", PO_LINE)
    line = line_of(world, call)
    status = status_of(world, line)
    asked = status_mark(world, call.request.body)
    call.refuse(_refusals(world, call, line, sent, status), every=world.settings.all_refusals)
    doc = line.doc
    _plain_members(world, doc, sent)
    _metadata(doc, sent)
    _lists(world, call, line, sent)
    if call.date_shift:
        shifted(doc, sent)
    with world.store.together():
        _money(world, call, line, sent, status)
        give_status(line, asked)
        world.store.change_line(line, world.now)
    call.saved = line.number
    return Tree("po_line", visible(world, line))


def _refusals(world: World, call: Call, line: Line, sent: Document, status: str) -> Iterator[AlmaError]:
    doc = line.doc
    # the type is never changed; what is sent of it does not count
    merged = {**sent, "type": doc["type"], "location": sent.get("location", doc["location"])}
    call.check_vendor(code_of(sent, "vendor") or code_of(doc, "vendor"))
    if status == "CANCELLED":
        yield _failed(call, "Cannot update po line in status CANCELLED")
    price = sent.get("price") or {}
    repriced = bool(price.get("sum")) and Decimal(price["sum"]) != Decimal(doc["price"]["sum"] or 0)
    if status == "CLOSED" and repriced:
        yield _failed(call, "Cannot update field: list price for po line in status CLOSED")
    if status not in BEFORE_ORDER:
        now = visible(world, line)
        for name, words in _BEFORE_ORDER.items():
            if name in sent and _code(sent[name]) != _code(now[name]):
                yield _failed(call, f"Cannot update field: {words} for po line in status {status}")
    if not no_charge_fits({"acquisition_method": doc["acquisition_method"], **sent}):
        yield call.refusal("60320")
    for name in missing_in(sent):
        yield _failed(call, f"Mandatory field is missing: {name}")
    for name in illegal_in(world, sent):
        yield _failed(call, f"Given {name} is illegal.")
    redistributed = call.flag("redistribute_funds")
    unknown = any(
        code_of(row, "fund_code") and code_of(row, "fund_code") not in world.institution.fund
        for row in sent.get("fund_distribution") or ()
    )
    if not redistributed and (
        (repriced and not _funds_fit(merged, doc)) or (unknown and status not in BEFORE_ORDER)
    ):
        yield _failed(call, "The funding list contains invalid values.")


def _failed(call: Call, words: str) -> AlmaError:
    return call.refusal("401876", words + " ; ")


def _funds_fit(merged: Document, doc: Document) -> bool:
    """A new price needs new fund amounts, or redistribute_funds=true."""
    funds = merged["fund_distribution"] if "fund_distribution" in merged else doc["fund_distribution"]
    amounts = [Decimal(row["amount"]["sum"]) for row in funds if (row.get("amount") or {}).get("sum")]
    total = total_of(merged, Decimal(doc["discount"] or 0))
    return not amounts or total is None or sum(amounts) == total


def _code(value: Any) -> str:
    return str(value.get("value", "")) if isinstance(value, Mapping) else str(value)


def _plain_members(world: World, doc: Document, sent: Document) -> None:
    for name, value in sent.items():
        if name in _KEPT:
            continue
        if name == "vendor":
            doc[name] = world.vendor(_code(value))
        elif name == "renewal_cycle" and not _code(value):
            doc[name] = {}
        elif name == "material_type":
            doc[name] = stored_material(world, _code(value), doc["type"]["value"])
        elif name in _TABLES:
            doc[name] = world.coded(_TABLES[name], _code(value))
        elif name == "vendor_reference_number_type":
            doc[name] = {"value": _code(value)}
        elif value is not None or name in DATES:
            doc[name] = value
    if (sent.get("price") or {}).get("sum"):
        doc["price"] = world.money(sent["price"])


def _metadata(doc: Document, sent: Document) -> None:
    """Title and the like move; the record's number never does."""
    for name, value in (sent.get("resource_metadata") or {}).items():
        if name != "mms_id":
            doc["resource_metadata"][name] = value


def _lists(world: World, call: Call, line: Line, sent: Document) -> None:
    doc = line.doc
    if "note" in sent:
        # captured: notes lose their creator and their dates
        doc["note"] = [
            {
                "note_text": note.get("note_text", ""),
                "creation_date": world.today(),
                "created_by": "API, Ex Libris",
            }
            for note in sent["note"]
        ]
    if "interested_user" in sent:
        doc["interested_user"] = [stored_reader(world, one) for one in sent["interested_user"]]
    if "location" in sent and call.flag("update_inventory", default=True):
        places = [*doc["location"], *sent["location"]]
        if any(copy.get("is_temp_location") for place in places for copy in place.get("copy") or ()):
            call.notes.append("locations not updated: a copy is in a temporary location")
        else:
            record = Record(line.mms, "", "", "")
            origin = Origin(line.number, record, call.host + "/almaws/v1", doc["type"]["value"], None)
            doc["location"] = stored_places(world, sent, origin, doc["location"])


def _money(world: World, call: Call, line: Line, sent: Document, status: str) -> None:
    """Funds replaced, or with redistribute_funds the total spread as before; then the reasons anew."""
    doc = line.doc
    named: Document = doc
    if call.flag("redistribute_funds"):
        redistribute(doc)
    elif "fund_distribution" in sent:
        doc["fund_distribution"] = stored_funds(world, sent)
        named = {**doc, "fund_distribution": sent["fund_distribution"]}  # an unknown code is stored empty
    shares, total = shares_of(world, named, discount_of(doc["discount"], None))
    world.store.encumber(line.id, [])
    if status in BEFORE_ORDER:  # other reasons than missing data are a person's to settle
        others = [
            text for text in line.review if text.startswith(("review rule", "manual", "alert", "copies"))
        ]
        line.review = review_reasons(world, doc, shares, total) + others
    world.store.encumber(
        line.id,
        [(share.fund.code, share.amount, share.currency) for share in shares if share.fund is not None],
    )


# ------------------------------------------------------------------------------------------ DELETE


def cancel_line(world: World, call: Call) -> Tree:
    """DELETE: the line stays, cancelled; its money is free again, and `bib=delete` takes the record along."""
    line = line_of(world, call)
    reason, bib = call.query("reason"), call.query("bib", "retain")
    status = status_of(world, line)
    if status == "CANCELLED":
        raise call.refusal("401884")
    if reason not in world.institution.descriptions["POLineCancellationReasons"]:
        raise call.refusal(
            "401881",
            f"cancellation reason {reason} is not valid" if reason else "cancellation reason is missing",
        )
    if bib not in _BIB:
        raise call.refusal("401874")
    if status == "CLOSED":
        raise call.refusal("401881", "the line is in status CLOSED")
    received = any(copy.get("receive_date") for place in line.doc["location"] for copy in place["copy"])
    if (received or line.doc["cancellation_restriction"]) and not call.flag("override"):
        why = "items were received" if received else "cancellation is restricted"
        raise call.refusal("401881", f"Warning - {why}")
    line.fixed = "CANCELLED"
    line.doc["status_date"] = world.today()
    with world.store.together():
        world.store.encumber(line.id, [])
        if bib == "delete":
            world.store.drop_bib(line.mms)
        world.store.change_line(line, world.now)
    call.saved = line.number
    return Tree("", None)
