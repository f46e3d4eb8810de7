"""Interchanges with seeded damage → no exception but a Refusal, every record loaded or rejected, none lost."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from interchanges import LINE, interchange, line, message

from connectors.edifact import EdifactConnector
from etl.plugin import Refusal
from etl.testing.connector_suite import check_numbers, check_problems
from etl.testing.sources import bytes_source

MUTANTS = int(os.environ.get("FUZZ_MUTANTS", "400"))
"""Of each sample; FUZZ_MUTANTS=20000 for a long run."""

DATA = Path(__file__).parents[4] / "shared" / "data" / "edifact"
COMPOSED = interchange(
    message(line(), line(*LINE[:4], "QTY+1:1", "PRI+AAE:12,50", number=2)), message(line(), name="M2", kind="INVOIC"), message(line(), name="M3")
)
SAMPLES = {"composed": COMPOSED, "one line": COMPOSED.replace(b"\r\n", b""), **{path.name: path.read_bytes() for path in sorted(DATA.glob("*")) if path.is_file()}}
PIECES = (b"'", b"+", b":", b"?", b"??'", b"UNT+1+M1'", b"UNH+X+QUOTES'", b"UNZ+1+IC1'", b"UNA:+.? '", b"UNA'?+:. ", b"UNB+UNOW:4+A+B'", b"LIN+1'", b"UNS+S'", b"\0", b"\xff", b"\xc3\xa5", b"\r\n", b"9" * 40, b"GIR+001+A:LLO'")


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


@pytest.mark.parametrize("counts", ["reject", "warn"])
@pytest.mark.parametrize("name", SAMPLES)
def test_damage_is_told_and_nothing_is_lost(name: str, counts: str) -> None:
    connector = EdifactConnector()
    options = connector.Options.model_validate({"counts": counts})
    read = refused = 0
    count = MUTANTS // 2 if len(SAMPLES[name]) < 5000 else MUTANTS // 10
    for number, data in enumerate(mutants(SAMPLES[name], seed=395 + len(counts), count=count)):
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
            for item in batch.rejected:
                check_problems(item.problems, source.name)
    assert read + refused == count
    assert read > count // 2


def test_every_line_is_read_or_stands_in_the_bytes_of_something_rejected() -> None:
    """Bytes changed, none added or taken away: a LIN that is still there is a row, or lies in what was rejected."""
    dice = random.Random(7)  # noqa: S311 - repeatable damage, not a secret
    start = COMPOSED.index(b"UNH")
    for _ in range(400):
        damaged = bytearray(COMPOSED)
        damaged[dice.randrange(start, len(damaged))] = dice.choice(b"abc ;?'+:1\xe5")
        data = bytes(damaged)
        batches = list(EdifactConnector().read(bytes_source(data), EdifactConnector.Options(), None))
        rejected = b"".join(item.raw for batch in batches for item in batch.rejected)
        offsets = [offset for batch in batches for offset in batch.frame["_offset"].to_list()]
        at = -1
        while (at := data.find(b"'\r\nLIN+", at + 1)) >= 0:
            assert at + 3 in offsets or data[at + 3 : at + 20] in rejected, data[at : at + 60]
