"""Amounts that a message says twice (MOA) and the prices they come of → which of them fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from connectors.edifact.amounts import choose_price, number_or_none
from connectors.edifact.message import Message, ordered
from connectors.edifact.options import EdifactOptions
from etl.plugin import DataPlace

_OF_LINE = frozenset({"38", "66", "128", "203"})
_OF_MESSAGE = frozenset({"9", "77", "79", "86", "128"})
_OF_COPY = "146"
_OFF, _OF_DISCOUNT = "ALC+A/MOA+", frozenset({"8", "52", "204"})
_CENT = Decimal("0.01")


def amounts_that_fit(fields: Mapping[str, str], row: Mapping[str, object], mark: str) -> set[str]:
    """MOA of a line that are its price, its copies at that price, with or without its discount, or that."""
    price, copies, discount = (row.get(name) for name in ("unit_price", "quantity", "discount_percent"))
    if not isinstance(price, Decimal) or not isinstance(copies, int):
        return set()
    gross = price * copies
    net = gross * (100 - discount) / 100 if isinstance(discount, Decimal) else gross
    return {
        name
        for name, text in fields.items()
        if name.startswith(("MOA+", _OFF)) and (said := number_or_none(text, mark)) is not None
        if (name[4:] in _OF_LINE and _is_one_of(said, (gross, net), 1))
        or (name[4:] == _OF_COPY and said == price)
        or (name[:10] == _OFF and name[10:] in _OF_DISCOUNT and _is_one_of(said, (gross - net,), 1))
    }


def totals_that_fit(message: Message, options: EdifactOptions) -> frozenset[str]:
    """CNT was counted when the message was read; MOA of the foot is the sum of its lines, or is not."""
    fitting = {name for name in message.head if name in ("foot/CNT+1", "foot/CNT+2")}
    totals = {name: text for name, text in message.head.items() if _is_total(name)}
    said = {name: number_or_none(text, message.mark) for name, text in totals.items()}
    if said and (sums := _sums(message, options)) is not None:
        lines = len(message.lines)
        fitting |= {name for name, one in said.items() if one is not None and _is_one_of(one, sums, lines)}
    return frozenset(fitting)


def _is_total(name: str) -> bool:
    return name.startswith("foot/MOA+") and name[9:] in _OF_MESSAGE


def _sums(message: Message, options: EdifactOptions) -> tuple[Decimal, Decimal] | None:
    gross = net = Decimal(0)
    mark = message.mark
    for line in message.lines:
        price = choose_price(line.fields, options.prices, mark, DataPlace(""), None).values.get("unit_price")
        copies = number_or_none(ordered(line.fields), mark)
        if not isinstance(price, Decimal) or copies is None:
            return None
        gross += price * copies
        net += price * copies * (100 - (number_or_none(line.fields.get("ALC+A/PCD+3"), mark) or 0)) / 100
    return gross, net


def _is_one_of(said: Decimal, sums: Iterable[Decimal], roundings: int) -> bool:
    return any(abs(said - one) <= _CENT * roundings for one in sums)
