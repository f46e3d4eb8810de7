"""POST /acq/po-lines → a line that is there at once, and whose review and packaging come later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.form_shapes import PO_LINE
from etl.simulator.institution_parts import Account
from etl.simulator.line_checks import check_blocking, check_line
from etl.simulator.line_document import LATER, Origin, stored_line
from etl.simulator.line_mark import RELEASED, status_mark
from etl.simulator.line_money import Share, discount_of, shares_of
from etl.simulator.line_rules import review_reasons, rule_reasons
from etl.simulator.read_body import read_body
from etl.simulator.standard_numbers import bare_isbn, bare_issn
from etl.simulator.stored import Record
from etl.simulator.world import World, code_of

Document = Mapping[str, Any]
_DISABLED = (
    "PO Line type is disabled and its default value is not selected. "
    "The PO Line was created with the original type"
)
_API = "/almaws/v1"
_dump = json.JSONEncoder(ensure_ascii=False).encode  # the document is written once: it is answer and store


def create_line(world: World, call: Call) -> Tree:
    """The handler."""
    if not call.request.body:
        raise call.refusal("402119")
    sent = read_body(call, "po_line", PO_LINE)
    profile = check_line(world, call, sent)
    account = account_of(world, sent)
    shares, total = shares_of(world, sent, discount_of(sent.get("discount", ""), account))
    reasons = review_reasons(world, sent, shares, total)
    check_blocking(profile, call, reasons)
    reasons += rule_reasons(world, sent)
    with world.store.together():
        number, shown, text = save_line(world, call, sent, call.request.body, account, reasons, shares)
    call.saved = number
    return Tree("po_line", shown, json=text)


def account_of(world: World, line: Document) -> Account | None:
    """The account named, if the vendor has it."""
    vendor = world.institution.vendor.get(code_of(line, "vendor"))
    return vendor.account(line.get("vendor_account", "")) if vendor else None


def save_line(
    world: World,
    call: Call,
    sent: Document,
    body: bytes,
    account: Account | None,
    reasons: list[str],
    shares: Sequence[Share],
) -> tuple[str, dict[str, Any], str]:
    """Number, record, alerts, money: (number, what POST answers, the same as JSON).

    `body`: the order as it is shown to people. Inside a transaction of the caller.
    """
    store, now = world.store, world.now
    metadata = sent.get("resource_metadata") or {}
    alerts = ["Manually marked for review."] if call.flag("requires_manual_review") else []
    fixed = status_mark(world, body)
    record, is_new = _record(world, metadata, alerts, reasons)
    line_type = _type(world, code_of(sent, "type"), alerts)
    number = sent.get("number") or _fresh_number(world)
    origin = Origin(number, record, call.host + _API, line_type, account)
    _warn(world, sent, alerts, reasons, is_new)
    if call.flag("requires_manual_review"):
        reasons.append("manual review asked for")
    doc = stored_line(world, sent, origin, alerts)
    shown = {name: value for name, value in doc.items() if name not in LATER}
    text = _dump(shown)
    later = _dump({name: doc[name] for name in LATER if name in doc})
    row = store.add_line(
        {
            "number": number,
            "created": now,
            "review": json.dumps(reasons) if reasons and fixed != RELEASED else "[]",
            "fixed": fixed if fixed != RELEASED else "",
            "owner": doc["owner"]["value"],
            "type": line_type,
            "vendor": doc["vendor"]["value"],
            "account": doc["vendor_account"],
            "method": doc["acquisition_method"]["value"],
            "mms": record.mms,
            "isbn": bare_isbn(doc["resource_metadata"]["isbn"]),
            "issn": bare_issn(doc["resource_metadata"]["issn"]),
            "title": doc["resource_metadata"]["title"],
            "doc": f"{text[:-1]}, {later[1:]}",
            "sent": body,
            "request": call.operation.path,
        }
    )
    usable = [(share.fund.code, share.amount, share.currency) for share in shares if share.fund is not None]
    if usable:
        store.encumber(row, usable, fresh=True)
    return number, shown, text


def _fresh_number(world: World) -> str:
    count = world.store.next_id("po_line")
    while world.store.has_line(f"POL-{count}"):  # somebody's own number
        count += 1
    return f"POL-{count}"


def _record(world: World, metadata: Document, alerts: list[str], reasons: list[str]) -> tuple[Record, bool]:
    """(record, is new): the given record, else one with the ISBN or ISSN, else a new brief one.

    A record that is there lends its title, ISBN and ISSN to an order that sends none.
    """
    store = world.store
    isbn, issn = bare_isbn(metadata.get("isbn", "")), bare_issn(metadata.get("issn", ""))
    given = code_of(metadata, "mms_id")
    mms = given or store.bib_by(isbn, issn)
    known = store.bib(mms) if mms else None
    if known is None:
        mms = mms or world.record_number("99", store.next_id("bib"))
        new = Record(mms, metadata.get("title", ""), isbn, issn)
        store.add_bib(new)
        return new, not given
    _inventory_alerts(world, known.mms, alerts, reasons)
    return known, False


def _inventory_alerts(world: World, mms: str, alerts: list[str], reasons: list[str]) -> None:
    """One alert per library that has copies of the record already."""
    word = world.institution.alerts.get("inventory", "off")
    if word == "off":
        return
    counts: dict[str, int] = {}
    query = "select doc from po_line where mms = ? and fixed <> 'CANCELLED' order by id desc limit 50"
    for (text,) in world.store.db.execute(query, (mms,)):
        for place in json.loads(text)["location"]:
            counts[place["library"]["value"]] = counts.get(place["library"]["value"], 0) + place["quantity"]
    for code, count in counts.items():
        name = world.library(code)["desc"]
        # captured: two blanks after the colon
        alerts.append(
            f"The ordered resource already exists in the Inventory:  {count} copies in library: {name}."
        )
    if counts and word == "review":
        reasons.append("copies are in the inventory")


def _type(world: World, code: str, alerts: list[str]) -> str:
    """A disabled type is replaced, or kept with an alert."""
    disabled = world.institution.disabled_types
    if code not in disabled:
        return code
    if not disabled[code]:
        alerts.append(_DISABLED)
    return disabled[code] or code


def _warn(world: World, sent: Document, alerts: list[str], reasons: list[str], is_new: bool) -> None:
    """The alerts an institution may switch on; with the word `review` they also keep the line."""
    institution = world.institution
    price = Decimal((sent.get("price") or {}).get("sum") or 0)
    fired = {
        "brief_bib": (is_new, "The bib record is brief."),
        "reporting_code": (not sent.get("reporting_code"), "At least one of the reporting codes is missing."),
        "price_limit": (price > institution.price_limit, "Price limit reached"),
    }
    for name, word in institution.alerts.items():
        if name in fired and word != "off" and fired[name][0]:
            alerts.append(fired[name][1])
            if word == "review":
                reasons.append(f"alert: {fired[name][1]}")
