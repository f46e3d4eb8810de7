"""The names in a file that is in no layout → what else of a vendor's it is: an invoice, a report."""

from __future__ import annotations

import re
from collections.abc import Iterable

from etl.plugin import DataPlace, Problem

# The first that some name of the file has a word of; whole words would miss fakturanr and InvoiceLine.
_PAPERS = {
    "a credit note": re.compile(r"kreditnota|kreditfaktura|credit ?_?note", re.IGNORECASE),
    "an invoice": re.compile(r"faktur|invoic", re.IGNORECASE),
    "a status report": re.compile(r"status|order ?_?resp|orderbesked|restnot|restorder", re.IGNORECASE),
    "a delivery note": re.compile(r"f[oö]ljesedel|leveransbesked|despatch|dispatch", re.IGNORECASE),
}


def other_paper(file: str, names: Iterable[str]) -> Problem | None:
    """E443 for a file whose fields or elements are those of another paper; None for one that says nothing.

    >>> other_paper("in.json", ["fakturanummer", "belopp"]).message
    'this is an invoice and no order: it has "fakturanummer"'
    """
    said = list(names)
    for what, words in _PAPERS.items():
        found = next((name for name in said if words.search(name)), None)
        if found is not None:
            told = f'this is {what} and no order: it has "{found[:60]}"'
            help_ = "keep it out of the folder of orders, or let source.path name the orders alone"
            return Problem("E443", told, data=DataPlace(file), help=help_)
    return None
