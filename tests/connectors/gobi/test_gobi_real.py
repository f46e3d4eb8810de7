"""The two public orders of GOBI → every value that FOLIO's own mapping of them selects."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from gobi_files import read

DATA = Path(__file__).parents[4] / "shared/data/gobi-xml"
# FOLIO's field → column of the order line, or a field under raw.
COLUMNS = {
    "CONTRIBUTOR": "author", "CURRENCY": "currency", "FUND_ID": "fund", "FUND_CODE": "fund", "LOCATION": "location",
    "VENDOR_INSTRUCTIONS": "note_vendor", "PRODUCT_ID": "isbn", "PUBLISHER": "publisher", "PUBLICATION_DATE": "year",
    "REQUESTER": "requester", "TITLE": "title", "VENDOR_ACCOUNT": "account", "VENDOR_REF_NO": "order_id",
    "PO_LINE_DESCRIPTION": "access_model",
}  # fmt: skip
RAW = {"RECEIVING_NOTE": "LocalData[LocalData4]", "SELECTOR": "OrderDetail/Initials"}
NUMBERS = {
    "LIST_UNIT_PRICE": "unit_price", "LIST_UNIT_PRICE_ELECTRONIC": "unit_price", "QUANTITY_PHYSICAL": "quantity",
    "QUANTITY_ELECTRONIC": "quantity",
}  # fmt: skip
# Fields that FOLIO takes from nowhere in these orders.
ABSENT = {"SUPPRESS_INSTANCE_FROM_DISCOVERY", "PRODUCT_QUALIFIER"}


def folder() -> Path:
    if not DATA.is_dir():
        pytest.skip("shared/data/gobi-xml is not here")
    return DATA


@pytest.mark.parametrize("name", ["po_listed_print_monograph", "po_listed_electronic_monograph"])
def test_values_equal_the_xpath_values(name: str) -> None:
    row = read(folder() / f"{name}.xml", columns={"requester": "LocalData[LocalData3]"}).row
    expected: dict[str, Any] = json.loads(
        (folder() / f"{name}.xpath-values.json").read_text(encoding="utf-8")
    )
    compared = 0
    for field, told in expected.items():
        if "values" not in told or field in ABSENT:
            continue
        wanted = told["values"][0] if told["values"] else None
        compared += 1
        if field in NUMBERS:
            assert row[NUMBERS[field]] == Decimal(wanted), field
        elif field in RAW:
            assert row["raw"].get(RAW[field]) == wanted, field
        else:
            assert row[COLUMNS[field]] == wanted, field
    assert compared >= 15


def test_what_else_the_print_order_says() -> None:
    row = read(folder() / "po_listed_print_monograph.xml").row
    assert (row["order_type"], row["is_electronic"], row["price_basis"]) == (
        "ListedPrintMonograph",
        False,
        "list",
    )
    assert str(row["order_date"]) == "2018-09-05"
    assert row["system_numbers"] == ["(OCoLC)717297695"]
    assert row["requester"] is None, "LocalData means what the customer wants it to mean"
    net = read(folder() / "po_listed_print_monograph.xml", prices=["NetPrice", "ListPrice"]).row
    assert (net["unit_price"], net["price_basis"]) == (Decimal("13.16"), "net")


def test_the_electronic_order_is_electronic() -> None:
    row = read(folder() / "po_listed_electronic_monograph.xml").row
    assert (row["is_electronic"], row["form"]) == (True, "ListedElectronicMonograph")
    assert row["raw"]["OrderDetail/PurchaseOption/VendorCode"] == "EBS3U"
