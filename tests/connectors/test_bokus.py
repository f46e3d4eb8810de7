"""Bokus: the conformance suite, the sample of the reference, and every pitfall of its section 6c."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

import pytest
from reading import read, refusal

from connectors.bokus import BokusConnector
from etl.plugin import Severity
from etl.testing.connector_suite import ConnectorSuite

HEADER = (
    "Kundnr;Ordernr;Orderdatum;Rad;Artikelnr;Titel;Författare;Förlag;Utgivningsdatum;Bandtyp;Mediatyp;Signum;"
    "Titelnummer;Postleverantör;Antal;Pris exkl moms;Moms %;Valuta;Leveransdatum;Avdelning;Placering"
)
FIRST = (
    '5501287;B-20240311-0042;2024-03-11;1;9789199999036;"Blåbär & björnspår; en guide";Ström, Élise;Natur på riktigt;'
    "20240402;Häftad;Bok;Of;8452934;LIBRIS;2;142,45;6;SEK;2024-04-05;Vuxen;Magasin"
)
SECOND = (
    "5501287;B-20240311-0042;2024-03-11;2;9,78914E+12;Vindens öar;Åkesson, Nils;Natur på riktigt;;Inbunden;Bok;;;;1;"
    '"1 089,00";6;SEK;;Barn;'
)
REFERENCE = "\r\n".join([HEADER, FIRST, SECOND, ""])
BOKUS = BokusConnector()


# fmt: off
STATED = {
    "source": "bokus_order", "supplier": "Bokus", "account": "5501287", "order_id": "B-20240311-0042",
    "order_date": "2024-03-11", "line_no": "1", "article_no": "9789199999036", "isbn": "9789199999036",
    "title_number": "8452934", "external_no": "8452934", "record_supplier": "LIBRIS",
    "title": "Blåbär & björnspår; en guide", "author": "Ström, Élise", "publisher": "Natur på riktigt",
    "year": "20240402", "form": "Häftad", "classification": "Of", "quantity": 2, "unit_price": "142.45",
    "currency": "SEK", "price_includes_vat": False, "vat_percent": "6", "department": "Vuxen", "location": "Magasin",
    "delivery_date": "2024-04-05",
}
# fmt: on


class TestBokus(ConnectorSuite):
    connector = BOKUS
    record = rb"5501287;[^\n]*\n"
    separator = b";"
    stated: ClassVar = {1: STATED}
    sample = (
        "\ufeff" + REFERENCE + FIRST.replace(";1;97", ";3;97") + "\r\n" + FIRST.replace(";1;97", ";4;97") + "\r\n"
    ).encode()


class TestBokusLines(ConnectorSuite):
    connector = BOKUS
    record = rb"5501287;[^\n]*\n"
    options = {"placements": "lines", "defaults": {"currency": "SEK"}}  # noqa: RUF012
    separator = b";"
    stated: ClassVar = {1: {**STATED, "sub_line": "1"}}
    sample = REFERENCE.replace("SEK", "").encode("cp1252")


def changed(**cells: str) -> bytes:
    """The first row with other cells, after its header."""
    names = HEADER.split(";")
    row = dict(zip(names, FIRST.replace("; en", " – en").replace('"', "").split(";"), strict=True))
    for name, text in cells.items():
        row[next(one for one in names if one.startswith(name))] = text
    return "\n".join([HEADER, ";".join(row.values())]).encode()


def test_the_sample_of_the_reference() -> None:
    reading = read(BOKUS, ("\ufeff" + REFERENCE).encode())
    (row,) = reading.rows
    assert row["supplier"] == "Bokus"
    assert row["order_id"] == "B-20240311-0042"
    assert row["isbn"] == row["article_no"] == "9789199999036"
    assert row["title"] == "Blåbär & björnspår; en guide"
    assert (row["quantity"], row["unit_price"], row["vat_percent"]) == (2, Decimal("142.45"), Decimal(6))
    assert row["price_includes_vat"] is False
    assert (row["order_date"], row["delivery_date"]) == (date(2024, 3, 11), date(2024, 4, 5))
    assert (row["external_no"], row["record_supplier"]) == ("8452934", "LIBRIS")
    assert row["raw"]["Moms %"] == "6"  # type: ignore[index]
    assert reading.codes == [(2, "E352")]
    assert reading.rejected[0].raw == (SECOND + "\r\n").encode()


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-8", "cp1252", "utf-16"])
def test_one_row_in_every_encoding(codec: str) -> None:
    assert read(BOKUS, REFERENCE.encode(codec)).rows == read(BOKUS, REFERENCE.encode()).rows


def test_html_entities_are_unescaped_once() -> None:
    data = changed(Titel='"Jack &amp; Jill &amp;amp; co"')
    assert read(BOKUS, data).rows[0]["title"] == "Jack & Jill &amp; co"


def test_an_entity_without_quotes_is_a_broken_row_and_not_a_shifted_one() -> None:
    """`&amp;` holds the delimiter; the last cell being empty, no cell but the number of cells tells."""
    data = changed(Titel="Jack &amp; Jill", Placering="")
    assert read(BOKUS, data).codes == [(1, "E311")]


def test_time_of_day_is_read_and_dropped() -> None:
    assert read(BOKUS, changed(Orderdatum="2024-03-11 14:22")).rows[0]["order_date"] == date(2024, 3, 11)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Antal": ""}, "E355"),
        ({"Antal": "två"}, "E351"),
        ({"Pris": "142.45"}, "E351"),
        ({"Pris": "12,3x"}, "E351"),
        ({"Moms": "0,06"}, "E351"),
        ({"Orderdatum": "2024-02-31"}, "E353"),
        ({"Leveransdatum": "05.04.2024"}, "E353"),
        ({"Artikelnr": "", "Titel": ""}, "E355"),
        ({"Kundnr": ""}, "E355"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_code(cells: dict[str, str], code: str) -> None:
    reading = read(BOKUS, changed(**cells))
    assert (reading.rows, reading.codes) == ([], [(1, code)])


def test_a_film_has_an_ean() -> None:
    row = read(BOKUS, changed(Artikelnr="7340000000017")).rows[0]
    assert (row["isbn"], row["ean"]) == (None, "7340000000017")


def test_a_dos_file_has_to_be_named() -> None:
    assert (
        read(BOKUS, REFERENCE.encode("cp850"), encoding="cp850").rows == read(BOKUS, REFERENCE.encode()).rows
    )


@pytest.mark.parametrize(
    ("data", "options", "codes"),
    [
        (b"Ordernr;ISBN\n1;2\n", {}, ["E356"]),
        (REFERENCE.replace("Antal", "Exemplar").encode(), {}, ["E356"]),
        (REFERENCE.encode(), {"layout": "bokus"}, ["E356"]),
        (REFERENCE.replace(";Titel;", ";Antal;").encode(), {}, ["E356"]),
        (REFERENCE.replace("Valuta", "ANTAL").encode(), {}, ["E307"]),
    ],
)
def test_a_file_of_another_form_is_refused(data: bytes, options: dict[str, object], codes: list[str]) -> None:
    assert refusal(BOKUS, data, **options) == codes


def test_a_customer_with_other_names_needs_no_code() -> None:
    data = (
        REFERENCE.replace("Antal", "Exemplar")
        .replace("142,45", "142.45")
        .replace("1 089,00", "1,089.00")
        .encode()
    )
    options = {"columns": {"quantity": "Exemplar"}, "formats": {"unit_price": "money dot"}}
    assert read(BOKUS, data, **options).rows[0]["unit_price"] == Decimal("142.45")


def test_rows_of_empty_cells_are_counted_and_take_no_number() -> None:
    reading = read(BOKUS, (REFERENCE.replace(FIRST, ";" * 20 + "\r\n" + FIRST)).encode())
    assert (reading.notes, reading.codes, len(reading.rows)) == (["E324"], [(2, "E352")], 1)


def with_another(word: str, cell: str) -> bytes:
    """The file with one column more."""
    lines = REFERENCE.splitlines()
    return "\r\n".join([f"{lines[0]};{word}", *(f"{line};{cell}" for line in lines[1:])]).encode()


@pytest.mark.parametrize("word", ["Antal", "Antal 2"])
def test_a_second_column_of_one_name_may_not_say_otherwise(word: str) -> None:
    for cell, codes in (("7", ["E440"]), ("", []), (" ", [])):
        holds = [one.code for one in read(BOKUS, with_another(word, cell)).problems if one.severity is Severity.HOLD]
        assert set(holds) == set(codes), cell
    notes = read(BOKUS, with_another("Anmärkning", "7")).problems
    assert [one for one in notes if one.severity is Severity.HOLD] == [], "which does not change what is ordered"


BOTH = "9789199999036", "9789199999043"


def held(**cells: str) -> list[str]:
    notes = [note for note in read(BOKUS, changed(**cells)).problems if note.severity is Severity.HOLD]
    return [note.code for note in notes]


@pytest.mark.parametrize("between", [",", ", ", " ", " / ", "/", "|", " + "])
@pytest.mark.parametrize("cell", ["Artikelnr", "Titelnummer"])
def test_two_isbns_in_one_cell_hold(cell: str, between: str) -> None:
    assert held(**{cell: between.join(BOTH)}) == ["E441"]
    one_book = held(**{cell: between.join((BOTH[0], "978-91-999990-3-6"))})
    assert one_book == (["E402"] if cell == "Artikelnr" else []), "which nobody reads as one number"


@pytest.mark.parametrize("number", ["9-7891", "978-91-999", "978919999903", "97891999990361", "978919999903X"])
def test_what_began_as_an_isbn_and_is_none_holds(number: str) -> None:
    assert held(Artikelnr=number) == ["E402"]


@pytest.mark.parametrize(
    "number", ["'{}", '="{}"', "{}.0", "EAN {}", "{} 10-pack", "{} 149 kr", "nr 978-91-999990-3-6!", "{}X"]
)
def test_an_isbn_among_other_signs_holds(number: str) -> None:
    assert held(Artikelnr=number.format(BOTH[0])) == ["E402"]


@pytest.mark.parametrize("number", ["BTJ-1234", "1234", "7393834123455", "9790123456785", "919999903X", "8452934"])
def test_another_article_number_is_one(number: str) -> None:
    assert held(Artikelnr=number) == []
