"""Every pitfall of BTJ's ship notices → what the connector makes of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest
from btj_files import COPY, DESCRIPTION, HEADER, ISBN, item, notice, price, read, refusal

from connectors.btj import BtjConnector
from etl.plugin import Problem, Severity
from etl.testing.sources import bytes_source

RECORD = (
    '<?xml version="1.0" encoding="ISO-8859-1"?><collection xmlns="http://www.loc.gov/MARC21/slim"><record>'
    "<leader>00000nam a2200000 a 4500</leader>{}"
    '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">Sju nätter &amp; en dag</subfield></datafield>'
    "</record></collection>"
)


def copy(inner: str, quantity: int = 1) -> str:
    return COPY.format(quantity).replace("</CopyDetail>", f"{inner}</CopyDetail>")


def message(kind: str, text: str) -> str:
    return f"<Message><MessageType>{kind}</MessageType><MessageLine>{escape(text)}</MessageLine></Message>"


def with_record(fields: str) -> bytes:
    return notice(item(copies=copy(message("04", RECORD.format(fields)))))


def test_one_row_for_each_copy_detail_unless_locations_are_asked_for() -> None:
    copies = copy(message("01", "Plastas"), 2) + COPY.format(1).replace("HUVBARN", "FILVUX")
    data = notice(item(quantity="3", copies=copies))
    rows = read(data, placements="lines").rows
    assert [(row["quantity"], row["location"], row["_record"]) for row in rows] == [
        (2, "HUVBARN2024", 1),
        (1, "FILVUX2024", 1),
    ]
    placements = read(data).row["placements"]
    assert [(one["quantity"], one["location"], one["note"]) for one in placements] == [
        (2, "HUVBARN2024", "Plastas"),
        (1, "FILVUX2024", None),
    ]


def test_elements_are_found_by_name_in_any_order() -> None:
    copies = (
        "<CopyDetail><ProcessingInstructionCode>Catalog</ProcessingInstructionCode>"
        "<FundDetail><MonetaryAmount>189.00</MonetaryAmount><FundNumber>F1</FundNumber></FundDetail>"
        "<DeliverToLocation>A</DeliverToLocation><CopyQuantity>1</CopyQuantity><SubLineNumber>7</SubLineNumber></CopyDetail>"
    )
    whole = f"<ItemDetail>{copies}<QuantityShipping>1</QuantityShipping>{DESCRIPTION}{ISBN}<LineNumber>4</LineNumber></ItemDetail>"
    row = read(notice(whole)).row
    assert (row["line_no"], row["title"], row["isbn"]) == ("4", "Sju nätter på Åland", "978-91-999990-1-2")
    assert (
        row["placements"][0] | {"sub_line": "7", "fund": "F1", "fund_amount": Decimal(189)}
        == row["placements"][0]
    )


def test_a_header_behind_its_lines_is_found() -> None:
    data = notice(item(), header="").replace(b"<Summary>", HEADER.encode() + b"<Summary>")
    assert read(data).row["account"] == "01234000"


@pytest.mark.parametrize("written", ["11.03.2024", "20240311", "20240311T1730", "2024-03-11"])
def test_dates_in_all_the_forms_met(written: str) -> None:
    reference = (
        "<ReferenceCoded><ReferenceTypeCode>VendorsOrderReference</ReferenceTypeCode>"
        f"<ReferenceNumber>77</ReferenceNumber><ReferenceDate>{written}</ReferenceDate></ReferenceCoded>"
    )
    row = read(notice(item(ISBN, DESCRIPTION, reference))).row
    assert row["order_date"] == dt.date(2024, 3, 11)
    assert dict(row["raw"])["ReferenceCoded[VendorsOrderReference]/ReferenceNumber"] == "77"


def test_day_and_month_are_not_guessed() -> None:
    reference = (
        "<ReferenceCoded><ReferenceTypeCode>VendorsOrderReference</ReferenceTypeCode>"
        "<ReferenceDate>03/11/2024</ReferenceDate></ReferenceCoded>"
    )
    assert [problem.code for problem in read(notice(item(ISBN, DESCRIPTION, reference))).why] == ["E353"]


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        # (unit_price, price_basis, price_includes_vat, vat_percent, discount_percent)
        ([("UnitCostExcludingTax", "189.00")], ("189", "net", False)),
        ([("SRPIncludingTax", "264"), ("UnitCostExcludingTax", "189.00")], ("189", "net", False)),
        ([("FixedRPIncludingTax", "264"), ("FixedRPExcludingTax", "249.06")], ("249.06", "list", False)),
        ([("SRPIncludingTax", "132.50")], ("132.5", "list", True)),
        ([("SRPExcludingTax", "125"), ("FixedRPExcludingTax", "120")], ("120", "list", False)),
    ],
)
def test_the_best_price_with_its_basis(
    prices: list[tuple[str, str]], expected: tuple[str, str, bool]
) -> None:
    row = read(notice(item(ISBN, DESCRIPTION, *(price(*one) for one in prices)))).row
    assert (row["unit_price"], row["price_basis"], row["price_includes_vat"]) == (
        Decimal(expected[0]),
        *expected[1:],
    )
    assert (row["currency"], row["vat_percent"]) == ("SEK", Decimal(6))


def test_the_order_of_prices_is_an_option() -> None:
    data = notice(
        item(ISBN, DESCRIPTION, price("UnitCostExcludingTax", "189"), price("SRPExcludingTax", "255"))
    )
    row = read(data, prices=["SRPExcludingTax"]).row
    assert (row["unit_price"], row["price_basis"]) == (Decimal(255), "list")


def test_the_discount_is_read_beside_its_price() -> None:
    more = "<DiscountPercentage>27.5</DiscountPercentage>"
    row = read(notice(item(ISBN, DESCRIPTION, price("FixedRPExcludingTax", "189", more=more)))).row
    assert row["discount_percent"] == Decimal("27.5")


def test_prices_of_unknown_kinds_are_told_and_not_taken() -> None:
    reading = read(notice(item(ISBN, DESCRIPTION, price("AgencyPrice", "189"))))
    assert reading.row["unit_price"] is None
    assert reading.codes() == ["E368"]
    assert dict(reading.row["raw"])["PricingDetail[AgencyPrice]/MonetaryAmount"] == "189"


def test_two_different_prices_of_one_kind_are_no_price() -> None:
    both = [price("UnitCostExcludingTax", amount) for amount in ("189", "199")]
    assert [problem.code for problem in read(notice(item(ISBN, DESCRIPTION, *both))).why] == ["E351", "E440"]
    assert read(notice(item(ISBN, DESCRIPTION, both[0], both[0]))).row["unit_price"] == Decimal(189)


@pytest.mark.parametrize("written", ["189,00", "abc", "-"])
def test_a_price_that_cannot_be_read_rejects_the_line(written: str) -> None:
    why = read(notice(item(ISBN, DESCRIPTION, price("UnitCostExcludingTax", written)))).why
    assert why[0].code == "E351"
    assert why[0].data is not None
    assert why[0].data.field == "PricingDetail[UnitCostExcludingTax]/MonetaryAmount"


@pytest.mark.parametrize(
    ("fields", "number", "supplier"),
    [
        (
            '<controlfield tag="001">23456789</controlfield><controlfield tag="003">SwLnBT</controlfield>',
            "23456789",
            "BURK",
        ),
        (
            '<controlfield tag="001">23456789</controlfield><controlfield tag="003">SwLNBT</controlfield>',
            "23456789",
            "BURK",
        ),
        (
            '<controlfield tag="001">8452921</controlfield><controlfield tag="003">SE-LIBR</controlfield>',
            "8452921",
            "LIBRIS",
        ),
        ('<controlfield tag="001">978-91-999990-1-2</controlfield>', None, None),
    ],
)
def test_the_embedded_record_says_whose_number_it_has(
    fields: str, number: str | None, supplier: str | None
) -> None:
    row = read(with_record(fields)).row
    assert (row["title_number"], row["external_no"], row["record_supplier"]) == (number, number, supplier)
    assert "Sju nätter &amp; en dag" in row["marc_xml"]


def test_numbers_in_035_stay_as_they_are_with_and_without_parentheses() -> None:
    fields = "".join(
        f'<datafield tag="035" ind1=" " ind2=" "><subfield code="a">{number}</subfield></datafield>'
        for number in ("(FI-BTJ)1234567", "SwLnBT23456789")
    )
    row = read(with_record(f'<controlfield tag="001">1</controlfield>{fields}')).row
    assert row["system_numbers"] == ["(FI-BTJ)1234567", "SwLnBT23456789"]


def test_a_record_that_stands_there_as_xml_is_read_too() -> None:
    inline = RECORD.format('<controlfield tag="001">42</controlfield>').partition("?>")[2]
    raw = f"<Message><MessageType>04</MessageType><MessageLine>{inline}</MessageLine></Message>"
    assert read(notice(item(copies=copy(raw)))).row["title_number"] == "42"


@pytest.mark.parametrize(
    "text",
    [
        "<collection><record><leader>000",
        "no XML at all",
        "<ONIXMessage/>",
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><record><leader>&b;</leader></record>',
    ],
)
def test_a_record_that_cannot_be_read_is_a_note_and_the_line_stands(text: str) -> None:
    reading = read(notice(item(copies=copy(message("04", text)))))
    assert reading.row["marc_xml"] is None
    assert dict(reading.row["raw"])["CopyDetail[1]/Message[04]/MessageLine"] == text
    assert reading.codes() == ["E368"]
    assert reading.notes[-1].data is not None
    assert reading.notes[-1].data.line == 8


@pytest.mark.parametrize(
    ("broken", "field", "line"),
    [
        (
            item(ISBN, "<ItemDescription><ProductForm>BB</ProductForm></ItemDescription>"),
            "ItemDescription/Title",
            8,
        ),
        (item(ISBN, "<ItemDescription><Title>A</Title></ItemDescription>"), "ItemDescription/ProductForm", 8),
        (item(copies=""), "CopyDetail", 8),
        (item().replace("<LineNumber>1</LineNumber>", ""), "LineNumber", 8),
        (item().replace("<QuantityShipping>1</QuantityShipping>", ""), "QuantityShipping", 8),
        (item(copies="\n" + COPY.format("")), "CopyDetail[1]/CopyQuantity", 9),
        (
            item(copies="\n\n" + COPY.format(1).replace("HUVBARN2024", " ")),
            "CopyDetail[1]/DeliverToLocation",
            10,
        ),
    ],
)
def test_a_line_without_what_receivers_need_is_rejected_with_its_place(
    broken: str, field: str, line: int
) -> None:
    reading = read(notice(broken, item(line="2"), lines=2, units=2))
    assert [row["line_no"] for row in reading.rows] == ["2"]
    (rejected,) = reading.rejected
    assert rejected.record == 1
    assert rejected.raw.startswith(b"<ItemDetail>")
    assert rejected.raw.endswith(b"</ItemDetail>")
    place = rejected.problems[0].data
    assert place is not None
    assert (rejected.problems[0].code, place.field, place.line) == ("E355", field, line)


@pytest.mark.parametrize("missing", ["ShipNoticeNumber", "Identifier", "NameLine"])
def test_a_header_without_what_every_line_needs_rejects_every_line(missing: str) -> None:
    header = HEADER.replace(f"<{missing}>", "<Other>").replace(f"</{missing}>", "</Other>")
    reading = read(notice(item(), item(line="2"), header=header))
    assert [(one.record, one.problems[0].code) for one in reading.rejected] == [(1, "E355"), (2, "E355")]


def test_a_notice_without_header_is_refused() -> None:
    assert refusal(notice(item(), header="")).code == "E355"


def test_another_seller_stays_another_seller() -> None:
    header = HEADER.replace("BTJ Sverige AB", "Kirjavälitys Oy")
    assert read(notice(item(), header=header)).row["supplier"] == "Kirjavälitys Oy"
    assert (
        read(notice(item(), header=HEADER.replace("BTJ Sverige AB", "BTJ FINLAND OY"))).row["supplier"]
        == "BTJ"
    )


def test_a_line_with_an_isbn_and_an_ean_of_two_books_waits() -> None:
    (note,) = read(notice(item(ISBN.replace("9789199999012", "9789199999029"), DESCRIPTION))).notes[1:]
    assert (note.code, note.severity) == ("E441", Severity.HOLD)
    older = ISBN.replace("978-91-999990-1-2", "91-999990-1-3")
    assert read(notice(item(older, DESCRIPTION))).row["isbn"] == "91-999990-1-3"


def test_an_ean_of_no_book_is_no_isbn() -> None:
    film = "<ProductID><ProductIDType>EAN13</ProductIDType><Identifier>7310865004703</Identifier></ProductID>"
    row = read(notice(item(film, DESCRIPTION))).row
    assert (row["isbn"], row["ean"]) == (None, "7310865004703")


def test_copies_that_do_not_add_up_reject_the_line() -> None:
    assert [p.code for p in read(notice(item(quantity="3", copies=COPY.format(1) * 2))).why] == ["E357"]


def test_a_second_fund_is_told() -> None:
    funds = "".join(f"<FundDetail><FundNumber>{fund}</FundNumber></FundDetail>" for fund in "AB")
    reading = read(notice(item(copies=copy(funds))))
    assert reading.row["placements"][0]["fund"] == "A"
    assert reading.codes() == ["E368", "E440"]


def test_a_fund_in_another_currency_rejects_the_line() -> None:
    fund = "<FundDetail><FundNumber>A</FundNumber><CurrencyCode>EUR</CurrencyCode></FundDetail>"
    data = notice(item(ISBN, DESCRIPTION, price("UnitCostExcludingTax", "1"), copies=copy(fund)))
    assert [problem.code for problem in read(data).why] == ["E351"]


@pytest.mark.parametrize(
    ("lines", "units", "told"),
    [
        (2, 2, []),
        (3, 2, ["NumberOfLines"]),
        (2, 9, ["UnitsShipped"]),
        (1, 1, ["NumberOfLines", "UnitsShipped"]),
    ],
)
def test_a_summary_that_differs_says_that_the_notice_is_not_whole(
    lines: int, units: int, told: list[str]
) -> None:
    reading = read(notice(item(), item(line="2"), lines=lines, units=units))
    assert len(reading.rows) == 2
    problems = [problem for one in reading.rejected for problem in one.problems]
    assert [problem.code for problem in problems] == ["E325"] * bool(told)
    assert [
        name for name in ("NumberOfLines", "UnitsShipped") for one in problems if name in one.message
    ] == told
    assert [(one.record, one.raw[:9]) for one in reading.rejected] == [(3, b"<Summary>")] * bool(told)


def test_rejected_lines_count_in_the_summary() -> None:
    bad = item(ISBN, "<ItemDescription><ProductForm>BB</ProductForm></ItemDescription>", quantity="2")
    assert read(notice(bad, item(line="2"))).codes() == []


def test_no_summary_is_told() -> None:
    data = notice(item())
    start, end = data.index(b"<Summary>"), data.index(b"</Summary>") + 10
    assert read(data[:start] + data[end:]).codes() == ["E369"]


def test_texts_of_the_line_are_notes_for_the_vendor_and_entities_are_undone_once() -> None:
    described = DESCRIPTION.replace("Sju nätter på Åland", "Fjärilar &amp;amp; blommor")
    row = read(notice(item(ISBN, described, message("01", "Leveras snarast")))).row
    assert (row["note_vendor"], row["title"]) == ("Leveras snarast", "Fjärilar & blommor")


def test_glued_codes_come_apart_by_the_longest_known_location() -> None:
    options = {"branches": ["HUV", "HUVB"], "locations": ["BARN", "BARNFAKTA", "ARN"]}
    placed = read(notice(item()), glued=options).row["placements"][0]
    assert (placed["library"], placed["location"]) == ("HUV", "BARN")
    unknown = notice(item().replace("HUVBARN2024", "HUVUNG2024"))
    assert read(unknown, glued=options).row["placements"][0]["location"] == "HUVUNG2024"


# ------------------------------------------------------------- the catalogue record that came along


def _held(data: bytes) -> list[Problem]:
    batches = BtjConnector().read(bytes_source(data), BtjConnector.Options(), None)
    return [note for batch in batches for note in batch.notes if note.severity is Severity.HOLD]


def _isbn(*texts: str) -> str:
    subfields = "".join(f'<subfield code="{text[0]}">{text[1:]}</subfield>' for text in texts)
    return f'<datafield tag="020" ind1=" " ind2=" ">{subfields}</datafield>'


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ("", []),
        (_isbn("a9789199999012"), []),
        (_isbn("a91-999990-1-3 (inb.)"), []),
        (_isbn("a9789199999029", "z9789199999012"), []),
        (_isbn("aBTJ 2405117"), []),
        (_isbn("a9789199999029 (MP3-CD)"), ["E422"]),
        ('<controlfield tag="007">sd fsngnn</controlfield>', ["E422"]),
        ('<controlfield tag="007">ta</controlfield><controlfield tag="007">cr</controlfield>', []),
        ('<datafield tag="338" ind1=" " ind2=" "><subfield code="b">cr</subfield></datafield>', ["E422"]),
        ('<controlfield tag="007">sd</controlfield>' + _isbn("a9789199999029"), ["E422", "E422"]),
    ],
)
def test_a_record_of_another_title_or_carrier_holds_the_line(fields: str, codes: list[str]) -> None:
    found = _held(with_record(fields))
    assert [one.code for one in found] == codes
    assert all(one.data is not None and one.data.record == 1 for one in found)
