"""Texts of a record that were read as amounts and name a currency, and texts whose currency was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from etl.problems import MappingPlace
from etl.template.filters.currency_marks import currencies_in

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


@dataclass(slots=True)
class Currencies:
    """What the filters `amount` and `currency` were given for one record."""

    owner: Owner = ()
    named: list[NamedCurrency] = field(default_factory=list)
    read: set[str] = field(default_factory=set)

    def forget(self) -> None:
        """Another record begins."""
        self.owner = ()
        self.named.clear()
        self.read.clear()

    def note(self, name: str, place: MappingPlace, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """One of the two filters has given an answer."""
        text = args[0] if args else None
        if not isinstance(text, str):
            return
        if name == "currency":
            self.read.add(text)
            return
        declared = kwargs.get("currency") or (args[2] if len(args) > 2 else None)
        codes = frozenset({declared}) if declared else currencies_in(text)
        if codes:
            self.named.append(NamedCurrency(place, self.owner, text, codes, bool(declared)))
