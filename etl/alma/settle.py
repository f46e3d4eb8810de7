"""An order whose fate is unknown → found in Alma, surely absent, or for a person to decide.

Alma refuses no duplicates and cannot be searched by our reference. So it is searched by ISBN, ISSN, record
number and title, every candidate is fetched whole (list rows are brief), and compared here: the references
we sent must be there, nothing we sent may contradict, the line must not be older than our first attempt,
nor be known to the ledger as another order.

Lists lag seconds behind writes, and a request whose connection broke may still be worked on. Absence
therefore counts only if it was found twice, `wait` seconds apart, with nothing in between.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Literal

from etl.alma import phrases
from etl.alma.client import AlmaClient, Outcome, listed_lines, listed_requests, total
from etl.alma.facts import Facts, facts_of, facts_of_payload
from etl.alma.patience import Patience
from etl.alma.recovery import Kind, Language, Verdict
from etl.alma.tree import Tree, text
from etl.ledger.clock import yet_to_come
from etl.ledger.orders import Order
from etl.normal_form import normalized

_PAGE, _MOST = 100, 300
_SURE = ("isbn", "issn", "mms_id", "number")
"""What Alma can be searched by for certain; how it searches titles is not documented."""
_COMPARED = ("vendor", "vendor_account", "owner", "price", "currency", "quantity", "mms_id")


@dataclass(frozen=True, slots=True)
class Finding:
    """What asking brought. `failure` is set when Alma could not be asked; `words` are for a person."""

    verdict: Literal["found", "absent", "unsure", "not asked"]
    number: str = ""
    mms_id: str = ""
    words: str = ""
    failure: Verdict | None = None


class _CannotAskError(Exception):
    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.said())
        self.verdict = verdict


class _NotShownError(Exception):
    """Alma would not show what is there: that is not the same as nothing being there."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """How to ask. `owners_of` tells which numbers the ledger knows already, and as which order (by id)."""

    client: AlmaClient
    patience: Patience
    owners_of: Callable[[Iterable[str]], dict[str, int]]
    wait: float
    stop: threading.Event
    language: Language = "en"

    def settle(self, order: Order) -> Finding:
        """Ask until sure: absent only if asked twice."""
        first = self.ask(order)
        if first.verdict != "absent":
            return first
        if self.stop.wait(self.wait):
            return Finding("not asked", words=self._words("interrupted"))
        return self.ask(order)

    def ask(self, order: Order) -> Finding:
        """Ask once."""
        sent = facts_of_payload(order.payload.encode())
        try:
            found = (
                self._requests(order, sent)
                if order.target == "purchase_request"
                else self._lines(order, sent)
            )
        except _CannotAskError as cannot:
            failure = None if self.stop.is_set() else cannot.verdict
            return Finding("not asked", words=cannot.verdict.said(self.language), failure=failure)
        except _NotShownError as refused:
            return Finding("unsure", words=str(refused))
        return found

    def look(self, order: Order) -> Finding:
        """Ask once for an order of which nothing is known, however old the line that could be it."""
        return self.ask(replace(order, created_at="1970-01-01"))

    def by_number(self, number: str, order: Order) -> Finding:
        """Is the line with this number the order? For numbers of our own that Alma says exist."""
        outcome = self.patience.read(lambda: self.client.line(number))
        if not outcome.done or outcome.tree is None:
            return Finding("not asked", words=outcome.verdict.said(self.language), failure=outcome.verdict)
        return self._compare(order, facts_of_payload(order.payload.encode()), [outcome.tree])

    # ------------------------------------------------------------------------------------ inside

    def _words(self, name: str, **values: object) -> str:
        return phrases.words(name, self.language, **values)

    def _lines(self, order: Order, sent: Facts) -> Finding:
        queries = list(_queries(sent))
        if not queries:
            return Finding("unsure", words=self._words("nothing to search by"))
        numbers: dict[str, None] = {}
        for query in queries:
            for row in self._all(partial(self._page_of_lines, query), listed_lines, order):
                numbers[text(row, "number")] = None
        documents = (
            self._read(partial(self.client.line, number), gone="401871") for number in filter(None, numbers)
        )
        return self._compare(order, sent, [tree for tree in documents if tree is not None])

    def _requests(self, order: Order, sent: Facts) -> Finding:
        user = order.user_id or ""
        documents = []
        for row in self._all(
            lambda offset: self.client.requests_of(user, offset=offset), listed_requests, order
        ):
            tree = self._read(partial(self.client.request, text(row, "request_id")), gone="60276")
            documents.append(tree if tree is not None else row)
        return self._compare(order, sent, documents)

    def _page_of_lines(self, query: str, offset: int) -> Outcome:
        return self.client.lines(query, limit=_PAGE, offset=offset)

    def _all(
        self,
        page: Callable[[int], Outcome],
        rows: Callable[[Tree | None], list[Tree]],
        order: Order,
    ) -> list[Tree]:
        """The rows young enough. Raises when the list is refused, or longer than is read here."""
        found: list[Tree] = []
        while True:
            tree = self._read(partial(page, len(found)))
            here = rows(tree)
            found += here
            if not here or len(found) >= total(tree):
                return [row for row in found if _young_enough(facts_of(row), order)]
            if len(found) >= _MOST:
                raise _NotShownError(self._words("too many to list", count=total(tree)))

    def _read(self, call: Callable[[], Outcome], gone: str | None = None) -> Tree | None:
        """The document; None if Alma says (by the code `gone`) that there is none.

        Raises when it could not be asked, and when it would not tell: a search that finds too much is refused
        as well, and must not count as one that found nothing.
        """
        outcome = self.patience.read(call)
        if outcome.done:
            return outcome.tree
        verdict = outcome.verdict
        if verdict.kind is not Kind.REFUSED:
            raise _CannotAskError(verdict)
        if gone is None or verdict.error is None or verdict.error.code != gone:
            raise _NotShownError(self._words("not shown", why=verdict.said(self.language)))
        return None

    def _compare(self, order: Order, sent: Facts, documents: list[Tree]) -> Finding:
        owners = self.owners_of([facts_of(tree).number for tree in documents])
        ours: list[Tree] = []
        near: list[Tree] = []
        for tree in documents:
            stored = facts_of(tree)
            if _young_enough(stored, order) and owners.get(stored.number, order.id) == order.id:
                likeness = likeness_of(sent, stored, order.target)
                ours += [tree] if likeness == "same" else []
                near += [tree] if likeness == "near" else []
        if len(ours) == 1 and not near and not yet_to_come(order.created_at):
            stored = facts_of(ours[0])
            return Finding("found", stored.number, stored.mms_id, self._words("found", number=stored.number))
        if ours or near:
            listed = "; ".join(_described(facts_of(tree)) for tree in [*ours, *near][:10])
            return Finding("unsure", words=self._words("several", count=len(ours) + len(near), listed=listed))
        if order.target != "purchase_request" and not any(getattr(sent, name) for name in _SURE):
            return Finding("unsure", words=self._words("titles prove nothing"))
        return Finding("absent", words=self._words("absent"))


def likeness_of(sent: Facts, stored: Facts, target: str) -> Literal["same", "near", "other"]:
    """Is what Alma holds what we sent? `near`: it may be, and a person must look.

    A purchase request carries no reference of ours; there, everything that we sent has to agree instead. What
    is the same title and differs elsewhere may be ours, changed by hand since.
    """
    agrees = not any(
        (ours := getattr(sent, name)) and (theirs := getattr(stored, name)) and ours != theirs
        for name in _COMPARED
    )
    title = _same_title(sent, stored)
    if target == "purchase_request":
        if not title or stored.created_from not in ("", "API"):
            return "other"
        return "same" if agrees and sent.note == stored.note else "near"
    if sent.number:  # a number of our own: no other line can have it
        return ("same" if title and agrees else "near") if sent.number == stored.number else "other"
    near = title and stored.vendor in ("", sent.vendor)
    pairs = [(sent.reference, stored.reference), (sent.additional_reference, stored.additional_reference)]
    given = [(_plain(ours), _plain(theirs)) for ours, theirs in pairs if ours]
    if not given:
        return "near" if near and not stored.reference and not stored.additional_reference else "other"
    if all(ours == theirs for ours, theirs in given):
        return "same" if title and agrees else "near"
    if any(ours == theirs for ours, theirs in given):
        return "near"
    return "near" if near and not any(theirs for _, theirs in given) else "other"


def _plain(reference: str) -> str:
    """Without what a system may do to a reference it stores."""
    return " ".join(reference.split()).casefold()


def _same_title(sent: Facts, stored: Facts) -> bool:
    if sent.mms_id and sent.mms_id == stored.mms_id:
        return True
    for name in ("isbn", "issn", "title_number"):
        ours, theirs = getattr(sent, name), getattr(stored, name)
        if ours and ours == theirs:
            return True
    return bool(sent.title) and _words(sent.title) == _words(stored.title)


def _queries(sent: Facts) -> Iterator[str]:
    """Alma's search expressions; blanks in a value are written as underscores."""
    if sent.number:
        yield f"number~{_term(sent.number)}"
    for number in filter(None, (sent.isbn, sent.issn)):
        yield f"issn_isbn~{_term(number)}"
    if sent.mms_id:
        yield f"mms_id~{_term(sent.mms_id)}"
    if words := _words(sent.title):
        vendor = f" AND vendor_code~{sent.vendor}" if sent.vendor else ""
        yield f"title~{'_'.join(words[:8])}{vendor}"


def _term(value: str) -> str:
    return re.sub(r"\s+", "_", value.strip())


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", normalized("NFC", title).lower())


def _young_enough(stored: Facts, order: Order) -> bool:
    """Alma's dates are local, come without a time and have been seen a day off: two days of slack.

    A first attempt that is yet to come, by a clock that was ahead, bounds nothing: what is found is then for
    a person.
    """
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", stored.created) or yet_to_come(order.created_at):
        return True
    try:
        first = date.fromisoformat(order.created_at[:10])
        return date.fromisoformat(stored.created) >= first - timedelta(days=2)
    except ValueError:
        return True


def _described(stored: Facts) -> str:
    told = (stored.number, stored.reference, stored.isbn, stored.title[:40], stored.price, stored.created)
    return " ".join(part for part in told if part)
