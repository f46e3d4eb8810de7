"""GET, PUT and DELETE of one line → the line, the changed line, the cancelled line."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.form_shapes import PO_LINE
from etl.simulator.line_create import discount_of
from etl.simulator.line_document import DATES, Origin, stored_funds, stored_places, stored_reader
from etl.simulator.line_rules import check_no_charge, review_reasons, total_of
from etl.simulator.line_status import BEFORE_ORDER, shifted, status_of, visible
from etl.simulator.read_body import read_body
from etl.simulator.store import Line
from etl.simulator.world import World, code_of, shortest

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
    "material_type": "PhysicalMaterialType",
}
_BIB = ("retain", "delete", "suppress")


def get_line(world: World, call: Call) -> Tree:
    """GET one line."""
    return Tree("po_line", visible(world, _line(world, call)))


def _line(world: World, call: Call) -> Line:
    number = call.arguments["po_line_id"]
    line = world.store.line(number)
    if line is None:
        raise call.refusal("401871", number)
    call.check_vendor(line.doc["vendor"]["value"])
    return line


# --------------------------------------------------------------------------------------------- PUT


def change_line(world: World, call: Call) -> Tree:
    """PUT: what is absent stays, lists replace, and some members move only before the order."""
    if not call.request.body:
        raise call.refusal("401676")
    sent = read_body(call, "po_line", PO_LINE)
    line = _line(world, call)
    _check_change(world, call, line, sent)
    doc = line.doc
    _plain_members(world, doc, sent)
    _metadata(doc, sent)
    _lists(world, call, line, sent)
    if call.date_shift:
        shifted(doc)
    with world.store.together():
        _money(world, call, line, sent)
        world.store.change_line(line, world.now)
    call.saved = line.number
    return Tree("po_line", visible(world, line))


def _check_change(world: World, call: Call, line: Line, sent: Document) -> None:
    status = status_of(world, line)
    price = sent.get("price") or {}
    repriced = bool(price.get("sum")) and Decimal(price["sum"]) != Decimal(line.doc["price"]["sum"] or 0)
    if status == "CLOSED" and repriced:
        raise call.refusal("401876", "Cannot update field: list price for po line in status CLOSED ; ")
    if status not in BEFORE_ORDER:
        for name, words in _BEFORE_ORDER.items():
            if name in sent and _code(sent[name]) != _code(visible(world, line)[name]):
                raise call.refusal(
                    "401876", f"Cannot update field: {words} for po line in status {status} ; "
                )
    check_no_charge(call, {"acquisition_method": line.doc["acquisition_method"], **sent})
    vendor = code_of(sent, "vendor")
    if vendor and vendor not in world.institution.vendor:
        raise call.refusal("401876", "The vendor code is invalid. ; ")
    if repriced and not call.flag("redistribute_funds"):
        _check_funds(call, line, sent)


def _check_funds(call: Call, line: Line, sent: Document) -> None:
    """A new price needs new fund amounts, or redistribute_funds=true."""
    funds = sent.get("fund_distribution", line.doc["fund_distribution"])
    amounts = [Decimal(row["amount"]["sum"]) for row in funds if (row.get("amount") or {}).get("sum")]
    total = total_of(
        {"type": line.doc["type"], "location": line.doc["location"], **sent},
        Decimal(line.doc["discount"] or 0),
    )
    if amounts and total is not None and sum(amounts) != total:
        raise call.refusal("401876", "The funding list contains invalid values. ; ")


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
            mms = doc["resource_metadata"]["mms_id"]["value"]
            origin = Origin(line.number, mms, "", call.host + "/almaws/v1", doc["type"]["value"], None)
            doc["location"] = stored_places(world, sent, origin, doc["location"])


def _money(world: World, call: Call, line: Line, sent: Document) -> None:
    """Funds replaced, or with redistribute_funds the total spread as before; then the reasons anew."""
    doc = line.doc
    if call.flag("redistribute_funds"):
        _redistribute(doc)
    elif "fund_distribution" in sent:
        doc["fund_distribution"] = stored_funds(world, sent)
    funds = [
        (
            world.institution.fund.get(row["fund_code"]["value"]),
            Decimal(row["amount"]["sum"] or 0),
            code_of(row["amount"], "currency"),
        )
        for row in doc["fund_distribution"]
        if row["fund_code"]["value"]
    ]
    world.store.encumber(line.id, [])
    if line.review:  # other reasons than missing data are a person's to settle
        others = [
            text for text in line.review if text.startswith(("review rule", "manual", "alert", "copies"))
        ]
        line.review = review_reasons(world, doc, funds) + others
    world.store.encumber(
        line.id, [(fund.code, amount, currency) for fund, amount, currency in funds if fund is not None]
    )


def _redistribute(doc: Document) -> None:
    rows = [row for row in doc["fund_distribution"] if row["amount"]["sum"]]
    total = total_of(doc, discount_of(doc["discount"], None))
    old = sum((Decimal(row["amount"]["sum"]) for row in rows), Decimal(0))
    if total is None or not old:
        return
    left = total.quantize(Decimal("0.01"))
    for row in rows[:-1]:
        share = (total * Decimal(row["amount"]["sum"]) / old).quantize(Decimal("0.01"))
        row["amount"]["sum"], left = shortest(f"{share:f}"), left - share
    rows[-1]["amount"]["sum"] = shortest(f"{left:f}")


# ------------------------------------------------------------------------------------------ DELETE


def cancel_line(world: World, call: Call) -> Tree:
    """DELETE: the line stays, cancelled; its money is free again, and `bib=delete` takes the record along."""
    line = _line(world, call)
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
