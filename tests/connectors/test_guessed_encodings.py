"""JSON in an 8-bit set is read, since vendors send it, and said: nothing in the file shows which set it is."""

from __future__ import annotations

import pytest
from reading import read

from connectors.adlibris import AdlibrisConnector
from connectors.oasis.connector import OasisConnector
from etl.plugin import Connector

ORDERS = {
    "oasis": '{{"order_id": "1", "order_date": "2024-03-11", "isbn": "9789199999012", "title": "{title}"}}',
    "adlibris": '{{"ordernummer": "1", "orderdatum": "2024-03-11", "rader": [{{"titel": "{title}", "antal": 1}}]}}',
}


CONNECTORS: dict[str, Connector] = {"oasis": OasisConnector(), "adlibris": AdlibrisConnector()}


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize(
    ("title", "codec", "options", "told"),
    [
        ("Sjön", "windows-1252", {}, True),
        ("Sjön", "cp850", {}, True),
        ("Sjön", "utf-8", {}, False),
        ("Lake", "ascii", {}, False),
        ("Sjön", "cp850", {"encoding": "cp850"}, False),
    ],
)
def test_an_encoding_that_nobody_said_is_told(
    name: str, title: str, codec: str, options: dict[str, str], told: bool
) -> None:
    data = ORDERS[name].format(title=title).encode(codec)
    options = {**options, "layout": f"{name}_order"}
    assert read(CONNECTORS[name], data, **options).notes.count("E337") == told
