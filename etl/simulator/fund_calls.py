"""The institution's funds, and what lines have encumbered → what /acq/funds says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from etl.simulator.call import Call, Tree
from etl.simulator.errors import AlmaError
from etl.simulator.institution_parts import Fund
from etl.simulator.reference_calls import coded_status, named, page_of
from etl.simulator.world import World, shortest

# with mode=POL only usable funds of this period are looked at, and these say nothing (reference §2.3)
_NOT_WITH_POL = ("entity_type", "fiscal_period", "owner", "parent_id")
_PARENTS = ("LEDGER", "SUMMARY")


def list_funds(world: World, call: Call) -> Tree:
    """GET /acq/funds. mode=POL (the default): usable in a line now; then only fund_code is searched."""
    pol = call.choice("mode", ("ALL",), "40166410", "POL") == "POL"
    name, _, words = call.query("q").partition("~")
    filtered = any(call.query(one, "ALL").upper() != "ALL" for one in _NOT_WITH_POL)
    if pol and (filtered or (words and name != "fund_code")):
        raise call.refusal("401873")
    wanted = _filters(world, call)
    library = call.choice("library", _owners(world), "40166410", "")
    field = "code" if name == "fund_code" else name.removeprefix("fund_")
    found = [
        fund
        for fund in world.institution.funds
        if (not pol or world.institution.usable(fund, library or fund.library))
        and library in ("", fund.library or library)
        and all(value in ("ALL", _members(world, fund)[one]) for one, value in wanted.items())
        and named(field, words, fund.code, fund.name)
    ]
    brief = call.choice("view", ("brief",), "40166410", "full") == "brief"
    return page_of(call, "funds", "fund", [_fund(world, call, fund, brief) for fund in found])


def _filters(world: World, call: Call) -> dict[str, str]:
    """The filters, each checked against the values there are."""
    institution = world.institution
    periods = {_period(world, fund) for fund in institution.funds} | {institution.fiscal_period}
    return {
        "status": call.choice("status", ("ACTIVE", "INACTIVE", "DRAFT"), "40166410"),
        "entity_type": call.choice("entity_type", ("LEDGER", "SUMMARY", "ALLOCATED"), "40166410"),
        "fiscal_period": call.choice("fiscal_period", periods - {""}, "40166410"),
        "owner": call.choice("owner", _owners(world), "40166410"),
        "parent_id": _parent(world, call),
    }


def _owners(world: World) -> tuple[str, ...]:
    return (world.institution.code, *world.institution.library)


def _parent(world: World, call: Call) -> str:
    """The number of the ledger or summary fund asked for, or ALL."""
    parents = [_fund_id(world, fund) for fund in world.institution.funds if fund.type in _PARENTS]
    if call.query("parent_id", "ALL").upper() != "ALL" and not parents:
        raise call.refusal("40166419")
    return call.choice("parent_id", parents, "40166410")


def _members(world: World, fund: Fund) -> dict[str, str]:
    parent = world.institution.fund.get(fund.parent)
    return {
        "status": fund.status,
        "entity_type": fund.type,
        "fiscal_period": _period(world, fund),
        "owner": fund.library or world.institution.code,
        "parent_id": _fund_id(world, parent) if parent else "",
    }


def get_fund(world: World, call: Call) -> Tree:
    """GET /acq/funds/{fund_id}: by id or by code."""
    fund = _fund_of(world, call)
    if fund is None:
        raise AlmaError(("402119", "General error."))  # no code is documented for this call
    return Tree("fund", _fund(world, call, fund, call.query("view").lower() == "brief"))


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
        "type": coded_status(fund.type),
        "status": coded_status(fund.status),
    }
    if brief:
        return row
    spent = world.store.spent.get((fund.code, fund.currency), Decimal(0))
    parent = world.institution.fund.get(fund.parent)
    return {
        **row,
        **({"parent": {"value": _fund_id(world, parent), "desc": parent.code}} if parent else {}),
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
        "select e.id, e.amount, e.currency, p.number, p.vendor "
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
        for id_, amount, currency, line, vendor in rows
        if call.may_see(vendor)
    ]
    return page_of(call, "fund_transactions", "fund_transaction", listed)
