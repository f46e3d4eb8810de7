"""A price with one mark and three digits may be thousands or decimals: with no format declared, nobody orders by it."""

from __future__ import annotations

import pytest
from vendor_records import KINDS, outcome, plan_of

from connectors.gobi import GobiConnector
from etl.testing.sources import bytes_source

PRICES = {
    "oasis_marc": "960$s",
    "oasis_order": "list_price",
    "gobi_order": "OrderDetail/ListPrice/Amount",
    "adlibris_order": "pris",
    "adlibris_vendor_order": "Price",
    "btj_editx": "PricingDetail[UnitCostExcludingTax]/MonetaryAmount",
}


@pytest.mark.parametrize("name", PRICES)
def test_what_can_be_read_in_two_ways_is_not_sent(name: str) -> None:
    kind = KINDS[name]
    mapping = kind.mapping_of("po_line")
    assert mapping is not None
    plan = plan_of(mapping)
    others = ("NetPrice", "FundDetail/M", "PriceIncVAT", "PriceRRP", "IncludingTax")
    bare = {field: value for field, value in kind.record.items() if not any(one in field for one in others)}
    for text, sent in {"1,495": None, "1,495.00": "1495", "1495.00": "1495"}.items():
        said = outcome(plan, kind.write({**bare, PRICES[name]: text}), kind.file)
        assert (f'"sum": "{sent}' in said.payload) == (sent is not None), (text, said)
        assert sent or any(f'"{text}" can be read in two ways' in one.message for one in said.told), text


def test_a_declared_format_says_which() -> None:
    kind = KINDS["gobi_order"]
    options = GobiConnector.Options(formats={"unit_price": "money dot"})
    data = kind.write({**kind.record, "OrderDetail/ListPrice/Amount": "1,495", "OrderDetail/NetPrice/Amount": "1,400.00"})
    (batch,) = GobiConnector().read(bytes_source(data), options, None)
    assert str(batch.frame["unit_price"][0]).startswith("1495")
