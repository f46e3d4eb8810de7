"""Files of OASIS with seeded damage → no exception but a Refusal, every record loaded or rejected, once."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest
from oasis_files import BRIEF, answer, marc, marcxml, order

from connectors.oasis import OasisConnector
from etl.plugin import Refusal
from etl.testing.connector_suite import check_numbers, check_problems
from etl.testing.sources import bytes_source

MUTANTS = int(os.environ.get("FUZZ_MUTANTS", "300"))
"""Of each sample; FUZZ_MUTANTS=20000 for a long run."""

TWO = [*BRIEF, ("960", "  $kLAW$o1$s8.99$tLAW-STACKS$uLAW"), ("961", "  $dLaw")]
CSV = b"order_number,customer_account,checkout_type,order_date,isbn,title,format,quantity\nO1,K,firm,2024-03-11,9199999013,A,P,1\n"
SAMPLES = {
    "marc": marc(BRIEF, TWO, BRIEF),
    "marcxml": marcxml(BRIEF, TWO),
    "orders": b"\n".join([order(), order(format="E", title_id="1")]),
    "answers": b"["
    + answer(Title="A")
    + b",\n"
    + answer(request={"apiKey": "k", "ISBN": "9199999013"})
    + b"]",
    "csv": CSV + CSV.splitlines()[1] + b"\n",
}
PIECES = (
    b"<",
    b"&",
    b'"',
    b"{",
    b"}",
    b"]",
    b",",
    b"\0",
    b"\xff",
    b"\x1d",
    b"\x1e",
    b"\x1f",
    b"\r\n",
    b"<!DOCTYPE a>",
    b"9" * 40,
    b"960",
    b"\\u0000",
    b"\xc3",
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


@pytest.mark.parametrize(
    "options",
    [{}, {"blocks": "lines", "columns": {"title": ["245$a", "title", "Title"]}}],
    ids=["plain", "own"],
)
@pytest.mark.parametrize("name", SAMPLES)
def test_damage_is_told_and_nothing_is_lost(name: str, options: dict[str, object]) -> None:
    connector = OasisConnector()
    checked = connector.Options.model_validate(options)
    read = refused = 0
    for number, data in enumerate(mutants(SAMPLES[name], 17 + len(options), MUTANTS // 2)):
        source = bytes_source(data, f"mutant {number}")
        try:
            batches = list(connector.read(source, checked, None))
        except Refusal as refusal:
            refused += 1
            check_problems(refusal.problems, source.name)
            continue
        read += 1
        check_numbers(iter(batches))
        for batch in batches:
            for one in batch.rejected:
                check_problems(one.problems, source.name)
    assert read + refused == MUTANTS // 2
    assert read > MUTANTS // 20
