"""A code that a table does not have → those that are likely meant, with what they mean.

Spelling alone misleads: `E_BOOK_SO` is spelt like `E_BOOK`, and is a standing order. So words are compared,
those of the code and of its description. Names that people use instead stand in the table as data (`also`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache

from etl.documents.code_tables import table
from etl.documents.values import shown

_MOST = 3
_FEW = 15
"""A table of so many codes is shown whole when nothing in it is near."""
_NO_TABLE = 400
"""Codes that are compared for likeness, at most."""
_MEANS = {"E": "ELECTRONIC", "PRINTED": "PRINT", "EBOOK": "ELECTRONIC BOOK", "EJOURNAL": "ELECTRONIC JOURNAL",
          "OT": "ONE TIME", "CO": "SUBSCRIPTION", "SO": "STANDING ORDER", "ONGOING": "SUBSCRIPTION",
          "DB": "DATABASE", "CF": "COMPUTER FILE",
          "BOOKS": "BOOK", "JOURNALS": "JOURNAL", "SERVICES": "SERVICE"}  # fmt: skip
"""What the parts of a code stand for, and other words for the same."""
_HOW_OFTEN = frozenset(["ONE", "TIME", "SUBSCRIPTION", "STANDING", "ORDER"])


def meaning(name: str, code: str) -> str:
    """What a code of a table means: Alma's label, in our words where that is not known; "" if neither is."""
    row = table(name).get(code, {})
    return row.get("meaning") or row.get("label") or ""


def known_codes(name: str) -> dict[str, str]:
    """The codes of a table that may be written, each with what it means; none for "", which is no table."""
    rows = table(name) if name else {}
    return {code: meaning(name, code) for code, row in rows.items() if row.get("grade") != "removed"}


def with_meaning(name: str, code: str) -> str:
    """`"E_BOOK_OT" (Electronic Book - One Time)`."""
    said = meaning(name, code)
    return f"{shown(code)} ({said})" if said else shown(code)


def likely(code: str, name: str, known: Collection[str] | None = None) -> tuple[str, ...]:
    """The codes of a table that are likely meant, the likeliest first; () if none is near.

    `known` are those that may be named: an institution's own, when it has them; else the table's, without
    those that Alma has removed.

    >>> likely("E_BOOK", "purchase_type")
    ('E_BOOK_OT',)
    >>> likely("SKR", "currency")
    ('SEK',)
    """
    rows = table(name)
    offered = [
        one for one in (rows if known is None else known) if rows.get(one, {}).get("grade") != "removed"
    ]
    asked = code.strip().upper()
    called = [one for one in offered if _plain(asked) in _names(name, one)]
    if called:
        return tuple(called)
    if not rows.keys() & set(offered) or name == "currency":
        return _alike(asked, offered)
    return _by_words(asked, name, offered) or _alike(asked, offered)


def suggestion(code: str, name: str) -> str:
    """What to say about a code that a table does not have: those likely meant, or all if they are few."""
    near = [with_meaning(name, one) for one in likely(code, name)]
    codes = table(name) if len(table(name)) <= _FEW else ()
    asked = f"did you mean {', or '.join(near)}?" if near else ""
    known = (
        f"the known ones are {', '.join(one if near else with_meaning(name, one) for one in codes)}."
        if codes
        else ""
    )
    return " ".join(filter(None, (asked, known[:1].upper() + known[1:] if near else known)))


def _by_words(asked: str, name: str, offered: Iterable[str]) -> tuple[str, ...]:
    """Those that share most words with what was asked. How often comes last: as it was said; unsaid, once."""
    words = _words(asked)
    what, often = words - _HOW_OFTEN, words & _HOW_OFTEN
    scored = []
    for one in offered:
        has = _meant(name, one)
        same = sum(1 for word in what if difflib.get_close_matches(word, has - _HOW_OFTEN, 1, 0.8))
        if not same or same * 2 < len(what):
            continue
        has_often = has & _HOW_OFTEN
        fits = has_often == often if often else has_often in ({"ONE", "TIME"}, set())
        scored.append((-same, not fits, len(has - _HOW_OFTEN - what), one))
    scored.sort(key=lambda one: one[:3])
    best = [one for *rank, one in scored if rank == list(scored[0][:3])] if scored else []
    return tuple(best[:_MOST])


def _alike(asked: str, offered: Collection[str]) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(asked, list(offered)[:_NO_TABLE], _MOST, 0.75))


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text)


@cache
def _names(name: str, code: str) -> frozenset[str]:
    """What people call a code."""
    row: Mapping[str, str] = table(name).get(code, {})
    return frozenset(_plain(one) for one in (row.get("also") or "").split())


@cache
def _meant(name: str, code: str) -> frozenset[str]:
    return _words(f"{code} {meaning(name, code)}")


def _words(text: str) -> frozenset[str]:
    parts = re.findall(r"[^\W_]+", text.upper())
    return frozenset(word for part in parts for word in _MEANS.get(part, part).split())
