"""The oasis connector keeps the promises of every connector, in each of its layouts."""

from __future__ import annotations

from typing import ClassVar

from oasis_files import BRIEF, answer, marc, marcxml, order, without

from connectors.oasis import OasisConnector
from etl.testing.connector_suite import ConnectorSuite

TWO = [*BRIEF, ("960", "  $kLAW$o1$s8.99$tLAW-STACKS$uLAW"), ("961", "  $dFor the law library")]
FILE = (BRIEF, TWO, without(BRIEF, "960", "961"), BRIEF)


# fmt: off
IN_MARC = {
    "source": "oasis_marc", "supplier": "OASIS", "order_id": "20417733", "order_date": "2024-03-11",
    "isbn": "9789199999012", "system_numbers": ["(OCoLC)183148220"], "title": "A lantern for the archipelago",
    "author": "Öberg, Åsa", "publisher": "Northern Light Press", "place": "Oxford", "year": "2008",
    "language": "eng", "quantity": 2, "unit_price": "8.99", "fund": "Books/Special Needs", "library": "MAIN",
    "location": "MAIN-STACKS", "loan_period": "STAND", "note_vendor": "Shelf ready",
    "note_internal": "For Dr Lindqvist",
}
IN_JSON = {
    "source": "oasis_order", "supplier": "OASIS", "account": "KTHB01", "order_id": "OAS-10482211",
    "order_date": "2024-03-11", "isbn": "9199999013", "title": "A lantern for the archipelago",
    "author": "Öberg, Åsa", "publisher": "Northern Light Press", "year": "2008", "form": "P", "quantity": 2,
    "unit_price": "8.99", "currency": "GBP", "price_includes_vat": False, "fund": "ENGLIT", "library": "MAIN",
    "location": "STACKS", "note_vendor": "Shelf ready", "note_internal": "For Dr Lindqvist", "order_type": "firm",
    "is_electronic": False,
}
IN_CSV = {
    "source": "oasis_order", "supplier": "OASIS", "account": "KTHB01", "order_id": "OAS-1",
    "order_date": "2024-03-11", "isbn": "9789199999012", "title": "Sju nätter, på Åland", "form": "P", "quantity": 2,
    "unit_price": "8.99", "price_includes_vat": False, "order_type": "firm", "is_electronic": False,
}
ANSWERED = {
    "source": "oasis_answer", "supplier": "OASIS", "order_id": "20417733", "order_date": "2024-03-11",
    "isbn": "9789199999029", "title": "Fjärilar",
}
# fmt: on


class TestMarc(ConnectorSuite):
    connector = OasisConnector()
    record = rb"[^\x1d]+\x1d"
    stated: ClassVar = {1: IN_MARC}
    sample = marc(*FILE)


class TestMarcLines(ConnectorSuite):
    connector = OasisConnector()
    record = rb"[^\x1d]+\x1d"
    options: ClassVar = {"layout": "oasis_marc", "blocks": "lines", "no_order_field": "one"}
    stated: ClassVar = {1: {**IN_MARC, "line_no": "1"}}
    sample = marc(*FILE)


class TestMarcPlacements(ConnectorSuite):
    connector = OasisConnector()
    record = rb"[^\x1d]+\x1d"
    options: ClassVar = {"placements": "lines", "defaults": {"account": "KTHB01"}}
    stated: ClassVar = {1: {**IN_MARC, "account": "KTHB01", "sub_line": "1"}}
    sample = marc(*FILE)


class TestMarcXml(ConnectorSuite):
    connector = OasisConnector()
    record = 4
    stated: ClassVar = {1: IN_MARC}
    sample = marcxml(*FILE)


class TestOrderLines(ConnectorSuite):
    connector = OasisConnector()
    record = 3
    stated: ClassVar = {1: IN_JSON}
    sample = b"\n".join([order(), order(quantity="two"), order(format="E", title_id="4963417", isbn=None)])


class TestOrderList(ConnectorSuite):
    connector = OasisConnector()
    record = 3
    stated: ClassVar = {1: IN_JSON}
    sample = b"[" + b",\n".join([order(), order(line_number="2"), order(list_price=8.99)]) + b"]"


class TestOrderCsv(ConnectorSuite):
    connector = OasisConnector()
    record = rb"OAS-[^\n]*\n"
    separator = b","
    stated: ClassVar = {1: IN_CSV}
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
    stated: ClassVar = {1: ANSWERED}
    sample = b"\n".join(
        [answer(Title="Fjärilar", ISBN="9789199999029"), answer(Code=200), answer(Title="Åar")]
    )
