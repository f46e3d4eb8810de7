"""A list in JSON where an order line has one value: of Adlibris and of OASIS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.adlibris import AdlibrisConnector
from connectors.oasis import OasisConnector
from etl.plugin import Connector, Severity
from etl.testing.sources import bytes_source

ISBNS = "9789199999913", "9789199999920"
POSTED: dict[str, Any] = {
    "ISBN": ISBNS[0], "Title": "Sju nätter", "Quantity": 1, "Price": 150, "VAT": 6, "Currency": "SEK",
    "ItemBarcode": "31",
}  # fmt: skip
CONFIRMED: dict[str, Any] = {
    "radnummer": 1, "artikelnummer": ISBNS[0], "titel": "Sju nätter", "antal": 1, "pris": "150.00",
    "fordelning": [{"avdelning": "Barn", "konto": "BARN24", "antal": 1}],
}  # fmt: skip
OASIS: dict[str, Any] = {
    "order_number": "OAS-1", "customer_account": "KTHB01", "checkout_type": "firm", "isbn": ISBNS[0],
    "order_date": "2024-03-11T14:22:05Z", "title": "Sju nätter", "format": "P", "quantity": 1, "currency": "GBP",
    "list_price": "8.99", "fund_code": "ENGLIT",
}  # fmt: skip


def posted(**changed: object) -> tuple[Connector, object]:
    head = {"Vendor": "Adlibris", "CustomerNumber": "712345", "OrderNumber": "48211907"}
    ours = {name: changed.pop(name) for name in [*changed] if name in head}
    return AdlibrisConnector(), {**head, **ours, "Items": [{**POSTED, **changed}]}


def confirmed(**changed: object) -> tuple[Connector, object]:
    head = {"leverantor": "AdLibris", "kundnummer": "712345", "ordernummer": "48211907", "orderdatum": "2024-03-11"}
    place = {name: changed.pop(name) for name in [*changed] if name in ("avdelning", "konto")}
    line = {**CONFIRMED, "fordelning": [{**CONFIRMED["fordelning"][0], **place}], **changed}
    return AdlibrisConnector(), {**head, "rader": [line]}


def oasis(**changed: object) -> tuple[Connector, object]:
    return OasisConnector(), {**OASIS, **changed}


def told(connector: Connector, document: object) -> tuple[list[dict[str, Any]], list[tuple[str, Severity]]]:
    """(rows, problems but those of the layout)"""
    source = bytes_source(json.dumps(document, ensure_ascii=False).encode())
    batches = list(connector.read(source, connector.Options(), None))
    assert not any(batch.rejected for batch in batches)
    notes = [note for batch in batches for note in batch.notes if note.code != "E358"]
    rows = [row for batch in batches for row in batch.frame.to_dicts()]
    return rows, [(note.code, note.severity) for note in notes]


def said(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns that are not the place of a row, nor what the vendor wrote."""
    return [{name: row[name] for name in row if name != "raw" and name[0] != "_"} for row in rows]


WHERE = [
    (posted, "Title", ["Sju nätter", "Andra nätter"]),
    (posted, "ISBN", [*ISBNS]),
    (posted, "Quantity", [1, 2]),
    (posted, "Price", [150, 99]),
    (posted, "ItemBarcode", ["31", "32"]),
    (posted, "OrderNumber", ["48211907", "48211908"]),
    (confirmed, "titel", ["Sju nätter", "Andra nätter"]),
    (confirmed, "antal", [1, 2]),
    (confirmed, "avdelning", ["Barn", "Vuxen"]),
    (confirmed, "konto", ["BARN24", "VUX24"]),
    (oasis, "title", ["Sju nätter", "Andra nätter"]),
    (oasis, "fund_code", ["ENGLIT", "LAW"]),
    (oasis, "quantity", [1, 2]),
    (oasis, "isbn", [*ISBNS]),
]


@pytest.mark.parametrize(("make", "name", "listed"), WHERE)
def test_a_list_of_two_values_holds_and_is_no_text(make: Any, name: str, listed: list[object]) -> None:
    rows, problems = told(*make(**{name: listed}))
    assert ("E309", Severity.HOLD) in problems
    first, _ = told(*make(**{name: listed[0]}))
    assert said(rows) == said(first), "the first is shown"


@pytest.mark.parametrize(("make", "name", "listed"), WHERE)
@pytest.mark.parametrize("times", [1, 2])
def test_a_list_that_says_one_thing_is_that(make: Any, name: str, listed: list[object], times: int) -> None:
    rows, problems = told(*make(**{name: listed[:1] * times}))
    assert "E309" not in [code for code, _ in problems]
    first, _ = told(*make(**{name: listed[0]}))
    assert said(rows) == said(first)


@pytest.mark.parametrize("barcode", ["123;456", "123, 456", "123|456", "123\n456"])
def test_barcodes_in_one_text_hold(barcode: str) -> None:
    assert ("E309", Severity.HOLD) in told(*posted(ItemBarcode=barcode))[1]


@pytest.mark.parametrize("barcode", ["123456", "123;", "A 123-4/5"])
def test_a_barcode_is_one(barcode: str) -> None:
    assert "E309" not in [code for code, _ in told(*posted(ItemBarcode=barcode))[1]]
