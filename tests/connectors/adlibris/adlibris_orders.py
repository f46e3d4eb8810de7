"""Orders as Adlibris writes them, composed for tests."""

from __future__ import annotations

import json

ISBN = "9789199999913"


def item(**changed: object) -> dict[str, object]:
    """A line of the order as posted to the library system."""
    plain = {
        "ISBN": ISBN,
        "Title": "Sju nätter på Åland",
        "Quantity": 1,
        "Price": 150,
        "VAT": 6,
        "Currency": "SEK",
    }
    return {**plain, **changed}


def posted(*items: object, **head: object) -> dict[str, object]:
    """The layout adlibris_vendor_order."""
    plain = {
        "Vendor": "Adlibris",
        "CustomerNumber": "712345",
        "OrderNumber": "48211907",
        "Items": list(items),
    }
    return {**plain, **head}


def rad(**changed: object) -> dict[str, object]:
    """A line of the order confirmation."""
    plain = {
        "radnummer": 1,
        "artikelnummer": ISBN,
        "titel": "Sju nätter på Åland",
        "antal": 1,
        "pris": "150.00",
    }
    return {**plain, **changed}


def confirmed(*rader: object, **head: object) -> dict[str, object]:
    """The layout adlibris_order."""
    plain = {"leverantor": "AdLibris", "kundnummer": "712345", "ordernummer": "48211907"}
    return {**plain, "orderdatum": "2024-03-11T23:50:00+01:00", **head, "rader": list(rader)}


def as_bytes(*documents: object, indent: int | None = None) -> bytes:
    """One after the other, a line each (or many, with `indent`)."""
    return "".join(json.dumps(one, ensure_ascii=False, indent=indent) + "\n" for one in documents).encode()
