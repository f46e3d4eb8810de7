"""Real vendors' order records → payloads with the values a person reads in the records.

Sources: order files of Cornell (Coutts, Harrassowitz), a GOBI sample, BPL's Ingram orders, FOLIO's fixtures.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from real_mappings import payloads

Data = Callable[[str], Path]

# mapping, file, records, and by position: vendor, price, currency, fund, copies, library, title
CASES: list[tuple[str, str, int, dict[int, tuple[str | None, ...]]]] = [
    (
        "cornell.yaml", "CouttsUKFO.1.mrc", 2,
        {
            0: ("COUTTSUK", "16.00", "USD", "p1550", "1", "vet", "Pit bull : the battle over an American icon"),
            1: ("COUTTSUK", "19.95", "USD", "p1550", "1", "vet",
                "Canine enrichment for the real world : making it a part of your dog's daily life"),
        },
    ),
    (
        "harrass.yaml", "harrass.mrc", 16,
        {
            0: ("HARRASS", "53.83", "USD", "p2553", "1", "olin",
                "Formästhetiken und Formen der Literatur : Materialität - Ornament - Codierung"),
            3: ("HARRASS", "95.69", "USD", "p2553", "1", "olin",
                "Ehe als Nationalfiktion : dargestelltes Recht im Roman der Moderne"),
            7: ("HARRASS", "94.51", "USD", "2511", "1", "olin",
                "Weimar international : Kontext und Rezeption der Verfassung von 1919"),
        },
    ),
    (
        "gobi.yaml", "gobi-sample-v2.mrc", 6,
        {
            0: ("ALX", "12.32", "USD", "BARC", "1", "MAIN", "Women, writing and religion in England and beyond, 650-1100"),
            5: ("ALX", "12.32", "USD", "BARC", "1", "MAIN",
                "Research design : quantitative, qualitative, mixed methods, arts-based, and community-based "
                "participatory research approaches"),
        },
    ),
    (
        "bpl.yaml", "bpl-sample.mrc", 5,
        {
            0: ("INGRAM", "39.95", "USD", None, "1", "BPL", "Wild by design : the rise of ecological restoration"),
            2: ("INGRAM", "34.95", "USD", None, "1", "BPL", "Bats : an illustrated guide to all species"),
            4: ("INGRAM", "24.95", "USD", None, "1", "BPL",
                "The secret lives of numbers : numerals and their peculiarities in mathematics and beyond"),
        },
    ),
    (
        "folio.yaml", "folio-marcFileForC376975.mrc", 2,
        {
            0: ("FOLIO", "19.95", "USD", "HIST", "1", "MAIN", "Ella & Basie!"),
            1: ("FOLIO", "19.95", "USD", "AFRICAHIST", "1", "MAIN", "The best of Ella"),
        },
    ),
]  # fmt: skip


def seen(document: dict[str, Any]) -> tuple[str | None, ...]:
    funds, (place,) = document.get("fund_distribution", []), document["location"]
    return (
        document["vendor"]["value"], document["price"]["sum"], document["price"]["currency"]["value"],
        funds[0]["fund_code"]["value"] if funds else None, str(place["quantity"]), place["library"]["value"],
        document["resource_metadata"]["title"],
    )  # fmt: skip


@pytest.mark.parametrize(("mapping", "file", "records", "expected"), CASES, ids=[case[1] for case in CASES])
def test_payloads(
    data: Data, mapping: str, file: str, records: int, expected: dict[int, tuple[str | None, ...]]
) -> None:
    documents = payloads(mapping, data(f"orders-marc/{file}"))
    assert len(documents) == records
    assert {position: seen(documents[position]) for position in expected} == expected
    for document in documents:
        for fund in document.get("fund_distribution", []):
            copies = sum(place["quantity"] for place in document["location"])
            assert Decimal(fund["amount"]["sum"]) == Decimal(document["price"]["sum"]) * copies


def test_identifiers_and_notes(data: Data) -> None:
    harrass = payloads("harrass.yaml", data("orders-marc/harrass.mrc"))
    assert harrass[0]["vendor_reference_number"] == "har200204600"
    assert harrass[0]["resource_metadata"]["isbn"] == "9783837654080"
    assert len({document["vendor_reference_number"] for document in harrass}) == 16
    gobi = payloads("gobi.yaml", data("orders-marc/gobi-sample-v2.mrc"))
    assert gobi[2]["resource_metadata"]["isbn"] == "9781475856675", "the first 020 has the ISBN-10"
    assert gobi[0]["resource_metadata"]["system_control_number"] == ["(OCoLC)1111158701"]
    assert gobi[0]["receiving_note"] == "Notify stz215"
    bpl = payloads("bpl.yaml", data("orders-marc/bpl-sample.mrc"))
    assert bpl[2]["resource_metadata"]["isbn"] == "9781588346476", "written  9781588346476 :$c$29.95"
    assert bpl[0]["location"][0]["copy"][0]["barcode"] == "34444958270514"
    folio = payloads("folio.yaml", data("orders-marc/folio-marcFileForC376975.mrc"))
    assert folio[1]["reporting_code"] == "Electronic"
    assert [note["note_text"] for note in folio[0]["note"]] == ["Internal Note 1"]
