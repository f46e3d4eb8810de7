"""What happened in a run, as numbers that must add up.

Every record read ends in exactly one outcome; for documents the same holds for copies and for money by
currency. `discrepancies` is empty or the run is our bug (exit code 70).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from etl.ledger.waiting import Waiting
from etl.plugin import Totals
from etl.problems import LedgerRefusal, Problem, Refusal, Unavailable, of_the_system

DELIVERED = ("written", "posted", "already posted", "refused", "unknown")
OUTCOMES = (
    "written",
    "posted",
    "already posted",
    "dismissed",
    "held",
    "refused",
    "rejected",
    "skipped",
    "unknown",
    "not delivered",
)
TROUBLE = ("held", "refused", "rejected", "unknown")
UNDONE = (*TROUBLE, "not delivered")
"""Outcomes of which a person, or a later run, makes an end."""
ARRIVED = ("written", "posted", "unknown")
"""Outcomes of documents that this run delivered, or may have."""


class Stop(StrEnum):
    """Why a run ended before its time."""

    GUARD = "guard"
    LEDGER = "ledger"
    PLAN = "plan"
    CANARY = "canary"
    UNAVAILABLE = "unavailable"
    OTHER = "other"
    BUG = "bug"


def stop_of(error: Exception) -> tuple[Stop, tuple[Problem, ...]]:
    """Whose doing it was, and what is to be said of it; of a bug nothing, for it is raised again."""
    if isinstance(error, OSError | MemoryError):
        return Stop.OTHER, (of_the_system(error),)
    if not isinstance(error, Refusal):
        return Stop.BUG, ()
    if isinstance(error, Unavailable):
        return Stop.UNAVAILABLE, error.problems
    return Stop.LEDGER if isinstance(error, LedgerRefusal) else Stop.OTHER, error.problems


@dataclass(slots=True)
class Report:
    """Counts and sums of one run. `records` counts order lines (rows); `documents` what was made of
    them. `sends` is false where documents are only kept: nothing of such a run has left. `waiting`: what
    waits from before, in the `ledger`; None where nothing is remembered. `unpriced`: so many of the held
    documents could not be completed, and are in no sum. `no_orders`: files among the rejected records that
    are other papers: no guard counts them. `codes_checked`: was there an institution file to predict by?
    """

    mapping: str
    target: str
    sink: str
    run_date: str
    read: int = 0
    records: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    sums: dict[str, Totals] = field(default_factory=dict)
    built: Totals = field(default_factory=Totals)
    built_documents: int = 0
    unpriced: int = 0
    no_orders: int = 0
    predicted: Counter[str] = field(default_factory=Counter)
    codes_checked: bool = False
    defaults: Mapping[str, int] = field(default_factory=dict)
    respelt: Mapping[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    stop: Stop | None = None
    interrupted: bool = False
    notes: Counter[str] = field(default_factory=Counter)
    sends: bool = True
    waiting: Waiting | None = None
    ledger: str = ""

    def settle(self, outcome: str, records: int, totals: Totals | None = None) -> None:
        """One document (or unreadable, skipped or rejected record) has reached its end."""
        self.records[outcome] += records
        if totals is not None:
            self.documents[outcome] += 1
            self.sums[outcome] = self.sums.get(outcome, Totals()) + totals

    def withdraw(self) -> None:
        """What was called written was not, after all: the one file they went into was never finished."""
        for counts in (self.records, self.documents):
            counts["not delivered"] += counts.pop("written", 0)
        written = self.sums.pop("written", Totals())
        self.sums["not delivered"] = self.sums.get("not delivered", Totals()) + written

    def abandon(self) -> None:
        """Mapping did not come to its end, and nothing was delivered: so whatever has no outcome was not."""
        records = self.read - sum(self.records.values())
        documents = self.built_documents - sum(self.documents.values())
        ended = self._ended()
        left = Totals(
            self.built.copies - ended.copies,
            {name: amount - ended.money.get(name, Decimal(0)) for name, amount in self.built.money.items()},
        )
        if records:
            self.records["not delivered"] += records
        if documents:
            self.documents["not delivered"] += documents
            self.sums["not delivered"] = left

    def _ended(self) -> Totals:
        ended = Totals()
        for totals in self.sums.values():
            ended += totals
        return ended

    def discrepancies(self) -> list[str]:
        """What does not add up, in words; empty when all is well."""
        wrong = []
        ended = sum(self.records.values())
        if ended != self.read:
            wrong.append(f"{self.read} records were read but {ended} came to an end")
        documents = sum(self.documents.values())
        if documents != self.built_documents:
            wrong.append(f"{self.built_documents} documents were made but {documents} came to an end")
        ended_totals = self._ended()
        if ended_totals.copies != self.built.copies:
            wrong.append(f"{self.built.copies} copies were ordered but {ended_totals.copies} came to an end")
        for currency in {*self.built.money, *ended_totals.money}:
            made, seen = (t.money.get(currency, Decimal(0)) for t in (self.built, ended_totals))
            if made != seen:
                wrong.append(f"{made} {currency} were ordered but {seen} {currency} came to an end")
        return wrong

    @property
    def delivered(self) -> bool:
        """Has this run delivered anything, as far as it knows?"""
        return self.sends and any(self.documents[outcome] for outcome in ARRIVED)

    @property
    def exit_code(self) -> int:
        """What the process ends with; docs/commands.md says what each code means."""
        if self.discrepancies() or self.stop is Stop.BUG:
            return 70
        if self.interrupted:
            return 130
        if self.stop is Stop.UNAVAILABLE:
            return 5
        if self.stop is Stop.CANARY:
            return 1
        if self.stop is not None:
            return 6 if self.delivered else 2 if self.stop is Stop.OTHER else 4
        return 1 if any(self.records[outcome] for outcome in UNDONE) else 0

    def as_dict(self) -> dict[str, Any]:
        """The form of report.json. No clock in it: the same input gives the same report."""
        return {
            "mapping": self.mapping,
            "target": self.target,
            "sink": self.sink,
            "run_date": self.run_date,
            "files": self.files,
            "read": self.read,
            "records": {name: self.records[name] for name in OUTCOMES if self.records[name]},
            "documents": {name: self.documents[name] for name in OUTCOMES if self.documents[name]},
            "sums": {name: _totals(self.sums[name]) for name in OUTCOMES if name in self.sums},
            **({"held_unpriced": self.unpriced} if self.unpriced else {}),
            "predicted": dict(sorted(self.predicted.items())),
            "codes_checked": self.codes_checked,
            "defaults_used": dict(sorted(self.defaults.items())),
            "respelt": dict(sorted(self.respelt.items())),
            "notes": dict(sorted(self.notes.items())),
            **({"waiting": _waiting(self.waiting)} if self.waiting is not None else {}),
            "stopped": self.stop,
            "interrupted": self.interrupted,
            "adds_up": not self.discrepancies(),
            "exit_code": self.exit_code,
        }


def _waiting(waiting: Waiting) -> dict[str, Any]:
    return {
        "orders": {str(state): waiting.states[state] for state in sorted(waiting.states)},
        "since": waiting.since or None,
        **_totals(waiting.totals),
        "unpriced": waiting.unpriced,
    }


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "copies": totals.copies,
        "money": {name: str(totals.money[name]) for name in sorted(totals.money)},
    }
