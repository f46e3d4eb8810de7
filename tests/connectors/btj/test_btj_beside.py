"""What a ship notice says of copies and money beside what its columns read: the same, or the line waits."""

from __future__ import annotations

import time

import pytest
from btj_files import DESCRIPTION, HEADER, ISBN, item, notice, price

from connectors.btj import BtjConnector
from etl.plugin import Batch, Severity
from etl.testing.sources import bytes_source

NET, GROSS = price("UnitCostExcludingTax", "189.00"), price("UnitCostIncludingTax", "200.34")
COPY = (
    "<CopyDetail><SubLineNumber>1</SubLineNumber><CopyQuantity>2</CopyQuantity>"
    "<DeliverToLocation>HUVBARN2024</DeliverToLocation>{}</CopyDetail>"
)


def read(*parts: str, copy: str = "", header: str = HEADER, **options: object) -> list[Batch]:
    data = notice(item(ISBN, DESCRIPTION, *parts, quantity="2", copies=COPY.format(copy)), header=header)
    connector = BtjConnector()
    chosen = connector.Options.model_validate({"placements": "locations", **options})
    batches = list(connector.read(bytes_source(data), chosen, None))
    assert [one for batch in batches for one in batch.rejected] == []
    return batches


def holds(batches: list[Batch]) -> list[tuple[str, str | None]]:
    notes = [one for batch in batches for one in batch.notes if one.severity is Severity.HOLD]
    return [(one.code, one.data.field if one.data else None) for one in notes]


def unread(batches: list[Batch]) -> set[str]:
    return {name for batch in batches for name in batch.unread}


def quantity(name: str, text: str) -> str:
    return f"<{name}>{text}</{name}>"


def value(amount: str, currency: str = "") -> str:
    said = f"<CurrencyCode>{currency}</CurrencyCode>" if currency else ""
    return f"<CopyValue><MonetaryAmount>{amount}</MonetaryAmount>{said}</CopyValue>"


def share(name: str, text: str) -> str:
    return f"<FundDetail><FundNumber>F</FundNumber>{quantity(name, text)}</FundDetail>"


FITTING = [
    ([quantity("QuantityOrdered", "2")], ""),
    ([quantity("QuantityOrdered", "2.000")], ""),
    ([quantity("QuantityOutstanding", "0")], ""),
    ([NET, GROSS], ""),
    ([NET, price("UnitCostIncludingTax", "200.34", "6.0")], ""),
    ([NET, price("SRPExcludingTax", "189")], ""),
    ([NET, price("SRPIncludingTax", "250")], ""),
    ([GROSS, price("SRPExcludingTax", "195")], ""),
    ([NET, price("SRPExcludingTax", "20").replace("SEK", "EUR")], ""),
    ([NET, price("AgencyCharge", "20")], ""),
    ([NET], value("189.00", "SEK")),
    ([NET], value("200.34")),
    ([NET], value("378")),
    ([NET, price("FixedRPExcludingTax", "249")], value("249")),
    ([NET], value("0")),
    ([NET], "<CopyValue>189</CopyValue>"),
    ([NET], share("PercentOfTotal", "100")),
    ([NET], share("PercentOfTotal", "100.00 %")),
    ([NET], ""),
]
TAKEN = {"QuantityOrdered", "QuantityOutstanding", "CopyDetail/CopyValue/MonetaryAmount",
         "CopyDetail/CopyValue", "CopyDetail/FundDetail/PercentOfTotal"}  # fmt: skip


@pytest.mark.parametrize(("parts", "copy"), FITTING)
def test_what_is_the_same_is_no_matter(parts: list[str], copy: str) -> None:
    batches = read(*parts, copy=copy)
    assert holds(batches) == []
    assert not unread(batches) & TAKEN


BLOCK = "PricingDetail[{}]/{}"
WAITING = [
    ([quantity("QuantityOrdered", "9")], "", [("E440", "QuantityOrdered")]),
    ([quantity("QuantityOrdered", "0")], "", [("E440", "QuantityOrdered")]),
    ([quantity("QuantityOrdered", "två")], "", [("E440", "QuantityOrdered")]),
    ([quantity("QuantityOutstanding", "1")], "", [("E440", "QuantityOutstanding")]),
    ([NET, GROSS.replace("SEK", "EUR")], "", [("E375", BLOCK.format("UnitCostIncludingTax", "CurrencyCode"))]),
    (
        [price("UnitCostExcludingTax", "189.00", "25"), GROSS],
        "",
        [("E375", BLOCK.format("UnitCostIncludingTax", part)) for part in ("Tax/Percent", "MonetaryAmount")],
    ),
    ([NET, price("SuggestedRetailPriceExcludingTax", "50")], "",
     [("E375", BLOCK.format("SuggestedRetailPriceExcludingTax", "MonetaryAmount"))]),
    ([NET, price("SRPIncludingTax", "188")], "", [("E375", BLOCK.format("SRPIncludingTax", "MonetaryAmount"))]),
    ([NET, price("FixedRPExcludingTax", "100")], "",
     [("E375", BLOCK.format("FixedRPExcludingTax", "MonetaryAmount"))]),
    ([NET], value("999"), [("E426", "CopyDetail/CopyValue/MonetaryAmount")]),
    ([NET], value("190"), [("E426", "CopyDetail/CopyValue/MonetaryAmount")]),
    ([NET], value("567"), [("E426", "CopyDetail/CopyValue/MonetaryAmount")]),
    ([NET], value("dyr"), [("E426", "CopyDetail/CopyValue/MonetaryAmount")]),
    ([NET], value("189", "EUR"), [("E426", "CopyDetail/CopyValue/CurrencyCode")]),
    ([NET], share("PercentOfTotal", "40"), [("E428", "CopyDetail/FundDetail/PercentOfTotal")]),
    ([NET, "<CurrencyCode>EUR</CurrencyCode>"], "", [("E440", "CurrencyCode")]),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "copy", "told"), WAITING)
def test_what_is_not_has_the_line_wait(
    parts: list[str], copy: str, told: list[tuple[str, str]]
) -> None:
    batches = read(*parts, copy=copy)
    assert holds(batches) == told
    assert not unread(batches) & TAKEN, "told once"


@pytest.mark.parametrize("rates", [("25", "6"), ("6", "25")])
def test_rates_are_compared_as_numbers(rates: tuple[str, str]) -> None:
    blocks = [price(f"UnitCost{kind}Tax", "189", rate) for kind, rate in zip(("Excluding", "Including"), rates, strict=True)]
    assert ("E375", BLOCK.format("UnitCostIncludingTax", "Tax/Percent")) in holds(read(*blocks))


def test_the_currency_of_the_notice() -> None:
    for currency, told in (("SEK", []), ("EUR", [("E440", "Header/CurrencyCode")])):
        header = HEADER.replace("</Header>", f"<CurrencyCode>{currency}</CurrencyCode></Header>")
        batches = read(NET, header=header)
        assert holds(batches) == told
        assert "Header/CurrencyCode" not in unread(batches)


def test_a_mapping_that_names_the_field_has_decided() -> None:
    parts = [NET, quantity("QuantityOrdered", "2"), quantity("QuantityBack", "7")]
    assert holds(read(*parts)) == [("E440", "QuantityBack")]
    assert holds(read(*parts, columns={"quantity": "QuantityOrdered"})) == []


def test_a_copy_has_its_barcode() -> None:
    batches = read(NET, copy="<Barcode>30500012345678</Barcode>")
    [row] = [row for batch in batches for row in batch.frame.to_dicts()]
    assert row["placements"][0]["barcode"] == "30500012345678"
    assert not any("Barcode" in name for name in unread(batches))
    twice = "<Barcode>30500012345678</Barcode><Barcode>30500012345679</Barcode>"
    assert holds(read(NET, copy=twice)) == [("E440", "CopyDetail[1]/Barcode[2]")]


def test_a_value_without_a_price_to_compare_it_with_is_told() -> None:
    assert "CopyDetail/CopyValue/MonetaryAmount" in unread(read(copy=value("189")))


def test_the_work_grows_with_the_line_alone() -> None:
    def seconds(times: int) -> float:
        prices = [price(f"SRP{number}", "200") for number in range(times)]
        copies = "".join(COPY.format(value("189")) for _ in range(times))
        data = notice(item(ISBN, DESCRIPTION, NET, *prices, quantity=str(2 * times), copies=copies))
        begun = time.process_time()
        list(BtjConnector().read(bytes_source(data), BtjConnector.Options(), None))
        return time.process_time() - begun

    assert seconds(800) < 40 * max(seconds(100), 0.01)
