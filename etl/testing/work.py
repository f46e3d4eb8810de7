"""A sample and what reads it → texts like it in which one thing is long or many, and the work they make.

Work is counted in lines of Python and calls of C, not in seconds: it is the same on every machine. What C
does inside one call is not seen, but for the memory it takes: that is counted in bytes, at its highest.
"""

from __future__ import annotations

import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import cycle, pairwise
from typing import Any

RUNS = (
    *(b" ", b"\n", b"\n ", b"\t", b"\0", b"\x1e", b"\x1f", b"\x1fa", b"\xe8", b"\xff"),
    *b"""9 a " ; , & % = ? ' + : \\ { [ < ^ | "; ";" ??+ ]]> $$ $$9^^ &amp; {uml} "a": {"a":""".split(),
    *(text.encode() for text in ("å", "e\u0301", "\u0301")),
)
"""What a value is blown up with: characters, and pieces that mean something to one format or another."""

_WORD = re.compile(rb"[0-9A-Za-z\x80-\xff]++")
_MARKS = b"\n<;,&'+:{[\x1e\x1f$"
_TOO_LONG = b"x" * 5_000
"""More than a record may have, where the options of a suite say so."""

Longer = Callable[[int], bytes]
"""A number of pieces → the sample with as many put in."""


def hostile(data: bytes, count: int) -> Iterator[Longer]:
    """`count` ways, spread over the sample and different from sample to sample.

    By turns a run of one kind in front of a word; what stands between two marks over and over; and that many
    times with what follows it, which is too long for a record.
    """
    words = [found.start() for found in _WORD.finditer(data)]
    runs = cycle(RUNS)
    marks = cycle(bytes([mark]) for mark in _MARKS if data.count(mark) > 1)
    for _ in range(len(data) % len(RUNS)):
        next(runs), next(marks)
    for number in range(count):
        at = words[number * len(words) // count]
        match number % 4:
            case 2:
                yield _repeated(data, at, next(marks))
            case 3:
                yield _overflowing(data, at, next(marks))
            case _:
                yield _blown(data, at, next(runs))


def long_and_many(data: bytes, count: int) -> Iterator[Longer]:
    """`count` ways: a word made long, and what stands behind it over and over. What is said once and held, or
    shown, for each of many has the square of the file.
    """
    words = [found.start() for found in _WORD.finditer(data)]
    marks = cycle(bytes([mark]) for mark in _MARKS if data.count(mark) > 1)
    for number in range(count):
        yield _long_and_many(data, words[number * len(words) // count], next(marks))


def _blown(data: bytes, at: int, run: bytes) -> Longer:
    return lambda times: data[:at] + run * times + data[at:]


def _repeated(data: bytes, at: int, mark: bytes) -> Longer:
    begin, end = _part(data, at, mark)
    return lambda times: data[:end] + data[begin:end] * times + data[end:]


def _overflowing(data: bytes, at: int, mark: bytes) -> Longer:
    """The next part first: what begins a record comes when that is full."""
    begin, end = _part(data, at, mark)
    behind, last = _part(data, end, mark)
    part, inside = data[begin:end] + _TOO_LONG, data[behind:last]
    return lambda times: data[:end] + inside * times + part * times + data[end:]


def _long_and_many(data: bytes, at: int, mark: bytes) -> Longer:
    begin, end = _part(data, at + 1, mark)
    at = min(at, begin)
    return lambda times: data[:at] + b"x" * 20 * times + data[at:end] + data[begin:end] * times + data[end:]


def _part(data: bytes, at: int, mark: bytes) -> tuple[int, int]:
    """The part from one mark to the next that begins nearest to a place."""
    places = [found.start() for found in re.finditer(re.escape(mark), data)]
    return min(pairwise(places), key=lambda pair: abs(pair[0] - at))


def steps_of(action: Callable[[], object]) -> int:
    """Lines of Python run and functions of C called."""
    count = 0

    def line(_frame: object, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "c_call"

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(line)
    sys.setprofile(call)
    try:
        action()
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])
    return count


def memory_of(action: Callable[[], object]) -> int:
    """Bytes held at the highest, those that were held before left out."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
