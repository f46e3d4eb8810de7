"""The gobi connector keeps the promises of every connector."""

from __future__ import annotations

from typing import ClassVar

from gobi_files import RECORD, detail, kind, purchase

from connectors.gobi import GobiConnector
from etl.testing.connector_suite import ConnectorSuite


class TestOneOrder(ConnectorSuite):
    connector = GobiConnector()
    record = 1
    sample = purchase().encode()


class TestSeveralUnderOneRoot(ConnectorSuite):
    connector = GobiConnector()
    record = 4
    options: ClassVar = {"prices": ["NetPrice"], "columns": {"requester": "LocalData[LocalData3]"}}
    sample = (
        "<Orders>\n"
        + "\n".join(
            [purchase(), purchase(kind(RECORD)), purchase(kind(RECORD, detail(quantity="two"))), purchase()]
        )
        + "\n</Orders>"
    ).encode()
