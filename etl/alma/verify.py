"""Posted orders of the ledger, and Alma → status, alerts, and whether Alma stored what was sent.

Alma answers a POST before it has reviewed and packaged the line: its status is empty for some seconds. Such
an order is *pending* and is looked at again later. What was found is written into the ledger's history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from etl.alma.by_hand import GONE
from etl.alma.candidate import ENDED
from etl.alma.client import AlmaClient, Outcome
from etl.alma.compare import Difference, differences
from etl.alma.patience import Patience
from etl.alma.recovery import Kind, Language
from etl.alma.said import not_done
from etl.alma.tree import Tree, members, read_tree, text
from etl.ledger.ledger import Ledger
from etl.ledger.numbers import is_number
from etl.ledger.orders import Order, State, Verified

Prediction = Literal["clean", "in review", "refused"]
Predict = Callable[[str, bytes], Prediction | None]
"""(target, payload) → what would have been said before sending; None: cannot be said."""
_VERIFIED = "verified: "


@dataclass(frozen=True, slots=True)
class Checked:
    """What Alma has of one order. `tree` None: Alma does not have it any more."""

    order: Order
    status: str = ""
    alerts: tuple[str, ...] = ()
    different: tuple[Difference, ...] = ()
    po_line: str = ""
    there: bool = True
    predicted: Prediction | None = None

    @property
    def pending(self) -> bool:
        """Alma has not finished with it: look again."""
        return self.there and not self.status

    @property
    def ended(self) -> bool:
        """Somebody cancelled or rejected it in Alma."""
        return self.status in ENDED.get(self.order.target, ())

    @property
    def became(self) -> Prediction:
        """What the status says of the prediction; a line moves on from review, so look soon."""
        return "in review" if self.status == "INREVIEW" else "clean"

    @property
    def held(self) -> bool | None:
        """Did the prediction hold? None where there is none to compare (requests, pending, cancelled)."""
        if self.predicted is None or not self.status or self.ended or self.order.target != "po_line":
            return None
        return self.predicted == self.became

    @property
    def seen(self) -> Verified:
        """For the ledger."""
        return Verified(self.there, self.status, self.po_line)

    def words(self) -> str:
        """One line for the ledger's history, and for a person."""
        if not self.there:
            return f"{_VERIFIED}Alma has no {self.order.number} any more"
        parts = [f"status {self.status}"]
        parts += [f"order line {self.po_line}"] if self.po_line else []
        parts += [f"alert: {alert}" for alert in self.alerts]
        parts += [str(one) for one in self.different] or ["stored as sent"]
        return _VERIFIED + "; ".join(parts)


@dataclass(slots=True)
class Tally:
    """How often predictions held, and how many orders stand where."""

    statuses: Counter[str] = field(default_factory=Counter)
    predictions: Counter[tuple[str, str]] = field(default_factory=Counter)
    different: int = 0
    ended: int = 0
    gone: int = 0
    pending: int = 0

    def add(self, one: Checked) -> None:
        if not one.there:
            self.gone += 1
            return
        self.statuses[one.status or "not yet known"] += 1
        self.pending += one.pending
        self.different += bool(one.different)
        self.ended += one.ended
        if one.held is not None and one.predicted is not None:
            self.predictions[(one.predicted, one.became)] += 1

    @property
    def held(self) -> int:
        return sum(count for (said, became), count in self.predictions.items() if said == became)

    @property
    def predicted(self) -> int:
        return sum(self.predictions.values())


@dataclass(frozen=True, slots=True)
class Verifier:
    """Asks Alma about posted orders, one GET each."""

    client: AlmaClient
    patience: Patience
    ledger: Ledger
    predict: Predict = lambda _target, _payload: None
    language: Language = "en"

    def verify(self, orders: Sequence[Order]) -> Iterator[Checked]:
        """One answer for each order, recorded unless pending or known already; fewer when told to stop.

        Raises Refusal when Alma cannot be asked (key, quota, network); what was found until then is recorded.
        """
        for order in orders:
            checked = self._check(order)
            if checked is None:
                return
            if not checked.pending and checked.words() != order.words:
                # False: another process changed the row meanwhile; what it wrote is newer than what we read
                self.ledger.decide(order, State.POSTED, checked.words(), verified=checked.seen.written())
            yield checked

    def _check(self, order: Order) -> Checked | None:
        """None: told to stop before Alma answered."""
        predicted = self.predict(order.target, order.payload.encode()) if order.whole else None
        if not is_number(order.number or ""):  # an empty one would ask for a list
            return Checked(order, there=False, predicted=predicted)
        outcome = self._get(order)
        if outcome.done:
            return checked_of(order, outcome.tree or {}, predicted)
        error = outcome.verdict.error
        if outcome.verdict.kind is Kind.REFUSED and error is not None and error.code in GONE:
            return Checked(order, there=False, predicted=predicted)
        if self.patience.stop.is_set():
            return None
        raise not_done(outcome.verdict, self.language)

    def _get(self, order: Order) -> Outcome:
        number = order.number or ""
        if order.target == "purchase_request":
            return self.patience.read(lambda: self.client.request(number))
        return self.patience.read(lambda: self.client.line(number))


def open_to_change(order: Order) -> bool:
    """Is a posted order still to be looked at? One that was not verified yet, and a purchase request until it
    is rejected or has become an order line: people decide upon it in their own time.
    """
    seen = order.verified
    if seen is None or order.target != "purchase_request":
        return seen is None
    return seen.there and seen.status not in ENDED[order.target] and not seen.po_line


def checked_of(order: Order, stored: Tree, predicted: Prediction | None) -> Checked:
    """What a document of Alma's says of an order."""
    sent = (read_tree(order.payload.encode()) if order.whole else None) or {}
    alerts = (text(alert, "desc") or text(alert) for alert in members(stored, "alert"))
    return Checked(
        order,
        status=text(stored, "status"),
        alerts=tuple(" ".join(alert.split()) for alert in alerts if alert),
        different=tuple(differences(sent, stored)),
        po_line=text(stored, "po_line"),
        predicted=predicted,
    )
