"""A PO line type code → what it means for the other fields: its medium and its term.

Alma's PurchaseType table has no such columns; the derivation follows the codes' own spelling, which
institutions cannot change (they may only relabel and disable rows).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

Medium = Literal["physical", "electronic", "service", "digital"]
Term = Literal["one-time", "continuous", "standing"]

_SERVICE = ("ACCESS_SERVICE", "OTHER_SERVICES", "ARTICLE_PROCESSING_CHARGES", "LICENSE_UPGRADE", "DB_SERVICE")
_ELECTRONIC = ("E_", "ELECTRONIC_", "DB_", "REMOTE_CF_")


@dataclass(frozen=True, slots=True)
class OrderType:
    """What follows from a type code."""

    medium: Medium
    term: Term

    @property
    def renews(self) -> bool:
        """Continuous and standing orders have renewal dates."""
        return self.term != "one-time"


@cache
def order_type(code: str) -> OrderType:
    """The medium and term of a PurchaseType code; types without suffix count as one-time."""
    return OrderType(_medium(code), _term(code))


def _medium(code: str) -> Medium:
    if code.startswith(_SERVICE):  # before the electronic ones: DB_SERVICE is a service
        return "service"
    if code.startswith(_ELECTRONIC):
        return "electronic"
    return "digital" if code.startswith("DIGITAL_") else "physical"


def _term(code: str) -> Term:
    if code.endswith("_CO"):
        return "continuous"
    return "standing" if code.endswith("_SO") or code == "PRINT_SO_NONMON" else "one-time"
