"""Orders of GOBI, whole, odd and broken → order lines, rejected records, refusals."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest
from gobi_files import CUSTOMER, RECORD, detail, kind, local, purchase, read, refusal
from mutants import mutants, survived

from connectors.gobi import GobiConnector

MUTANTS = int(os.environ.get("FUZZ_MUTANTS", "400"))
SERIAL = RECORD.replace("14.95", "").replace('"100"', '"490"')


@pytest.mark.parametrize(
    ("name", "electronic"),
    [
        ("ListedPrintMonograph", False),
        ("ListedElectronicMonograph", True),
        ("ListedPrintSerial", False),
        ("ListedElectronicSerial", True),
        ("UnlistedPrintMonograph", False),
        ("UnlistedPrintSerial", False),
        ("ListedHologram", None),
    ],
)
def test_every_kind_of_order_is_a_line(name: str, electronic: bool | None) -> None:
    row = read(purchase(kind(name=name))).row
    assert (row["form"], row["order_type"], row["is_electronic"]) == (name, name, electronic)


def test_a_serial_without_price_location_and_date() -> None:
    thin = "<OrderDetail><FundCode>SUBN</FundCode><OrderNotes>Next Volume</OrderNotes><YBPOrderKey>9</YBPOrderKey></OrderDetail>"
    found = read(purchase(kind(SERIAL, thin, name="UnlistedPrintSerial")))
    assert (found.row["unit_price"], found.row["location"], found.row["order_date"]) == (None, None, None)
    assert found.row["quantity"] == 1
    assert [note.code for note in found.notes] == ["E359"], "the default quantity is told"


def test_several_orders_for_one_customer_and_several_customers() -> None:
    other = CUSTOMER.replace("891010", "891080")
    two = purchase(kind(), kind(RECORD, detail(key="2"), name="ListedElectronicMonograph"))
    found = read(f"<Orders>{two}{purchase(customer=other)}</Orders>")
    assert [(row["account"], row["order_id"]) for row in found.rows] == [
        ("891010", "99974828471"),
        ("891010", "2"),
        ("891080", "99974828471"),
    ]
    assert [row["_record"] for row in found.rows] == [1, 2, 3]


def test_the_customer_may_stand_last() -> None:
    turned = f"<PurchaseOrder><Order>{kind()}</Order>{CUSTOMER}</PurchaseOrder>"
    assert read(turned).row["account"] == "891010"
    assert (
        read(purchase(customer=CUSTOMER.replace("<SubAccount>891010</SubAccount>", ""))).row["account"]
        == "8910"
    )


def test_local_data_goes_by_the_customers_names() -> None:
    text = purchase(kind(RECORD, detail(local("Requester", "jlind"), local("Rush", "Y"), local("Rush", "N"))))
    found = read(text, columns={"requester": "LocalData[Requester]"})
    assert found.row["requester"] == "jlind"
    assert found.row["raw"]["LocalData[Rush]"] == "Y; N"
    assert [note.code for note in found.notes] == ["E368"]


def test_the_price_wanted_first_is_taken_with_its_own_currency() -> None:
    net = "<NetPrice><Amount>98.50</Amount><Currency>SEK</Currency></NetPrice>"
    text = purchase(kind(RECORD, detail(prices=net)))
    row = read(text).row
    assert (row["unit_price"], row["currency"], row["price_basis"]) == (Decimal("98.50"), "SEK", "net")
    assert read(text, prices=["ListPrice"]).row["unit_price"] is None


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        (purchase(kind(RECORD)), "E355", "OrderDetail"),
        (purchase(kind(detail())), "E355", "245$a$b"),
        (purchase(kind(RECORD, detail(key=""))), "E355", "YBPOrderKey"),
        (purchase(kind(RECORD, detail(quantity="two"))), "E351", "whole number"),
        (
            purchase(kind(RECORD, detail(prices="<ListPrice><Amount>14,95</Amount></ListPrice>"))),
            "E351",
            "decimal dot",
        ),
        (purchase(customer=""), "E355", "SubAccount"),
        (purchase(kind(RECORD.replace('tag="245"', ""), detail())), "E374", "no tag"),
        (f"<PurchaseOrder>{CUSTOMER}<Order/></PurchaseOrder>", "E355", "empty"),
        (f"<PurchaseOrder>{CUSTOMER}<Note>hello</Note></PurchaseOrder>", "E355", "Note"),
        (f"<Orders><PurchaseOrder>{CUSTOMER}</PurchaseOrder></Orders>", "E355", "no Order"),
    ],
)
def test_what_cannot_be_trusted_is_rejected(text: str, code: str, told: str) -> None:
    problem = read(text).why[0]
    assert problem.code == code
    assert told in problem.message


@pytest.mark.parametrize(("end", "code"), [("", "E325"), ("</Orders>", "E349")])
def test_an_order_that_breaks_off_is_rejected_and_those_before_it_are_there(end: str, code: str) -> None:
    text = f"<Orders>{purchase()}{purchase()}"[:-40] + end
    found = read(text)
    assert len(found.rows) == 1
    assert [(one.record, one.problems[0].code) for one in found.rejected] == [(2, code)]
    assert found.rejected[0].raw.startswith(b"<PurchaseOrder>")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<LibraryShipNotice><Header/></LibraryShipNotice>", "E356"),
        ("<Orders/>", "E356"),
        (f"<PurchaseOrder>{CUSTOMER}</PurchaseOrder>", "E356"),
        ('<!DOCTYPE PurchaseOrder [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + purchase(), "E367"),
        ('<!DOCTYPE lolz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + purchase(), "E367"),
        ("a;b;c\n1;2;3\n", "E349"),
        ("", "E301"),
    ],
)
def test_what_is_no_order_file_is_refused(text: str, code: str) -> None:
    assert refusal(text).code == code


def test_an_unknown_entity_is_not_resolved() -> None:
    found = read(purchase(kind(RECORD.replace("LUND", "&lund;"), detail())))
    assert found.why[0].code == "E349"


def test_damage_is_told_and_nothing_is_lost() -> None:
    data = f"<Orders>\n{purchase()}\n{purchase(kind(RECORD, detail(local('A', 'b'))))}\n</Orders>".encode()
    pieces = (
        b"<",
        b">",
        b"&",
        b"]]>",
        b"</Order>",
        b"<Order>",
        b"\0",
        b"\xff",
        b"<!DOCTYPE a>",
        b"<?x?>",
        b"9" * 40,
        b"&#0;",
    )
    read_, refused = survived(GobiConnector(), {}, mutants(data, pieces, 88, MUTANTS))
    assert read_ + refused == MUTANTS
    assert read_ > MUTANTS // 10
