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


# fmt: off
NOTED = {
    "source": "btj_editx", "supplier": "BTJ", "account": "01234000", "order_id": "SN-1", "line_no": "1",
    "article_no": "9789199999012", "isbn": "978-91-999990-1-2", "title": "Sju nätter på Åland", "form": "BB",
    "quantity": 1, "order_type": "Original",
}
CONFIRMED = {
    "source": "btj_orderbekraftelse", "supplier": "BTJ", "service": "MD", "account": "1234000",
    "order_id": "77120441", "order_date": "2024-03-11", "line_no": "1", "sub_line": "1",
    "article_no": "BTJ 24:05:117", "isbn": "978-91-999990-1-2", "title_number": "23456789",
    "external_no": "23456789", "record_supplier": "BURK", "catalogue_record": True, "title": "Sju nätter på Åland",
    "author": "Öberg, Åsa", "classification": "Hc", "quantity": 2, "unit_price": "189", "price_basis": "list",
    "currency": "SEK", "price_includes_vat": False, "vat_percent": "6", "discount_percent": "27.5",
    "department": "Barn", "location": "Hylla", "delivery_date": "2024-04-02",
}
RECORDED = {
    "source": "btj_marc", "supplier": "BTJ", "article_no": "BTJ 2405117", "isbn": "91-999990-1-3 (inb.)",
    "title_number": "23456801", "external_no": "23456801", "record_supplier": "BURK",
    "title": "Vindens öar berättelser", "author": "Åkesson, Nils", "publisher": "Natur på riktigt", "place": "Åmål",
    "year": "2024", "unit_price": "249", "currency": "SEK",
}
HUV = {**RECORDED, "sub_line": "1", "quantity": 2, "fund": "BARN24", "library": "HUV", "location": "BARN"}
FIL = {**RECORDED, "sub_line": "2", "quantity": 1, "fund": "VUX24", "library": "FIL", "location": "VUX"}
# fmt: on


class TestNotice(ConnectorSuite):
    connector = BtjConnector()
    record = 3
    trailer = rb"<NumberOfLines>([0-9]+)"
    stated: ClassVar = {1: {**NOTED, "sub_line": "1", "location": "HUVBARN2024"}}
    sample = notice(item(), item(quantity="2", line="2", copies=TWO), item("<ItemDescription/>", line="3"))


class TestNoticeWithLocations(ConnectorSuite):
    connector = BtjConnector()
    record = 3
    options: ClassVar = {
        "layout": "btj_editx",
        "placements": "locations",
        "glued": {"branches": ["HUV"], "locations": ["BARN"]},
    }
    stated: ClassVar = {1: NOTED}
    sample = notice(item(), item(quantity="2", line="2", copies=TWO), item(line="3"))


class TestConfirmation(ConnectorSuite):
    connector = BtjConnector()
    record = rb"(?<=\n)0?1234000;[^\n]*\n"
    separator = b";"
    stated: ClassVar = {1: CONFIRMED}
    sample = confirmation(ROW, NASTY, ROW.replace("77120441", "77120442"), ROW.replace("189,00", "189.00"))


class TestRecords(ConnectorSuite):
    connector = BtjConnector()
    record = rb"[^\x1d]+\x1d"
    options: ClassVar = {"columns": {"order_id": "980$a"}, "defaults": {"currency": "SEK"}}
    stated: ClassVar = {1: [HUV, FIL]}
    sample = transmission(BURK, [*BURK, ("980", "  $aA-1")], [field for field in BURK if field[0] != "245"])
