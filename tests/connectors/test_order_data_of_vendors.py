"""Order data in MARC that no column reads, vendor by vendor: told once a run, or the order waits."""

from __future__ import annotations

import re

import pytest
from test_ordered_isbn import BOOK, FILE, READERS, Told, collection, gobi_order, record, told, twenty

from connectors.formats.marc_record import Field, MarcRecord
from connectors.formats.marcxml_text import marcxml_of
from connectors.gobi import GobiConnector
from connectors.libris import LibrisConnector

ORDER_DATA = [
    ("020", "c"), ("024", "a"), ("024", "c"), ("037", "a"), ("037", "c"), ("365", "b"), ("949", "l"), ("960", "g"),
    ("961", "y"), ("975", "x"), ("980", "z"), ("999", "a"),
]  # fmt: skip
NO_ORDER_DATA = [("020", "z"), ("500", "a"), ("650", "a"), ("245", "c")]


def with_more(tag: str, code: str, text: str = "GBP 99") -> MarcRecord:
    """The record with another field, or another subfield of its order block."""
    whole = record(twenty([(BOOK, "")], True))
    block = next((one for one in whole.fields if one.tag == tag and tag[0] == "9"), None)
    if block is None:
        return record([*twenty([(BOOK, "")], True), Field(tag, "", "  ", ((code, text),))])
    more = Field(tag, "", "  ", (*block.subfields, (code, text)))
    return MarcRecord(whole.leader, [more if one is block else one for one in whole.fields])


@pytest.mark.parametrize("vendor", sorted(READERS))
@pytest.mark.parametrize(("tag", "code"), ORDER_DATA, ids=["$".join(one) for one in ORDER_DATA])
def test_what_no_column_reads_is_told(vendor: str, tag: str, code: str) -> None:
    found = READERS[vendor](with_more(tag, code))
    assert found.unread[f"{tag}${code}"] == "GBP 99"


@pytest.mark.parametrize("vendor", sorted(READERS))
@pytest.mark.parametrize(("tag", "code"), NO_ORDER_DATA, ids=["$".join(one) for one in NO_ORDER_DATA])
def test_what_is_no_order_data_is_not(vendor: str, tag: str, code: str) -> None:
    assert f"{tag}${code}" not in READERS[vendor](with_more(tag, code)).unread


@pytest.mark.parametrize(("text", "left"), [("9.00", False), ("9,00", False), ("9.50", True), ("9.00 USD", True)])
@pytest.mark.parametrize("vendor", ["btj", "oasis"])
def test_the_price_once_more_is_not_left(vendor: str, text: str, left: bool) -> None:
    assert ("020$c" in READERS[vendor](with_more("020", "c", text)).unread) == left


# ---------------------------------------------------------------------------------- holdings of Libris


def libris(*parts: tuple[str, str], more: tuple[Field, ...] = ()) -> Told:
    """A record and its holdings: a copy with these subfields beside 852 $b."""
    bib = MarcRecord("00000nam a2200000 a 4500", [
        Field("001", "1"), *twenty([(BOOK, "")], True), Field("245", "", "10", (("a", "Sju nätter"),))
    ])  # fmt: skip
    copy = Field("852", "", "  ", (("b", "Exb"), *parts))
    holdings = MarcRecord("00000nx  a2200000 n 4500", [Field("001", "2"), Field("004", "1"), copy, *more])
    data = f"<collection>\n{marcxml_of(bib)}\n{marcxml_of(holdings)}\n</collection>"
    return told(LibrisConnector(), data.encode(), FILE)


@pytest.mark.parametrize("code", ["9", "q", "n", "g"])
def test_a_subfield_of_a_copy_that_nothing_reads(code: str) -> None:
    found = libris((code, "EUR 99"))
    assert (found.unread, found.holds) == ({f"852${code}": "EUR 99"}, [])


def test_items_of_holdings() -> None:
    found = libris(more=(Field("876", "", "  ", (("c", "99"), ("p", "301"))), Field("961", "", "  ", (("y", "x"),))))
    assert set(found.unread) == {"876$c", "876$p", "961$y"}
    assert libris(("c", "Barn"), ("h", "Hc"), ("j", "1"), ("i", "x"), ("z", "y"), ("5", "exb")).unread == {}


@pytest.mark.parametrize("code", ["b", "c", "p"])
def test_what_a_copy_has_once(code: str) -> None:
    first = () if code == "b" else ((code, "301"),)
    found = libris(*first, (code, "302"))
    assert found.holds == ["E327"]
    (place,) = found.row["placements"]
    assert "302" not in {place["library"], place["department"], place["barcode"]}, "nothing is joined or guessed"
    assert libris(*first, *first).holds == []


def test_two_libraries_and_a_copy_that_is_not_ordered() -> None:
    assert libris(("5", "Qq")).holds == ["E327"]
    assert libris(("t", "1")).holds == []
    for text in ("2", "1-3", "3 ex", "0", "\u0663"):
        assert libris(("t", text)).holds == ["E327"], text


# ----------------------------------------------------------------------------------- elements of GOBI


def gobi(*elements: str) -> Told:
    data = gobi_order(record(twenty([(BOOK, "")], True))).decode()
    return told(GobiConnector(), data.replace("</OrderDetail>", "".join(elements) + "</OrderDetail>").encode())


@pytest.mark.parametrize("name", ["Barcode", "SecondFund", "RushProcessing", "Initials", "Library", "Whatever"])
def test_an_element_that_no_column_reads(name: str) -> None:
    assert gobi(f"<{name}>301</{name}>").unread[f"OrderDetail/{name}"] == "301"


def test_local_data_and_the_customer() -> None:
    local = "<LocalData><Description>LocalData9</Description><Value>Y</Value></LocalData>"
    assert gobi(local).unread["LocalData[LocalData9]"] == "Y"
    assert "OrderDetail/FundCode" not in gobi("<FundCode>LAW</FundCode>").unread


def money(listed: str, net: str, moneys: tuple[str, str] = ("USD", "USD")) -> Told:
    return gobi(*(
        f"<{name}><Amount>{amount}</Amount><Currency>{currency}</Currency></{name}>"
        for name, amount, currency in zip(("ListPrice", "NetPrice"), (listed, net), moneys, strict=True)
    ))  # fmt: skip


def test_the_two_prices_are_compared() -> None:
    for listed, net in (("14.95", "13.16"), ("14.95", "14.95")):
        found = money(listed, net)
        assert found.holds == []
        assert not [name for name in found.unread if re.search("Price", name)]
    assert money("14.95", "99.00").holds == ["E427"]
    assert money("14.95", "13.16", ("USD", "EUR")).holds == ["E427"]
    assert money("14.95", "13,1x6").unread["OrderDetail/NetPrice/Amount"] == "13,1x6"


def test_the_order_key_in_the_record() -> None:
    plain = gobi_order(record(twenty([(BOOK, "")], True)))
    assert "001" not in told(GobiConnector(), plain).unread
    other = plain.replace(b"<YBPOrderKey>1<", b"<YBPOrderKey>2<")
    assert told(GobiConnector(), other).unread["001"] == "1"


def test_a_collection_without_order_data_leaves_nothing() -> None:
    assert told(LibrisConnector(), collection(record(twenty([(BOOK, "")], True))), FILE).unread.keys() == {
        "960$o", "960$s", "960$t", "960$u", "975$a", "975$q", "975$h", "975$p",
    }  # fmt: skip
