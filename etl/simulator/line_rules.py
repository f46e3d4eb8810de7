"""A posted line → refused (which code), or the reasons why it waits for a person (none: it moves on).

Only a few members are checked hard: a missing vendor, account, price or fund does not fail the call, it
parks the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from etl.simulator.call import Call
from etl.simulator.errors import AlmaError
from etl.simulator.institution import Fund, Profile
from etl.simulator.world import World, code_of

Document = Mapping[str, Any]

_FREE = ("GIFT", "DEPOSITORY", "TECHNICAL", "LEGAL_DEPOSIT")
_NO_CHARGE = ("APPROVAL", "PURCHASE", "VENDOR_SYSTEM")
DEFAULT_METHOD = "VENDOR_SYSTEM"


def method_of(line: Document) -> str:
    """The acquisition method; the API's default is Purchase at Vendor System."""
    return code_of(line, "acquisition_method") or DEFAULT_METHOD


def continuous(type_: str) -> bool:
    """Subscriptions and standing orders need a renewal date."""
    return type_.endswith(("_CO", "_SO")) or type_ == "PRINT_SO_NONMON"


def electronic(type_: str) -> bool:
    """Electronic lines have no copies: their quantity is 1."""
    return type_.startswith(("E_", "ELECTRONIC_", "DB_", "REMOTE_CF_"))


def check_line(world: World, call: Call, line: Document) -> Profile | None:
    """The refusals of POST in Alma's order, and the New Order API profile that applies.

    Raises AlmaError 401664, 401872, 60320 or 401870.
    """
    call.check_vendor(code_of(line, "vendor"))
    metadata = line.get("resource_metadata") or {}
    for name in ("owner", "type"):
        if not code_of(line, name):
            raise call.refusal("401664", name)
    if not metadata.get("title") and not code_of(metadata, "mms_id"):
        raise call.refusal("401664", "title")
    _check_codes(world, call, line, metadata)
    check_no_charge(call, line)
    number = line.get("number", "")
    if number and world.store.has_line(number):
        raise call.refusal("401870", number)
    return _profile(world, call)


def _check_codes(world: World, call: Call, line: Document, metadata: Document) -> None:
    institution = world.institution
    owner, vendor = code_of(line, "owner"), code_of(line, "vendor")
    if owner not in institution.library and owner != institution.code:
        raise call.refusal("401872", "owner")
    for name, table in (("type", "PurchaseType"), ("acquisition_method", "AcquisitionMethod")):
        code = code_of(line, name)
        if code and code not in institution.descriptions[table]:
            raise call.refusal("401872", name)
    if vendor and vendor not in institution.vendor:
        raise call.refusal("401872", "vendor")
    mms = code_of(metadata, "mms_id")
    well_formed = mms.isdigit() and mms.startswith("99")
    if mms and (not well_formed or (institution.closed_catalogue and world.store.bib(mms) is None)):
        raise call.refusal("401872", "mms_id")


def check_no_charge(call: Call, line: Document) -> None:
    """No charge goes with Approval Plan, Purchase and Purchase at Vendor System only.

    Raises AlmaError 60320.
    """
    if line.get("no_charge") and method_of(line) not in _NO_CHARGE:
        raise call.refusal("60320")


def _profile(world: World, call: Call) -> Profile | None:
    code = call.query("profile_code")
    profile = world.institution.profile(code)
    if code and profile is None:
        # not documented; the one documented text that fits a parameter with an unknown code
        raise call.refusal("401872", "profile_code")
    return profile


# ------------------------------------------------------------------------------------------ review


def copies_of(line: Document) -> int:
    """How many copies are ordered: an electronic line is one."""
    if electronic(code_of(line, "type")):
        return 1
    return sum(int(place.get("quantity") or 0) for place in line.get("location") or ()) or 1


def total_of(line: Document, discount: Decimal) -> Decimal | None:
    """Copies × list price × (1 − discount/100), or None without a price."""
    price = line.get("price")
    if not price or not price.get("sum"):
        return None
    return copies_of(line) * Decimal(price["sum"]) * (1 - discount / 100)


def review_reasons(world: World, line: Document, funds: list[tuple[Fund | None, Decimal, str]]) -> list[str]:
    """Why the line waits In Review, in our own words, for missing data and funds.

    `funds`: (fund, amount, currency).
    """
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
    if not free and not funds:
        reasons.append("fund missing")
    reasons += _fund_reasons(world, line, funds)
    if continuous(code_of(line, "type")) and not line.get("renewal_date"):
        reasons.append("renewal date missing")
    return reasons


def _fund_reasons(world: World, line: Document, funds: list[tuple[Fund | None, Decimal, str]]) -> list[str]:
    reasons = []
    for fund, amount, currency in funds:
        if fund is None:
            reasons.append("fund code unknown")
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
        wanted = rule.model_dump(exclude_none=True, exclude={"review", "fund"})
        if all(codes[name] == value for name, value in wanted.items()) and (
            rule.fund is None or rule.fund in funds
        ):
            told = " ".join(
                f"{name} {value}"
                for name, value in rule.model_dump(exclude_none=True, exclude={"review"}).items()
            )
            return [f"review rule: {told}"] if rule.review else []
    return []


def check_blocking(profile: Profile | None, call: Call, reasons: list[str], funded: bool) -> None:
    """A profile set to block refuses what otherwise waits in review.

    The code Alma gives is not known: General error.
    """
    if profile is None or not profile.block:
        return
    said = {
        "invalid_fund": any(
            text.startswith("fund code unknown") or text.endswith("cannot be used now") for text in reasons
        ),
        "insufficient_balance": any(text.endswith("has no balance") for text in reasons),
        "not_fully_funded": "fund missing" in reasons or not funded,
    }
    texts = {
        "invalid_fund": "invalid fund code",
        "insufficient_balance": "insufficient balance",
        "not_fully_funded": "not fully funded",
    }
    for block in sorted(profile.block):
        if said[block]:
            raise AlmaError((call.operation.general, f"PO Line could not be created: {texts[block]}"))
