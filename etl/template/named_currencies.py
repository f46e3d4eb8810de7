"""Texts of a record that were read as numbers, the currencies they name, and those that were asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from etl.problems import MappingPlace
from etl.records import as_shown
from etl.values.currency_marks import currencies_in

Owner = tuple[str | int, ...]
"""("let", name) or (field,): what is being given a value; () for what only decides."""


@dataclass(frozen=True, slots=True)
class NamedCurrency:
    """`codes` are those that the mark in `text` may stand for, or the one that the mapping says it does."""

    place: MappingPlace
    owner: Owner
    text: str
    codes: frozenset[str]
    declared: bool


@dataclass(frozen=True, slots=True)
class PlainNumber:
    """A text that was read as a number and names no currency. The cell it was cut out of may do so, or say
    what the number is of.
    """

    place: MappingPlace
    owner: Owner
    text: str


WATCHED = frozenset(
    ("amount", "currency", "decimal", "integer", "minus_vat", "net", "plus_vat", "round_amount", "share_out")
)
"""Filters that read a number or a currency out of a text."""


@dataclass(slots=True)
class Currencies:
    """What these filters were given for one record."""

    owner: Owner = ()
    named: list[NamedCurrency] = field(default_factory=list)
    plain: list[PlainNumber] = field(default_factory=list)
    read: set[str] = field(default_factory=set)

    def forget(self) -> None:
        """Another record begins."""
        self.owner = ()
        self.named.clear()
        self.plain.clear()
        self.read.clear()

    def note(self, name: str, place: MappingPlace, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """One of the filters has given an answer."""
        text = as_shown(args[0]) if args else None
        if not isinstance(text, str):
            return
        if name == "currency":
            self.read.add(text)
            return
        names = currencies_in(text) if name == "amount" else frozenset()
        if not names and self.owner:
            self.plain.append(PlainNumber(place, self.owner, text))
        if name != "amount":
            return
        declared = kwargs.get("currency") or (args[2] if len(args) > 2 else None)
        codes = frozenset({declared}) if declared else names
        if codes:
            self.named.append(NamedCurrency(place, self.owner, text, codes, bool(declared)))
