"""The edifact connector keeps the promises of every connector."""

from __future__ import annotations

from typing import ClassVar

from interchanges import LINE, interchange, line, message

from connectors.edifact import EdifactConnector
from etl.testing.connector_suite import ConnectorSuite

THREE = message(line(), line(number=2), line(*LINE[:4], "QTY+1:tva", number=3))


class TestEdifact(ConnectorSuite):
    connector = EdifactConnector()
    record = 5
    trailer = rb"CNT\+2:([0-9]+)"
    sample = interchange(THREE, message(line(), name="M2", kind="INVOIC"), message(line(), name="M3"))


class TestEdifactLines(ConnectorSuite):
    connector = EdifactConnector()
    record = 3
    trailer = rb"CNT\+2:([0-9]+)"
    options: ClassVar = {"placements": "lines", "counts": "warn", "encoding": "utf-8"}
    sample = interchange(THREE, syntax="UNOW:4", codec="utf-8", gap="", una="")
