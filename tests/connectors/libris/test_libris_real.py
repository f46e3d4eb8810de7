"""The sixteen real files of ../shared/data/swedish-libris, each accounted for: orders, or what they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from reading import read, refusal

from connectors.adlibris import AdlibrisConnector
from connectors.csv_file import CsvConnector
from connectors.libris import LibrisConnector

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "swedish-libris"
ORDERS = {  # ISBN as delivered, 035, title, sigel
    "batch0.xml": ("978-91-502-2231-9", ["(BOKR)9789150222319_OLD"], "Polisbilen får ett larm", "Sods"),
    "batch1.xml": ("978-91-502-2231-9", ["(BOKR)9789150222319_NEW"], "Polisbilen får INTE ett larm", "Nyks"),
    "batch2.xml": ("91-27-10850-3", [], "Polisbilen får ett larm", "Sods"),
    "batch3.xml": ("9789127108509", [], "Polisbilen får INTE ett larm", "Sods"),
    "batch4.xml": (None, [], "Polisbilen får INTE ett larm", "Sods"),  # 020 $z: the ISBN of another edition
    "batch5.xml": (None, [], "Polisbilen får INTE ett larm", "Sods"),  # 022 $z: a wrong ISSN
}
NUMBERS = (10796401, 11279947, 11311266, 11357644, 11601582, 11691597, 11850823, 12035894)
CATALOGUE = [*(f"bib-{number}.json" for number in NUMBERS), "bib0.jsonld"]
TABLE = "sabrub-2000.tsv"


@pytest.fixture(autouse=True)
def _there() -> None:
    if not FOLDER.is_dir():
        pytest.skip("../shared/data/swedish-libris is not here")


def test_every_file_is_accounted_for() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted([*ORDERS, *CATALOGUE, TABLE])


@pytest.mark.parametrize("name", ORDERS)
def test_a_record_and_its_holdings_are_one_order(name: str) -> None:
    isbn, numbers, title, sigel = ORDERS[name]
    reading = read(LibrisConnector(), FOLDER / name, defaults={"supplier": "Bokinfo"})
    assert reading.rejected == []
    [row] = reading.rows
    assert (row["isbn"], row["issn"], row["system_numbers"], row["title"]) == (isbn, None, numbers, title)
    assert (row["quantity"], [place["library"] for place in row["placements"]]) == (1, [sigel])  # type: ignore[attr-defined]
    assert (row["external_no"], row["record_supplier"], row["publisher"], row["year"]) == (
        "20203738",
        "LIBRIS",
        "Berghs",
        "2017",
    )
    assert row["raw"]["040$a"] == "BOKR"  # type: ignore[index]
    assert reading.notes == ["E376", "E359"]


@pytest.mark.parametrize("name", CATALOGUE)
def test_catalogue_records_in_json_are_no_orders(name: str) -> None:
    """They are the catalogue's own; the connector marc is the one for MARC-in-JSON. None is taken for an order."""
    assert refusal(LibrisConnector(), FOLDER / name) in (["E341"], ["E340"])
    refused = refusal(AdlibrisConnector(), FOLDER / name)
    if name == "bib-11311266.json":  # it has bytes that are no UTF-8, and some that are nothing else
        assert refused == [] or refused[0] in ("E303", "E356")
        assert refused or read(AdlibrisConnector(), FOLDER / name).codes == [(1, "E316")]
    else:
        assert refused == ["E356"]


def test_the_table_of_sab_codes_is_a_table() -> None:
    assert refusal(LibrisConnector(), FOLDER / TABLE) == ["E340"]
    reading = read(CsvConnector(), FOLDER / TABLE, encoding="iso-8859-1")
    assert (len(reading.rows), reading.rejected) == (
        1997,
        [],
    )  # 2000 lines: the header, and two that are empty
    assert reading.rows[0] == {"SAB": "A(p)", "Översättning": "Bokväsen och biblioteksväsen: periodika"}
