"""Interchanges with seeded damage → no exception but a Refusal, every record loaded or rejected, none lost."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from interchanges import LINE, interchange, line, message
from mutants import mutants, survived

from connectors.edifact import EdifactConnector
from etl.testing.sources import bytes_source

pytestmark = pytest.mark.slow

MUTANTS = int(os.environ.get("FUZZ_MUTANTS", "400"))
"""Of each sample; FUZZ_MUTANTS=20000 for a long run."""

DATA = Path(__file__).parents[4] / "shared" / "data" / "edifact"
COMPOSED = interchange(
    message(line(), line(*LINE[:4], "QTY+1:1", "PRI+AAE:12,50", number=2)), message(line(), name="M2", kind="INVOIC"), message(line(), name="M3")
)
SAMPLES = {"composed": COMPOSED, "one line": COMPOSED.replace(b"\r\n", b""), **{path.name: path.read_bytes() for path in sorted(DATA.glob("*")) if path.is_file()}}
PIECES = (b"'", b"+", b":", b"?", b"??'", b"UNT+1+M1'", b"UNH+X+QUOTES'", b"UNZ+1+IC1'", b"UNA:+.? '", b"UNA'?+:. ", b"UNB+UNOW:4+A+B'", b"LIN+1'", b"UNS+S'", b"\0", b"\xff", b"\xc3\xa5", b"\r\n", b"9" * 40, b"GIR+001+A:LLO'")


@pytest.mark.parametrize("counts", ["reject", "warn"])
@pytest.mark.parametrize("name", SAMPLES)
def test_damage_is_told_and_nothing_is_lost(name: str, counts: str) -> None:
    count = MUTANTS // 2 if len(SAMPLES[name]) < 5000 else MUTANTS // 10
    damaged = mutants(SAMPLES[name], PIECES, 395 + len(counts), count)
    read, refused = survived(EdifactConnector(), {"counts": counts}, damaged)
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
