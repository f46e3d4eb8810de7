"""The gobi connector keeps the promises of every connector."""

from __future__ import annotations

from typing import ClassVar

from gobi_files import RECORD, detail, kind, purchase

from connectors.gobi import GobiConnector
from etl.testing.connector_suite import ConnectorSuite

# fmt: off
ORDERED = {
    "source": "gobi_order", "supplier": "GOBI", "account": "891010", "order_id": "99974828471",
    "order_date": "2018-09-05", "isbn": "9789199999012", "system_numbers": ["(OCoLC)717297695"],
    "title": "LANTERN FOR THE ARCHIPELAGO.", "author": "ÖBERG, ÅSA", "publisher": "FYRSKEPPET", "place": "LUND",
    "year": "2011", "form": "ListedPrintMonograph", "quantity": 2, "unit_price": "14.95", "price_basis": "list",
    "currency": "USD", "fund": "USHIST", "location": "KU/CC/DI/A", "order_type": "ListedPrintMonograph",
    "is_electronic": False,
}
# fmt: on


class TestOneOrder(ConnectorSuite):
    connector = GobiConnector()
    record = 1
    stated: ClassVar = {1: ORDERED}
    sample = purchase().encode()


class TestSeveralUnderOneRoot(ConnectorSuite):
    connector = GobiConnector()
    record = 4
    options: ClassVar = {"prices": ["NetPrice"], "columns": {"requester": "LocalData[LocalData3]"}}
    stated: ClassVar = {1: {**ORDERED, "unit_price": "13.16", "price_basis": "net"}}
    sample = (
        "<Orders>\n"
        + "\n".join(
            [purchase(), purchase(kind(RECORD)), purchase(kind(RECORD, detail(quantity="two"))), purchase()]
        )
        + "\n</Orders>"
    ).encode()
