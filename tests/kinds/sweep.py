"""Kinds of input that must not go unnoticed, tried on every reader → the page docs/kinds.md.

`python tests/kinds/sweep.py` writes it to standard output: each cell is a run of the shipped mapping over a small
file, compared with the run over the same file as it should be.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from readers import MAPPINGS, READERS, Reader

from etl import Delivery, Plan, Refusal, Registry, compile_plan, load, run_plan
from etl.plan.plan import Guards
from etl.plugin import Item, Receipt, Sink, SinkOptions
from etl.testing.sources import bytes_source

SKIPPED = "skipped by when"
_WORST = {"error": "reject", "hold": "hold", "warning": "warning", "note": "note"}
Bytes = Callable[[Reader, bytes], bytes | None]


@dataclass(frozen=True)
class Kind:
    """`slot` and `text`: another value (`{.}` is the reader's decimal mark); `besides`: what only some readers can
    have, by its name there; `bytes`: a change of any file.
    """

    name: str
    slot: str = ""
    text: str = ""
    besides: str = ""
    bytes: Bytes | None = None


def _wrong_byte(reader: Reader, _data: bytes) -> bytes | None:
    titled = reader.make({"title": "QQZQQ"})
    return titled.replace(b"QZQ", reader.wrong) if b"QZQ" in titled and reader.wrong else None


def _cut(_reader: Reader, data: bytes) -> bytes:
    whole = data.rstrip()
    return whole[: len(whole) - 2]


KINDS: tuple[Kind, ...] = (
    Kind("price: another currency named in it", "price", "EUR 19{.}90"),
    Kind("price below 0", "price", "-100{.}00"),
    Kind("price of 0", "price", "0{.}00"),
    Kind("price in words", "price", "på begäran"),
    Kind("price with a third decimal", "price", "12{.}345"),
    Kind("price: two of them", besides="second price"),
    Kind("price for ten", besides="price basis"),
    Kind("an allowance beside the price", besides="allowance"),
    Kind("currency nobody has", "currency", "XQQ"),
    Kind("currency: another than the price is told in", "currency", "NOK"),
    Kind("copies: none", "quantity", "0"),
    Kind("copies with zero decimals", "quantity", "2{.}000"),
    Kind("copies in words", "quantity", "två"),
    Kind("copies: two numbers", besides="second quantity"),
    Kind("date of a null", "date", "0001-01-01"),
    Kind("date that is none", "date", "2024-02-30"),
    Kind("ISBN with a wrong check digit", "isbn", "9789199999010"),
    Kind("ISBN as Excel shows it", "isbn", "9,78914E+12"),
    Kind("title: two of them", besides="second title"),
    Kind("title with U+FFFD", "title", "Sju n\ufffdtter"),
    Kind("title that was decoded twice (Ã¥)", "title", "Sju nÃ¤tter pÃ¥ Ã…land"),
    Kind("title with a C1 control", "title", "\x98Sju\x9c nätter"),
    Kind("title with a line break", "title", "Sju\nnätter"),
    Kind("title with a character reference", "title", "Sju n&#x00E4;tter"),
    Kind("a byte of no encoding", bytes=_wrong_byte),
    Kind("8-bit text where UTF-8 is said or meant", besides="8-bit text"),
    Kind("file cut in its last record", bytes=_cut),
    Kind("empty file", bytes=lambda _reader, _data: b""),
    Kind("a web page instead", bytes=lambda _reader, _data: b"<!DOCTYPE html><html><body>Log in</body></html>"),
    Kind("a field that nobody knows", besides="unknown field"),
    Kind("MARC: bad leader", besides="bad leader"),
    Kind("MARC: wrong place in the directory", besides="wrong place in the directory"),
    Kind("MARC: UTF-8 where the leader says MARC-8", besides="UTF-8 under MARC-8"),
    Kind("workbook: hidden row", besides="hidden row"),
    Kind("workbook: price in a number cell", besides="number cell"),
    Kind("workbook: cell with an error", besides="error cell"),
)


class Kept(Sink):
    """Keeps what it is given."""

    name: ClassVar[str] = "kept"
    summary: ClassVar[str] = "payloads, for a comparison"
    keeps: ClassVar[bool] = False

    def __init__(self) -> None:
        self.payloads: list[bytes] = []

    def deliver(self, items: Iterator[Item], options: Any, base: Path) -> Iterator[Receipt]:
        del options, base
        for item in items:
            self.payloads.append(item.payload)
            yield Receipt(item.key, "written")


@dataclass(frozen=True)
class Ran:
    """What came of a run. `counted`: defaults, normal forms and notes; `refused`: codes, if nothing was read."""

    payloads: tuple[bytes, ...]
    told: Counter[tuple[str, str]]
    counted: Counter[str]
    refused: tuple[str, ...] = ()


@cache
def _plan(mapping: str) -> Plan:
    plan = compile_plan(load(str(MAPPINGS / mapping)), Registry.installed(), run_date=date(2024, 3, 11))
    return replace(plan, guards=Guards())  # which speak of the run, and not of what is tried


def run_of(reader: Reader, data: bytes) -> Ran:
    """The shipped mapping over the bytes."""
    plan, sink, source = _plan(reader.mapping), Kept(), bytes_source(data, reader.file)
    try:
        with tempfile.TemporaryDirectory() as folder:
            ran = run_plan(plan, [source], Delivery(sink, SinkOptions(), Path()), Path(folder) / "report")
    except Refusal as refusal:
        return Ran((), Counter(), Counter(), tuple(sorted({one.code for one in refusal.problems})))
    told: Counter[tuple[str, str]] = Counter()
    for group in ran.log.groups():
        told[group.examples[0].severity.value, group.examples[0].code] += group.count
    report = ran.report
    counted = Counter(report.defaults) + Counter(report.respelt) + Counter(report.notes)
    counted[SKIPPED] = report.records["skipped"]
    if not report.read and not sink.payloads:
        return Ran((), Counter(), Counter(), tuple(sorted({code for _, code in told})))
    return Ran(tuple(sink.payloads), told, counted)


def outcome(kind: Kind, before: Ran, after: Ran) -> str:
    """In the words of the page."""
    if after.refused:
        return f"refuse {' '.join(after.refused[:2])}"
    more = after.told - before.told
    counted = after.counted - before.counted
    for severity, word in _WORST.items():
        codes = sorted({code for one, code in more if one == severity})
        if word == "note" and SKIPPED in counted:
            return "skipped"
        if codes:
            return f"{word} {' '.join(codes[:2])}"
    if counted:
        return "counted"
    if after.payloads == before.payloads:
        return "as before"
    return "used" if not kind.slot else "read" if _stands_in(kind, after.payloads) else "altered"


def _stands_in(kind: Kind, payloads: tuple[bytes, ...]) -> bool:
    """Is the tried text in a document as it was written, a price's currency and number each by itself?"""
    sought = kind.text.replace("{.}", ".")
    leaves = {leaf for payload in payloads for leaf in _leaves(json.loads(payload))}
    parts = sought.split() if kind.slot == "price" else [sought]
    return all(any(_same(part, leaf) for leaf in leaves) for part in parts)


def _same(text: str, leaf: str) -> bool:
    try:
        return Decimal(text) == Decimal(leaf)
    except ArithmeticError:
        return text in leaf


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    else:
        yield str(value)


def changed_by(kind: Kind, reader: Reader) -> bytes | None:
    """None: the format, or the encoding of the file, cannot have it."""
    if kind.besides:
        make = reader.more.get(kind.besides)
        data = None if make is None else make()
        return None if data == reader.make({}) else data  # of ASCII there is no 8-bit text
    if kind.bytes is not None:
        return kind.bytes(reader, reader.make({}))
    if kind.slot not in reader.slots:
        return None
    try:
        return reader.make({kind.slot: kind.text.replace("{.}", reader.point)})
    except UnicodeEncodeError:
        return None


def sweep() -> Mapping[str, Mapping[str, str]]:
    """Kind → reader → what happens."""
    found: dict[str, dict[str, str]] = {kind.name: {} for kind in KINDS}
    for reader in READERS:
        before = run_of(reader, reader.make({}))
        assert before.payloads, (reader.name, before)
        for kind in KINDS:
            data = changed_by(kind, reader)
            found[kind.name][reader.name] = "–" if data is None else outcome(kind, before, run_of(reader, data))
    return found


HEAD = """\
# Kinds of trouble, reader by reader

<!-- Generated by `make pages` (change tests/kinds). -->

What is found in one reader is looked for in all. Each cell is a run of the shipped mapping over a small file in which one thing is so,
compared with the same file as it should be (`tests/kinds`, written by `make pages`). The mapping's `guards` are left out: they speak of the
run, and many stop what only a warning tells of here. The weightiest of what is said stands in the cell.

| Word | Means |
|---|---|
| read | the value is in the document as it came, and nothing is said |
| altered | another value is in the document than came, and nothing is said: mended for certain (`n&#x00E4;` is `nä`), or in silence |
| used | the document is another by it, and nothing is said |
| as before | the document is what it was, and nothing is said: the value was mended, its encoding guessed, or nobody asks for it |
| counted, skipped | counted in the report: a default, a normal form; a record that the mapping's `when` passes over |
| note | by this code, counted in the report: the document goes |
| warning, hold, reject | by this code: the document goes, waits, or is not made |
| refuse | nothing is made of the file, by this code |
| – | the format or the encoding cannot have it, or the file has no such value |

"""


def page() -> str:
    """The page, in halves: so many readers are too wide for one table."""
    found, names = sweep(), [reader.name for reader in READERS]
    tables = []
    for some in (names[:7], names[7:]):
        lines = [f"| | {' | '.join(some)} |", "|---" * (len(some) + 1) + "|"]
        for kind, cells in found.items():
            if any(cells[name] != "–" for name in some):
                lines.append(f"| {kind} | {' | '.join(cells[name] for name in some)} |")
        tables.append("\n".join(lines))
    return HEAD + "\n\n".join(tables) + "\n"


if __name__ == "__main__":
    print(page(), end="")
