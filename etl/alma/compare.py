"""What was sent and what Alma stored → the differences that matter, in words.

Compared as values: Alma writes `54.10` back as `54.1`, codes with descriptions, one copy for each quantity,
and adds what nobody sent; none of that is a difference. What was sent and is not there is one: Alma drops
members it does not take without a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from etl.alma.facts import amount
from etl.alma.tree import Tree, members, text

_IGNORED = frozenset({"link", "desc", "source_type"})
"""`source_type` is always stored as API, whatever is sent (data dictionary)."""
_NOT_SHOWN = frozenset(
    {"discount", "issn", "access_model", "subscription_from_date", "subscription_to_date", "renewal_date"}
)
"""Members that Alma's answers leave out although it keeps them (seen in published captures)."""
FROM_RECORD = frozenset(
    {"title", "author", "isbn", "issn", "publisher", "publication_place", "publication_year"}
)
"""With an mms_id Alma takes these from the catalogue record and ignores what was sent."""
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)Z?")
_DECIMALS = frozenset({"sum", "discount"})
_KEYS: dict[str, Callable[[Any], tuple[str, ...]]] = {
    "fund_distribution": lambda one: (text(one, "fund_code"),),
    "location": lambda one: (text(one, "library"), text(one, "shelving_location")),
    "interested_user": lambda one: (text(one, "primary_id"),),
    "note": lambda one: (_plain(text(one, "note_text") or text(one, "content")),),
}
"""By what a member of a list is found again; others by being equal."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not as sent. `stored` is "" where Alma has nothing."""

    path: str
    sent: str
    stored: str
    why: str = ""

    def __str__(self) -> str:
        has = f'Alma has "{self.stored}"' if self.stored else "Alma has nothing"
        return f'{self.path}: sent "{self.sent}", {has}' + (f" ({self.why})" if self.why else "")


def differences(sent: Tree, stored: Tree) -> list[Difference]:
    """Everything that was sent and is stored otherwise or not at all, in the order of what was sent."""
    by_record = bool(text(sent.get("resource_metadata"), "mms_id"))
    return list(_object(sent, stored, "", by_record))


def _object(sent: Tree, stored: Any, path: str, by_record: bool) -> Iterator[Difference]:
    for name, value in sent.items():
        where = f"{path}.{name}" if path else name
        if name in _IGNORED or (by_record and path == "resource_metadata" and name in FROM_RECORD):
            continue
        there = stored.get(name) if isinstance(stored, dict) else None
        if isinstance(value, list):
            yield from _list(name, value, members(stored, name), where, by_record)
        elif isinstance(value, dict) and set(value) - {"value", "desc", "link"}:
            yield from _object(value, there, where, by_record)
        else:
            found = _leaf(name, _text_of(value), _text_of(there), where)
            if found is not None:
                yield found


def _list(name: str, sent: list[Any], stored: list[Any], path: str, by_record: bool) -> Iterator[Difference]:
    """Each member is looked for among those not taken yet: Alma keeps no order."""
    left = list(stored)
    for at, one in enumerate(sent):
        where = f"{path}[{at}]"
        if not isinstance(one, dict):
            match = next((other for other in left if _plain(_text_of(other)) == _plain(_text_of(one))), None)
            if match is None:
                yield Difference(where, _text_of(one), "")
            else:
                left.remove(match)
            continue
        match = nearest(name, one, left, by_record=by_record)
        if match is None:
            yield Difference(where, _described(one), "")
            continue
        left.remove(match)
        yield from _object(one, match, where, by_record)


def nearest(name: str, one: Tree, left: list[Any], *, by_record: bool = False) -> Any:
    """Which of the members of a list that Alma has is this one; None: none of them."""
    key = _KEYS.get(name)
    fits = [other for other in left if key is None or key(other) == key(one)]
    if not fits:
        return None
    return min(fits, key=lambda other: sum(1 for _ in _object(one, other, "", by_record)))


def _leaf(name: str, sent: str, stored: str, path: str) -> Difference | None:
    if not sent or _plain(sent) == _plain(stored) or (not stored and name in _NOT_SHOWN):
        return None
    if name in _DECIMALS and _same_number(sent, stored):
        return None
    if name == "isbn" and _isbn(sent) == _isbn(stored):
        return None
    if not stored and sent == "false":
        return None  # a switch that is off may be left out
    day, other = _DATE.fullmatch(sent), _DATE.fullmatch(stored)
    if day and other:
        return _days(day[1], other[1], path)
    return Difference(path, sent, stored)


def _days(sent: str, stored: str, path: str) -> Difference | None:
    if sent == stored:
        return None
    try:
        apart = abs((date.fromisoformat(sent) - date.fromisoformat(stored)).days)
    except ValueError:
        apart = 0
    return Difference(path, sent, stored, "a day off: Alma's time zones" if apart == 1 else "")


def _same_number(sent: str, stored: str) -> bool:
    try:
        return Decimal(sent) == Decimal(stored)
    except InvalidOperation:
        return amount(sent) == amount(stored)


def _isbn(number: str) -> str:
    """Without hyphens and check digit: Alma may store ten digits as thirteen."""
    bare = re.sub(r"[^0-9Xx]", "", number).upper()
    return bare[3:12] if len(bare) == 13 and bare.startswith("978") else bare[:9] if len(bare) == 10 else bare


def _text_of(value: Any) -> str:
    return text({"value": value}, "value") if not isinstance(value, dict) else text(value, "value")


def _plain(value: str) -> str:
    return " ".join(value.split())


def _described(one: Tree) -> str:
    """The texts of a member, for a message."""
    parts = [_text_of(value) or text(value, "sum") for value in one.values() if not isinstance(value, list)]
    return " ".join(filter(None, parts))
