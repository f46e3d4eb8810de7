"""What a ledger says of one order, and what it is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal

from etl.identity import RecordOrigin, nothing_arrives
from etl.ledger.known_by import NOTHING, KnownBy
from etl.ledger.stored_values import is_place_key, place_of, storable, totals_of
from etl.normal_form import normal_form
from etl.problems import DataPlace
from etl.totals import Totals


class State(StrEnum):
    """Where an order stands.

        intended → posted | refused | unknown | released
        unknown  → posted | intended | held | released
        refused, released → intended
        held     → posted | released | dismissed, by a person; intended, where the reason is gone
        posted   → cancelled → released, by a person; held, where the record has changed

    `released`: certainly not in Alma, and free to be sent (again). `dismissed`: it is never to be sent.
    `rejected`: no order could be made of the record; `skipped`: none is wanted. `written`: it stands in a
    file, where a sink writes files.
    """

    INTENDED = "intended"
    POSTED = "posted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    HELD = "held"
    RELEASED = "released"
    DISMISSED = "dismissed"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    WRITTEN = "written"
    CANCELLED = "cancelled"


WAITING = (
    State.HELD, State.REJECTED, State.REFUSED, State.UNKNOWN, State.INTENDED, State.RELEASED,
)  # fmt: skip
"""Those that are not at their end."""
ERASED = "[erased]"
"""Stands where a person's identifier was."""
LIKENESS = ("record", "order", "line", "barcode")
"""Rules by which an order looks like others."""
_REOPENED = ("reopened", "uncorrected")
"""Why an order that was at its end is held anew."""
STANDING = (State.INTENDED, State.POSTED, State.UNKNOWN, State.HELD, State.CANCELLED)
"""Those that another order line may be the same as."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an order is held, dismissed or still unknown. `rule`: of `likeness`, by which it looks like
    `orders` (ids); "check" where the mapping holds it (`Order.causes` says why); "same" where a person said
    that it is one of them, or dismissed it for a reason of his own; "became" where a line without a key is
    one of them by now; "reopened" when the record of a dismissed or cancelled one has changed, "uncorrected"
    when what a person has made of it is not kept any more; or what asking Alma brought, a name among the
    phrases of that room, with `values` for it.
    """

    rule: str
    orders: tuple[int, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> Cause | None:
        if not text:
            return None
        found = json.loads(text)
        return cls(found["rule"], tuple(found["orders"]), found.get("values", {}))

    def written(self) -> str:
        values = {"values": dict(self.values)} if self.values else {}
        return json.dumps({"rule": self.rule, "orders": self.orders, **values}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class AlmaRefusal:
    """Alma's no, in its own words: the operation that was asked for, its code and its message."""

    operation: str
    code: str
    message: str

    @classmethod
    def read(cls, text: str | None) -> AlmaRefusal | None:
        return cls(**json.loads(text)) if text else None

    def written(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Verified:
    """What Alma had of a posted order when it was last looked at: is it there, its status, and the order line
    that a request has become.
    """

    there: bool
    status: str = ""
    po_line: str = ""

    @classmethod
    def read(cls, text: str | None) -> Verified | None:
        return cls(**json.loads(text)) if text else None

    def written(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Order:
    """A row of `orders`. `delivery` and `record` are what was read when it was last sent or held: the hash of
    the file, and the values as JSON; `offered_record` and `offered_user` belong to `offered_payload`.
    `another`: who has said of the record that it is another order; `passed`: that it may be sent although the
    mapping holds it.
    `causes`: the problems for which it is held or rejected, as `Problem.as_dict` gives them. `place`: where
    its first row stood; `raw`: its bytes, if no connector could read them. `mapping` and `run_date`: what it
    was made by. `payload` is "" where no document could be made.
    """

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
    known_by: KnownBy = NOTHING
    delivery: str | None = None
    record: str | None = None
    offered_record: str | None = None
    offered_user: str | None = None
    cause: Cause | None = None
    another: str | None = None
    refusal: AlmaRefusal | None = None
    verified: Verified | None = None
    causes: tuple[Mapping[str, Any], ...] = ()
    totals: Totals | None = None
    place: DataPlace | None = None
    raw: bytes | None = None
    mapping: str | None = None
    run_date: str | None = None
    passed: str | None = None
    mapped_as: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Order:
        values = {one.name: row[one.name] for one in fields(cls)}
        read = {
            "key": tuple(json.loads(row["key"])),
            "state": State(row["state"]),
            "known_by": KnownBy.read(row["known_by"]),
            "cause": Cause.read(row["cause"]),
            "refusal": AlmaRefusal.read(row["refusal"]),
            "verified": Verified.read(row["verified"]),
            "causes": tuple(json.loads(row["causes"] or "[]")),
            "totals": totals_of(row["totals"]),
            "place": place_of(row["place"]),
        }
        return cls(**values | read)

    @property
    def whole(self) -> bool:
        """Does the ledger still hold what was sent? It is taken away when it is old, and a person's
        identifier out of it.
        """
        return bool(self.payload) and ERASED not in self.payload

    @property
    def pruned(self) -> bool:
        """Was it old and finished, so that only hashes of its record are kept?"""
        return self.record is not None and self.record.startswith("{")

    @property
    def looks_like(self) -> bool:
        """Is it held only because it looks like others?"""
        return self.cause is not None and self.cause.rule in LIKENESS

    @property
    def in_doubt(self) -> bool:
        """May it be in Alma? Then a person has to look there."""
        ours = self.cause is not None and (self.looks_like or self.cause.rule in ("check", *_REOPENED))
        return self.state in (State.UNKNOWN, State.HELD) and not ours

    @property
    def dismissed(self) -> bool:
        """Has a person said that it is never to be sent?"""
        return self.state is State.DISMISSED and by_a_person(self.cause)

    @property
    def reopened(self) -> bool:
        """Was it dismissed or cancelled, and its record has changed? Or is what was decided about it not kept
        any more? Then a person decides anew.
        """
        return self.state is State.HELD and self.cause is not None and self.cause.rule in _REOPENED

    @property
    def decided(self) -> bool:
        """Has a person decided about the record as it is, and it is not at its end by that?"""
        corrected = self.replaced_hash is not None or self.passed is not None
        is_to_go = self.state in (State.RELEASED, State.REFUSED)
        return self.dismissed or self.state is State.CANCELLED or (is_to_go and corrected)

    @property
    def waits(self) -> bool:
        """Is it to be ended by a person, or by a later delivery?"""
        return self.state in WAITING or (self.state is State.POSTED and self.offered_hash is not None)

    def has_been_sent(self, payload_hash: str, user: str | None) -> bool:
        """Is it what was sent, or what a person has put it in the place of, for this user? A request is of
        one user of Alma, whom its payload does not name; None, and one that is not kept any more, is anybody.
        """
        whose = None in (user, self.user_id) or user == self.user_id
        return whose and payload_hash in (self.payload_hash, self.replaced_hash)

    @property
    def normal_key(self) -> tuple[str, ...]:
        return normal_key(self.key)

    @property
    def shown(self) -> str:
        """The key as messages write it; of a record without one, where it stood."""
        if self.keyless and self.place is not None:
            return f"record {self.place.record} of {self.place.file}"
        return " + ".join(self.key)

    @property
    def keyless(self) -> bool:
        """Is its key only the place where the record stood?"""
        return is_place_key(self.key)


FOUND_BY = (
    "vendor", "vendor_account", "reference", "additional_reference", "isbn", "title", "price", "currency",
)  # fmt: skip
"""Columns by which a person finds an order."""


@dataclass(frozen=True, slots=True)
class Intent:
    """An order about to be sent. `found_by`: values of FOUND_BY. `after`: the unknown row that was
    settled as absent. `instead_of`: the mapping's payload, which a person has corrected into this one.
    `another`: the mapping says that it is another order, whatever it looks like. `arriving`: what the line
    of the same run is known by that has a key, if one has.
    """

    target: str
    key: tuple[str, ...]
    payload: bytes
    user_id: str | None = None
    found_by: Mapping[str, str] = field(default_factory=dict)
    after: Order | None = None
    instead_of: bytes | None = None
    known_by: KnownBy = NOTHING
    origin: RecordOrigin | None = None
    another: bool = False
    arriving: Callable[[tuple[str, ...]], KnownBy | None] = nothing_arrives
    totals: Totals | None = None

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
    there with another payload, of another record; `remapped`: of the same record. `unknown`: ask Alma first.
    `busy`: a living process is at it. `held`: a person must decide; `like` too: it looks like `others`.
    `dismissed`: a person has decided that it is never sent; `cancelled`: it was sent, and cancelled since.
    `anew`: it has come as another record since the intent was made.
    """

    verdict: Literal[
        "mine", "posted", "changed", "remapped", "unknown", "busy", "held", "like", "dismissed", "cancelled",
        "anew",
    ]  # fmt: skip
    order: Order
    others: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of an order that is ours. `cause`: why it is held, or what is known while it is unknown."""

    order: Order
    state: State
    words: str = ""
    number: str | None = None
    mms_id: str | None = None
    refusal: AlmaRefusal | None = None
    cause: Cause | None = None


def by_a_person(cause: Cause | None) -> bool:
    """Was a dismissed one dismissed for good, and not because it is something else by now?"""
    return cause is None or cause.rule != "became"


CANCELLED_HERE, TAKEN_BACK = NOBODYS = (0, -1)
"""Owners of numbers that were an order's: what was cancelled from here; what a person took back."""


def cancelled_as(number: str) -> Cause:
    """The cause of a cancellation that was done: what Alma has under this number is no order any more."""
    return Cause("cancelled", values={"number": number})


def taken_back_as(number: str) -> Cause:
    """The same where only a person says so: what Alma has under this number counts as an order all the same
    if Alma shows it alive.
    """
    return Cause("taken back", values={"number": number})


def normal_key(key: tuple[str, ...]) -> tuple[str, ...]:
    """Two keys that have one normal form are one order."""
    return tuple(map(normal_form, key))


def key_text(key: tuple[str, ...]) -> str:
    """The key as the database holds it: a JSON list, so that no separator can be part of it."""
    return storable(json.dumps(key, ensure_ascii=False, separators=(",", ":")))
