"""Records in ISO 2709 with one seeded damage to leader, directory or end marks → what we and pymarc make of them.

Damage as transfer, editors and careless programs do it: a byte another, lost, doubled or put in, two
neighbours changed over, an entry lost, doubled or moved.
"""

from __future__ import annotations

import io
import logging
import random
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pymarc import Field as TheirField
from pymarc import MARCReader

from connectors.formats.iso2709 import Iso2709Decoder
from connectors.formats.iso2709_chunks import read_chunks
from connectors.formats.iso2709_file import read_iso2709
from connectors.formats.marc_record import Entry
from etl.testing.sources import bytes_source

MARKS = b"\x1d\x1e\x1f"
_OTHERS = b"0123456789 xA\x00\x1d\x1e\x1f\xc3\xff"


def damaged(record: bytes, dice: random.Random) -> tuple[str, bytes]:
    """(what was done, the record after it)."""
    base = int(record[12:17])
    part = dice.choice(("leader", "directory", "directory", "directory", "mark", "mark"))
    if part == "leader":
        at = dice.randrange(24)
    elif part == "directory":
        at = dice.randrange(24, base)
    else:
        at = dice.choice([at for at, byte in enumerate(record) if byte in MARKS])
    how = dice.randrange(8 if part == "directory" else 6)
    before, after = record[:at], record[at + 1 :]
    other = bytes([dice.choice([byte for byte in _OTHERS if byte != record[at]])])
    if how <= 1:
        return f"{part} {at}: {other!r}", before + other + after
    if how == 2:
        digit = b"%d" % dice.randrange(10)
        return f"{part} {at}: digit {digit!r}", before + digit + after
    if how == 3:
        return f"{part} {at}: lost", before + after
    if how == 4:
        return f"{part} {at}: put in {other!r}", before + other + record[at:]
    if how == 5 and after:
        return f"{part} {at}: changed over", before + after[:1] + record[at : at + 1] + after[1:]
    entries = [record[n : n + 12] for n in range(24, base - 1, 12)]
    one, two = dice.randrange(len(entries)), dice.randrange(len(entries))
    if how == 6:
        entries[one], entries[two] = entries[two], entries[one]
        return f"entries {one} and {two} changed over", record[:24] + b"".join(entries) + record[base - 1 :]
    entries[one] = entries[two]
    return f"entry {two} over {one}", record[:24] + b"".join(entries) + record[base - 1 :]


def closes(record: bytes) -> bool:
    """Do starts, lengths and field ends of the directory agree all the way? Written anew, to judge by.

    Blanks and NULs before a record are none of it.
    """
    record = record.lstrip(b" \0")
    if not (record[:5].isdigit() and record[12:17].isdigit() and int(record[:5]) == len(record)):
        return False
    base = int(record[12:17])
    if record[-1:] != b"\x1d" or record[base - 1 : base] != b"\x1e" or (base - 25) % 12:
        return False
    numbers = [record[n + 3 : n + 12] for n in range(24, base - 1, 12)]
    if not all(number.isdigit() for number in numbers):
        return False
    at = 0
    for start, length in sorted((int(number[4:]), int(number[:4])) for number in numbers):
        if start != at or record.find(b"\x1e", base + at) != base + at + length - 1:
            return False
        at += length
    return base + at == len(record) - 1


@dataclass
class Tally:
    """Sums over all mutants. Fields are counted as often as they stand in a record."""

    mutants: int = 0
    loaded: int = 0
    pymarc_loaded: int = 0
    wrong: int = 0
    pymarc_wrong: int = 0
    right_of_pymarc: int = 0
    also_right: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """How much of what pymarc has right is loaded too."""
        return self.also_right / max(1, self.right_of_pymarc)

    def __str__(self) -> str:
        return (
            f"{self.mutants} mutants; loaded {self.loaded} (pymarc {self.pymarc_loaded}); wrong fields "
            f"{self.wrong} (pymarc {self.pymarc_wrong}); {100 * self.share:.2f} % of pymarc's right fields; "
            f"{len(self.failures)} failures"
        )


def sweep(records: Sequence[bytes], seed: int, count: int) -> Tally:
    """Every mutant alone, and between two whole records."""
    dice = random.Random(seed)  # noqa: S311 - repeatable damage, not a secret
    tally = Tally()
    for number in range(count):
        record = records[number % len(records)]
        what, mutant = damaged(record, dice)
        judge(tally, f"record {number % len(records)}, {what}", record, mutant)
        framed(tally, f"record {number % len(records)}, {what}", records[0], record, mutant)
    return tally


def judge(tally: Tally, name: str, record: bytes, mutant: bytes) -> None:
    tally.mutants += 1
    truth = list(map(str, _ours(record)[0].record.fields))
    theirs_of_whole = _theirs(record)
    theirs = _theirs(mutant)
    entries = _ours(mutant)
    ours = [str(one) for entry in entries if entry.record is not None for one in entry.record.fields]
    notes = [note for entry in entries for note in (*entry.notes, entry.trouble) if note]
    right, wrong = _compared(ours, truth)
    tally.loaded += bool(ours)
    tally.wrong += wrong
    their_right: Counter[int] = Counter()
    if theirs is not None:
        their_right, their_wrong = _compared(theirs, theirs_of_whole or [])
        tally.pymarc_loaded += 1
        tally.pymarc_wrong += their_wrong
        tally.right_of_pymarc += their_right.total()
        tally.also_right += (their_right & right).total()
        if wrong > their_wrong:
            tally.failures.append(f"{name}: {wrong} wrong fields, pymarc has {their_wrong}")
    elif wrong:
        tally.failures.append(f"{name}: {wrong} wrong fields, pymarc does not load it")
    if ours and not notes and not closes(mutant):
        tally.failures.append(f"{name}: loaded without a note")
    if len([entry for entry in entries if entry.record is not None]) > 1:
        tally.failures.append(f"{name}: one record became several")


def framed(tally: Tally, name: str, neighbour: bytes, record: bytes, mutant: bytes) -> None:
    """Damage takes no neighbour with it, and makes no record that was not there."""
    whole = [str(one) for one in _ours(neighbour)[0].record.fields]
    loaded = [
        [str(one) for one in entry.record.fields]
        for entry in _ours(neighbour + mutant + neighbour)
        if entry.record is not None
    ]
    if loaded.count(whole) < 2:
        tally.failures.append(f"{name}: a neighbour is lost")
    if len(loaded) > 3:
        tally.failures.append(f"{name}: {len(loaded)} records of three")


def records_in(data: bytes) -> Iterator[bytes]:
    """The records whose chain closes and which pymarc reads: there is a truth to compare with."""
    for chunk in read_chunks(io.BytesIO(data), 1 << 20):
        theirs = _theirs(chunk.raw) if closes(chunk.raw) else None
        if theirs and len(theirs) == len(_ours(chunk.raw)[0].record.fields):
            yield chunk.raw


def _compared(found: list[str], truth: list[str]) -> tuple[Counter[int], int]:
    """The right ones, as places in the truth (of equal ones the first), and how many are wrong."""
    places: dict[str, int] = {}
    for place, one in enumerate(truth):
        places.setdefault(one, place)
    right = Counter(places[one] for one in found if one in places) & Counter(places[one] for one in truth)
    return right, len(found) - right.total()


def _ours(data: bytes) -> list[Entry]:
    return list(read_iso2709(bytes_source(data, "x"), Iso2709Decoder("auto", None), 1 << 20))


def _theirs(data: bytes) -> list[str] | None:
    logging.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            record = next(iter(MARCReader(data, permissive=True)), None)
    finally:
        logging.disable(logging.NOTSET)
    return None if record is None else [_shown(one) for one in record.fields]


def _shown(one: TheirField) -> str:
    return f"{one.tag} {one.data if one.control_field else (one.indicators, one.subfields)}"
