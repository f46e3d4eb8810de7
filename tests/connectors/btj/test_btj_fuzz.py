"""Files of BTJ with seeded damage → no exception but a Refusal, every record loaded or rejected, once."""

from __future__ import annotations

import os
import random

import pytest
from btj_files import BURK, COPY, DESCRIPTION, ISBN, ROW, confirmation, item, notice, price, transmission
from mutants import mutants, survived

from connectors.btj import BtjConnector
from etl.plugin import Refusal
from etl.testing.sources import bytes_source

pytestmark = pytest.mark.slow

MUTANTS = int(os.environ.get("FUZZ_MUTANTS", "400"))
"""Of each layout; FUZZ_MUTANTS=20000 for a long run."""

MESSAGE = (
    "<Message><MessageType>04</MessageType><MessageLine>&lt;record&gt;&lt;leader&gt;00000nam&lt;/leader&gt;"
    '&lt;controlfield tag="001"&gt;1&lt;/controlfield&gt;&lt;/record&gt;</MessageLine></Message></CopyDetail>'
)
SAMPLES = {
    "btj_editx": notice(
        item(ISBN, DESCRIPTION, price("UnitCostExcludingTax", "189.00")),
        item(copies=COPY.format(1).replace("</CopyDetail>", MESSAGE), line="2"),
        item(line="3", quantity="2"),
    ),
    "btj_orderbekraftelse": confirmation(ROW, ROW.replace("2024-03-11;1", "2024-03-11;2"), ROW),
    "btj_marc": transmission(BURK, BURK[:4] + BURK[5:], BURK),
}
PIECES = (
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<![CDATA[",
    b"</ItemDetail>",
    b"<ItemDetail>",
    b"\0",
    b"\xff",
    b";",
    b'"',
    b"\x1d",
    b"\x1e",
    b"\r\n",
    b"<!DOCTYPE a>",
    b"<?xml?>",
    b"9" * 40,
    b"&#0;",
    b"&amp;",
)


@pytest.mark.parametrize("asked", ["auto", "named"])
@pytest.mark.parametrize("layout", SAMPLES)
def test_damage_is_told_and_nothing_is_lost(layout: str, asked: str) -> None:
    options = {"layout": layout if asked == "named" else "auto"}
    damaged = mutants(SAMPLES[layout], PIECES, 363 + len(asked), MUTANTS // 2)
    read, refused = survived(BtjConnector(), options, damaged)
    assert read + refused == MUTANTS // 2
    assert read > MUTANTS // 20


def test_whole_lines_survive_damage_to_another() -> None:
    """Damage inside one line's text never costs another line: each is there, or rejected."""
    data = SAMPLES["btj_editx"]
    dice = random.Random(4)  # noqa: S311 - repeatable damage, not a secret
    start, end = data.index(b"<Title>") + 7, data.index(b"</Title>")
    for _ in range(200):
        damaged = bytearray(data)
        damaged[dice.randrange(start, end)] = dice.choice(b"abc ;'1")
        try:
            batches = list(BtjConnector().read(bytes_source(bytes(damaged)), BtjConnector.Options(), None))
        except Refusal as refusal:
            raise AssertionError(bytes(damaged)) from refusal
        rows = {row["line_no"] for batch in batches for row in batch.frame.to_dicts()}
        rejected = [one for batch in batches for one in batch.rejected]
        assert {"2", "3"} <= rows or rejected
