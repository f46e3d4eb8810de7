"""A pattern and how it is used → the text on which its steps grow faster than the text, if there is one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from counted_matching import TooManySteps, parsed, steps
from hostile_texts import Hostile, hostile_texts

_TIMES = 16
_MOST = 40_000
_FEW = 12
"""Steps for each character that are not worth a second look: a square takes more on the longest text."""


class Grown(NamedTuple):
    """The text, and the steps on its run once, twice and four times as long; `_MOST` where counting stopped."""

    text: Hostile
    steps: tuple[int, int, int]


def grown(pattern: str | bytes, flags: int, method: str) -> Grown | None:
    """None for a pattern that is linear on every hostile text.

    From n to 2n and from 2n to 4n the steps of a linear pattern grow by k and 2k, those of a square by k and 4k.
    """
    tree = parsed(pattern, flags)
    with _deep_recursion():
        for hostile in hostile_texts(tree):
            longest = _counted(tree, method, hostile.text(4 * _TIMES))
            if longest <= _FEW * len(hostile.text(4 * _TIMES)):
                continue
            middle, shortest = (_counted(tree, method, hostile.text(times * _TIMES)) for times in (2, 1))
            if longest == _MOST or longest - middle > 2.6 * (middle - shortest):
                return Grown(hostile, (shortest, middle, longest))
    return None


def _counted(tree: Any, method: str, text: str) -> int:
    try:
        return steps(tree, method, text, _MOST)
    except TooManySteps:
        return _MOST


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """The matcher calls itself for every turn of a repeat; Python's own limit is for programs that forgot to end."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(200_000)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
