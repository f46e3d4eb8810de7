"""What was sent, and what Alma holds → is that the same order?

Alma gives things back changed: a reference cut, or without its zeros and hyphens; the title of the record it
found instead of ours; a day that is another one. What may be ours by any of that is never said to be another.
And what is cancelled there is never surely the order: nothing is under way by it.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

from etl.alma.facts import Facts
from etl.ledger.known_by import compare_words, folded
from etl.normal_form import normalized

Likeness = Literal["same", "near", "akin", "other"]
_COMPARED = ("vendor", "vendor_account", "owner", "price", "currency", "quantity", "mms_id")
ENDED = {"po_line": ("CANCELLED",), "purchase_request": ("REJECTED",)}
"""Statuses with which no order is under way any more."""
_SLACK = {"po_line": timedelta(days=14), "purchase_request": timedelta(days=2)}
"""How much older than the attempt a line may be by its day. A request has no reference that would tell."""


def likeness_of(sent: Facts, stored: Facts, target: str, *, of_title: bool = False) -> Likeness:
    """Is what Alma holds what we sent? `near`: it may be, or something of it was changed since, or it has
    ended. `akin`: the same title of the same vendor under another reference, which Alma may have cut or
    changed. `of_title`: Alma has listed it as one of that ISBN, ISSN or record.

    A purchase request carries no reference of ours; there, everything that we sent has to agree instead.
    """
    agrees = not ended(stored, target) and not any(
        (ours := getattr(sent, name)) and (theirs := getattr(stored, name)) and ours != theirs
        for name in _COMPARED
    )
    title = of_title or _same_title(sent, stored)
    if target == "purchase_request":
        if not title or stored.created_from not in ("", "API"):
            return "other"
        return "same" if agrees and sent.note == stored.note else "near"
    if sent.number:  # a number of our own: no other line can have it
        return ("same" if title and agrees else "near") if sent.number == stored.number else "other"
    pairs = [(sent.reference, stored.reference), (sent.additional_reference, stored.additional_reference)]
    exact = [_plain(ours) == _plain(theirs) for ours, theirs in pairs if ours]
    if any(exact):
        return "same" if all(exact) and title and agrees else "near"
    if sent.vendor and stored.vendor and sent.vendor.casefold() != stored.vendor.casefold():
        return "other"
    if title and not any(theirs for ours, theirs in pairs if ours or not exact):
        return "near"
    return "akin" if title else "other"


def ended(stored: Facts, target: str) -> bool:
    """Is no order under way by it any more?"""
    return stored.status in ENDED[target]


def young_enough(stored: Facts, target: str, attempt: str, now: date | None) -> bool:
    """May it be of our attempt, by its day? Days of Alma's are local and have been seen some off, the clock
    of who sent may have been years off: only what is older than the attempt and than Alma's own today
    (`now`, if it is known) is old. Where neither day is known, nothing is young.
    """
    days = [now] if now else []
    try:
        created = date.fromisoformat(stored.created)
        days += [date.fromisoformat(attempt[:10])] if attempt else []
    except ValueError:
        return True
    return bool(days) and created >= _earliest(min(days), target)


def _earliest(day: date, target: str) -> date:
    return max(day, date.min + _SLACK[target]) - _SLACK[target]


def title_words(title: str) -> list[str]:
    """Those by which titles are searched."""
    return re.findall(r"\w+", normalized("NFC", title).lower())


def described(stored: Facts) -> str:
    """For a person who looks through several."""
    bare = (stored.number, stored.reference, stored.isbn, stored.title[:60])
    told = (*bare, stored.price, stored.currency, stored.created, stored.status)
    return " ".join(part for part in told if part)


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
    words = compare_words(sent.title, stored.title)
    if sent.isbn and stored.isbn:
        return words == "same"
    return words == "same" or (words == "unsaid" and bool(folded(sent.title) and folded(stored.title)))
