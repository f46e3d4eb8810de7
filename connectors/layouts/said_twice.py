"""What an order says once for all its lines, or in another place, and a line says for itself → one set of
fields; and where the two contradict each other, why the line waits.

What the order says is a default: a line that leaves it out, or empty, has it from there, and one that says
the same means the same. No vendor's documents say that a line may say otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from connectors.formats.header import fold
from connectors.formats.two_fields import contradiction
from connectors.layouts.layout import Layout
from connectors.layouts.leftovers import HELD
from connectors.layouts.reading import fields_taken
from connectors.layouts.unreadable import Unreadable
from etl.plugin import DataPlace, Problem

ORDER = "order"
"""Under which the order's own word stands, where a line says otherwise: order.valuta."""


class SaidTwice(NamedTuple):
    """`compared` are fields that say what a column says, or are told of: nobody need tell of them again."""

    problems: tuple[Problem, ...] = ()
    compared: frozenset[str] = frozenset()


def with_order(order: Mapping[str, str | None], line: Mapping[str, str | None]) -> dict[str, str | None]:
    """The fields of a line and those of its order. Where both say one, however they spell its name, the
    line's counts, and what the order says differently stands under order.NAME.

    >>> with_order({"valuta": "EUR", "order": "7"}, {"valuta": "SEK"})
    {'order': '7', 'valuta': 'SEK', 'order.valuta': 'EUR'}
    >>> with_order({"valuta": "EUR"}, {"Valuta": ""})
    {'valuta': 'EUR'}
    """
    own = {fold(name): text for name, text in line.items() if _is_filled(text)}
    heads = {fold(name) for name, text in order.items() if _is_filled(text)}
    fields = {name: text for name, text in order.items() if fold(name) not in own}
    fields |= {name: text for name, text in line.items() if _is_filled(text) or fold(name) not in heads}
    for name, text in order.items():
        if _is_filled(text) and own.get(fold(name), text) != text:
            fields[f"{ORDER}.{name}"] = text
    return fields


def said_twice(
    layout: Layout, fields: Mapping[str, str | None], places: Collection[str], place: DataPlace
) -> SaidTwice:
    """E440, which holds, for each column of HELD that is read from a field and of which PLACE.FIELD, of one
    of these places, says something else.
    """
    others = {fold(name): name for name in fields if name.partition(".")[0] in places and "." in name}
    if not others:
        return SaidTwice()
    problems: dict[str, Problem] = {}
    compared: set[str] = set()
    for column, field in fields_taken(layout, fields).items():
        for name in filter(None, (others.get(fold(f"{one}.{field}")) for one in places)):
            texts = (fields[field] or "", fields[name] or "")
            if not texts[1].strip() or _alike(layout, column, *texts):
                compared.add(name)
            elif column in HELD and name not in problems:
                help_ = f'ask which is right; if {field} always is, say so:  ignore: {{"{name}": …}}'
                problems[name] = contradiction(column, field, texts[0], name, texts[1], place, help_)
    return SaidTwice(tuple(problems.values()), frozenset({*compared, *problems}))


def _is_filled(text: str | None) -> bool:
    return text is not None and bool(text.strip())


def _alike(layout: Layout, column: str, mine: str, theirs: str) -> bool:
    """The same, as the column reads them: 2 is 02, 98,00 is 98, Barn is barn."""
    one, other = (_value(layout, column, text) for text in (mine, theirs))
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold().split() == other.casefold().split()
    amounts = {getattr(value, "amount", value) for value in (one, other)}
    marks = {getattr(value, "currency", "") for value in (one, other)} - {"", "kr"}
    return len(amounts) == 1 and len(marks) < 2


def _value(layout: Layout, column: str, text: str) -> object:
    try:
        return layout.value_of(column, text)
    except Unreadable:
        return text
