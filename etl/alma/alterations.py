"""What was sent, what it is to become, and what Alma has now → what to change, whose work that would write
over, and the document for Alma.

A member is a field of the document, or one of `resource_metadata`; lists are one member each, for Alma
replaces them whole. What we do not change goes back to Alma as it came from there: it deletes lists that are
left out, and what a person has added is none of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from etl.alma.compare import FROM_RECORD, differences, nearest
from etl.alma.facts import amount
from etl.alma.tree import Tree, members, read_tree, text
from etl.documents.targets import PoLineTarget, PurchaseRequestTarget

_ABOUT = "resource_metadata"
_NEVER = ("discount", "license", "number", f"{_ABOUT}.mms_id")
_BEFORE_PO = (
    "vendor", "vendor_account", "acquisition_method", "po_number", "invoice_reference", "access_provider",
)  # fmt: skip
_NOT_ON_PO = ("", "INREVIEW", "DEFERRED", "AUTO_PACKAGING", "MANUAL_PACKAGING")
_UNDECIDED = ("", "INREVIEW", "DEFERRED")
"""Statuses in which a purchase request may be changed."""
_OFF = ("", "false", "0", "Null")
"""How Alma writes what is not set."""


@dataclass(frozen=True, slots=True)
class Alteration:
    """One member that is to be changed: as it was sent, as it is to be, as Alma has it; None: not there."""

    path: str
    sent: Any
    wanted: Any
    stored: Any

    @property
    def there(self) -> bool:
        """Alma shows it as wanted already."""
        return self.may_be_there and (bool(plain(self.stored)) or not plain(self.wanted))

    @property
    def may_be_there(self) -> bool:
        """The same, or Alma is not known to show such a member at all."""
        return _has(self.path, self.wanted, self.stored)

    @property
    def touched(self) -> bool:
        """Alma has neither what was sent nor what is wanted: somebody has changed it there."""
        return not self.there and not _has(self.path, self.sent, self.stored)

    def __str__(self) -> str:
        names = {name for side in (self.sent, self.wanted) for one in _rows(side) for name in one}
        rows = [{name: one[name] for name in one if name in names} for one in _rows(self.stored)]
        return f"{self.path}: {described(rows or self.stored)} → {described(self.wanted)}"


def alterations(sent: Tree, wanted: Tree, stored: Tree) -> list[Alteration]:
    """Every member in which the two payloads differ, in their order."""
    ours, theirs, there = (dict(_members(tree)) for tree in (sent, wanted, stored))
    by_record = bool(text(wanted.get(_ABOUT), "mms_id"))  # what describes the title is then the record's
    return [
        Alteration(path, ours.get(path), theirs.get(path), there.get(path))
        for path in dict.fromkeys((*theirs, *ours))
        if plain(ours.get(path)) != plain(theirs.get(path))
        and not (by_record and path.removeprefix(f"{_ABOUT}.") in FROM_RECORD)
    ]


def changed_there(sent: Tree, stored: Tree, paths: set[str]) -> list[str]:
    """What else Alma has otherwise than it was sent: it stays."""
    within = tuple(f"{path}{mark}" for path in paths for mark in (".", "["))
    others = [
        one for one in differences(sent, stored) if one.path not in paths and not one.path.startswith(within)
    ]
    return [str(one) for one in others]


def document(stored: Tree, changes: list[Alteration]) -> Tree:
    """What Alma has, with the changes in it."""
    body = deepcopy(stored)
    if "fund_distribution" in body:  # an empty one stands for none
        body["fund_distribution"] = [one for one in members(body, "fund_distribution") if plain(one)]
    for one in changes:
        inside, _, name = one.path.rpartition(".")
        where = body.setdefault(inside, {}) if inside else body
        where[name] = _replaced(name, one)
    return body


def spreads(changes: list[Alteration], stored: Tree) -> bool:
    """Must Alma spread a new total over the funds it has, for none are given?"""
    paths = {one.path for one in changes}
    funded = any(plain(one) for one in members(stored, "fund_distribution"))
    return funded and bool(paths & {"price", "location"}) and "fund_distribution" not in paths


def why_by_hand(one: Alteration, target: str, stored: Tree) -> str:
    """The phrase that says why Alma does not let it be changed from outside; "": it does."""
    status = text(stored, "status")
    if target == "purchase_request":
        return "" if status in _UNDECIDED else "by hand: decided"
    if status == "CANCELLED":
        return "by hand: cancelled"
    if one.path in _NEVER:
        return "by hand: never"
    if one.path in _BEFORE_PO and status not in _NOT_ON_PO:
        return "by hand: on a PO"
    if one.path == "price" and status == "CLOSED":
        return "by hand: closed"
    return _places(one) if one.path == "location" else ""


def plain(value: Any) -> Any:
    """A member without what Alma adds to it, and without the form it came in: codes and switches as text,
    sums as numbers, nothing that is empty.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return [found for one in value if (found := plain(one))]
    if not isinstance(value, dict):
        return "" if value is None else str(value).strip()
    if not set(value) - {"value", "desc", "link"}:
        return plain(value.get("value"))
    inner = {name: plain(one) for name, one in value.items() if name not in ("desc", "link")}
    return {name: amount(one) if name == "sum" else one for name, one in inner.items() if one}


def described(value: Any) -> str:
    """A member, for a person."""
    return _shown(plain(value)) or "-"


def payload_tree(payload: str, target: str) -> Tree:
    """A payload in the form of Alma's JSON, whichever it is written in; of one that is no document any more,
    what can be read.
    """
    kind = {"po_line": PoLineTarget, "purchase_request": PurchaseRequestTarget}[target]()
    found = kind.parse(payload.encode())
    written = payload.encode() if isinstance(found, list) else kind.payload(found, "json")
    return read_tree(written) or {}


# --------------------------------------------------------------------------------------------- inside


def _members(tree: Tree) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if name == _ABOUT and isinstance(value, dict):
            yield from ((f"{_ABOUT}.{inner}", one) for inner, one in value.items())
        elif name != "link":
            yield name, value


def _has(path: str, value: Any, stored: Any) -> bool:
    """Does Alma have this, and, of a list, nothing else?"""
    if not plain(value) or plain(value) == "false":
        return not plain(stored) or plain(stored) in _OFF
    name = path.rpartition(".")[2]
    if isinstance(value, list) and len(members({name: plain(stored)}, name)) != len(value):
        return False
    return not differences({name: value}, {name: stored})


def _rows(value: Any) -> list[Tree]:
    """The members of a list of objects."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _replaced(name: str, one: Alteration) -> Any:
    if one.wanted is None:
        return _nothing(one.stored)
    if not isinstance(one.wanted, list):
        return one.wanted
    left = list(members({name: one.stored}, name))
    return [_laid_over(name, member, left) for member in one.wanted]


def _laid_over(name: str, member: Any, left: list[Any]) -> Any:
    """A member of a list over the one that Alma has of it, which keeps its copies and their numbers."""
    found = nearest(name, member, left) if isinstance(member, dict) else None
    if found is None:
        return member
    left.remove(found)
    merged = {**found, **member}
    if "copy" in found:
        merged["copy"] = _copies(member, members(found, "copy"))
    return merged


def _copies(member: Mapping[str, Any], stored: list[Any]) -> list[Any]:
    """As many as are wanted, of those that nothing is said of the ones that have come first."""
    left = sorted(stored, key=lambda copy: not text(copy, "receive_date"))
    found: list[Any] = []
    for one in members(member, "copy"):
        here = nearest("copy", one, left)
        found.append({**here, **one} if here is not None else one)
        left = [copy for copy in left if copy is not here]
    return found + left[: max(0, _quantity(member, len(stored)) - len(found))]


def _quantity(place: Mapping[str, Any], otherwise: int) -> int:
    said = text(place, "quantity")
    return int(said) if said.isdecimal() else otherwise


def _places(one: Alteration) -> str:
    stored = members({"location": one.stored}, "location")
    copies = [copy for place in stored for copy in members(place, "copy")]
    if any(text(copy, "is_temp_location") == "true" for copy in copies):
        return "by hand: temporary location"  # Alma would leave all locations as they are, without a word
    kept = [copy for place in _replaced("location", one) for copy in members(place, "copy")]
    received = [text(copy, "pid") for copy in copies if text(copy, "receive_date")]
    return "by hand: received" if set(received) - {text(copy, "pid") for copy in kept} else ""


def _nothing(stored: Any) -> Any:
    """What Alma is sent to delete a member, in the form it has there."""
    if isinstance(stored, list):
        return []
    if isinstance(stored, bool):
        return False
    if isinstance(stored, dict):
        return {"value": ""} if "value" in stored else {}
    return ""


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(_shown, value))
    return " ".join(map(_shown, value.values())) if isinstance(value, dict) else value
