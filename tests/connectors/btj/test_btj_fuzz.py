"""Files of BTJ with seeded damage → no exception but a Refusal, every record loaded or rejected, once."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest
from btj_files import BURK, COPY, DESCRIPTION, ISBN, ROW, confirmation, item, notice, price, transmission

from connectors.btj import BtjConnector
from etl.plugin import Refusal
from etl.testing.connector_suite import check_numbers, check_problems
from etl.testing.sources import bytes_source

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


def mutants(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    dice = random.Random(seed)  # noqa: S311 - repeatable damage, not a secret
    for _ in range(count):
        damaged = bytearray(data)
        for _ in range(dice.choice((1, 1, 1, 2, 5))):
            at = dice.randrange(len(damaged)) if damaged else 0
            match dice.randrange(6):
                case 0 if damaged:
                    damaged[at] ^= 1 << dice.randrange(8)
                case 1:
                    damaged[at:at] = dice.choice(PIECES)
                case 2:
                    del damaged[at : at + dice.choice((1, 3, 50))]
                case 3:
                    damaged[at:at] = damaged[at : at + dice.randrange(300)]
                case 4 if dice.random() < 0.2:
                    del damaged[at:]
                case _:
                    other = dice.randrange(len(damaged)) if damaged else 0
                    damaged[at : at + 5] = damaged[other : other + 9]
        yield bytes(damaged)


@pytest.mark.parametrize("asked", ["auto", "named"])
@pytest.mark.parametrize("layout", SAMPLES)
def test_damage_is_told_and_nothing_is_lost(layout: str, asked: str) -> None:
    connector = BtjConnector()
    options = connector.Options.model_validate({"layout": layout if asked == "named" else "auto"})
    read = refused = 0
    for number, data in enumerate(mutants(SAMPLES[layout], seed=363 + len(asked), count=MUTANTS // 2)):
        source = bytes_source(data, f"mutant {number}")
        try:
            batches = list(connector.read(source, options, None))
        except Refusal as refusal:
            refused += 1
            check_problems(refusal.problems, source.name)
            continue
        read += 1
        check_numbers(iter(batches))
        for batch in batches:
            for item_ in batch.rejected:
                check_problems(item_.problems, source.name)
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
