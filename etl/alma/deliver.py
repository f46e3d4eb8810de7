"""Items → receipts, through ledger and Alma: at most once each, in input order for each vendor account.

This thread alone talks to the ledger about intents and outcomes; workers talk to Alma. A round is: take
items, commit what has been answered together with what is to be sent next, hand out the work, wait for an
answer. What is in flight when the run is told to stop is waited for and written down.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

from etl.alma import phrases, said
from etl.alma.client import AlmaClient, Outcome
from etl.alma.judgement import Judge, Ruling
from etl.alma.passage import Passage
from etl.alma.patience import Patience
from etl.alma.recovery import Kind
from etl.alma.settle import Finding, Inquiry
from etl.ledger.ledger import Ledger
from etl.ledger.orders import Order, Settlement
from etl.plugin import Item, Receipt
from etl.problems import Refusal, at_the_end

_OTHERS_POLL, _OTHERS_LONGEST = 0.2, 120.0
"""Seconds between looks at an order that another process is sending, and in all."""

Answer = Outcome | Finding | bool | None
"""Of a post; of asking; whether the other process is done; None: not sent, the run was told to stop."""


class _OvertakenError(Exception):
    """Another process has taken the order over."""


@dataclass(slots=True)
class Delivery:
    """One delivery. `stop` may be set from a signal handler; `concurrency` posts at a time, one per vendor
    account.
    """

    client: AlmaClient
    ledger: Ledger
    inquiry: Inquiry
    patience: Patience
    judge: Judge
    stop: threading.Event
    concurrency: int = 1
    passages: deque[Passage] = field(default_factory=deque)
    running: dict[Future[Answer], Passage] = field(default_factory=dict)
    answered: SimpleQueue[Future[Answer]] = field(default_factory=SimpleQueue)
    settlements: list[tuple[Passage, Settlement]] = field(default_factory=list)
    reason: Refusal | None = None

    def deliver(self, items: Iterator[Item]) -> Iterator[Receipt]:
        """One receipt for every item taken, in order. Ends with the Refusal that stopped it, or
        KeyboardInterrupt.
        """
        self._mind_the_budget()
        with (
            ThreadPoolExecutor(self.concurrency, thread_name_prefix="alma") as pool,
            at_the_end(self._wind_up, self.ledger.run.notices),
        ):
            exhausted = False
            while True:
                if not exhausted and not self.stopping:
                    exhausted = self._take(items)
                self._round(pool)
                yield from self._receipts()
                if not self.passages and (exhausted or self.stopping):
                    break
                if self.running:
                    self._gather()
        if self.reason is not None:
            raise self.reason
        if self.stop.is_set():
            raise KeyboardInterrupt

    @property
    def stopping(self) -> bool:
        return self.stop.is_set() or self.reason is not None

    # ------------------------------------------------------------------------------------ a round

    def _take(self, items: Iterator[Item]) -> bool:
        """Look a little ahead, so that a slow vendor account does not keep the others waiting."""
        room = 1 if self.concurrency == 1 else 4 * self.concurrency
        while sum(1 for one in self.passages if one.step != "done") < room:
            item = next(items, None)
            if item is None:
                return True
            self.passages.append(Passage.of(item))
        return False

    def _round(self, pool: ThreadPoolExecutor) -> None:
        """Commit outcomes and new intents; hand out work until there is nothing more to hand out."""
        while True:
            starting = [] if self.stopping else self._startable()
            if not starting and not self.settlements:
                break
            settling, self.settlements = self.settlements, []
            try:
                noted, claims = self.ledger.advance(
                    [settlement for _, settlement in settling], [passage.intent() for passage in starting]
                )
            except Refusal as refusal:
                self._not_noted(settling, refusal)
                break
            for (passage, settlement), order in zip(settling, noted, strict=True):
                self._noted(passage, settlement, order)
            for passage, claim in zip(starting, claims, strict=True):
                self.judge.claimed(passage, claim)
            self._hand_out(pool)
        self._hand_out(pool)
        if self.stopping:
            for passage in self.passages:
                if passage.step == "new":
                    passage.end(Receipt(passage.item.key, "not delivered"))

    def _startable(self) -> list[Passage]:
        """New passages whose vendor account is free, in input order, as many as there are workers."""
        free = self.concurrency - sum(1 for one in self.passages if one.step not in ("new", "done"))
        found: list[Passage] = []
        lanes: set[tuple[str, str]] = set()
        for passage in self.passages:
            if len(found) >= free:
                break
            if passage.step == "new" and passage.lane not in lanes:
                found.append(passage)
            if passage.step != "done":
                lanes.add(passage.lane)
        return found

    def _hand_out(self, pool: ThreadPoolExecutor) -> None:
        busy = {id(passage) for passage in self.running.values()}
        for passage in self.passages:
            if passage.step not in ("new", "done") and id(passage) not in busy:
                future = pool.submit(self._job(passage))
                self.running[future] = passage
                future.add_done_callback(self.answered.put)

    def _receipts(self) -> Iterator[Receipt]:
        waiting = {id(passage) for passage, _ in self.settlements}
        while self.passages and self.passages[0].receipt is not None and id(self.passages[0]) not in waiting:
            receipt = self.passages.popleft().receipt
            if receipt is not None:
                yield receipt

    def _gather(self) -> None:
        """Wait for an answer and rule on it, and on those that came meanwhile: they share a commit.

        Never on all at once: while some are written down, others are to be under way.
        """
        done = [self.answered.get()]
        while len(done) < self.concurrency // 2 and not self.answered.empty():
            done.append(self.answered.get())
        for future in done:
            passage = self.running.pop(future)
            ruling = self._ruling(passage, future)
            if ruling.settlement is not None:
                self.settlements.append((passage, ruling.settlement))
            self.reason = self.reason or ruling.stop
        self._mind_the_budget()

    def _ruling(self, passage: Passage, future: Future[Answer]) -> Ruling:
        """On an answer. Where the ledger failed a worker, that was before a call: nothing went out by it."""
        try:
            return self._rule(passage, future.result())
        except Refusal as refusal:
            self.reason = refusal
            if passage.step == "post":
                return self.judge.not_sent(passage)
            passage.end(Receipt(passage.item.key, "unknown"))
            return Ruling()

    def _mind_the_budget(self) -> None:
        budget = self.patience.budget
        if budget.spent and self.reason is None:
            self.reason = said.reserve_reached(budget.left or 0, budget.reserve, self.judge.language)

    def _noted(self, passage: Passage, settlement: Settlement, order: Order | None) -> None:
        """The ledger has (or has not) taken an outcome."""
        if order is not None:
            passage.order = order
            return
        problem = said.overtaken_after(passage.item.key, settlement, self.judge.language)
        passage.end(Receipt(passage.item.key, "unknown", problem=problem))

    def _not_noted(self, settling: list[tuple[Passage, Settlement]], refusal: Refusal) -> None:
        """The ledger takes nothing more: no order is sent after this. What was sent is *unknown*, for only
        Alma knows of it; the next run asks there.
        """
        self.reason = refusal
        for passage, _ in settling:
            if passage.receipt is None or passage.receipt.outcome == "posted":
                passage.end(Receipt(passage.item.key, "unknown"))

    def _wind_up(self) -> None:
        """Whatever ends the delivery: wait for what is in flight and write it down."""
        self.stop.set() if self.running else None
        while self.running:
            self._gather()
        if self.settlements:
            settlements, self.settlements = self.settlements, []
            self.ledger.advance([settlement for _, settlement in settlements], [])

    # ---------------------------------------------------------------------------- work and answers

    def _job(self, passage: Passage) -> Callable[[], Answer]:
        order = passage.held_order
        if passage.step == "post":
            return lambda: self._post(order)
        if passage.step == "look":
            return lambda: self.inquiry.look(order)
        if passage.step == "settle":
            return lambda: self.inquiry.settle(order)
        if passage.step == "search":
            return lambda: self._search(order)
        if passage.step == "check number":
            return lambda: self.inquiry.by_number(passage.facts.number, order)
        return lambda: self._others_done(order)

    def _rule(self, passage: Passage, answer: Answer) -> Ruling:
        if isinstance(answer, Outcome):
            return self.judge.posted(passage, answer)
        if isinstance(answer, Finding):
            if passage.step == "look":
                return self.judge.looked(passage, answer)
            if passage.step == "settle":
                return self.judge.settled(passage, answer)
            if passage.step == "search":
                return self.judge.searched(
                    passage,
                    answer,
                    passage.held_order.words or phrases.words("no answer", self.judge.language),
                )
            return self.judge.number_checked(passage, answer)
        if answer is None:
            return self.judge.not_sent(passage)
        if answer:
            passage.step = "new"
            return Ruling()
        problem = said.overtaken_by(passage.item.key, passage.held_order.run, self.judge.language)
        passage.end(Receipt(passage.item.key, "unknown", problem=problem))
        return Ruling()

    def _post(self, order: Order) -> Outcome | bool | None:
        """Send what the ledger says is to be sent: a person may have corrected what the mapping made."""
        if self.stopping:
            return None
        try:
            outcome = self.patience.write(lambda: self._call(order))
        except _OvertakenError:
            return True  # believed dead meanwhile: look again what has become of it
        told_to_stop = self.stop.is_set() and outcome.verdict.kind is Kind.UNAVAILABLE
        return None if told_to_stop else outcome

    def _call(self, order: Order) -> Outcome:
        """One attempt. The pause before it may have been longer than others wait for a sign of life."""
        if self.ledger.run.stale and not self.ledger.still_mine(order):
            raise _OvertakenError
        payload = order.payload.encode()
        if order.target == "purchase_request":
            return self.client.post_request(order.user_id or "", payload)
        return self.client.post_line(payload)

    def _search(self, order: Order) -> Finding:
        """Once, when the lists may have caught up; the next run asks on."""
        if self.stopping:
            return Finding("not asked", words=phrases.words("not looked for", self.judge.language))
        return self.inquiry.soon(order)

    def _others_done(self, order: Order) -> bool:
        """Wait until the other process has settled the order; False if it takes too long."""
        waited = 0.0
        while not self.ledger.settled_since(order):
            if waited >= _OTHERS_LONGEST or self.stop.wait(_OTHERS_POLL):
                return False
            waited += _OTHERS_POLL
        return True
