"""Order data of a MARC record that no column takes → what is told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from connectors.formats.marc_order_data import UnreadOrderData
from connectors.formats.marc_path import parse_path
from connectors.formats.marc_record import Field
from connectors.formats.trouble import Trouble, several_said
from connectors.layouts.numbers import Money, agrees
from connectors.layouts.unreadable import Unreadable
from connectors.layouts.values import find_format
from etl.plugin import normal_form

_PRICES = parse_path("020$c[]")
_ASK = "ask which is meant; the first is in what is held"


def left_unread(
    unread: UnreadOrderData, fields: Mapping[str, list[Field]], prices: Sequence[tuple[object, object]] = ()
) -> dict[str, str]:
    """Name → text. A price beside the ISBN that is one of the line's own `prices` (amount, currency or None)
    once more is compared by this, and not left.
    """
    left = unread.left(fields)
    if "020$c" in left and prices and all(_is_one_of(text, prices) for text in _PRICES.found(fields)):
        del left["020$c"]
    return left


def one_text(one: Field, code: str, where: str) -> tuple[str | None, Trouble | None]:
    """The text of a subfield that a place or a copy has once, and E327 (which holds) where it has several."""
    texts = [text.strip() for found, text in one.subfields if found == code and text.strip()]
    different = list(dict.fromkeys(map(normal_form, texts)))
    if len(different) < 2:
        return (texts[0] if texts else None), None
    name = f"{one.tag}${code}"
    told = several_said(f'"{name}" is one value', where, different)
    return texts[0], Trouble("E327", told, _ASK, name, holds=True)


def codes_read(tag: str, codes: str) -> str:
    """The path of subfields that a connector reads itself: ("852", "bc") → 852$b$c."""
    return tag + "".join(f"${code}" for code in codes)


def _is_one_of(text: str, prices: Sequence[tuple[object, object]]) -> bool:
    try:
        said = find_format("money either").reader(text)
    except Unreadable:
        return False
    return isinstance(said, Money) and any(
        isinstance(amount, Decimal)
        and amount == said.amount
        and (not said.currency or (isinstance(currency, str) and agrees(said.currency, currency)))
        for amount, currency in prices
    )
