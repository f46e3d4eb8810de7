"""A sample and what reads it → texts like it in which one thing is long or many, and the work they make.

Work is counted in lines of Python and calls of C, not in seconds: it is the same on every machine. What C
does inside one call is not seen.
"""

from __future__ import annotations

import re
import sys
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

Longer = Callable[[int], bytes]
"""A number of pieces → the sample with as many put in."""


def hostile(data: bytes, count: int) -> Iterator[Longer]:
    """`count` ways, spread over the sample and different from sample to sample.

    By turns a run of one kind in front of a word, and what stands between two marks over and over.
    """
    words = [found.start() for found in _WORD.finditer(data)]
    runs = cycle(RUNS)
    marks = cycle(bytes([mark]) for mark in _MARKS if data.count(mark) > 1)
    for _ in range(len(data) % len(RUNS)):
        next(runs), next(marks)
    for number in range(count):
        at = words[number * len(words) // count]
        yield _repeated(data, at, next(marks)) if number % 3 == 2 else _blown(data, at, next(runs))


def _blown(data: bytes, at: int, run: bytes) -> Longer:
    return lambda times: data[:at] + run * times + data[at:]


def _repeated(data: bytes, at: int, mark: bytes) -> Longer:
    places = [found.start() for found in re.finditer(re.escape(mark), data)]
    begin, end = min(pairwise(places), key=lambda pair: abs(pair[0] - at))
    return lambda times: data[:end] + data[begin:end] * times + data[end:]


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
