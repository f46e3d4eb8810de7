"""What is wrong with a sheet, in the language of its reader; columns are called by their headings."""

from __future__ import annotations

from collections.abc import Iterable

from etl.deadletters.columns import FIELDS, HEADINGS, Language
from etl.plugin import Fault, Target

TABLE: dict[str, dict[Language, str]] = {
    "emptied": {
        "en": '{column} is empty, it was "{old}": write - to take a value away',
        "sv": '{column} är tom, där stod "{old}": skriv - för att ta bort ett värde',
    },
    "zeros lost": {
        "en": '{column} has lost its zeros, "{old}" is now "{new}": format the column as text before typing',
        "sv": '{column} har tappat nollor, "{old}" är nu "{new}": formatera kolumnen som text först',
    },
    "negative": {
        "en": '{column} "{new}" is less than nothing',
        "sv": '{column} "{new}" är mindre än ingenting',
    },
    "too fine": {
        "en": '{column} "{new}" has more decimals than its currency: if the mark stands before thousands, '
        'write "{plain}"',
        "sv": '{column} "{new}" har fler decimaler än valutan: om tecknet står före tusental, '
        'skriv "{plain}"',
    },
    "no isbn": {
        "en": '"{new}" is no ISBN: format the column as text before typing',
        "sv": '"{new}" är inget ISBN: formatera kolumnen som text först',
    },
    "other number of values": {
        "en": "{column} has {found} values with ; between, {other} {due}: give each its own, or - for none",
        "sv": "{column} har {found} värden med ; emellan, {other} {due}: ge alla var sitt, eller - för inget",
    },
    "some without": {
        "en": '{column} "{new}": give every fund its amount, or write - for none at all',
        "sv": '{column} "{new}": ge varje fond sitt belopp, eller skriv - för inget alls',
    },
    "carried": {
        "en": 'with {column} changed so, nobody can tell what becomes of what no column shows at "{place}" '
        "({hidden}): leave that one as it was, or correct the file or the mapping and run it again",
        "sv": "när {column} ändras så kan ingen veta vad som ska hända med det som ingen kolumn visar vid "
        '"{place}" ({hidden}): låt den stå som den var, eller rätta filen eller mappningen och kör igen',
    },
    "neither yes nor no": {
        "en": '"{new}" in the column "{column}" is neither yes nor no',
        "sv": '"{new}" i kolumnen "{column}" är varken ja eller nej',
    },
    "no order": {
        "en": "this one cannot be sent from the sheet: do what stands under {column}",
        "sv": "den här kan inte skickas från listan: gör det som står under {column}",
    },
    "twice": {
        "en": "the same order stands in row {row}",
        "sv": "samma beställning står på rad {row}",
    },
    "no user": {
        "en": "a purchase request needs a user",
        "sv": "ett inköpsförslag behöver en användare",
    },
    "gone": {
        "en": "the order has changed since the sheet was made, or waits no longer",
        "sv": "beställningen har ändrats sedan listan gjordes, eller väntar inte längre",
    },
    "in Alma": {
        "en": "the order is in Alma as {number}: change it there",
        "sv": "beställningen finns i Alma som {number}: ändra den där",
    },
    "as said": {"en": "{words}", "sv": "{words}"},
    "correct it": {
        "en": "correct the row; nothing of the sheet was sent",
        "sv": "rätta raden; inget ur listan skickades",
    },
    "new sheet": {
        "en": "make a new sheet: etl ledger dead-letters; nothing of this one was sent",
        "sv": "gör en ny lista: etl ledger dead-letters; inget ur den här skickades",
    },
}


def say(name: str, language: Language, column: str = "", /, **values: object) -> str:
    """The sentence, with the headings of the column and of the `other`, and the values in their places."""
    headings = HEADINGS[language]
    if "other" in values:
        values["other"] = headings[str(values["other"])]
    return TABLE[name][language].format(column=headings.get(column, column), **values)


class BadCell(ValueError):  # noqa: N818 - said to a librarian
    """What is written in a row cannot be used: the name of a sentence of the table, and what goes into it."""

    def __init__(self, name: str, column: str = "", /, **values: object) -> None:
        self._name, self._column, self._values = name, column, values
        super().__init__(self.said("en"))

    def said(self, language: Language) -> str:
        return say(self._name, language, self._column, **self._values)


class Gone(BadCell):
    """The order is not as it was when the sheet was made."""


class Faulty(BadCell):
    """The target cannot take the values: its own words, behind the headings of their columns."""

    def __init__(self, target: Target, faults: Iterable[Fault]) -> None:
        self._told = [(_column(target, fault.path), fault.message) for fault in faults]
        super().__init__("as said", words="; ".join(message for _, message in self._told))

    def said(self, language: Language) -> str:
        headings = HEADINGS[language]
        return "; ".join(f"{headings[name]}: {words}" if name else words for name, words in self._told)


def _column(target: Target, path: tuple[str | int, ...]) -> str | None:
    """The column whose value stands at the path, or around it; None if no column has it."""
    names = tuple(name for name in path if isinstance(name, str))
    return next((column for column, place in FIELDS[target.name].items() if place == names), None)
