"""The edifact connector keeps the promises of every connector."""

from __future__ import annotations

from typing import ClassVar

from interchanges import LINE, interchange, line, message

from connectors.edifact import EdifactConnector
from etl.testing.connector_suite import ConnectorSuite

THREE = message(line(), line(number=2), line(*LINE[:4], "QTY+1:tva", number=3))


# fmt: off
QUOTED = {
    "source": "edifact", "supplier": "7300009000024", "account": "000217", "order_id": "Q-77",
    "order_date": "2024-03-11", "line_no": "1", "reference": "B-1", "article_no": "9789199999012",
    "isbn": "9199999012", "title": "Sju nätter på Åland", "author": "Öberg, Åsa", "unit_price": "142.45",
    "price_basis": "net", "currency": "SEK", "price_includes_vat": False, "order_type": "QUOTES 31F",
}
HUV = {**QUOTED, "sub_line": "001", "quantity": 1, "library": "HUV", "fund": "VUX24", "location": "VUX"}
FIL = {**QUOTED, "sub_line": "002", "quantity": 1, "library": "FIL", "fund": "FIL24", "location": "VUX"}
# fmt: on


class TestEdifact(ConnectorSuite):
    connector = EdifactConnector()
    record = 5
    trailer = rb"CNT\+2:([0-9]+)"
    stated: ClassVar = {1: {**QUOTED, "quantity": 2}}
    sample = interchange(THREE, message(line(), name="M2", kind="INVOIC"), message(line(), name="M3"))


class TestEdifactLines(ConnectorSuite):
    connector = EdifactConnector()
    record = 3
    trailer = rb"CNT\+2:([0-9]+)"
    options: ClassVar = {"placements": "lines", "counts": "warn", "encoding": "utf-8"}
    stated: ClassVar = {1: [HUV, FIL]}
    sample = interchange(THREE, syntax="UNOW:4", codec="utf-8", gap="", una="")
