"""A posted order, and what it is to become → asked of Alma, at most once, and written down before and after.

Alma is read first: what somebody has changed there since is never written over without being named. Without
a usable answer the change is *unknown*: Alma is asked what it shows before anything else is sent for the
order. That it does not show it counts only `wait` seconds, by its own clock, after it was first asked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from etl.alma import said
from etl.alma.alterations import (
    Alteration,
    alterations,
    changed_there,
    document,
    payload_tree,
    spreads,
    why_by_hand,
)
from etl.alma.by_hand import stored_document
from etl.alma.candidate import ENDED
from etl.alma.client import Outcome
from etl.alma.deliver import Delivery
from etl.alma.facts import facts_of_payload
from etl.alma.ordered import ordered
from etl.alma.passage import found_by, known_by
from etl.alma.phrases import words
from etl.alma.recovery import Kind
from etl.alma.settle import FIRST_ASKED
from etl.alma.tree import Tree, text
from etl.identity import Identity
from etl.ledger.changes import AskedChange, Changes
from etl.ledger.decisions import overtaken
from etl.ledger.known_by import NOTHING
from etl.ledger.orders import AlmaRefusal, Cause, Order, cancelled_as
from etl.problems import Problem, Refusal


class _OvertakenError(Exception):
    """Another process has asked Alma what became of it, and goes on with the order."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be asked, and what Alma has (None: nothing). `payload`: what it becomes, None: cancelled.
    `problem`: why it is not asked; `by_hand`: Alma does not let it be done from outside. `query`: of a
    cancellation.
    """

    order: Order
    stored: Tree | None
    payload: str | None
    changes: list[Alteration] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)
    problem: Problem | None = None
    by_hand: bool = False
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def to_do(self) -> list[Alteration]:
        return [one for one in self.changes if not one.there]

    @property
    def done(self) -> bool:
        """Is there nothing to ask for, for Alma has it so already?"""
        if self.payload is None:
            return _ended(self.order, self.stored)
        return not self.to_do

    @property
    def what(self) -> str:
        """For the ledger and for a person."""
        told = [f"{name}={one}" for name, one in self.query.items()]
        return "; ".join(map(str, self.to_do or self.changes)) or " ".join(told)


class Changer:
    """Asks Alma of one delivery, for the person `who`. `order` must be posted: E815 otherwise."""

    def __init__(self, delivery: Delivery, who: str) -> None:
        self._client, self._patience = delivery.client, delivery.patience
        self._inquiry, self._run, self._who = delivery.inquiry, delivery.ledger.run, who
        self._ledger = delivery.ledger

    # ------------------------------------------------------------------------------ beforehand

    def settled(self, order: Order) -> Problem | None:
        """What became of an earlier change whose outcome nobody has written down; afterwards the order is to
        be read anew. None: it is known; else why not yet.

        Raises Refusal: E805 a living process is at it, E830–E832 Alma cannot be asked.
        """
        changes = self._changes(order)
        change = changes.open(order)
        if change is None:
            return None
        if changes.busy(change):
            raise Refusal(said.change_busy(order, self._language))
        return self._settle(order, change, last=False)

    def proposed(self, order: Order, payload: str, over: Collection[str] = ()) -> Proposal:
        """The change to `payload`. `over`: members that may be written over, whoever changed them.

        Raises Refusal (E830–E832) when Alma cannot be asked.
        """
        stored = self._stored(order)
        if stored is None:
            gone = said.change_by_hand(order, "change", self._words("by hand: gone"), self._language)
            return Proposal(order, None, payload, problem=gone, by_hand=True)
        sent, wanted = (payload_tree(one, order.target) for one in (order.payload, payload))
        found = alterations(sent, wanted, stored)
        stays = changed_there(sent, stored, {one.path for one in found})
        whole = Proposal(order, stored, payload, found, stays)
        reasons = [f"{one} ({self._words(why)})" for one in whole.to_do
                   if (why := why_by_hand(one, order.target, stored))]  # fmt: skip
        if payload == order.offered_payload and order.offered_user not in (None, order.user_id):
            reasons.append(self._words("by hand: user", user=order.offered_user))
        if reasons:
            problem = said.change_by_hand(order, "change", "; ".join(reasons), self._language)
            return replace(whole, problem=problem, by_hand=True)
        theirs = [str(one) for one in whole.to_do if one.touched and one.path not in over]
        if theirs:
            return replace(whole, problem=said.changed_in_alma(order, "; ".join(theirs), self._language))
        return whole

    def cancellation(self, order: Order, query: Mapping[str, str]) -> Proposal:
        """The cancellation, with what Alma is told of it. Raises Refusal (E830–E832)."""
        stored = self._stored(order)
        whole = Proposal(order, stored, None, query=query)
        if whole.done:
            return whole
        status = text(stored, "status")
        decided = order.target == "purchase_request" and (status == "APPROVED" or text(stored, "po_line"))
        why = "by hand: decided" if decided else "by hand: closed" if status == "CLOSED" else ""
        if not why:
            return whole
        problem = said.change_by_hand(order, "cancel", self._words(why), self._language)
        return replace(whole, problem=problem, by_hand=True)

    # --------------------------------------------------------------------------------- asking

    def carry_out(self, proposal: Proposal) -> Problem | None:
        """Ask Alma; None: it is done, or was so already. What is to be done by hand is only written down.

        Raises Refusal: E817 the order is no longer as it was seen, E830–E833 nothing was sent.
        """
        if proposal.problem is not None and not proposal.by_hand:
            return proposal.problem
        order, problem = proposal.order, proposal.problem
        kind: Literal["change", "cancel"] = "change" if proposal.payload is not None else "cancel"
        asked = "has it already" if proposal.done else f"asked to {kind}"
        said_so = problem.message if problem else self._words(asked, number=order.number, what=proposal.what)
        change = self._changes(order).begin(
            order,
            kind,
            self._who,
            json.dumps(proposal.stored or {}, ensure_ascii=False),
            proposal.payload,
            f"{self._who}: {said_so}",
            by_hand=proposal.by_hand,
        )
        if change is None:
            raise overtaken(order)
        if problem is not None:
            return problem
        if proposal.done:
            self._done(order, change, proposal)
            return None
        try:
            outcome = self._patience.write(lambda: self._call(proposal, change))
        except _OvertakenError:
            raise overtaken(order) from None
        return self._judged(proposal, change, outcome)

    def _call(self, proposal: Proposal, change: AskedChange) -> Outcome:
        """One attempt. The pause before it may have been longer than others wait for a sign of life."""
        order = proposal.order
        if self._run.stale:
            self._run.beat()
            if not self._changes(order).still_open(change):
                raise _OvertakenError
        number, stored = order.number or "", proposal.stored or {}
        if proposal.payload is None:
            if order.target == "purchase_request":
                return self._client.cancel(order.user_id or "", number)
            return self._client.cancel_line(number, proposal.query)
        body = json.dumps(document(stored, proposal.to_do), ensure_ascii=False).encode()
        if order.target == "purchase_request":
            return self._client.change_request(number, body)
        return self._client.change_line(number, body, redistribute=spreads(proposal.to_do, stored))

    def _judged(self, proposal: Proposal, change: AskedChange, outcome: Outcome) -> Problem | None:
        order, verdict = proposal.order, outcome.verdict
        if verdict.kind in (Kind.DONE, Kind.THERE):
            left = [one for one in _asked_for(order, change, outcome.tree) if not one.may_be_there]
            if left:
                why = f"{'; '.join(map(str, left))} ({self._words('by hand: not taken')})"
                problem = said.change_by_hand(order, "change", why, self._language)
                self._changes(order).end(change, "by hand", problem.message)
                return problem
            self._done(order, change, proposal)
            return None
        if verdict.kind is Kind.UNKNOWN:
            return self._settle(order, change, last=True, why=verdict.said(self._language))
        refused = verdict.kind is Kind.REFUSED
        no, error = None, verdict.error
        if refused and error is not None:
            no = AlmaRefusal(verdict.operation or "", error.code, error.message)
        why = verdict.said(self._language)
        self._changes(order).end(
            change, "refused", why if refused else self._words("not sent", why=why), refusal=no
        )
        refusal = said.not_done(verdict, self._language)
        if not refused:
            raise refusal
        return refusal.problems[0]

    def _done(self, order: Order, change: AskedChange, proposal: Proposal | None) -> None:
        """`proposal` None: it was asked for earlier, and Alma shows it."""
        name = "cancelled" if change.kind == "cancel" else "changed as asked"
        what = self._words(name, what=proposal.what) if proposal else self._words("shown by Alma")
        facts = facts_of_payload((change.after or "").encode())
        names = {} if change.after is None else found_by(facts)
        called = NOTHING if change.after is None else known_by(Identity(), facts)
        cause = cancelled_as(order.number or "") if change.kind == "cancel" else None
        worth = ordered(order.target, change.after)
        done = self._changes(order).end(
            change, "done", f"{self._who}: {what}", None, cause, names, called, worth
        )
        if done is None:
            raise overtaken(order)

    # ------------------------------------------------------------------- what became of a change

    def _settle(self, order: Order, change: AskedChange, *, last: bool, why: str = "") -> Problem | None:
        """Does Alma show it? `last`: it has just been asked for, so that nothing else counts yet."""
        now, wait = self._client.clock.now(), self._inquiry.wait
        cause = change.cause
        since = cause.values["at"] if cause is not None and cause.rule == FIRST_ASKED else None
        left = wait if now is None or since is None else wait - max(0.0, now - since)
        try:
            shown = self._shows(order, change)
            if not shown and not last and 0 < left <= self._inquiry.patient:
                left = left if self._inquiry.stop.wait(left) else 0.0
                shown = self._shows(order, change)
        except Refusal as cannot:
            if not last:
                raise
            why, shown = f"{why}; {cannot.problems[0].message}", False
        if shown:
            self._done(order, change, None)
            return None
        if not last and left <= 0:
            seconds = self._words("not shown by Alma", seconds=round(wait))
            self._changes(order).end(change, "refused", seconds, cause=Cause("not shown by Alma"))
            return None
        if since is None and now is not None:
            cause = Cause(FIRST_ASKED, values={"at": now + 1})  # a `Date` may be a second behind
        why = why or self._words("not shown yet", seconds=round(wait))
        problem = said.change_unknown(order, why, self._language)
        self._changes(order).end(change, "unknown", problem.message, cause=cause)
        return problem

    def _shows(self, order: Order, change: AskedChange) -> bool:
        stored = self._stored(order)
        if change.kind == "cancel":
            return _ended(order, stored)
        found = _asked_for(order, change, stored)
        whole = stored is not None and all(one.may_be_there for one in found)
        return whole and (any(one.there for one in found) or not found)

    # ---------------------------------------------------------------------------------- inside

    @property
    def _language(self) -> Literal["en", "sv"]:
        return self._inquiry.language

    def _words(self, name: str, **values: object) -> str:
        return words(name, self._language, **values)

    def _changes(self, order: Order) -> Changes:
        return Changes(self._ledger, order.institution)

    def _stored(self, order: Order) -> Tree | None:
        return stored_document(self._inquiry, order, order.number or "", self._language)


def _ended(order: Order, stored: Tree | None) -> bool:
    return stored is None or text(stored, "status") in ENDED[order.target]


def _asked_for(order: Order, change: AskedChange, stored: Tree | None) -> list[Alteration]:
    """What was to be changed, beside what Alma has now."""
    if change.after is None:
        return []
    sent, wanted = (payload_tree(one, order.target) for one in (order.payload, change.after))
    return alterations(sent, wanted, stored or {})
