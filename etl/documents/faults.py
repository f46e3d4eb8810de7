"""Pydantic's errors → faults with plain words, Alma's own code where it has one, and the place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from etl.documents.empties import Path
from etl.documents.outline import Node, names, node_at, outline
from etl.documents.parts import Part
from etl.documents.purchase_request import LIKELY_NAMES
from etl.documents.values import shown
from etl.plugin import Fault

# What Alma answers when a field is missing (reference: documented 400 codes of the two POSTs).
# A document type is told apart by its model's name; list positions are left out of the paths.
_ALMA_MISSING: Final[Mapping[tuple[str, ...], str]] = {
    ("PoLine", "owner"): "401664 Mandatory field is missing: owner",
    ("PoLine", "type"): "401664 Mandatory field is missing: type",
    ("PoLine", "resource_metadata"): "401664 Mandatory field is missing: title",
    ("PoLine", "resource_metadata", "title"): "401664 Mandatory field is missing: title",
    ("PurchaseRequest", "resource_metadata"): "60274 Resource metadata is required.",
    ("PurchaseRequest", "resource_metadata", "title"): "60273 Title is missing.",
    ("PurchaseRequest", "resource_metadata", "citation_type"): "60280 Purchase request citation not valid.",
    ("PurchaseRequest", "vendor_account"): "60272 Vendor account is not valid.",
    ("PurchaseRequest", "location", "quantity"): "60283 Purchase request location's quantity not valid.",
}

# Names that people write for what Alma calls otherwise, where likeness of letters would not tell.
_KNOWN_SLIPS: Final = {
    "policy": "item_policy",
    "estimated_price": "estimated_cost",
    "material_type": LIKELY_NAMES["requested_type"],
    "title_number": "vendor_title_number",
    "order_reference": "additional_order_reference",
}


def faults_of(error: ValidationError, model: type[Part]) -> Iterator[Fault]:
    """Every error of one validation as a fault, paths as in the values that were validated."""
    for entry in error.errors(include_url=False):
        yield _fault(entry, entry["loc"], model)


def missing(model: type[Part], path: Path) -> Fault:
    """The fault of a required field that is absent or came out empty (E502)."""
    plain = tuple(step for step in path if isinstance(step, str))
    refusal = _ALMA_MISSING.get((model.__name__, *plain))
    told = f"; Alma would refuse it: {refusal}" if refusal else ""
    alternatives = _alternatives(model, plain)
    return Fault(
        path,
        "E502",
        f"{shown(plain[-1])} is missing or empty{told}",
        f"give it a value{alternatives}, or decide in the mapping what happens to records without one",
        missing=True,
    )


def _alternatives(model: type[Part], plain: tuple[str, ...]) -> str:
    holder = node_at(model, plain[:-1])
    groups = holder.model.one_group_of if holder and holder.model else ()
    others = [" and ".join(group) for group in groups if plain[-1] not in group]
    return f" (or give {' or '.join(others)})" if others else ""


def _fault(entry: Mapping[str, Any], path: Path, model: type[Part]) -> Fault:
    kind: str = entry["type"]
    if kind.startswith("E"):
        return Fault(path, kind, entry["msg"], entry["ctx"]["help"])
    if kind == "missing":
        return missing(model, path)
    if kind == "extra_forbidden":
        return unknown(model, path)
    # Every leaf reports its own errors, so what pydantic says itself is about objects and lists.
    return misshapen(model, path, entry["input"])


def unknown(model: type[Part], path: Path) -> Fault:
    """The fault of a name that Alma does not have at this place (E500), with the likely right one."""
    holder = node_at(model, path[:-1])
    known = holder.by_name if holder else names(model)
    name = str(path[-1])
    inside = f" inside {shown(holder.name)}" if holder else ""
    message = f"Alma has no field {shown(name)}{inside} and would drop it without a word"
    plain = tuple(step for step in path if isinstance(step, str))
    return Fault(path, "E500", message, _suggestion(name, known, model, plain))


def _suggestion(name: str, known: Mapping[str, Node], model: type[Part], path: tuple[str, ...]) -> str:
    for node in known.values():
        if node.wrapper == name:
            singular = shown(node.name)
            return f"did you mean {singular}? Only Alma's XML has the plural, JSON and mappings have not"
    slip = _KNOWN_SLIPS.get(name)
    settable = [node.name for node in known.values() if not (node.leaf and node.leaf.output_only)]
    if slip not in settable:
        homes = _homes(name, outline(model), ()) or _homes(slip or name, outline(model), ())
        if homes:
            nearest = min(homes, key=lambda home: (home != path[:-1], -_shared(home, path), len(home)))
            where = (
                f"inside {shown('.'.join(nearest))}"
                if nearest
                else "one level up, among the document's own fields"
            )
            named = f"{shown(slip)} and " if slip and not _homes(name, outline(model), ()) else ""
            return f"it is called {named}belongs {where}" if named else f"it belongs {where}"
    close = [slip] if slip in settable else difflib.get_close_matches(name, settable, n=1, cutoff=0.7)
    if close:
        return f"did you mean {shown(close[0])}?"
    if len(settable) <= 20:
        return f"the fields here are: {', '.join(settable)}"
    return "see  etl schema  for the fields of this document"


def _homes(name: str, level: tuple[Node, ...], path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every place of a document that has a field of this name to set."""
    here = any(node.name == name and not (node.leaf and node.leaf.output_only) for node in level)
    below = [home for node in level for home in _homes(name, node.members, (*path, node.name))]
    return [path, *below] if here else below


def _shared(home: tuple[str, ...], path: tuple[str, ...]) -> int:
    return next(
        (at for at, (one, other) in enumerate(zip(home, path, strict=False)) if one != other), len(home)
    )


def misshapen(model: type[Part], path: Path, given: object) -> Fault:
    """The fault of one value where a list or an object belongs, or the other way round (E503)."""
    node = node_at(model, path)
    wants_list = node is not None and node.form == "list" and not isinstance(path[-1], int)
    message = f"{_kind_of(given)} stands where {'a list' if wants_list else 'an object'} belongs"
    if node is None:
        return Fault(path, "E503", message, "a document is a mapping of field names to values")
    if wants_list:
        return Fault(path, "E503", message, f"write a list for {shown(node.name)}, even of one item")
    if node.form == "amount":
        return Fault(path, "E503", message, f'write  {node.name}: {{sum: "129.00", currency: SEK}}')
    members = ", ".join(member.name for member in node.members)
    return Fault(path, "E503", message, f"the members of {shown(node.name)} are: {members}")


def _kind_of(value: object) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    return shown(value)
