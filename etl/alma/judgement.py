"""What the ledger or Alma answered for an order → its next step, what the ledger is told, and whether to
stop.
"""

from __future__ import annotations

from dataclasses import dataclass

from etl.alma import phrases, said
from etl.alma.client import Outcome
from etl.alma.passage import Passage
from etl.alma.recovery import Kind, Language
from etl.alma.settle import Finding
from etl.alma.tree import members, text
from etl.ledger.orders import AlmaRefusal, Cause, Claim, Settlement, State
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
    most_unknown: int = 3
    most_attempts: int = 3
    look_first: bool = False
    unknown_in_a_row: int = 0

    def claimed(self, passage: Passage, claim: Claim) -> None:
        """The ledger's answer to the intent."""
        key, order = passage.item.key, claim.order
        looked_for = passage.absent is not None
        passage.order, passage.absent = order, None
        if claim.verdict == "mine":  # what only waited when a ledger was copied may have been posted since
            passage.step = "look" if self.look_first and not looked_for else "post"
        elif claim.verdict == "unknown":
            passage.step = "settle"
        elif claim.verdict == "busy":
            passage.step = "wait"
        elif claim.verdict == "posted":
            passage.end(Receipt(key, "already posted", order.number or ""))
        elif claim.verdict == "remapped":
            note = self._words("remapped")
            passage.end(Receipt(key, "already posted", order.number or "", note=note))
        elif claim.verdict == "dismissed":
            passage.end(Receipt(key, "dismissed", order.number or ""))
        elif claim.verdict == "cancelled":
            passage.end(Receipt(key, "dismissed", order.number or "", note=self._words("cancelled")))
        elif claim.verdict == "like":
            passage.end(Receipt(key, "held", problem=said.like(key, order, claim.others, self.language)))
        elif claim.verdict == "anew":
            passage.end(Receipt(key, "not delivered", problem=said.come_anew(key, order, self.language)))
        elif claim.verdict == "changed":
            problem = said.changed(key, order, passage.item.user, self.language)
            passage.end(Receipt(key, "held", order.number or "", problem))
        else:
            why = said.why(order, self.language)
            passage.end(Receipt(key, "held", problem=said.held(key, order.id, why, self.language)))

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
            error = verdict.error
            no = AlmaRefusal(verdict.operation or "", error.code, error.message) if error else None
            return Ruling(Settlement(order, State.REFUSED, verdict.said(self.language), refusal=no))
        if kind is Kind.THERE:
            passage.step = "check number"
            return Ruling(Settlement(order, State.UNKNOWN, verdict.said(self.language)))
        if kind is Kind.UNKNOWN:
            passage.step = "search"
            stop = (
                said.too_many_unknown(self.unknown_in_a_row, self.language)
                if self.unknown_in_a_row >= self.most_unknown
                else None
            )
            return Ruling(Settlement(order, State.UNKNOWN, verdict.said(self.language)), stop)
        passage.end(Receipt(key, "not delivered"))
        return Ruling(
            Settlement(order, State.RELEASED, self._words("not sent", why=verdict.said(self.language))),
            said.stopped(verdict, self.language),
        )

    def not_sent(self, passage: Passage) -> Ruling:
        """The run was told to stop before this order went out."""
        passage.end(Receipt(passage.item.key, "not delivered"))
        return Ruling(Settlement(passage.held_order, State.RELEASED, self._words("not sent, told to stop")))

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
        if finding.verdict == "early":
            return self._early(passage, finding, finding.words)
        words, cause = finding.words, finding.cause
        if finding.verdict == "absent":
            cause = Cause("still absent", values={"attempts": order.attempts})
            words = self._words(cause.rule, **cause.values)
        passage.end(Receipt(key, "held", problem=said.held(key, order.id, words, self.language)))
        return Ruling(Settlement(order, State.HELD, words, cause=cause))

    def looked(self, passage: Passage, finding: Finding) -> Ruling:
        """What is in Alma of an order that the ledger has never met."""
        order, key = passage.held_order, passage.item.key
        if finding.verdict == "absent":
            passage.step = "post"
            return Ruling()
        if finding.verdict == "found":
            passage.end(Receipt(key, "already posted", finding.number))
            words = self._words("found before", found=finding.words)
            return Ruling(Settlement(order, State.POSTED, words, finding.number, finding.mms_id or None))
        if finding.verdict == "unsure":
            passage.end(Receipt(key, "held", problem=said.held(key, order.id, finding.words, self.language)))
            return Ruling(Settlement(order, State.HELD, finding.words, cause=finding.cause))
        passage.end(Receipt(key, "not delivered"))
        stop = said.stopped(finding.failure, self.language) if finding.failure else None
        return Ruling(Settlement(order, State.RELEASED, self._words("not sent", why=finding.words)), stop)

    def searched(self, passage: Passage, finding: Finding, why: str) -> Ruling:
        """What asking brought right after a post without answer: only being found counts so soon."""
        if finding.verdict == "found":
            self.unknown_in_a_row = 0
            return self._found(passage, finding)
        if finding.verdict == "not asked" and finding.failure is not None:
            return self._not_asked(passage, finding)
        return self._early(passage, finding, why)

    def number_checked(self, passage: Passage, finding: Finding) -> Ruling:
        """Whose the number is that Alma says exists."""
        key, order = passage.item.key, passage.held_order
        if finding.verdict == "found":
            return self._found(passage, finding)
        if finding.verdict == "not asked":
            return self._not_asked(passage, finding)
        problem = said.number_taken(key, passage.facts.number, self.language)
        passage.end(Receipt(key, "refused", problem=problem))
        return Ruling(Settlement(order, State.REFUSED, problem.message))

    # ------------------------------------------------------------------------------------ inside

    def _words(self, name: str, **values: object) -> str:
        """What the ledger remembers, in the language of the run."""
        return phrases.words(name, self.language, **values)

    def _done(self, passage: Passage, outcome: Outcome) -> Ruling:
        tree = outcome.tree or {}
        number = text(tree, "number") or text(tree, "request_id")
        mms_id = text(tree.get("resource_metadata"), "mms_id") or None
        alerts = [text(alert, "desc") or text(alert) for alert in members(tree, "alert")]
        note = f"alert: {alerts[0]}" if alerts and alerts[0] else ""
        passage.end(Receipt(passage.item.key, "posted", number, note=note))
        return Ruling(Settlement(passage.held_order, State.POSTED, "; ".join(alerts), number, mms_id))

    def _found(self, passage: Passage, finding: Finding) -> Ruling:
        passage.end(Receipt(passage.item.key, "posted", finding.number))
        order = passage.held_order
        return Ruling(Settlement(order, State.POSTED, finding.words, finding.number, finding.mms_id or None))

    def _early(self, passage: Passage, finding: Finding, why: str) -> Ruling:
        """Not found yet: since when it has been looked for is written down, if it is known."""
        key, order = passage.item.key, passage.held_order
        passage.end(Receipt(key, "unknown", problem=said.unknown(key, why, self.language)))
        if finding.cause is None or finding.cause == order.cause:
            return Ruling()
        return Ruling(Settlement(order, State.UNKNOWN, order.words or "", cause=finding.cause))

    def _not_asked(self, passage: Passage, finding: Finding) -> Ruling:
        passage.end(
            Receipt(
                passage.item.key,
                "unknown",
                problem=said.unknown(passage.item.key, finding.words, self.language),
            )
        )
        return Ruling(None, said.stopped(finding.failure, self.language) if finding.failure else None)
