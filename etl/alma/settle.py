"""An order whose fate is unknown → found in Alma, surely absent, or for a person to decide.

Alma refuses no duplicates and cannot be searched by our reference. So it is searched by ISBN, ISSN, record
number and title (where a title is all there is, the newest lines of the vendor are read as well), every page
of every list is read, every candidate is fetched whole (list rows are brief), and compared: see `candidate`.
It is *found* if exactly one has the references we sent and contradicts nothing. It is *absent* only if no
line of that vendor agrees in ISBN or title, whatever its reference, day or price, but those that the ledger
knows as other orders, and those that it knows as an order once and Alma shows as cancelled. Everything else
is *unsure*: a person looks.

Lists lag behind writes, and a request whose connection broke may still be worked on. So nothing but "found"
counts before `wait` seconds have passed, by Alma's clock, since it was first asked after the attempt. What is
left of them is waited for if it is short; else the next run asks again.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Literal

from etl.alma import phrases
from etl.alma.candidate import described, ended, likeness_of, title_words, young_enough
from etl.alma.client import AlmaClient, Outcome, listed_lines, listed_requests, total
from etl.alma.facts import Facts, facts_of, facts_of_payload
from etl.alma.patience import Patience
from etl.alma.recovery import Kind, Language, Verdict
from etl.alma.tree import Tree, text
from etl.ledger.clock import yet_to_come
from etl.ledger.orders import NOBODYS, Cause, Order

_PAGE, _MOST = 100, 1000
_PATIENT = 15.0
"""Seconds that are waited for within a run; lists are usually as new as that."""
_SURE = ("isbn", "issn", "mms_id", "number")
"""What Alma can be searched by for certain; how it searches titles is not documented."""
FIRST_ASKED = "first asked"
"""The rule of a cause: since `at`, seconds since 1970 by Alma's clock, the order has been looked for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What asking brought, `cause` why. `failure` is set when Alma could not be asked; `words` are for a
    person. `early`: nothing is certain yet, for `left` seconds more.
    """

    verdict: Literal["found", "absent", "unsure", "early", "not asked"]
    number: str = ""
    mms_id: str = ""
    words: str = ""
    failure: Verdict | None = None
    cause: Cause | None = None
    left: float = 0.0


class _CannotAskError(Exception):
    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.said())
        self.verdict = verdict


class _NotShownError(Exception):
    """Alma would not show what is there: that is not the same as nothing being there."""

    def __init__(self, rule: str, **values: object) -> None:
        super().__init__(rule)
        self.cause = Cause(rule, values=values)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """How to ask. `owners_of` tells which numbers the ledger knows already, and as which order (by id, or
    one of NOBODYS); `wait` is seconds.
    """

    client: AlmaClient
    patience: Patience
    owners_of: Callable[[Iterable[str]], dict[str, int]]
    wait: float
    stop: threading.Event
    language: Language = "en"

    def settle(self, order: Order) -> Finding:
        """Ask until sure, or until the next run has to."""
        finding = self.first(order)
        if finding.verdict != "early" or finding.left > self.patient:
            return finding
        if self.stop.wait(finding.left):
            return Finding("not asked", words=self._words("interrupted"))
        return self.ask(order)

    @property
    def patient(self) -> float:
        """Seconds worth waiting for within a run: all of them, if Alma does not tell the time to the next."""
        return min(_PATIENT, self.wait) + 1 if self.client.clock.now() is not None else self.wait

    def first(self, order: Order) -> Finding:
        """Ask once; early, if what was not found may come yet."""
        now = self.client.clock.now()
        asked = order.cause.values.get("at") if order.cause and order.cause.rule == FIRST_ASKED else None
        left = self.wait if now is None or asked is None else self.wait - max(0.0, now - asked)
        finding = self.ask(order)
        if finding.verdict not in ("absent", "unsure") or left <= 0:
            return finding
        words = self._words("too early", seconds=round(self.wait))
        return Finding("early", words=words, cause=order.cause or self._first_asked(now), left=left)

    def soon(self, order: Order) -> Finding:
        """Ask once right after an attempt, when the lists may have caught up: only "found" is certain."""
        if self.stop.wait(min(self.wait, _PATIENT)):
            return Finding("not asked", words=self._words("not looked for"))
        now = self.client.clock.now()
        finding = self.ask(order)
        return replace(finding, verdict="early", cause=self._first_asked(now)) if finding.cause else finding

    def ask(self, order: Order) -> Finding:
        """Ask once."""
        sent = facts_of_payload(order.payload.encode())
        try:
            return (
                self._requests(order, sent)
                if order.target == "purchase_request"
                else self._lines(order, sent)
            )
        except _CannotAskError as cannot:
            failure = None if self.stop.is_set() else cannot.verdict
            return Finding("not asked", words=cannot.verdict.said(self.language), failure=failure)
        except _NotShownError as refused:
            return self._unsure(refused.cause)

    def look(self, order: Order) -> Finding:
        """Ask once for an order of which nothing is known, however old the line that could be it."""
        return self.ask(replace(order, created_at="1970-01-01"))

    def by_number(self, number: str, order: Order) -> Finding:
        """Is the line with this number the order? For numbers of our own that Alma says exist."""
        outcome = self.patience.read(lambda: self.client.line(number))
        if not outcome.done or outcome.tree is None:
            return Finding("not asked", words=outcome.verdict.said(self.language), failure=outcome.verdict)
        owner = self.owners_of([number]).get(number)
        possible = self._may_be(order, owner, facts_of(outcome.tree))
        documents = [(outcome.tree, False)] if possible else []
        return self._compare(order, facts_of_payload(order.payload.encode()), documents)

    # ------------------------------------------------------------------------------------ inside

    def _words(self, name: str, **values: object) -> str:
        return phrases.words(name, self.language, **values)

    def _unsure(self, cause: Cause) -> Finding:
        return Finding("unsure", words=self._words(cause.rule, **cause.values), cause=cause)

    def _first_asked(self, now: float | None) -> Cause | None:
        """A second later, for a `Date` may be as much behind."""
        return None if now is None else Cause(FIRST_ASKED, values={"at": now + 1})

    def _today(self) -> date | None:
        now = self.client.clock.now()
        return None if now is None else datetime.fromtimestamp(now, UTC).date()

    def _lines(self, order: Order, sent: Facts) -> Finding:
        rows: dict[str, tuple[Tree, bool]] = {}
        for query, of_title in _queries(sent):
            for row in self._all(partial(self._page_of_lines, query), listed_lines):
                number = text(row, "number")
                rows[number] = (row, of_title or (number in rows and rows[number][1]))
        sure = any(getattr(sent, name) for name in _SURE)
        if not sure and not title_words(sent.title):
            raise _NotShownError("nothing to search by")
        if not sure:
            if not sent.vendor:
                raise _NotShownError("titles prove nothing")
            newest = partial(self._page_of_lines, f"vendor_code~{sent.vendor}")
            for row in self._all(newest, listed_lines, partial(self._young, order)):
                rows.setdefault(text(row, "number"), (row, False))
        return self._fetched(order, sent, rows, self.client.line)

    def _requests(self, order: Order, sent: Facts) -> Finding:
        user = order.user_id or ""
        listed = self._all(lambda offset: self.client.requests_of(user, offset=offset), listed_requests)
        rows = {text(row, "request_id"): (row, False) for row in listed}
        return self._fetched(order, sent, rows, self.client.request)

    def _fetched(
        self, order: Order, sent: Facts, rows: dict[str, tuple[Tree, bool]], read: Callable[[str], Outcome]
    ) -> Finding:
        """The rows that may be it, read whole and compared: a row that says itself that it is another is not
        asked for.
        """
        owners = self.owners_of(rows)
        documents = []
        for number, (row, of_title) in rows.items():
            brief, owner = facts_of(row), owners.get(number)
            other = brief.title and likeness_of(sent, brief, order.target, of_title=of_title) == "other"
            if number and self._may_be(order, owner, brief) and not other:
                whole = self._read(partial(read, number)) or row
                if self._may_be(order, owner, facts_of(whole)):
                    documents.append((whole, of_title))
        return self._compare(order, sent, documents)

    def _may_be(self, order: Order, owner: int | None, stored: Facts) -> bool:
        """May what Alma shows under a number of this owner (None: of nobody known) be the order? What was an
        order of ours, this one or none any more, is in nobody's way once Alma shows that it has ended.
        """
        if owner is None:
            return True
        return owner in (order.id, *NOBODYS) and not ended(stored, order.target)

    def _young(self, order: Order, tree: Tree) -> bool:
        attempt = "" if yet_to_come(order.created_at) else order.created_at  # by a clock that was ahead
        return young_enough(facts_of(tree), order.target, attempt, self._today())

    def _page_of_lines(self, query: str, offset: int) -> Outcome:
        return self.client.lines(query, limit=_PAGE, offset=offset)

    def _all(
        self,
        page: Callable[[int], Outcome],
        rows: Callable[[Tree | None], list[Tree]],
        wanted: Callable[[Tree], bool] = lambda _: True,
    ) -> list[Tree]:
        """Every row, or those of the pages up to the first that has none that is wanted. Raises when the list
        is refused, is not shown whole, or is longer than is read here.
        """
        found: list[Tree] = []
        while True:
            tree = self._read(partial(page, len(found)))
            here, said = rows(tree), total(tree)
            found += here
            if here and not any(map(wanted, here)):
                return found
            if len(here) < _PAGE if said is None else len(found) >= said and len(here) < _PAGE:
                return found
            if not here:
                raise _NotShownError("list incomplete", count=said, shown=len(found))
            if len(found) == said:
                return found
            if len(found) >= _MOST:
                raise _NotShownError("too many to list", count=max(len(found), said or 0))

    def _read(self, call: Callable[[], Outcome]) -> Tree | None:
        """The document.

        Raises when it could not be asked, and when it would not tell: a search that finds too much is refused
        as well, and must not count as one that found nothing; nor is a line that is listed and not shown yet
        (401871) no line.
        """
        outcome = self.patience.read(call)
        if outcome.done:
            return outcome.tree
        verdict = outcome.verdict
        if verdict.kind is not Kind.REFUSED:
            raise _CannotAskError(verdict)
        error = verdict.error
        raise _NotShownError("not shown", why=f"{error.code} {error.message}" if error else verdict.detail)

    def _compare(self, order: Order, sent: Facts, documents: list[tuple[Tree, bool]]) -> Finding:
        alike: dict[str, list[Facts]] = {"same": [], "near": [], "akin": [], "other": []}
        for tree, of_title in documents:
            stored = facts_of(tree)
            likeness = likeness_of(sent, stored, order.target, of_title=of_title)
            if likeness == "same" and not self._young(order, tree):
                likeness = "near"
            alike[likeness].append(stored)
        if len(alike["same"]) == 1 and not alike["near"]:
            (stored,) = alike["same"]
            return Finding("found", stored.number, stored.mms_id, self._words("found", number=stored.number))
        doubtful = [*alike["same"], *alike["near"], *alike["akin"]]
        if doubtful:
            listed = "; ".join(map(described, doubtful[:10]))
            return self._unsure(Cause("several", values={"count": len(doubtful), "listed": listed}))
        return Finding("absent", words=self._words("absent"), cause=Cause("absent"))


def _queries(sent: Facts) -> Iterator[tuple[str, bool]]:
    """Alma's search expressions, and whether they ask for the title by its number; blanks in a value are
    written as underscores.
    """
    if sent.number:
        yield f"number~{_term(sent.number)}", False
    for number in filter(None, (sent.isbn, sent.issn)):
        yield f"issn_isbn~{_term(number)}", True
    if sent.mms_id:
        yield f"mms_id~{_term(sent.mms_id)}", True
    if words := title_words(sent.title):
        vendor = f" AND vendor_code~{sent.vendor}" if sent.vendor else ""
        yield f"title~{'_'.join(words[:8])}{vendor}", False


def _term(value: str) -> str:
    return re.sub(r"\s+", "_", value.strip())
