"""Bytes → the same bytes with seeded damage, and what a connector makes of each: read or refused, never anything else."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from etl.plugin import Connector, Refusal
from etl.testing.connector_suite import check_numbers, check_problems
from etl.testing.sources import bytes_source


def mutants(data: bytes, pieces: Sequence[bytes], seed: int, count: int) -> Iterator[bytes]:
    """Bits turned, `pieces` put in, parts lost, doubled, moved, and now and then the end cut off."""
    dice = random.Random(seed)  # noqa: S311 - repeatable damage, not a secret
    for _ in range(count):
        damaged = bytearray(data)
        for _ in range(dice.choice((1, 1, 1, 2, 5))):
            at = dice.randrange(len(damaged)) if damaged else 0
            match dice.randrange(6):
                case 0 if damaged:
                    damaged[at] ^= 1 << dice.randrange(8)
                case 1:
                    damaged[at:at] = dice.choice(pieces)
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


def survived(connector: Connector, options: object, damaged: Iterator[bytes]) -> tuple[int, int]:
    """(read, refused). Asserts that problems name their place and that every record is loaded or rejected, once."""
    checked = connector.Options.model_validate(options)
    read = refused = 0
    for number, data in enumerate(damaged):
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
    return read, refused
