"""What a person says of an order's number → whether Alma agrees, before the ledger believes it.

A wrong number loses an order without a word: every later run calls it already posted.
"""

from __future__ import annotations

from dataclasses import dataclass

from etl.alma.candidate import Likeness, described, ended, likeness_of
from etl.alma.facts import Facts, facts_of, facts_of_payload
from etl.alma.recovery import Kind, Language
from etl.alma.said import not_done
from etl.alma.settle import Inquiry
from etl.alma.tree import Tree
from etl.ledger.numbers import is_number
from etl.ledger.orders import Order, State
from etl.problems import Problem, Refusal

GONE = ("401871", "60276")
"""Po-Line X not found; the purchase request identifier is not valid."""


@dataclass(frozen=True, slots=True)
class Found:
    """The document with a number, compared with what was sent. `other`: another order's."""

    facts: Facts
    likeness: Likeness
    ended: bool


def agreed_number(inquiry: Inquiry, order: Order, number: str, language: Language) -> tuple[str, str]:
    """The order is in Alma as `number`: (the number as Alma writes it, its record's number or "").

    Raises Refusal: E826 when Alma has no such number, or another order under it; E830–E832 when it cannot be
    asked.
    """
    found = _look(inquiry, order, number, language)
    if found is None:
        raise _contradicted(
            f'Alma has no "{number}"', "look the number up again; if Alma is wrong, say --force"
        )
    if found.likeness != "same":
        what = "another order" if found.likeness in ("akin", "other") else "not quite what was sent"
        words = f'"{number}" is {what}: Alma has {described(found.facts)}'
        raise _contradicted(
            words, f"compare: etl ledger show {order.id}; if it is the order all the same, say --force"
        )
    return found.facts.number, found.facts.mms_id


def agreed_absence(inquiry: Inquiry, order: Order, language: Language) -> None:
    """An order is not in Alma, or cancelled there: not under its number, if it has one, and not to be found
    under another. Of one that is unknown that counts only once it would be sent again without a person.

    Raises Refusal: E826 when it is there or may be, E830–E832 when Alma cannot be asked.
    """
    if not order.payload:
        raise _contradicted(
            "what was sent is not kept any more, so Alma cannot be searched for it",
            "look for it in Alma by its number, title and reference; if it is not there, say --force",
        )
    found = _look(inquiry, order, order.number or "", language)
    if found is not None and found.likeness not in ("akin", "other") and not found.ended:
        raise _contradicted(
            f"Alma has {described(found.facts)}",
            "sent again it would be ordered twice; if it is to be sent all the same, say --force",
        )
    finding = inquiry.settle(order) if order.state is State.UNKNOWN else inquiry.ask(order)
    if finding.failure is not None:
        raise not_done(finding.failure, language)
    if finding.verdict == "early":
        raise _contradicted(
            finding.words,
            "give this command again then, or let etl ledger resolve settle every order in doubt; --force "
            "takes your word",
        )
    if finding.verdict == "not asked":
        raise KeyboardInterrupt
    if finding.verdict != "absent":
        one = f"etl ledger resolve {order.id} --posted NUMBER" if order.in_doubt else "release nothing"
        raise _contradicted(
            f"it is not under that number, but: {finding.words}" if order.number else finding.words,
            f"if it is one of these: {one}; if it is none, say --force",
        )


def _look(inquiry: Inquiry, order: Order, number: str, language: Language) -> Found | None:
    if not is_number(number):  # an empty one would ask for a list
        return None
    tree = stored_document(inquiry, order, number, language)
    if tree is None:
        return None
    stored = facts_of(tree)
    likeness = likeness_of(facts_of_payload(order.payload.encode()), stored, order.target)
    return Found(stored, likeness, ended(stored, order.target))


def stored_document(inquiry: Inquiry, order: Order, number: str, language: Language) -> Tree | None:
    """What Alma has under this number, None: nothing. Raises Refusal (E830–E832) when it cannot be asked."""
    client = inquiry.client
    read = client.request if order.target == "purchase_request" else client.line
    outcome = inquiry.patience.read(lambda: read(number))
    if outcome.done:
        return outcome.tree
    verdict = outcome.verdict
    if verdict.kind is Kind.REFUSED and verdict.error is not None and verdict.error.code in GONE:
        return None
    raise not_done(verdict, language)


def _contradicted(words: str, fix: str) -> Refusal:
    return Refusal(Problem("E826", words, help=fix))
