"""A code and the institution's own codes → what Alma would do with it.

Refused, or taken and parked In Review: which of the two depends on the field, not on the code (Ex Libris'
data dictionary and OpenAPI of POST po-lines and purchase-requests; what is unknown of a fund, an account or
a shelving location parks an order line, but refuses a purchase request).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Literal

from etl.documents.likely_codes import likely
from etl.institution.coded import Coded
from etl.institution.model import LIBRARIES, Institution, locations_of
from etl.lookups.nearest import Neighbours
from etl.plugin import Finding

Outcome = Literal["refused", "review", "note"]
Consequence = tuple[Outcome, str]
"""What Alma does, and the code it says it with ("" for none)."""

_LINE: Mapping[tuple[str, ...], Consequence] = {
    ("owner",): ("refused", "401872"),
    ("type",): ("refused", "401872"),
    ("vendor",): ("refused", "401872"),
    ("acquisition_method",): ("refused", "401872"),
    ("vendor_account",): ("review", ""),
    ("fund_distribution", "fund_code"): ("review", ""),
    ("price", "currency"): ("refused", "401872"),
    ("fund_distribution", "amount", "currency"): ("refused", "401872"),
    ("location", "library"): ("refused", "401872"),
    ("material_type",): ("refused", "401872"),
}
_REQUEST: Mapping[tuple[str, ...], Consequence] = {
    ("format",): ("refused", "60270"),
    ("requested_type",): ("refused", "60329"),
    ("owning_library",): ("refused", "402469"),
    ("estimated_cost", "currency"): ("refused", "60271"),
    ("fund",): ("refused", "60279"),
    ("vendor",): ("refused", "402880"),
    ("vendor_account",): ("refused", "60272"),
    ("resource_metadata", "citation_type"): ("refused", "60280"),
    ("location", "library"): ("refused", "60281"),
    ("location", "shelving_location"): ("refused", "60282"),
}
_ODD: Consequence = ("note", "")
_MEANING = {
    "PurchaseType": "purchase_type",
    "AcquisitionMethod": "acquisition_method",
    "PhysicalMaterialType": "physical_material_type",
    "currencies": "currency",
}
"""Alma's tables of which it is known here what the codes mean."""
_FEW = 12
"""So many codes can be listed when none of them is near."""


class CodeJudge:
    """Asks one institution. Nearest codes are searched for once for each table."""

    def __init__(self, institution: Institution, target: str) -> None:
        self._known = institution
        self._consequences = _REQUEST if target == "purchase_request" else _LINE
        self._inactive: Consequence = _ODD if target == "purchase_request" else ("review", "")
        self._near: dict[str, Neighbours] = {}

    def finding(self, code: Coded) -> Finding | None:
        """None: the code is known, or its table is not."""
        ask = self._kinds.get(code.kind)
        return ask(code) if ask else self._in_table(code, code.kind)

    @cached_property
    def _kinds(self) -> dict[str, Callable[[Coded], Finding | None]]:
        return {
            "owner": self._owner,
            "library": self._library,
            "shelf": self._shelf,
            "vendor": self._vendor,
            "account": self._account,
            "fund": self._fund,
            "currency": self._currency,
            "material": self._material,
        }

    # -------------------------------------------------------------------------------- kinds

    def _owner(self, code: Coded) -> Finding | None:
        """An order line may also belong to the institution as a whole."""
        return None if code.value == self._known.pulled.institution else self._library(code)

    def _library(self, code: Coded) -> Finding | None:
        if code.value in self._known.libraries or LIBRARIES in self._known.unavailable:
            return None
        return self._unknown("E842", code, "a library", "libraries", self._known.libraries)

    def _shelf(self, code: Coded) -> Finding | None:
        libraries = self._known.libraries
        if not {LIBRARIES, locations_of(code.companion)}.isdisjoint(self._known.unavailable):
            return None
        having = [name for name, one in libraries.items() if code.value in one.locations]
        if code.companion in libraries:
            if code.companion in having:
                return None
            what = f"a shelving location of library {_shown(code.companion)}"
            hint = f"library {', '.join(having[:4])} has it" if having else ""
            locations = libraries[code.companion].locations
            return self._unknown("E843", code, what, f"shelf {code.companion}", locations, hint)
        every = {place for one in libraries.values() for place in one.locations}
        return None if having else self._unknown("E843", code, "a shelving location", "shelves", every)

    def _vendor(self, code: Coded) -> Finding | None:
        vendor = self._known.vendors.get(code.value)
        if vendor is None:
            return self._unknown("E844", code, "a vendor", "vendors", self._known.vendors)
        if vendor.active:
            return None
        return self._said("E844", code, f"vendor {_shown(code.value)} is inactive", "", self._inactive)

    def _account(self, code: Coded) -> Finding | None:
        vendor = self._known.vendors.get(code.companion)
        if vendor is None:  # the vendor itself is reported; any other vendor's account cannot be judged
            return None
        if code.value in vendor.accounts:
            return None
        if code.value in vendor.inactive_accounts:
            return self._said("E845", code, f"account {_shown(code.value)} is inactive", "", self._inactive)
        what = f"an account of vendor {_shown(code.companion)}"
        owners = [name for name, one in self._known.vendors.items() if code.value in one.accounts]
        hint = f"it belongs to {', '.join(owners[:4])}" if owners else ""
        return self._unknown("E845", code, what, f"account {code.companion}", vendor.accounts, hint)

    def _fund(self, code: Coded) -> Finding | None:
        fund = self._known.funds.get(code.value)
        if fund is None:
            what = "a fund that can be used now"
            return self._unknown("E846", code, what, "funds", self._known.funds)
        owner = code.owner if code.owner in self._known.libraries else ""
        if fund.libraries is None or not owner or owner in fund.libraries or code.field == ("fund",):
            return None
        served = ", ".join(fund.libraries[:4]) or "none"
        message = f"fund {_shown(code.value)} is not for library {_shown(owner)}"
        return self._said("E846", code, message, f"libraries that may use it: {served}")

    def _currency(self, code: Coded) -> Finding | None:
        known = self._known.currencies or self._known.tables.get("Currency_CT", {})
        if not known or code.value in known:
            return None
        return self._unknown("E847", code, "an active currency", "currencies", known)

    def _material(self, code: Coded) -> Finding | None:
        """Physical or electronic: by the format of a request, else either table (types can be renamed)."""
        names = {"E": ["electronicMaterialType"], "P": ["PhysicalMaterialType"]}.get(
            code.form, ["PhysicalMaterialType", "electronicMaterialType"]
        )
        tables = [self._known.tables[name] for name in names if name in self._known.tables]
        if len(tables) < len(names) or any(code.value in one for one in tables):
            return None
        return self._in_table(code, names[0])

    def _in_table(self, code: Coded, table: str) -> Finding | None:
        known = self._known.tables.get(table)
        if known is None or code.value in known:
            return None
        if code.value in self._known.disabled.get(table, {}):
            message = f"{_shown(code.value)} is switched off in Alma's table {table}"
            hint = "Alma puts a type's configured default in its place, or keeps it with an alert"
            return self._said("E847", code, message, hint, _ODD)
        return self._unknown("E847", code, f"in Alma's table {table}", table, known)

    # -------------------------------------------------------------------------------- words

    def _unknown(
        self, number: str, code: Coded, what: str, group: str, known: Iterable[str], hint: str = ""
    ) -> Finding:
        close = self._close(code.value, group, known)
        if close and close[0].casefold() == code.value.casefold():
            suggestion = f"did you mean {_shown(close[0])}? Capitals count"
        elif close:
            suggestion = f"did you mean {', '.join(map(_shown, close))}?"
        else:
            every = sorted(set(known))
            suggestion = f"there are {', '.join(every)}" if every and len(every) <= _FEW else ""
        stale = f"new in Alma since {self._known.pulled.date}? Then run etl pull again"
        said = "; ".join(filter(None, (hint, suggestion, stale)))
        return self._said(number, code, f"{_shown(code.value)} is not {what}", said)

    def _close(self, value: str, group: str, known: Iterable[str]) -> list[str]:
        """By meaning where that is known, else by spelling."""
        if group in _MEANING:
            return list(likely(value, _MEANING[group], list(known)))
        near = self._near.setdefault(group, Neighbours(lambda: [(one,) for one in known]))
        return [one for (one,) in near.of((value,))]

    def _said(
        self, number: str, code: Coded, message: str, hint: str, consequence: Consequence | None = None
    ) -> Finding:
        outcome, alma = consequence or self._consequences.get(code.field, _ODD)
        ends = {
            "refused": f"Alma would refuse it: {alma}",
            "review": "Alma would keep it In Review",
            "note": "what Alma makes of it is not documented",
        }
        return Finding(outcome, number, f"{message}; {ends[outcome]}", code.path, alma or None, hint or None)


def _shown(code: str) -> str:
    return f'"{code}"'
