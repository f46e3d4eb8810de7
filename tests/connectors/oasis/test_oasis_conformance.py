"""The oasis connector keeps the promises of every connector, in each of its layouts."""

from __future__ import annotations

from typing import ClassVar

from oasis_files import BRIEF, answer, marc, marcxml, order, without

from connectors.oasis import OasisConnector
from etl.testing.connector_suite import ConnectorSuite

TWO = [*BRIEF, ("960", "  $kLAW$o1$s8.99$tLAW-STACKS$uLAW"), ("961", "  $dFor the law library")]
FILE = (BRIEF, TWO, without(BRIEF, "960", "961"), BRIEF)


class TestMarc(ConnectorSuite):
    connector = OasisConnector()
    record = rb"[^\x1d]+\x1d"
    sample = marc(*FILE)


class TestMarcLines(ConnectorSuite):
    connector = OasisConnector()
    record = rb"[^\x1d]+\x1d"
    options: ClassVar = {"layout": "oasis_marc", "blocks": "lines", "no_order_field": "one"}
    sample = marc(*FILE)


class TestMarcPlacements(ConnectorSuite):
    connector = OasisConnector()
    record = rb"[^\x1d]+\x1d"
    options: ClassVar = {"placements": "lines", "defaults": {"account": "KTHB01"}}
    sample = marc(*FILE)


class TestMarcXml(ConnectorSuite):
    connector = OasisConnector()
    record = 4
    sample = marcxml(*FILE)


class TestOrderLines(ConnectorSuite):
    connector = OasisConnector()
    record = 3
    sample = b"\n".join([order(), order(quantity="two"), order(format="E", title_id="4963417", isbn=None)])


class TestOrderList(ConnectorSuite):
    connector = OasisConnector()
    record = 3
    sample = b"[" + b",\n".join([order(), order(line_number="2"), order(list_price=8.99)]) + b"]"


class TestOrderCsv(ConnectorSuite):
    connector = OasisConnector()
    record = rb"OAS-[^\n]*\n"
    sample = (
        "order_number,customer_account,checkout_type,order_date,isbn,title,format,quantity,list_price\r\n"
        'OAS-1,KTHB01,firm,2024-03-11,9789199999012,"Sju nätter, på Åland",P,2,8.99\r\n'
        "OAS-2,KTHB01,firm,2024-03-11,9789199999029,,P,1,8.99\r\n"
        "OAS-3,KTHB01,firm,11/03/2024,9789199999029,Fjärilar,P,1,8.99\r\n"
    ).encode()


class TestAnswers(ConnectorSuite):
    connector = OasisConnector()
    record = 3
    options: ClassVar = {"columns": {"title": "Title"}}
    sample = b"\n".join(
        [answer(Title="Fjärilar", ISBN="9789199999029"), answer(Code=200), answer(Title="Åar")]
    )
