"""One order's way through delivery: what is to be done next, and what came of it.

new ─claim─► (look ─► already there, held, or) post ─► done · refused · not delivered
 ▲            └─► unknown ─search─► posted, or unknown until the next run
 │
 ├─claim: unknown─► settle ─► found or absent: new again · unsure: held
 └─claim: busy ───► wait for the other process ─► new again
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from etl.alma.facts import Facts, facts_of_payload
from etl.ledger.known_by import KnownBy, folded
from etl.ledger.orders import FOUND_BY, Intent, Order
from etl.plugin import Identity, Item, Receipt

Step = Literal["new", "look", "post", "settle", "search", "check number", "wait", "done"]


@dataclass(slots=True)
class Passage:
    """An item, where it stands, and its receipt once it is done. `absent`: the unknown row settled as
    absent.
    """

    item: Item
    facts: Facts
    step: Step = "new"
    order: Order | None = None
    absent: Order | None = None
    receipt: Receipt | None = None
    lane: tuple[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.lane = (self.facts.vendor, self.facts.vendor_account)

    @classmethod
    def of(cls, item: Item) -> Passage:
        return cls(item, facts_of_payload(item.payload))

    def intent(self) -> Intent:
        """What the ledger is told before anything is sent."""
        return Intent(
            self.item.target,
            self.item.key,
            self.item.payload,
            self.item.user,
            found_by(self.facts),
            self.absent,
            self.item.instead_of,
            known_by(self.item.identity, self.facts),
            self.item.origin,
            self.item.identity.another,
            self._arriving,
            self.item.totals,
        )

    def _arriving(self, key: tuple[str, ...]) -> KnownBy | None:
        """What the line of the same run with this key is known by."""
        other = self.item.arriving(key)
        return None if other is None else known_by(other.identity, facts_of_payload(other.payload))

    def end(self, receipt: Receipt) -> None:
        """There is nothing more to do."""
        self.step, self.receipt = "done", receipt

    @property
    def held_order(self) -> Order:
        """The row of the ledger, once there is one."""
        if self.order is None:
            raise RuntimeError(f"{self.item.key} is not in the ledger yet")
        return self.order


def found_by(facts: Facts) -> dict[str, str]:
    """By which columns of the ledger a person finds what has this payload."""
    return {name: getattr(facts, name) for name in FOUND_BY}


def known_by(identity: Identity, facts: Facts) -> KnownBy:
    """What the record says, and the payload: by that alone it is known where the record says nothing, as all
    orders are that were sent before records were asked. A reference is the order's number or the line's: the
    first of two is the line's, and one alone may be either.
    """
    references = tuple(filter(None, (facts.reference, facts.additional_reference)))
    whole = set(map(folded, (identity.order,) if identity.order else references[1:]))
    line = f"{identity.order} {identity.line}" if identity.order and identity.line else ""
    return KnownBy.of(
        vendors=(facts.vendor, identity.vendor),
        orders=(identity.order,) if identity.order else references,
        lines=(line, *(one for one in references[:1] if folded(one) not in whole)),
        numbers=(*identity.titles, facts.isbn, facts.issn, facts.title_number),
        title=facts.title,
        barcodes=(*identity.barcodes, *facts.barcodes),
    )
