"""The institution → what /acq says of it: vendors, funds, currencies, fiscal periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.errors import AlmaError
from etl.simulator.institution import Fund, Vendor
from etl.simulator.world import World, shortest

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
    """GET /acq/vendors: q is code~X or name~X."""
    status = call.query("status", "ALL").upper()
    name, _, words = call.query("q").partition("~")
    found = [
        vendor
        for vendor in world.institution.vendors
        if status in ("ALL", vendor.status) and named(name, words, vendor.code, vendor.name)
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
            "status": _status(account.status),
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
        "status": _status(vendor.status),
        "material_supplier": True,
        "account": accounts,
    }


def _status(code: str) -> dict[str, str]:
    return {"value": code, "desc": code.capitalize()}


# ------------------------------------------------------------------------------------------- funds


def list_funds(world: World, call: Call) -> Tree:
    """GET /acq/funds. mode=POL (the default): usable in a line now; then only fund_code is searched."""
    mode = call.query("mode", "POL").upper()
    if mode not in ("POL", "ALL"):
        raise call.refusal("40166410")
    name, _, words = call.query("q").partition("~")
    pol = mode == "POL"
    filtered = [
        one
        for one in ("entity_type", "fiscal_period", "owner", "parent_id")
        if call.query(one, "ALL").upper() != "ALL"
    ]
    if pol and (filtered or (words and name != "fund_code")):
        raise call.refusal("401873")
    found = [
        fund
        for fund in world.institution.funds
        if (not pol or world.institution.usable(fund, call.query("library") or fund.library))
        and call.query("status", "ALL").upper() in ("ALL", fund.status)
        and call.query("entity_type", "ALL").upper() in ("ALL", fund.type)
        and call.query("fiscal_period", "ALL") in ("ALL", _period(world, fund))
        and call.query("library") in ("", fund.library or call.query("library"))
        and named("code" if name == "fund_code" else name.removeprefix("fund_"), words, fund.code, fund.name)
    ]
    brief = call.query("view", "full").lower() == "brief"
    return page_of(call, "funds", "fund", [_fund(world, call, fund, brief) for fund in found])


def get_fund(world: World, call: Call) -> Tree:
    """GET /acq/funds/{fund_id}: by id or by code."""
    fund = _fund_of(world, call)
    if fund is None:
        raise AlmaError(("402119", "General error."))  # no code is documented for this call
    return Tree("fund", _fund(world, call, fund, call.query("view", "full").lower() == "brief"))


def _fund_of(world: World, call: Call) -> Fund | None:
    wanted = call.arguments["fund_id"]
    return next(
        (fund for fund in world.institution.funds if wanted in (fund.code, _fund_id(world, fund))), None
    )


def _fund_id(world: World, fund: Fund) -> str:
    return world.record_number("98", world.institution.funds.index(fund) + 1)


def _period(world: World, fund: Fund) -> str:
    return fund.fiscal_period or world.institution.fiscal_period


def _fund(world: World, call: Call, fund: Fund, brief: bool) -> dict[str, Any]:
    number = _fund_id(world, fund)
    row: dict[str, Any] = {
        "link": f"{call.host}/almaws/v1/acq/funds/{number}",
        "id": number,
        "code": fund.code,
        "name": fund.name,
        "type": _status(fund.type),
        "status": _status(fund.status),
    }
    if brief:
        return row
    spent = world.store.spent.get((fund.code, fund.currency), Decimal(0))
    return {
        **row,
        "owner": world.library(fund.library or world.institution.code),
        "currency": world.coded("Currency_CT", fund.currency),
        "fiscal_period": {"value": _period(world, fund), "desc": _period(world, fund)},
        "available_balance": {
            "sum": shortest(f"{fund.balance - spent:f}"),
            "currency": world.coded("Currency_CT", fund.currency),
        },
        "encumbered_balance": {
            "sum": shortest(f"{spent:f}"),
            "currency": world.coded("Currency_CT", fund.currency),
        },
    }


def fund_transactions(world: World, call: Call) -> Tree:
    """GET /acq/funds/{fund_id}/transactions: encumbrances; q=po_line=POL-1 narrows them."""
    fund = _fund_of(world, call)
    if fund is None:
        raise call.refusal("401873")
    wanted = call.query("filter", "ALL").upper()
    if wanted not in ("ALL", "ENCUMBRANCE", "EXPENDITURE", "ALLOCATION", "TRANSFER", "DISENCUMBRANCE"):
        raise call.refusal("40166404")
    name, _, number = call.query("q").replace("~", "=").partition("=")
    if name not in ("", "po_line"):
        raise call.refusal("60106")
    query = (
        "select e.id, e.amount, e.currency, p.number, p.created "
        "from encumbrance e join po_line p on p.id = e.line "
        "where e.fund = ? and ? in ('', p.number) order by e.id"
    )
    rows = (
        world.store.db.execute(query, (fund.code, number)).fetchall()
        if wanted in ("ALL", "ENCUMBRANCE")
        else []
    )
    listed = [
        {
            "id": f"{id_}",
            "type": {"value": "ENCUMBRANCE", "desc": "Encumbrance"},
            "po_line": line,
            "amount": {"sum": shortest(amount), "currency": world.coded("Currency_CT", currency)},
        }
        for id_, amount, currency, line, _ in rows
    ]
    return page_of(call, "fund_transactions", "fund_transaction", listed)


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
        {"id": year, "name": year, "status": _status("ACTIVE" if year == current else "CLOSED")}
        for year in sorted(years)
    ]
    return Tree("fiscal_periods", {"fiscal_period": rows, "total_record_count": len(rows)})


def no_invoices(world: World, call: Call) -> Tree:
    """GET /acq/invoices/ and /acq/licenses/: this institution has none yet."""
    del world
    return page_of(call, call.operation.path.strip("/").rpartition("/")[2], "row", [])
