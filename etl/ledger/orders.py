"""What a ledger says of one order, and what it is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal


class State(StrEnum):
    """Where an order stands.

        intended → posted | refused | unknown | released
        unknown  → posted | intended | held | released
        refused, released → intended
        held     → posted | released, by a person

    `released`: certainly not in Alma, and free to be sent (again).
    """

    INTENDED = "intended"
    POSTED = "posted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    HELD = "held"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Order:
    """A row of `orders`."""

    id: int
    institution: str
    target: str
    key: tuple[str, ...]
    state: State
    version: int
    payload_hash: str
    payload: str
    user_id: str | None
    offered_hash: str | None
    offered_payload: str | None
    number: str | None
    mms_id: str | None
    vendor: str | None
    vendor_account: str | None
    reference: str | None
    additional_reference: str | None
    isbn: str | None
    title: str | None
    price: str | None
    currency: str | None
    run: str
    attempts: int
    attempted_at: str
    created_at: str
    updated_at: str
    words: str | None
    replaced_hash: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Order:
        values = {one.name: row[one.name] for one in fields(cls)}
        return cls(**{**values, "key": tuple(json.loads(row["key"])), "state": State(row["state"])})

    @property
    def shown(self) -> str:
        """The key as messages write it."""
        return " + ".join(self.key)


FOUND_BY = (
    "vendor", "vendor_account", "reference", "additional_reference", "isbn", "title", "price", "currency",
)  # fmt: skip
"""Columns by which a person finds an order."""


@dataclass(frozen=True, slots=True)
class Intent:
    """An order about to be sent. `found_by`: values of FOUND_BY. `after`: the unknown row that was
    settled as absent. `instead_of`: the mapping's payload, which a person has corrected into this one.
    """

    target: str
    key: tuple[str, ...]
    payload: bytes
    user_id: str | None = None
    found_by: Mapping[str, str] = field(default_factory=dict)
    after: Order | None = None
    instead_of: bytes | None = None

    @property
    def payload_hash(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def replaced_hash(self) -> str | None:
        return None if self.instead_of is None else hashlib.sha256(self.instead_of).hexdigest()


@dataclass(frozen=True, slots=True)
class Claim:
    """The ledger's answer to an intent.

    `mine`: committed as intended, send it. `posted`: is there already, with this payload. `changed`: is
    there with another payload. `unknown`: ask Alma first. `busy`: a living process is at it. `held`: a
    person must decide.
    """

    verdict: Literal["mine", "posted", "changed", "unknown", "busy", "held"]
    order: Order


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of an order that is ours."""

    order: Order
    state: State
    words: str = ""
    number: str | None = None
    mms_id: str | None = None


def key_text(key: tuple[str, ...]) -> str:
    """The key as the database holds it: a JSON list, so that no separator can be part of it."""
    return json.dumps(key, ensure_ascii=False, separators=(",", ":"))
