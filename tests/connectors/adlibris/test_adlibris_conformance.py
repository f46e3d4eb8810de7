"""The adlibris connector keeps the promises of every connector, and outlives mutated orders."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import ClassVar

import pytest
from adlibris_orders import as_bytes, confirmed, item, posted, rad

from connectors.adlibris import AdlibrisConnector
from etl.plugin import Refusal
from etl.testing.connector_suite import ConnectorSuite, check_numbers
from etl.testing.sources import bytes_source

SAMPLES = Path(__file__).parents[3] / "mappings" / "adlibris" / "samples"
ISO_TEXT = "00061nam a2200037 a 4500001000800000\x1e8452921\x1e\x1d"
MUTANTS = int(os.environ.get("MUTANTS", "600"))
INSERTS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"\\",
    b"\n{",
    b",",
    b":",
    b"\\u0000",
    b"\\ud800",
    b"1e999",
    b"null",
    b"\xff",
]


# fmt: off
FIRST_POSTED = {
    "source": "adlibris_vendor_order", "supplier": "Adlibris", "account": "712345", "order_id": "48211907",
    "line_no": "1", "article_no": "9789199999913", "isbn": "9789199999913", "title": "Sju nätter på Åland",
    "quantity": 1, "unit_price": "150", "price_basis": "net", "currency": "SEK", "price_includes_vat": False,
    "vat_percent": "6",
}
BARN = {
    "sub_line": "1", "source": "adlibris_order", "supplier": "AdLibris", "account": "712345", "order_id": "48211907",
    "order_date": "2024-03-11", "line_no": "1", "article_no": "9789199999913", "isbn": "9789199999913",
    "title": "Sju nätter på Åland", "quantity": 1, "unit_price": "150", "department": "Barn",
}
SECOND = {**BARN, "sub_line": "2", "department": "Å"}
# fmt: on


class TestPosted(ConnectorSuite):
    connector = AdlibrisConnector()
    record = 4
    stated: ClassVar = {1: FIRST_POSTED}
    sample = as_bytes(
        posted(item(MARCRecord=ISO_TEXT), item(Title="A\u030aland"), item(Quantity=None), item()), indent=3
    )


class TestConfirmed(ConnectorSuite):
    connector = AdlibrisConnector()
    record = 3
    options: ClassVar = {"placements": "lines", "layout": "adlibris_order"}
    stated: ClassVar = {1: [BARN, SECOND]}
    sample = as_bytes(
        confirmed(
            rad(antal=2, fordelning=[{"avdelning": "Barn", "antal": 1}, {"avdelning": "Å", "antal": 1}])
        ),
        confirmed(rad(antal=0)),
        confirmed(rad(pris="?")),
    )


def mutant(data: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.randrange(1, 6)):
        at, kind = dice.randrange(len(data) + 1), dice.randrange(5)
        if kind == 0:
            data = data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + data[at + dice.randrange(1, 200) :]
        elif kind == 2:
            data = data[:at] + dice.randbytes(dice.randrange(1, 6)) + data[at:]
        elif kind == 3:
            data = data[:at] + dice.choice(INSERTS) + data[at:]
        elif dice.randrange(4) == 0:
            data = data[:at]
    return data


@pytest.mark.parametrize("sample", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_mutated_orders_are_read_or_rejected(sample: Path) -> None:
    """MUTANTS=20000 in the environment makes it thorough."""
    connector, dice, data = AdlibrisConnector(), random.Random(5), sample.read_bytes()  # noqa: S311 - repeatable damage, not a secret
    options = connector.Options.model_validate({})
    refused: list[str] = []
    for _ in range(MUTANTS // 3):
        try:
            check_numbers(connector.read(bytes_source(mutant(data, dice)), options, None))
        except Refusal as refusal:
            refused.append(refusal.problems[0].code)
    assert set(refused) <= {"E301", "E302", "E303", "E356", "E370"}
    assert len(refused) < MUTANTS // 6, "most mutants are still orders"
