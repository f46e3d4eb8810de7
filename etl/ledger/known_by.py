"""What an order line is known by besides its key, folded: without case, without leading zeros, and whatever
stands between letters and digits.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from etl.ledger.numbers import bare_number
from etl.normal_form import normal_form

_WORD = re.compile(r"[^\W_]++")
_TITLE_NUMBER = re.compile(r"[0-9]{7}[0-9X](?:[0-9]{5})?+")
_TITLE = 12
"""Words of a title that are compared."""


def folded(text: str) -> str:
    """A number as it is compared.

    >>> folded("07000-A01"), folded("a 7000"), folded(" - ")
    ('7000-a01', 'a-7000', '')
    """
    return "-".join(word.lstrip("0") or "0" for word in _WORD.findall(normal_form(text).casefold()))


@dataclass(frozen=True, slots=True)
class KnownBy:
    """What an order line is known by, folded. `titles` are numbers of the title, each beginning with what it
    is ("isbn …", "no …"), and its words ("title …").
    """

    vendors: frozenset[str] = frozenset()
    orders: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    barcodes: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        *,
        vendors: Iterable[str] = (),
        orders: Iterable[str] = (),
        lines: Iterable[str] = (),
        numbers: Iterable[str] = (),
        title: str = "",
        barcodes: Iterable[str] = (),
    ) -> KnownBy:
        """From texts as they were written; empty ones say nothing."""
        words = "-".join(_words(title))
        tokens = {_number(number) for number in numbers if folded(number)}
        return cls(
            _set(vendors),
            _set(orders),
            _set(lines),
            frozenset(tokens | ({f"title {words}"} if words else set())),
            _set(barcodes),
        )

    def __or__(self, other: KnownBy) -> KnownBy:
        """By all that either is known by."""
        return KnownBy(
            self.vendors | other.vendors,
            self.orders | other.orders,
            self.lines | other.lines,
            self.titles | other.titles,
            self.barcodes | other.barcodes,
        )

    @classmethod
    def read(cls, text: str | None) -> KnownBy:
        """From the text that `written` made."""
        return cls(*map(frozenset, json.loads(text))) if text else cls()

    def written(self) -> str:
        """As the database holds it."""
        every = (self.vendors, self.orders, self.lines, self.titles, self.barcodes)
        return json.dumps([sorted(one) for one in every], ensure_ascii=False, separators=(",", ":"))

    def values(self) -> Iterator[str]:
        """What it is looked up by, each beginning with its rule."""
        for order in sorted(self.orders):
            yield from (f"order {order} {title}" for title in sorted(self.titles))
        yield from (f"line {line}" for line in sorted(self.lines))
        yield from (f"barcode {barcode}" for barcode in sorted(self.barcodes))


NOTHING = KnownBy()


TitleLikeness = Literal["same", "other", "unsaid"]
"""`unsaid`: it may be the same: one has no title, or goes on where the other ends, with a subtitle."""


def compare_titles(ours: frozenset[str], theirs: frozenset[str]) -> TitleLikeness:
    """By numbers of one kind if both have them, by words if not."""
    for kind in ("isbn", "no"):
        mine, others = ({one for one in titles if one.startswith(f"{kind} ")} for titles in (ours, theirs))
        if mine and others:
            if mine & others:
                return "same"
            if kind == "isbn":
                return "other"
    mine, others = ({one[6:] for one in titles if one.startswith("title ")} for titles in (ours, theirs))
    found = {_compare(one.split("-"), other.split("-")) for one in mine for other in others}
    return "same" if "same" in found else "other" if found == {"other"} else "unsaid"


def compare_words(ours: str, theirs: str) -> TitleLikeness:
    """Two titles as they were written.

    >>> [compare_words("Boken om A", other) for other in ("BOKEN: om A.", "Boken om A : roman", "Boken om B")]
    ['same', 'unsaid', 'other']
    """
    return _compare(_words(ours), _words(theirs))


def _compare(ours: list[str], theirs: list[str]) -> TitleLikeness:
    if ours == theirs != []:
        return "same"
    return "unsaid" if all(map(operator.eq, ours, theirs)) else "other"


def _words(title: str) -> list[str]:
    """Those that are compared."""
    return [word for word in folded(title).split("-") if word][:_TITLE]


def strongest_title(names: Iterable[str]) -> str:
    """Of numbers and words that name a title, the one to compare by: an ISBN, else the first; "" if none says
    anything.

    >>> strongest_title(["BTJ-4711", "978-91-9999-000-2", "Boken"]), strongest_title([" ", "Boken!"])
    ('isbn 9789199990002', 'no boken')
    """
    named = [_number(name) for name in names if folded(name)]
    return next((one for one in named if one.startswith("isbn ")), named[0] if named else "")


def _set(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, map(folded, texts)))


def _number(text: str) -> str:
    bare = bare_number(text)
    return f"isbn {bare}" if _TITLE_NUMBER.fullmatch(bare) else f"no {folded(text)}"
