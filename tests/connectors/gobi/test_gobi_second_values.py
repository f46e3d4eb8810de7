"""What an order of GOBI says twice is not taken once in silence."""

from __future__ import annotations

import re

import pytest
from gobi_files import CUSTOMER, LIST, RECORD, detail, kind, purchase, read

from connectors.gobi import GobiConnector
from etl.plugin import Problem, Severity
from etl.testing.sources import bytes_source

GOBI = GobiConnector()


def told(order: str) -> list[Problem]:
    batches = list(GOBI.read(bytes_source(order.encode()), GOBI.Options(), None))
    return [note for batch in batches for note in batch.notes]


def held(order: str) -> list[str]:
    return [note.code for note in told(order) if note.severity is Severity.HOLD]


READ_ONCE = ("FundCode", "Location", "Quantity", "YBPOrderKey", "OrderPlaced")


@pytest.mark.parametrize("name", READ_ONCE)
def test_a_second_element_of_what_an_order_has_once(name: str) -> None:
    whole = detail()
    (element,) = re.findall(rf"<{name}>[^<]*</{name}>", whole)
    other = {"Quantity": "5", "OrderPlaced": "2018-09-06T15:38:55"}.get(name, "OTHER")
    again = whole.replace(element, f"{element}<{name}>{other}</{name}>")
    (problem,) = [one for one in told(purchase(kind(RECORD, again))) if one.severity is Severity.HOLD]
    assert problem.code == "E327"
    assert other in problem.message
    assert problem.data is not None
    assert problem.data.field == f"OrderDetail/{name}"
    assert f"OrderDetail/{name}[2]" in (problem.help or "")
    same = whole.replace(element, f"{element}{element}")
    assert held(purchase(kind(RECORD, same))) == []


def test_a_second_price_and_a_second_detail() -> None:
    two_prices = detail(prices=LIST + LIST.replace("14.95", "19.95"))
    assert held(purchase(kind(RECORD, two_prices))) == ["E327"]
    assert held(purchase(kind(RECORD, detail(), detail(quantity="7")))) == ["E327"]
    assert held(purchase(kind(RECORD, detail(), detail()))) == []


def test_two_records_and_two_customers() -> None:
    assert held(purchase(kind(RECORD, RECORD, detail()))) == ["E327"]
    found = read(purchase(customer=CUSTOMER + CUSTOMER.replace("891010", "891099")))
    assert [one.problems[0].code for one in found.rejected] == ["E355"]


def test_values_of_the_catalogue_record() -> None:
    twice = RECORD.replace("</datafield>\n<datafield tag=\"260\"", "</datafield>\n" + _title("ANOTHER.") +
                           "<datafield tag=\"260\"")  # fmt: skip
    assert [note.code for note in told(purchase(kind(twice, detail())))] == ["E328"]
    assert told(purchase(kind(RECORD, detail()))) == []


def _title(text: str) -> str:
    return f'<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{text}</subfield></datafield>'


@pytest.mark.parametrize(
    ("name", "field", "codes"),
    [
        ("ListedPrintMonograph", '<controlfield tag="007">sd fsngnn</controlfield>', ["E422"]),
        ("ListedPrintMonograph", '<controlfield tag="007">cr |||||</controlfield>', ["E422"]),
        ("ListedPrintMonograph", '<controlfield tag="007">ta</controlfield>', []),
        ("ListedElectronicMonograph", '<controlfield tag="007">ta</controlfield>', ["E422"]),
        ("ListedElectronicMonograph", '<controlfield tag="007">cr |||||</controlfield>', []),
        ("ListedElectronicMonograph", "", []),
    ],
)
def test_the_catalogue_record_is_of_what_is_ordered(name: str, field: str, codes: list[str]) -> None:
    record = RECORD.replace("</leader>", "</leader>" + field)
    assert held(purchase(kind(record, detail(), name=name))) == codes


WHOLE = purchase(kind(RECORD, detail("<LocalData><Description>L</Description><Value>v</Value></LocalData>")))
ELEMENTS = re.findall(r"<([A-Z]\w+)>", WHOLE)


def unread(order: str) -> dict[str, str]:
    batches = list(GOBI.read(bytes_source(order.encode()), GOBI.Options(), None))
    return {name: one.example for batch in batches for name, one in (batch.unread or {}).items()}


@pytest.mark.parametrize("name", dict.fromkeys(ELEMENTS))
def test_an_attribute_of_any_element_is_told(name: str) -> None:
    assert "something" in unread(WHOLE.replace(f"<{name}>", f'<{name} extra="something">', 1)).values()
    for word in ("cancelled", "Makulerad", "deleted"):
        assert held(WHOLE.replace(f"<{name}>", f'<{name} status="{word}">', 1)) == ["E304"], word
    assert held(WHOLE.replace(f"<{name}>", f'<{name} status="new">', 1)) == []


@pytest.mark.parametrize("name", [one for one in dict.fromkeys(ELEMENTS) if one != "PurchaseOrder"])
def test_text_between_elements_is_told(name: str) -> None:
    order = WHOLE.replace(f"<{name}>", f"<{name}>loose <i>odd</i>", 1)
    texts = [*unread(order).values(), *(note.message for note in told(order)), str(read(order).rows), str(read(order).rejected)]
    assert any("odd" in text for text in texts)
    assert any("loose" in text for text in texts)


@pytest.mark.parametrize("unit", ["set", "dozen", "pack"])
def test_a_quantity_of_something_else_than_copies_waits(unit: str) -> None:
    order = WHOLE.replace("<Quantity>", f'<Quantity unit="{unit}">')
    assert held(order) == ["E427"]
    assert held(WHOLE.replace("<Quantity>", '<Quantity unit="copies">')) == []


def test_two_values_in_one_local_data_are_both_there() -> None:
    order = WHOLE.replace("<Value>v</Value>", "<Value>v</Value><Value>w</Value>")
    assert read(order).rows[0]["raw"]["LocalData[L]"] == "v; w"
    assert [note.code for note in told(order)] == ["E368"]


def test_a_base_account_that_is_not_the_accounts_own_waits() -> None:
    assert held(WHOLE.replace("<BaseAccount>8910<", "<BaseAccount>7777<")) == ["E440"]
    assert held(WHOLE) == []
