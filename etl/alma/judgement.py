"""What the ledger or Alma answered for an order → its next step, what the ledger is told, and whether to
stop.
"""

from __future__ import annotations

from dataclasses import dataclass

from etl.alma import said
from etl.alma.client import Outcome
from etl.alma.passage import Passage
from etl.alma.recovery import Kind, Language
from etl.alma.settle import Finding
from etl.alma.tree import members, text
from etl.ledger.orders import Claim, Settlement, State
from etl.plugin import Receipt
from etl.problems import Refusal


@dataclass(frozen=True, slots=True)
class Ruling:
    """`settlement` is for the ledger; `stop` ends the run after what is in flight."""

    settlement: Settlement | None = None
    stop: Refusal | None = None


@dataclass(slots=True)
class Judge:
    """Rules on answers. Remembers only how many posts in a row brought no usable answer."""

    language: Language = "en"
    reserve: int = 0
    most_unknown: int = 3
    most_attempts: int = 3
    unknown_in_a_row: int = 0

    def claimed(self, passage: Passage, claim: Claim) -> None:
        """The ledger's answer to the intent."""
        key, order = passage.item.key, claim.order
        passage.order, passage.absent = order, None
        if claim.verdict == "mine":
            passage.step = "post"
        elif claim.verdict == "unknown":
            passage.step = "settle"
        elif claim.verdict == "busy":
            passage.step = "wait"
        elif claim.verdict == "posted":
            passage.end(Receipt(key, "already posted", order.number or ""))
        elif claim.verdict == "changed":
            passage.end(Receipt(key, "held", order.number or "", said.changed(key, order)))
        else:
            passage.end(Receipt(key, "held", problem=said.held(key, order.id, order.words or "")))

    def posted(self, passage: Passage, outcome: Outcome) -> Ruling:
        """Alma's answer to a POST, or none."""
        kind, verdict, key, order = (
            outcome.verdict.kind,
            outcome.verdict,
            passage.item.key,
            passage.held_order,
        )
        self.unknown_in_a_row = self.unknown_in_a_row + 1 if kind is Kind.UNKNOWN else 0
        if kind is Kind.DONE:
            return self._done(passage, outcome)
        if kind is Kind.REFUSED:
            passage.end(Receipt(key, "refused", problem=said.refused(key, verdict, self.language)))
            return Ruling(Settlement(order, State.REFUSED, verdict.said(self.language)))
        if kind is Kind.THERE:
            passage.step = "check number"
            return Ruling(Settlement(order, State.UNKNOWN, verdict.said(self.language)))
        if kind is Kind.UNKNOWN:
            passage.step = "search"
            stop = (
                said.too_many_unknown(self.unknown_in_a_row)
                if self.unknown_in_a_row >= self.most_unknown
                else None
            )
            return Ruling(Settlement(order, State.UNKNOWN, verdict.said(self.language)), stop)
        passage.end(Receipt(key, "not delivered"))
        return Ruling(
            Settlement(order, State.RELEASED, f"not sent: {verdict.said(self.language)}"),
            said.stopped(verdict, self.language),
        )

    def not_sent(self, passage: Passage) -> Ruling:
        """The run was told to stop before this order went out."""
        passage.end(Receipt(passage.item.key, "not delivered"))
        return Ruling(Settlement(passage.held_order, State.RELEASED, "not sent: the run was told to stop"))

    def settled(self, passage: Passage, finding: Finding) -> Ruling:
        """What asking Alma brought for an order left unknown by an earlier run."""
        order, key = passage.held_order, passage.item.key
        if finding.verdict == "found":
            passage.step = "new"  # the ledger compares payloads, and answers `posted` or `changed`
            return Ruling(
                Settlement(order, State.POSTED, finding.words, finding.number, finding.mms_id or None)
            )
        if finding.verdict == "absent" and order.attempts < self.most_attempts:
            passage.step, passage.absent = "new", order
            return Ruling()
        if finding.verdict == "not asked":
            return self._not_asked(passage, finding)
        words = finding.words
        if finding.verdict == "absent":
            words = f"sent {order.attempts} times without a usable answer, and still not in Alma"
        passage.end(Receipt(key, "held", problem=said.held(key, order.id, words)))
        return Ruling(Settlement(order, State.HELD, words))

    def searched(self, passage: Passage, finding: Finding, why: str) -> Ruling:
        """What asking brought right after a post without answer: only being found counts so soon."""
        if finding.verdict == "found":
            self.unknown_in_a_row = 0
            return self._found(passage, finding)
        if finding.verdict == "not asked" and finding.failure is not None:
            return self._not_asked(passage, finding)
        passage.end(Receipt(passage.item.key, "unknown", problem=said.unknown(passage.item.key, why)))
        return Ruling()

    def number_checked(self, passage: Passage, finding: Finding) -> Ruling:
        """Whose the number is that Alma says exists."""
        key, order = passage.item.key, passage.held_order
        if finding.verdict == "found":
            return self._found(passage, finding)
        if finding.verdict == "not asked":
            return self._not_asked(passage, finding)
        problem = said.number_taken(key, passage.facts.number)
        passage.end(Receipt(key, "refused", problem=problem))
        return Ruling(Settlement(order, State.REFUSED, problem.message))

    # ------------------------------------------------------------------------------------ inside

    def _done(self, passage: Passage, outcome: Outcome) -> Ruling:
        tree = outcome.tree or {}
        number = text(tree, "number") or text(tree, "request_id")
        mms_id = text(tree.get("resource_metadata"), "mms_id") or None
        alerts = [text(alert, "desc") or text(alert) for alert in members(tree, "alert")]
        note = f"alert: {alerts[0]}" if alerts and alerts[0] else ""
        passage.end(Receipt(passage.item.key, "posted", number, note=note))
        settlement = Settlement(passage.held_order, State.POSTED, "; ".join(alerts), number, mms_id)
        low = outcome.remaining is not None and outcome.remaining < self.reserve
        return Ruling(settlement, said.reserve_reached(outcome.remaining or 0, self.reserve) if low else None)

    def _found(self, passage: Passage, finding: Finding) -> Ruling:
        passage.end(Receipt(passage.item.key, "posted", finding.number))
        order = passage.held_order
        return Ruling(Settlement(order, State.POSTED, finding.words, finding.number, finding.mms_id or None))

    def _not_asked(self, passage: Passage, finding: Finding) -> Ruling:
        passage.end(
            Receipt(passage.item.key, "unknown", problem=said.unknown(passage.item.key, finding.words))
        )
        return Ruling(None, said.stopped(finding.failure, self.language) if finding.failure else None)
