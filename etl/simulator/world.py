"""Settings → the things every handler needs: institution, store, time, and words from the code tables."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from etl.simulator.settings import Settings
from etl.simulator.standard_numbers import bare_isbn, bare_issn
from etl.simulator.store import Store
from etl.simulator.stored import Record

Coded = dict[str, str]


class World:
    """One Alma. `now` is seconds since 1970 by the settings' clock; `institution` is the settings', with the
    code tables that were changed since.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.state)
        self.listed_only: dict[str, float] = {}  # numbers of lines that cannot be read, and until when
        self.institution = settings.institution.with_tables(self.store.code_tables())
        for bib in self.institution.bibs:
            if not self.store.had_bib(bib.mms_id):  # a state file may say that it was deleted
                self.store.add_bib(Record(bib.mms_id, bib.title, bare_isbn(bib.isbn), bare_issn(bib.issn)))

    def change_table(self, name: str, rows: list[dict[str, Any]]) -> None:
        """Keep a code table anew; from now on its codes count."""
        self.store.keep_code_table(name, rows)
        self.institution = self.institution.with_tables({name: rows})

    @property
    def now(self) -> float:
        """The time, by the clock."""
        return self.settings.clock()

    def today(self) -> str:
        """Today as Alma writes dates: 2026-11-21Z."""
        return alma_date(self.now)

    def coded(self, table: str, code: str) -> Coded:
        """A code with its description, as answers carry it; a code outside the table gets none."""
        if not code:
            return {"value": "", "desc": ""}
        words = self.institution.descriptions.get(table, {})
        return {"value": code, "desc": words[code]} if code in words else {"value": code}

    def library(self, code: str) -> Coded:
        """A library (or the institution itself) with its name."""
        if code == self.institution.code:
            return {"value": code, "desc": self.institution.name}
        library = self.institution.library.get(code)
        return {"value": code, "desc": library.name if library else ""}

    def vendor(self, code: str) -> Coded:
        """A vendor with its name."""
        vendor = self.institution.vendor.get(code)
        return {"value": code, "desc": vendor.name if vendor else ""}

    def fund(self, code: str) -> Coded:
        """A fund with its name; a code that is not known comes back empty, as Alma empties it."""
        fund = self.institution.fund.get(code)
        return {"value": fund.code, "desc": fund.name} if fund else {"value": "", "desc": ""}

    def money(self, amount: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """An amount, its sum in Alma's shortest form, its currency described; None if no sum is given."""
        if not amount or not amount.get("sum"):
            return None
        code = code_of(amount, "currency")
        return {"sum": shortest(amount["sum"]), "currency": self.coded("Currency_CT", code)}

    def record_number(self, prefix: str, count: int) -> str:
        """A record's number: kind, count, and the institution's own end (99… bib, 22… holding, 23… item)."""
        return f"{prefix}{count:012d}{self.institution.suffix}"


def alma_date(seconds: float) -> str:
    """The UTC date of a moment."""
    return time.strftime("%Y-%m-%dZ", time.gmtime(seconds))


def code_of(document: Mapping[str, Any], name: str) -> str:
    """The code of a `{value, desc}` member; empty when it is not there."""
    member = document.get(name)
    value = member.get("value", "") if member else ""
    return str(value)


def shortest(sum_: str) -> str:
    """A sum as Alma gives it back: no needless zeros, one decimal kept (0.00 → 0.0, 54.10 → 54.1)."""
    whole, _, rest = sum_.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{whole.lstrip('-').lstrip('0') or '0'}.{rest.rstrip('0') or '0'}"
