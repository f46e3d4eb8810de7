"""POST /acq/po-lines → a line that is there at once, and whose review and packaging come later."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.errors import AlmaError
from etl.simulator.form_shapes import PO_LINE
from etl.simulator.institution import Account, Fund
from etl.simulator.line_document import LATER, Origin, stored_line
from etl.simulator.line_rules import check_blocking, check_line, review_reasons, rule_reasons, total_of
from etl.simulator.line_status import shifted
from etl.simulator.read_body import read_body
from etl.simulator.world import World, bare_isbn, bare_issn, code_of

Document = Mapping[str, Any]
_DISABLED = (
    "PO Line type is disabled and its default value is not selected. "
    "The PO Line was created with the original type"
)
_API = "/almaws/v1"
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?\Z").match
_dump = json.JSONEncoder(ensure_ascii=False).encode  # the document is written once: it is answer and store


def create_line(world: World, call: Call) -> Tree:
    """The handler."""
    if not call.request.body:
        raise call.refusal("402119")
    sent = read_body(call, "po_line", PO_LINE)
    profile = check_line(world, call, sent)
    account, discount = _account(world, sent)
    funds, total = funds_of(world, sent, discount)
    reasons = review_reasons(world, sent, funds)
    funded = total is None or sum((amount for _, amount, _ in funds), Decimal(0)) >= total
    check_blocking(profile, call, reasons, funded)
    with world.store.together():
        number, shown, text = save_line(
            world, call, sent, account, reasons + rule_reasons(world, sent), funds
        )
    call.saved = number
    return Tree("po_line", shown, json=text)


def save_line(
    world: World,
    call: Call,
    sent: Document,
    account: Account | None,
    reasons: list[str],
    funds: list[tuple[Fund | None, Decimal, str]],
) -> tuple[str, dict[str, Any], str]:
    """Number, record, alerts, money: (number, what POST answers, the same as JSON).

    Inside a transaction of the caller.
    """
    store, now = world.store, world.now
    metadata = sent.get("resource_metadata") or {}
    alerts = ["Manually marked for review."] if call.flag("requires_manual_review") else []
    mms, title, is_new = _record(world, metadata, alerts, reasons)
    line_type = _type(world, code_of(sent, "type"), alerts)
    number = sent.get("number") or _fresh_number(world)
    origin = Origin(number, mms, title, call.host + _API, line_type, account)
    _warn(world, sent, alerts, reasons, is_new)
    if call.flag("requires_manual_review"):
        reasons.append("manual review asked for")
    doc = stored_line(world, sent, origin, alerts)
    if call.date_shift:
        shifted(doc)
    shown = {name: value for name, value in doc.items() if name not in LATER}
    text = _dump(shown)
    later = _dump({name: doc[name] for name in LATER if name in doc})
    row = store.add_line(
        {
            "number": number,
            "created": now,
            "review": json.dumps(reasons) if reasons else "[]",
            "owner": doc["owner"]["value"],
            "type": line_type,
            "vendor": doc["vendor"]["value"],
            "account": doc["vendor_account"],
            "method": doc["acquisition_method"]["value"],
            "mms": mms,
            "isbn": bare_isbn(metadata.get("isbn", "")),
            "issn": bare_issn(metadata.get("issn", "")),
            "title": doc["resource_metadata"]["title"],
            "doc": f"{text[:-1]}, {later[1:]}",
            "sent": call.request.body,
            "request": call.operation.path,
        }
    )
    usable = [(fund.code, amount, currency) for fund, amount, currency in funds if fund is not None]
    if usable:
        store.encumber(row, usable, fresh=True)
    return number, shown, text


def funds_of(
    world: World, sent: Document, discount: Decimal
) -> tuple[list[tuple[Fund | None, Decimal, str]], Decimal | None]:
    """(fund, amount, currency) of each fund named, and the line's total.

    A fund without amount gets what the others leave.
    """
    total = total_of(sent, discount)
    currency = code_of(sent.get("price") or {}, "currency")
    rows = [row for row in sent.get("fund_distribution") or () if code_of(row, "fund_code")]
    given = [Decimal((row.get("amount") or {}).get("sum") or 0) for row in rows]
    rest = (total or Decimal(0)) - sum(given, Decimal(0))
    found = []
    for row, amount in zip(rows, given, strict=True):
        own = row.get("amount") or {}
        value = amount if own.get("sum") else max(rest, Decimal(0))
        found.append(
            (
                world.institution.fund.get(code_of(row, "fund_code")),
                value,
                code_of(own, "currency") or currency,
            )
        )
    return found, total


def _account(world: World, sent: Document) -> tuple[Account | None, Decimal]:
    vendor = world.institution.vendor.get(code_of(sent, "vendor"))
    account = vendor.account(sent.get("vendor_account", "")) if vendor else None
    return account, discount_of(sent.get("discount", ""), account)


def discount_of(text: str, account: Account | None) -> Decimal:
    """The line's percent; 0 or nothing does not undo the vendor account's.

    Raises AlmaError for what is no number.
    """
    if text and not _PERCENT(text):
        raise AlmaError(("402119", "Invalid field value. Field: [Ljava.lang.Object;@1c2c22f3 Value: {1}"))
    own = Decimal(text or 0)
    return own or (account.discount if account else Decimal(0))


def _fresh_number(world: World) -> str:
    count = world.store.next_id("po_line")
    while world.store.has_line(f"POL-{count}"):  # somebody's own number
        count += 1
    return f"POL-{count}"


def _record(world: World, metadata: Document, alerts: list[str], reasons: list[str]) -> tuple[str, str, bool]:
    """(mms id, title, is new): the given record, else one with the ISBN or ISSN, else a new brief one."""
    store = world.store
    isbn, issn = bare_isbn(metadata.get("isbn", "")), bare_issn(metadata.get("issn", ""))
    given = code_of(metadata, "mms_id")
    mms = given or store.bib_by(isbn, issn)
    known = store.bib(mms) if mms else None
    if mms is None or known is None:
        mms, title = mms or world.record_number("99", store.next_id("bib")), metadata.get("title", "")
        store.add_bib(mms, isbn, issn, title)
        return mms, title, not given
    _inventory_alerts(world, mms, alerts, reasons)
    return mms, known[1], False


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
