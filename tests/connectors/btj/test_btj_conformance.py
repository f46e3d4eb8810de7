"""The btj connector keeps the promises of every connector, in each of its layouts."""

from __future__ import annotations

from typing import ClassVar

from btj_files import BURK, NASTY, ROW, confirmation, item, notice, transmission

from connectors.btj import BtjConnector
from etl.testing.connector_suite import ConnectorSuite

TWO = "".join(
    f"<CopyDetail><SubLineNumber>{n}</SubLineNumber><CopyQuantity>1</CopyQuantity>"
    f"<DeliverToLocation>HUVBARN202{n}</DeliverToLocation></CopyDetail>"
    for n in (1, 2)
)


class TestNotice(ConnectorSuite):
    connector = BtjConnector()
    record = 3
    trailer = rb"<NumberOfLines>([0-9]+)"
    sample = notice(item(), item(quantity="2", line="2", copies=TWO), item("<ItemDescription/>", line="3"))


class TestNoticeWithLocations(ConnectorSuite):
    connector = BtjConnector()
    record = 3
    options: ClassVar = {
        "layout": "btj_editx",
        "placements": "locations",
        "glued": {"branches": ["HUV"], "locations": ["BARN"]},
    }
    sample = notice(item(), item(quantity="2", line="2", copies=TWO), item(line="3"))


class TestConfirmation(ConnectorSuite):
    connector = BtjConnector()
    record = rb"(?<=\n)0?1234000;[^\n]*\n"
    sample = confirmation(ROW, NASTY, ROW.replace("77120441", "77120442"), ROW.replace("189,00", "189.00"))


class TestRecords(ConnectorSuite):
    connector = BtjConnector()
    record = rb"[^\x1d]+\x1d"
    options: ClassVar = {"columns": {"order_id": "980$a"}, "defaults": {"currency": "SEK"}}
    sample = transmission(BURK, [*BURK, ("980", "  $aA-1")], [field for field in BURK if field[0] != "245"])
