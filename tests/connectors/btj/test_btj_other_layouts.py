"""BTJ's order confirmations and MARC records, and how the layout of a file is recognised."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from btj_files import BURK, FIELDS, NASTY, ROW, confirmation, item, notice, read, refusal, transmission
from pydantic import ValidationError

from connectors.btj import BtjConnector
from etl.plugin import Severity
from etl.testing.sources import bytes_source

# -------------------------------------------------------------------------------------- order confirmation


def test_a_row_of_the_order_confirmation() -> None:
    row = read(confirmation(ROW)).row
    assert (
        row
        | {
            "source": "btj_orderbekraftelse",
            "supplier": "BTJ",
            "service": "MD",
            "account": "1234000",
            "order_date": dt.date(2024, 3, 11),
            "article_no": "BTJ 24:05:117",
            "external_no": "23456789",
            "record_supplier": "BURK",
            "catalogue_record": True,
            "title": "Sju nätter på Åland",
            "quantity": 2,
            "unit_price": Decimal(189),
            "discount_percent": Decimal("27.5"),
            "vat_percent": Decimal(6),
            "delivery_date": dt.date(2024, 4, 2),
        }
        == row
    )


def test_an_unquoted_semicolon_rejects_the_row_and_shifts_nothing() -> None:
    reading = read(confirmation(ROW, NASTY))
    assert [row["line_no"] for row in reading.rows] == ["1"]
    (rejected,) = reading.rejected
    assert rejected.problems[0].code == "E311"
    assert rejected.problems[0].data is not None
    assert rejected.problems[0].data.line == 3
    assert rejected.raw.decode("cp1252").startswith(NASTY)


def test_an_unquoted_semicolon_in_a_row_that_lacks_its_last_cell_is_rejected_by_its_types() -> None:
    codes = {problem.code for problem in read(confirmation(NASTY.removesuffix(";PR"))).why}
    assert "E354" in codes  # "BURK" where J or N should stand


def test_the_same_row_quoted_is_read() -> None:
    row = read(confirmation(NASTY.replace("Fjärilar; en handbok", '"Fjärilar; en handbok"'))).row
    assert (row["title"], row["author"], row["unit_price"]) == (
        "Fjärilar; en handbok",
        'Ek, "Kajsa"',
        Decimal("1249.5"),
    )
    assert (row["service"], row["discount_percent"], row["title_number"]) == ("PR", None, None)


@pytest.mark.parametrize("codec", ["cp1252", "utf-8", "utf-8-sig"])
def test_the_encodings_that_are_found(codec: str) -> None:
    assert read("\n".join([FIELDS, ROW]).encode(codec)).row["author"] == "Öberg, Åsa"


def test_dos_text_has_to_be_named() -> None:
    assert read("\n".join([FIELDS, ROW]).encode("cp850"), encoding="cp850").row["author"] == "Öberg, Åsa"


def test_header_names_are_compared_folded() -> None:
    assert read(confirmation(ROW, fields=FIELDS.upper())).row["author"] == "Öberg, Åsa"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (";2;Barn", ";två;Barn", "E351"),
        ("189,00", "12,3x", "E351"),
        ("2024-03-11", "11/03/24", "E353"),
        (";J;", ";kanske;", "E354"),
        ("978-91-999990-1-2", "9,78914E+12", "E352"),
        (";Sju nätter på Åland;", ";;", "E355"),
        ("1234000;", ";", "E355"),
    ],
)
def test_a_value_that_cannot_be_read_rejects_its_row_only(old: str, new: str, code: str) -> None:
    reading = read(confirmation(ROW.replace(old, new), ROW))
    assert [(one.record, one.problems[0].code) for one in reading.rejected] == [(1, code)]
    assert len(reading.rows) == 1


def test_a_price_can_be_said_to_be_net() -> None:
    assert read(confirmation(ROW)).row["price_basis"] == "list"
    assert read(confirmation(ROW), defaults={"price_basis": "net"}).row["price_basis"] == "net"


# ------------------------------------------------------------------------------------------------- records


def test_a_record_with_a_burk_number() -> None:
    reading = read(transmission(BURK))
    row = reading.row
    assert (
        row
        | {
            "external_no": "23456801",
            "record_supplier": "BURK",
            "title": "Vindens öar berättelser",
            "author": "Åkesson, Nils",
            "isbn": "91-999990-1-3 (inb.)",
            "article_no": "BTJ 2405117",
            "place": "Åmål",
            "quantity": 3,
            "unit_price": Decimal(249),
        }
        == row
    )
    assert [(one["library"], one["location"], one["quantity"], one["fund"]) for one in row["placements"]] == [
        ("HUV", "BARN", 2, "BARN24"),
        ("FIL", "VUX", 1, "VUX24"),
    ]
    assert "Vindens öar" in row["marc_xml"]
    assert '"SwLnBT"' in dict(row["raw"])["record"]


def test_a_record_without_placements_has_no_quantity() -> None:
    row = read(transmission([field for field in BURK if field[0] != "975"])).row
    assert (row["quantity"], row["unit_price"], len(row["placements"])) == (None, None, 1)


def test_a_placement_with_a_wrong_quantity_rejects_its_record() -> None:
    (why,) = read(transmission([*BURK[:7], ("975", "  $aHUV$qtvå")])).why
    assert why.code == "E351"
    assert why.data is not None
    assert why.data.field == "975$q"


def test_orders_stand_where_the_mapping_says() -> None:
    columns = {"order_id": "980$a", "account": ["kundnummer", "980$b"]}
    row = read(transmission([*BURK, ("980", "  $aA-1$b1234000")]), columns=columns).row
    assert (row["order_id"], row["account"]) == ("A-1", "1234000")


def test_a_field_name_that_is_no_marc_path_is_refused_where_only_paths_can_stand() -> None:
    with pytest.raises(ValidationError, match="kundnummer"):
        BtjConnector.Options.model_validate({"layout": "btj_marc", "columns": {"account": "kundnummer"}})


def test_a_damaged_record_is_rejected_with_its_bytes() -> None:
    good, bad = transmission(BURK), transmission(BURK).replace(b"nam", b"n\x00m")
    reading = read(good + bad[:30] + b"x" * 20 + bad[50:] + good)
    assert len(reading.rows) == 2
    assert len(reading.rejected) == 1
    assert reading.rejected[0].raw


def test_utf_8_is_read_as_flagged() -> None:
    assert read(transmission(BURK, leader9="a", codec="utf-8")).row["author"] == "Åkesson, Nils"


# ------------------------------------------------------------------------------------------------- layouts


@pytest.mark.parametrize(
    ("data", "layout"),
    [
        (notice(item()), "btj_editx"),
        (b"\xef\xbb\xbf" + notice(item()), "btj_editx"),
        (notice(item()).decode().replace("UTF-8", "UTF-16").encode("utf-16"), "btj_editx"),
        (confirmation(ROW), "btj_orderbekraftelse"),
        (transmission(BURK), "btj_marc"),
        (
            b'<record><leader/><controlfield tag="001">1</controlfield><datafield tag="245"><subfield code="a">A</subfield></datafield></record>',
            "btj_marc",
        ),
    ],
)
def test_the_layout_is_recognised_by_content_and_told(data: bytes, layout: str) -> None:
    reading = read(data)
    assert reading.row["source"] == layout
    assert reading.notes[0].code == "E358"
    assert layout in reading.notes[0].message
    connector = BtjConnector()
    assert connector.inspect(bytes_source(data), connector.Options())["layout"].startswith(layout)
    assert "E358" not in [note.code for note in read(data, layout=layout).notes]


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"<Papers><Line/></Papers>", "E356", "LibraryShipNotice"),
        (b"<Invoice><Line/></Invoice>", "E443", ""),
        (b"Ordernr;ISBN\r\n1;2\r\n", "E356", "kundnummer"),
        (b"<LibraryShipNotice", "E325", "ask for the whole file"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><LibraryShipNotice/>', "E367", "no vendor"),
        (b'<?xml version="1.0" encoding="klingon"?><LibraryShipNotice/>', "E303", ""),
    ],
)
def test_what_is_in_no_layout_is_refused_with_what_was_looked_for(data: bytes, code: str, words: str) -> None:
    problem = refusal(data)
    assert problem.code == code
    assert words in (problem.help or "")


# --------------------------------------------------------------------------- values that stand there twice


def _held(data: bytes) -> list[str]:
    batches = BtjConnector().read(bytes_source(data), BtjConnector.Options(), None)
    return [note.code for batch in batches for note in batch.notes if note.severity is Severity.HOLD]


@pytest.mark.parametrize("part", ["$aFIL", "$cVUX", "$q5", "$hVUX24"])
def test_a_copy_that_says_a_thing_twice_is_held(part: str) -> None:
    twice = [*BURK[:-2], ("975", f"{BURK[-2][1]}{part}")]
    assert _held(transmission(twice)) == ["E327"]
    again = BURK[-2][1] + BURK[-2][1][2:]
    assert _held(transmission([*BURK[:-2], ("975", again)])) == []


def test_two_numbers_of_a_record_and_two_prices_are_held() -> None:
    assert _held(transmission([("001", "99999999"), *BURK])) == ["E327"]
    dearer = [*BURK[:-1], ("975", BURK[-1][1].replace("249,00", "349,00"))]
    assert _held(transmission(dearer)) == ["E327"]
    assert _held(transmission(BURK)) == []
