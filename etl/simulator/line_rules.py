"""A line → the reasons why it waits for a person (none: it moves on)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from etl.simulator.line_money import Share
from etl.simulator.world import World, code_of

Document = Mapping[str, Any]

_FREE = ("GIFT", "DEPOSITORY", "TECHNICAL", "LEGAL_DEPOSIT")
DEFAULT_METHOD = "VENDOR_SYSTEM"
NOT_FUNDED = "not fully funded"


def method_of(line: Document) -> str:
    """The acquisition method; the API's default is Purchase at Vendor System."""
    return code_of(line, "acquisition_method") or DEFAULT_METHOD


def continuous(type_: str) -> bool:
    """Subscriptions and standing orders need a renewal date."""
    return type_.endswith(("_CO", "_SO")) or type_ == "PRINT_SO_NONMON"


def review_reasons(world: World, line: Document, shares: Sequence[Share], total: Decimal | None) -> list[str]:
    """Why the line waits In Review, in our own words, for missing data and funds."""
    reasons: list[str] = []
    vendor = world.institution.vendor.get(code_of(line, "vendor"))
    account = line.get("vendor_account", "")
    if vendor is None:
        reasons.append("vendor missing")
    elif vendor.status != "ACTIVE":
        reasons.append(f"vendor {vendor.code} is inactive")
    if not account:
        reasons.append("vendor account missing")
    elif vendor is not None and vendor.account(account) is None:
        reasons.append(f"account {account} is not one of {vendor.code}")
    free = bool(line.get("no_charge")) or method_of(line).startswith(_FREE)
    if not free and not (line.get("price") or {}).get("sum"):
        reasons.append("price missing")
    if not free and not shares:
        reasons.append("fund missing")
    reasons += _fund_reasons(world, line, shares)
    if not free and shares and total is not None and sum(share.amount for share in shares) < total:
        reasons.append(NOT_FUNDED)
    if continuous(code_of(line, "type")) and not line.get("renewal_date"):
        reasons.append("renewal date missing")
    return reasons


def _fund_reasons(world: World, line: Document, shares: Sequence[Share]) -> list[str]:
    reasons = []
    for code, fund, amount, currency in shares:
        if fund is None:
            reasons.append(f"fund code unknown: {code}")
        elif not world.institution.usable(fund, code_of(line, "owner")):
            reasons.append(f"fund {fund.code} cannot be used now")
        elif (
            currency in (fund.currency, "")
            and fund.balance - world.store.spent.get((fund.code, currency), Decimal(0)) < amount
        ):
            reasons.append(f"fund {fund.code} has no balance")
    return reasons


def rule_reasons(world: World, line: Document) -> list[str]:
    """Purchasing Review Rules: the default first (True: review all), then the first rule that fits."""
    review = world.institution.review
    if review.default:
        return ["review rule: all lines are reviewed"]
    codes = {name: code_of(line, name) for name in ("owner", "vendor", "type")}
    codes["acquisition_method"] = method_of(line)
    funds = {code_of(row, "fund_code") for row in line.get("fund_distribution") or ()}
    for rule in review.rules:
        wanted = rule.wanted.items()
        if all(value in funds if name == "fund" else codes[name] == value for name, value in wanted):
            told = " ".join(f"{name} {value}" for name, value in wanted)
            return [f"review rule: {told}"] if rule.review else []
    return []
