"""Text that a spreadsheet has spoilt → BadValue, before anybody uses what is left of it."""

from __future__ import annotations

import regex

from etl.plugin import BadValue
from etl.values.quoting import quoted

_SCIENTIFIC = regex.compile(r"\s*[0-9]+(?:[.,][0-9]*)?[eE]\+?[0-9]+\s*")
_DECIMAL = regex.compile(r"\s*[0-9]+[.,]0+\s*")
_AS_TEXT = "its digits are lost; set the column to Text in the spreadsheet, fill it in and export again"


def refuse_scientific(text: str) -> None:
    """Raises BadValue E404 for `9,78914E+12`: Excel shows long numbers so, and saves what it shows."""
    if _SCIENTIFIC.fullmatch(text):
        raise BadValue("E404", f"{quoted(text)} is a number that a spreadsheet has rounded", _AS_TEXT)


def refuse_decimal(text: str) -> None:
    """Raises BadValue E404 for an identifier written as `1234000.0`, which has gained a digit."""
    if _DECIMAL.fullmatch(text):
        raise BadValue(
            "E404", f"{quoted(text)} is an identifier that a spreadsheet made a decimal number", _AS_TEXT
        )
