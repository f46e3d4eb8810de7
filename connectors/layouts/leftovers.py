"""What a vendor's record holds and no column of the order line took → what is told of it, and what is not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import count

from connectors.formats.header import fold
from connectors.formats.two_fields import contradiction, say_the_same
from connectors.layouts.layout import Layout
from etl.plugin import DataPlace, Problem

UNREAD = "_unread"
"""Key of a line under which stands what no column took, name → text, for OrderBatches to count."""

HELD = frozenset({
    "supplier", "account", "order_id", "article_no", "isbn", "ean", "issn", "title_number", "external_no",
    "record_supplier", "title_id", "title", "form", "is_electronic", "access_model", "quantity", "unit_price",
    "price_basis", "currency", "price_includes_vat", "vat_percent", "discount_percent", "fund", "fund_amount",
    "library", "department", "location", "loan_period", "order_type",
})  # fmt: skip
"""Columns that say which title is ordered, how many, for how much, for whom: those cannot be two things.
Notes, dates and references can; what the order says of them is told once a run."""

_COUNTED = re.compile(r"\[\d+\]")


def unread_of(
    layout: Layout, fields: Mapping[str, str | None], taken: Collection[str]
) -> Mapping[str, str]:
    """The filled fields that were not taken and are not what the layout says does not concern an order.

    Repeated parts go by one name: CopyDetail[2]/CopyValue is CopyDetail/CopyValue. An element that its parent
    has once more, with another text, keeps its number: whoever reads the first by its name does not read it.
    """
    left: dict[str, str] = {}
    for name, text in fields.items():
        if name not in taken and text is not None and text.strip():
            plain, again = _COUNTED.sub("", name), _once_more(name, fields)
            if unconcerned(layout, plain) or (again and fields[again[0]] == text and again[0] in taken):
                continue
            left.setdefault(again[1] if again and fields[again[0]] != text else plain, text.strip())
    return left


def _once_more(name: str, fields: Mapping[str, str | None]) -> tuple[str, str] | None:
    """(name of the first one, its own name without other numbers) of an element that its parent has again."""
    for mark in _COUNTED.finditer(name):
        before, after = name[: mark.start()], name[mark.end() :]
        if before + after in fields:
            return before + after, _COUNTED.sub("", before) + mark[0] + _COUNTED.sub("", after)
    return None


def unread_in(line: Mapping[str, object]) -> dict[str, str]:
    """What stands under UNREAD in a line."""
    left = line.get(UNREAD)
    return dict(left) if isinstance(left, Mapping) else {}


def unconcerned(layout: Layout, name: str) -> bool:
    """Does the layout say of this field that it does not concern an order?"""
    return bool(layout.unconcerned) and _matches(tuple(layout.unconcerned), name)


@lru_cache(maxsize=4096)
def _matches(patterns: tuple[str, ...], name: str) -> bool:
    return any(fnmatchcase(name, pattern) or fold(name) == fold(pattern) for pattern in patterns)


def two_spellings(
    layout: Layout,
    fields: Mapping[str, str | None],
    by_name: Mapping[str, str],
    chosen: Mapping[str, str],
    place: DataPlace,
) -> Iterator[Problem]:
    """E440 for a column that two of its fields say differently. `chosen`: column → field it was read from.

    Not where the fields of a column are places of different rank (MARC paths, elements): those stand in for
    each other on purpose.
    """
    taken = set(chosen.values())
    for column, field in () if layout.ranked else chosen.items():
        declared = layout.columns[column]
        spellings = () if declared.ranked else (by_name.get(fold(alias)) for alias in declared.aliases)
        namesakes = _namesakes(field, fields, by_name) if column in HELD else ()
        for other in dict.fromkeys((*spellings, *namesakes)):
            mine, theirs = fields[field] or "", (other and fields[other]) or ""
            if other and other not in taken and theirs.strip() and not say_the_same(mine, theirs):
                yield contradiction(column, field, mine, other, theirs, place)


def _namesakes(field: str, fields: Mapping[str, str | None], by_name: Mapping[str, str]) -> Iterator[str]:
    """Fields that bear the name of one again: in other letters, or with a number behind it, as the second
    column of one header is called.
    """
    folded = fold(field)
    if len(by_name) < len(fields):
        yield from (name for name in fields if name != field and fold(name) == folded)
    for number in count(2):
        other = by_name.get(fold(f"{field}_{number}"))
        if other is None:
            return
        yield other
