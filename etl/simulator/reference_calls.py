"""The institution → what /acq says of it: vendors, currencies, fiscal periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from etl.simulator.call import Call, Tree
from etl.simulator.institution_parts import Vendor, VendorType
from etl.simulator.world import World

Rows = Sequence[Mapping[str, Any]]


def acq_test(world: World, call: Call) -> Tree:
    """GET and POST /acq/test (and /conf/test): does the key work, and may it write.

    XML whatever is asked for.
    """
    text = (
        f"GET - OK - institutionCode: {world.institution.code}"
        if call.request.method == "GET"
        else "POST - OK"
    )
    return Tree("test", text, always_xml=True)


def page_of(call: Call, root: str, name: str, rows: Rows) -> Tree:
    """One page of rows; without hits the array is absent."""
    limit, offset = min(call.number("limit", 10), 100), call.number("offset", 0)
    shown = list(rows[offset : offset + limit])
    return Tree(root, {**({name: shown} if shown else {}), "total_record_count": len(rows)})


# ----------------------------------------------------------------------------------------- vendors


def list_vendors(world: World, call: Call) -> Tree:
    """GET /acq/vendors: q is code~X or name~X. A restricted key sees its own vendors only."""
    status = call.choice("status", ("ACTIVE", "INACTIVE"), "402119")
    kind = call.choice("type", get_args(VendorType), "402119")
    name, _, words = call.query("q").partition("~")
    found = [
        vendor
        for vendor in world.institution.vendors
        if status in ("ALL", vendor.status)
        and (kind == "ALL" or kind in vendor.types)
        and call.may_see(vendor.code)
        and named(name, words, vendor.code, vendor.name)
    ]
    return page_of(call, "vendors", "vendor", [_vendor(call, vendor) for vendor in found])


def named(name: str, words: str, code: str, title: str) -> bool:
    """Do the words of `field~words` occur in the code or the name?"""
    fields = {"code": [code], "name": [title], "all": [code, title]}
    return not words or any(
        words.lower().replace("_", " ") in field.lower().replace("_", " ")
        for field in fields.get(name, fields["all"])
    )


def get_vendor(world: World, call: Call) -> Tree:
    """GET /acq/vendors/{vendorCode}, accounts inside."""
    code = call.arguments["vendorCode"]
    call.check_vendor(code)
    vendor = world.institution.vendor.get(code)
    if vendor is None:
        raise call.refusal("401871", code)
    return Tree("vendor", _vendor(call, vendor))


def _vendor(call: Call, vendor: Vendor) -> dict[str, Any]:
    accounts = [
        {
            "account_id": f"{number}",
            "code": account.code,
            "description": account.name,
            "status": coded_status(account.status),
            "discount_percent": f"{account.discount:f}",
            "reclaim_interval": account.reclaim_interval,
            "expected_receipt_interval": account.expected_receipt_interval,
            "claiming_interval": account.claiming_interval,
        }
        for number, account in enumerate(vendor.accounts, 1)
    ]
    return {
        "link": f"{call.host}/almaws/v1/acq/vendors/{vendor.code}",
        "code": vendor.code,
        "name": vendor.name,
        "status": coded_status(vendor.status),
        **dict.fromkeys(vendor.types, True),
        "account": accounts,
    }


def coded_status(code: str) -> dict[str, str]:
    """A status or kind with its name."""
    return {"value": code, "desc": code.capitalize()}


# -------------------------------------------------------------------- currencies, periods, invoices


def list_currencies(world: World, call: Call) -> Tree:
    """GET /acq/currencies: the institution's active ones."""
    rows = [
        {"code": row.code, "name": row.description}
        for row in world.institution.tables["Currency_CT"]
        if row.enabled
    ]
    return page_of(call, "currencies", "currency", rows)


def fiscal_periods(world: World, call: Call) -> Tree:
    """GET /acq/fiscal-periods."""
    mode = call.query("mode", "ALL").upper()
    if mode not in ("ALL", "CURRENT", "ACTIVE"):
        raise call.refusal("401666")
    current = world.institution.fiscal_period
    if not current:
        raise call.refusal("401873")
    years = {current} | {
        fund.fiscal_period for fund in world.institution.funds if fund.fiscal_period and mode == "ALL"
    }
    rows = [
        {"id": year, "name": year, "status": coded_status("ACTIVE" if year == current else "CLOSED")}
        for year in sorted(years)
    ]
    return Tree("fiscal_periods", {"fiscal_period": rows, "total_record_count": len(rows)})


def no_invoices(world: World, call: Call) -> Tree:
    """GET /acq/invoices/ and /acq/licenses/: this institution has none yet."""
    del world
    return page_of(call, call.operation.path.strip("/").rpartition("/")[2], "row", [])
