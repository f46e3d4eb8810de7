"""The names in a file → what else than an order of a vendor's it is: an invoice, a report."""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors.formats.header import fold
from etl.plugin import DataPlace, Problem

# The first that some name of the file has a word of; whole words would miss fakturanr and InvoiceLine.
_PAPERS = {
    "a credit note": re.compile(r"kreditnota|kreditfaktura|credit ?_?note", re.IGNORECASE),
    "an invoice": re.compile(r"faktur|invoic", re.IGNORECASE),
    "a status report": re.compile(r"status|order ?_?resp|orderbesked|restnot|restorder", re.IGNORECASE),
    "a delivery note": re.compile(r"f[oö]ljesedel|leveransbesked|despatch|dispatch", re.IGNORECASE),
}
_NUMBER = r"(?:nr|nummer|no|num|number|id|datum|date|dag)"
# What only such a paper has of its own, folded: an order may say where its invoice goes, and its own status.
_OF_ITS_OWN = {
    "a credit note": re.compile(r"(?:kredit(?:nota|faktura|not)|credit(?:note|memo))" + _NUMBER),
    "an invoice": re.compile(rf"(?:faktura|invoice){_NUMBER}|forfallo(?:datum|dag)|ocr(?:nr|nummer)?"),
    "a delivery note": re.compile(
        rf"(?:(?:foljesedel|packsedel)s?|leveransbesked|deliverynote|packinglist|d[ei]spatch(?:note|advice)){_NUMBER}"
    ),
}


def paper_of(names: Iterable[str]) -> tuple[str, str] | None:
    """(what, the name that says so) for a file that has the number or the day of another paper; None else.

    >>> paper_of(["Kundnr", "Faktura nr"]), paper_of(["Fakturaadress", "Orderstatus", "Ordernr"])
    (('an invoice', 'Faktura nr'), None)
    """
    said = list(names)
    for what, words in _OF_ITS_OWN.items():
        found = next((name for name in said if words.fullmatch(fold(name))), None)
        if found is not None:
            return what, found
    return None


def no_order(file: str, what: str, name: str, help_: str = "") -> Problem:
    """E443. `help_`: another way out."""
    told = f'this is {what} and no order: it has "{name[:60]}"'
    out = "keep it out of the folder of orders, or let source.path name the orders alone"
    return Problem("E443", told, data=DataPlace(file), help=f"{out}{help_}")


def other_paper(file: str, names: Iterable[str]) -> Problem | None:
    """E443 for a file whose fields or elements are those of another paper; None for one that says nothing.

    >>> other_paper("in.json", ["fakturanummer", "belopp"]).message
    'this is an invoice and no order: it has "fakturanummer"'
    """
    said = list(names)
    for what, words in _PAPERS.items():
        found = next((name for name in said if words.search(name)), None)
        if found is not None:
            return no_order(file, what, found)
    return None
