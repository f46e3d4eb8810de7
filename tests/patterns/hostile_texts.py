"""A pattern's tree → texts on which it would take long, if it can: a beginning that it likes, a run, an end it does not.

Characters that no part of the pattern tells apart are one kind, so a handful stands for all of Unicode.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from re import _constants as op  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from counted_matching import CharTest, char_tests, inner_trees

_CANDIDATES = [chr(code) for code in (*range(256), 0x2007, 0x2013, 0x2019, 0x2028, 0x20AC, 0xFFFD, 0x1F4DA)]
_PREFERRED = {char: rank for rank, char in enumerate("a1 A\n0xX!")}
_LONG = 40
"""A repeat that ends before so many turns costs no more than a constant."""


class Hostile(NamedTuple):
    """`before`, then `pump` again and again, then `after`."""

    before: str
    pump: str
    after: str

    def text(self, times: int) -> str:
        """The pump so many times, between the two ends."""
        return self.before + self.pump * times + self.after


def hostile_texts(tree: Any) -> Iterator[Hostile]:
    """Every beginning with every run and every end; runs of one kind, of two in turn, and of what a repeat holds.

    Two in turn have two ends only: none, and what fits least.

    None for a pattern without a long repeat: that takes a bounded number of steps from each place.
    """
    repeats = list(_long_repeats(tree))
    if not repeats:
        return
    flags = tree.state.flags
    kinds = _kinds([test for repeat in repeats for test in char_tests(repeat, flags)])
    befores = dict.fromkeys(["", *_leading(tree, "", kinds, flags), _example(tree, kinds, flags)])
    bodies = [_example(way, kinds, flags) for repeat in repeats for way in _ways(repeat)]
    pairs = ["".join(pair) for pair in product(kinds, repeat=2) if pair[0] != pair[1]]
    pumps = dict.fromkeys(text for text in [*kinds, *bodies, *befores, *pairs] if 0 < len(text) <= _LONG)
    stranger = _liked_least(kinds, tree, flags)
    for before, pump in product(befores, pumps):
        for after in ["", stranger] if pump in pairs else ["", *kinds]:
            yield Hostile(before, pump, after)


def _liked_least(kinds: list[str], tree: Any, flags: int) -> str:
    """The kind that the fewest parts of the pattern take: the end behind which most of them fail."""
    tests = char_tests(tree, flags)
    return min(kinds, key=lambda kind: sum(test(kind) for test in tests))


def _is_long(kind: Any, value: Any) -> bool:
    return kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and value[1] > _LONG


def _long_repeats(tree: Any) -> Iterator[Any]:
    """What is repeated without end, or nearly, wherever it stands."""
    for kind, value in tree:
        if _is_long(kind, value):
            yield value[2]
        for inner in inner_trees(kind, value):
            yield from _long_repeats(inner)


def _ways(tree: Any) -> Iterator[Any]:
    """The tree, and each of the parts of its nodes."""
    yield tree
    for kind, value in tree:
        yield from inner_trees(kind, value)


def _kinds(tests: list[CharTest]) -> list[str]:
    """One character of each kind, the plainest of its kind."""
    kinds: dict[tuple[bool, ...], str] = {}
    for char in sorted(_CANDIDATES, key=lambda char: _PREFERRED.get(char, 99)):
        kinds.setdefault(tuple(test(char) for test in tests), char)
    return list(kinds.values())


def _example(tree: Any, kinds: list[str], flags: int) -> str:
    """A short text that the tree likes; looks and positions are not heeded."""
    said = ""
    for kind, value in tree:
        if kind is op.LITERAL:
            said += chr(value)
        elif kind in (op.NOT_LITERAL, op.ANY, op.IN):
            [test] = char_tests([(kind, value)], flags)
            said += next(filter(test, [*kinds, *_CANDIDATES]), "")
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            said += _example(value[2], kinds, flags) * min(value[0], _LONG)
        elif kind in (op.SUBPATTERN, op.BRANCH, op.ATOMIC_GROUP):
            said += _example(inner_trees(kind, value)[0], kinds, flags)
    return said


def _leading(tree: Any, before: str, kinds: list[str], flags: int) -> Iterator[str]:
    """For each long repeat, a text that leads to it."""
    for node in tree:
        kind, value = node
        if _is_long(kind, value):
            yield before
        if kind not in (op.ASSERT, op.ASSERT_NOT):
            for inner in inner_trees(kind, value):
                yield from _leading(inner, before, kinds, flags)
        before += _example([node], kinds, flags)
