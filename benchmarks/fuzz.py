"""Damaged files → what each reader made of them: never an exception but Refusal, never a hang, no record
lost.

    python benchmarks/fuzz.py                 20,000 mutants and more over every reader; some minutes
    python benchmarks/fuzz.py --mutants 500   fewer; --reader marc for one connector only

Real files of ../shared/data (where they are at hand) and the mappings' samples are damaged by bit flips,
truncation, insertion, deletion and repetition, from a fixed seed. A mutant passes when reading it ends in a
Refusal, or in batches whose loaded and rejected records together are 1 … n; for formats in which records
stand alone, every record that is not next to the damage must also come out as it was.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from etl.plugin import Connector, Refusal
from etl.testing.connector_suite import check_numbers, check_problems
from etl.testing.sources import bytes_source

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
MAX_FILE = 120_000
SECONDS = 20
"""A mutant that takes more of the processor hangs; a busy machine does not count."""

MARC = {"columns": {"id": "001", "title": "245$a$b", "whole": "record"}}
TOKENS = (
    b"\x1d", b"\x1e", b"\x1f", b"\x1b", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n", b'"', b'""', b"\\",
    b"{", b"}", b"[", b"]", b",", b";", b"<", b">", b"&", b"&#0;", b"</record>", b"<record>", b"]]>", b"$$",
    b"^", b"=LDR  ", b'{"leader":', b"99999", b"\xc3", b"\xe8", b"'", b"+", b"UNA", b"%", b"=",
)  # fmt: skip


@dataclass
class Subject:
    """One reader and the files it is tried on: patterns in the shared data, and `ours` in this repository.

    `alone`: its records do not depend on their neighbours.
    """

    name: str
    connector: str
    options: dict[str, object]
    files: list[str]
    alone: bool = False
    ours: tuple[str, ...] = ()


SUBJECTS = [
    Subject(
        "iso2709",
        "marc",
        MARC,
        ["marc-basic/*.mrc", "marc-basic/*.usmarc", "orders-marc/*.mrc", "marc-malformed-easy/brkrtest*.mrc"],
        alone=True,
    ),
    Subject(
        "marcxml",
        "marc",
        MARC,
        [
            "marc-basic/*.xml",
            "swedish-libris/*.xml",
            "marc-malformed-easy/chabon*.xml",
            "marc-natlibfi/oai-marcxml/from*",
        ],
    ),
    Subject("mrk", "marc", MARC, ["marc-basic/*.mrk", "marc-malformed-easy/*.mrk"], alone=True),
    Subject(
        "aleph",
        "marc",
        MARC,
        ["marc-basic/*.aleph", "marc-basic/alephseq*", "marc-natlibfi/aleph-sequential/from*"],
        alone=True,
    ),
    Subject(
        "marc-json",
        "marc",
        MARC,
        ["marc-basic/*.json", "swedish-libris/bib-1*.json", "marc-natlibfi/json/from*"],
        alone=True,
    ),
    Subject("csv", "csv", {}, ["csv/csvs/*.csv", "csv/*.csv", "csv/*.tsv"]),
    # An .xls is unpacked in a process of its own, a third of a second each: not more than a few of those.
    Subject("workbook", "csv", {"sheet": 1}, [], ours=("tests/cases/*/*.xlsx", "tests/cases/*/*.[ox][dl]s")),
]


@dataclass
class Tally:
    """What became of the mutants of one reader."""

    files: int = 0
    mutants: int = 0
    whole: int = 0
    partly: int = 0
    refused: int = 0
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)


class Hangs(Exception):  # noqa: N818 - what it does
    """A mutant took longer than SECONDS."""


def subjects() -> Iterator[tuple[Subject, list[Path]]]:
    """The readers above with their files, and every connector with the samples of its mapping."""
    for subject in SUBJECTS:
        pools = [sorted(SHARED.glob(pattern)) for pattern in subject.files]
        pools.append(sorted(path for pattern in subject.ours for path in ROOT.glob(pattern)))
        yield subject, [path for pool in pools for path in pool if path.stat().st_size <= MAX_FILE]
    for point in sorted(entry_points(group="etl.connectors"), key=lambda point: point.name):
        samples = ROOT / "mappings" / point.name / "samples"
        names = {"csv": "generic-csv"}
        samples = (
            samples if samples.is_dir() else ROOT / "mappings" / names.get(point.name, point.name) / "samples"
        )
        if samples.is_dir():
            files = [
                path
                for path in sorted(samples.rglob("*"))
                if path.is_file() and 0 < path.stat().st_size <= MAX_FILE
            ]
            yield Subject(f"{point.name} (samples)", point.name, {}, []), files


def mutate(data: bytes, dice: random.Random) -> tuple[bytes, int, int]:
    """A damaged copy, and the first and last place of the original that the damage touches."""
    at = dice.randrange(len(data)) if data else 0
    until = min(len(data), at + dice.choice((1, 1, 2, 5, 20, 200)))
    match dice.randrange(7):
        case 0:
            return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :], at, at
        case 1:
            noise = dice.randbytes(until - at)
            return data[:at] + noise + data[until:], at, until
        case 2:
            return data[:at], at, len(data)
        case 3:
            return data[:at] + dice.randbytes(until - at) + data[at:], at, at
        case 4:
            return data[:at] + dice.choice(TOKENS) * dice.choice((1, 1, 1, 3)) + data[at:], at, at
        case 5:
            return data[:at] + data[until:], at, until
        case _:
            return data[:until] + data[at:until] + data[until:], at, until


@contextmanager
def no_longer_than(seconds: int) -> Iterator[None]:
    """Raises Hangs. Needs the main thread, and a system with alarms."""

    def ring(*_: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


Rows = list[tuple[int | None, int | None, object]]


def read(connector: Connector, options: object, data: bytes, name: str) -> tuple[Rows, int]:
    """(offset, line and values of each row; how many records were rejected). Checks numbers and problems."""
    batches = list(connector.read(bytes_source(data, name), options, None))
    check_numbers(iter(batches))
    for batch in batches:
        for item in batch.rejected:
            check_problems(item.problems, name)
    rows: Rows = []
    for batch in batches:
        for row in batch.frame.to_dicts():
            row.pop("_record")
            rows.append((row.pop("_offset"), row.pop("_line"), row))
    return rows, sum(len(batch.rejected) for batch in batches)


def lost(before: Rows, after: Rows, first: int, last: int, size: int) -> int:
    """How many rows are missing of records that neither hold the damage nor stand beside it."""
    starts = sorted({offset for offset, _, _ in before if offset is not None})
    ends = [*starts[1:], size]
    hit = [
        n for n, (start, end) in enumerate(zip(starts, ends, strict=True)) if start <= last and end >= first
    ]
    near = range(min(hit) - 1, max(hit) + 2) if hit else range(-1, 1)
    spared = {starts[n] for n in range(len(starts)) if n not in near}
    left = [values for _, _, values in after]
    return sum(1 for offset, _, values in before if offset in spared and values not in left)


def fuzz(subject: Subject, files: list[Path], mutants: int, make: Callable[[str], Connector]) -> Tally:
    """`mutants` damaged copies, spread over the files."""
    tally = Tally(files=len(files))
    connector = make(subject.connector)
    options = connector.Options.model_validate(subject.options)
    share = -(-mutants // max(1, len(files)))
    for path in files:
        data = path.read_bytes()
        dice = random.Random(f"{path.name} {subject.name}")  # noqa: S311 - repeatable damage, no secret
        try:
            before, rejected = read(connector, options, data, path.name)
        except Refusal:
            before, rejected = [], 0
        for number in range(share):
            damaged, first, last = mutate(data, dice)
            tally.mutants += 1
            began = time.perf_counter()
            try:
                with no_longer_than(SECONDS):
                    after, fallen = read(connector, options, damaged, path.name)
            except Refusal as refusal:
                check_problems(refusal.problems, path.name)
                tally.refused += 1
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                tally.failures.append(f"{path.name} mutant {number}: {type(error).__name__}: {error}"[:200])
            else:
                if fallen > rejected:
                    tally.partly += 1
                else:
                    tally.whole += 1
                if subject.alone and not rejected and (gone := lost(before, after, first, last, len(data))):
                    tally.failures.append(
                        f"{path.name} mutant {number}: {gone} rows lost away from the damage"
                    )
            tally.slowest = max(tally.slowest, time.perf_counter() - began)
    return tally


def load(name: str) -> Connector:
    """The connector of that name, by its entry point."""
    [point] = entry_points(group="etl.connectors", name=name)
    made: Connector = point.load()()
    return made


def main() -> int:
    """Prints the table; 1 when a mutant failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=2_500, help="per reader")
    parser.add_argument("--reader", default="", help="only readers with this in their name")
    chosen = parser.parse_args()
    print(
        f"{'reader':24}{'files':>6}{'mutants':>9}{'whole':>8}{'partly':>8}{'refused':>8}{'slowest':>10}"
        "  failures"
    )
    total, failures = 0, []
    for subject, files in subjects():
        if chosen.reader not in f"{subject.name} {subject.connector}" or not files:
            continue
        tally = fuzz(subject, files, chosen.mutants, load)
        total, failures = total + tally.mutants, failures + tally.failures
        print(
            f"{subject.name:24}{tally.files:6}{tally.mutants:9}{tally.whole:8}{tally.partly:8}{tally.refused:8}"
            f"{tally.slowest * 1000:8.0f}ms  {len(tally.failures)}",
            flush=True,
        )
    print(f"{total} mutants, {len(failures)} failures")
    for failure in failures[:50]:
        print("  " + failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
