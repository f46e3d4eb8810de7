"""A regular expression and a text → how many steps a backtracking matcher takes on it.

Neither `re` nor `regex` counts its steps, and their time says more about the machine than about the pattern. This
matcher tries what they try, in their order, one character at a time, and counts: no clock decides. It knows none of
their short cuts, so what is linear here is linear there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Then = Callable[[int], "int | None"]
"""What is to be matched from a position on → where it ends."""
Matcher = Callable[["Attempt", int, Then], "int | None"]
CharTest = Callable[[str], bool]

# What the library `regex` knows and `re` does not, as `re` would have to write it; one member of each kind is enough.
_OTHER_SPELLINGS = (
    (r"\p{Pd}", r"\-\u2013"), (r"\p{Zs}", r" \u00a0"), (r"\p{Sc}", r"$\u20ac"), (r"\p{L}", "a-zA-Z\u00e5\u00e4\u00f6"), (r"\X", "."),
)  # fmt: skip


class TooManySteps(Exception):  # noqa: N818 - an answer, not a fault
    """The matcher was stopped at the number of steps it was given."""


class Attempt:
    """One text being matched. `steps` counts every character looked at and every way tried."""

    def __init__(self, text: str, most: int) -> None:
        self.text, self.most, self.steps = text, most, 0
        self.groups: dict[int, tuple[int, int]] = {}

    def step(self) -> None:
        self.steps += 1
        if self.steps > self.most:
            raise TooManySteps


def parsed(pattern: str | bytes, flags: int) -> Any:
    """The pattern's tree as `re` has it. Bytes are read as Latin-1, and patterns of `regex` in the spelling of `re`."""
    if isinstance(pattern, bytes):
        return parser.parse(pattern.decode("latin-1"), (flags | re.ASCII) & ~re.UNICODE)
    for theirs, ours in _OTHER_SPELLINGS:
        # inside a class the members, elsewhere a class of its own
        pattern = re.sub(rf"(\[[^\]]*){re.escape(theirs)}", lambda found, ours=ours: found[1] + ours, pattern)
        pattern = pattern.replace(theirs, ours if ours == "." else f"[{ours}]")
    return parser.parse(pattern, flags & (re.I | re.M | re.S | re.X | re.A))


def steps(tree: Any, method: str, text: str, most: int) -> int:
    """Steps of `match`, `fullmatch`, `search` (the first one) or `sub` (all that are found). Raises TooManySteps."""
    attempt = Attempt(text, most)
    whole = _sequence(tree, tree.state.flags)

    def at_end(at: int) -> int | None:
        return at if method != "fullmatch" or at == len(text) else None

    at = 0
    while at <= len(text):
        attempt.groups.clear()
        end = whole(attempt, at, at_end)
        if method in ("match", "fullmatch") or (method == "search" and end is not None):
            break
        at = at + 1 if end is None or end == at else end
    return attempt.steps


def char_tests(tree: Any, flags: int) -> list[CharTest]:
    """The test of every single character that the pattern asks for, also inside groups and looks."""
    found: list[CharTest] = []
    for kind, value in tree:
        if kind in _SINGLE:
            found.append(_char_test(kind, value, flags))
        for inner in inner_trees(kind, value):
            found += char_tests(inner, flags)
    return found


def inner_trees(kind: Any, value: Any) -> list[Any]:
    """The parts of one node that are sequences themselves."""
    if kind in _REPEATS:
        return [value[2]]
    if kind is op.SUBPATTERN:
        return [value[3]]
    if kind is op.BRANCH:
        return list(value[1])
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    return [value] if kind is op.ATOMIC_GROUP else []


_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_SINGLE = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN)


def _sequence(tree: Any, flags: int) -> Matcher:
    parts = [_node(kind, value, flags) for kind, value in tree]

    def from_part(number: int, attempt: Attempt, at: int, then: Then) -> int | None:
        if number == len(parts):
            return then(at)
        return parts[number](attempt, at, lambda end: from_part(number + 1, attempt, end, then))

    return lambda attempt, at, then: from_part(0, attempt, at, then)


def _node(kind: Any, value: Any, flags: int) -> Matcher:
    if kind in _SINGLE:
        return _one_character(_char_test(kind, value, flags))
    if kind in _REPEATS:
        return _repeat(kind, value, flags)
    if kind is op.SUBPATTERN:
        group, added, dropped, inner = value
        return _group(group, _sequence(inner, (flags | added) & ~dropped))
    if kind is op.BRANCH:
        return _branch([_sequence(inner, flags) for inner in value[1]])
    if kind is op.ATOMIC_GROUP:
        return _atomic(_sequence(value, flags))
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return _look(value[0], _sequence(value[1], flags), kind is op.ASSERT, value[1].getwidth()[0])
    if kind is op.AT:
        return _position(value, flags)
    if kind is op.GROUPREF:
        return _back_reference(value)
    raise AssertionError(f"the counting matcher does not know {kind}: teach it")


def _one_character(test: CharTest) -> Matcher:
    def matcher(attempt: Attempt, at: int, then: Then) -> int | None:
        attempt.step()
        return then(at + 1) if at < len(attempt.text) and test(attempt.text[at]) else None

    return matcher


def _repeat(kind: Any, value: Any, flags: int) -> Matcher:
    least, most, inner = value
    most = None if most is op.MAXREPEAT else most
    if kind is op.POSSESSIVE_REPEAT:
        return _atomic(_repeat(op.MAX_REPEAT, value, flags))
    if len(inner) == 1 and inner[0][0] in _SINGLE and kind is op.MAX_REPEAT:
        return _run(least, most, _char_test(*inner[0], flags))
    body = _sequence(inner, flags)

    def turn(count: int, began: int, attempt: Attempt, at: int, then: Then) -> int | None:
        def again() -> int | None:
            if (most is not None and count >= most) or (count > least and at == began):
                return None
            return body(attempt, at, lambda end: turn(count + 1, at, attempt, end, then))

        attempt.step()
        ways = [again, lambda: then(at) if count >= least else None]
        for way in ways if kind is op.MAX_REPEAT else reversed(ways):
            if (found := way()) is not None:
                return found
        return None

    return lambda attempt, at, then: turn(0, -1, attempt, at, then)


def _run(least: int, most: int | None, test: CharTest) -> Matcher:
    """A repeat of one character: as far as it goes, then back one at a time."""

    def matcher(attempt: Attempt, at: int, then: Then) -> int | None:
        end, text = at, attempt.text
        while end < len(text) and (most is None or end - at < most) and test(text[end]):
            attempt.step()
            end += 1
        attempt.step()
        while end >= at + least:
            if (found := then(end)) is not None:
                return found
            attempt.step()
            end -= 1
        return None

    return matcher


def _group(number: int | None, body: Matcher) -> Matcher:
    def matcher(attempt: Attempt, at: int, then: Then) -> int | None:
        def closed(end: int) -> int | None:
            before = attempt.groups.get(number or 0)
            attempt.groups[number or 0] = (at, end)
            if (found := then(end)) is None and before is not None:
                attempt.groups[number or 0] = before
            return found

        return body(attempt, at, closed)

    return matcher


def _branch(ways: list[Matcher]) -> Matcher:
    def matcher(attempt: Attempt, at: int, then: Then) -> int | None:
        for way in ways:
            attempt.step()
            if (found := way(attempt, at, then)) is not None:
                return found
        return None

    return matcher


def _atomic(body: Matcher) -> Matcher:
    def matcher(attempt: Attempt, at: int, then: Then) -> int | None:
        end = body(attempt, at, lambda found: found)
        return None if end is None else then(end)

    return matcher


def _look(direction: int, body: Matcher, wanted: bool, width: int) -> Matcher:
    def matcher(attempt: Attempt, at: int, then: Then) -> int | None:
        attempt.step()
        begin = at if direction > 0 else at - width
        found = begin >= 0 and body(attempt, begin, lambda end: end) is not None
        return then(at) if found is wanted else None

    return matcher


def _position(where: Any, flags: int) -> Matcher:
    def holds(text: str, at: int) -> bool:
        if where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return at == 0 or (
                where is op.AT_BEGINNING and bool(flags & re.MULTILINE) and text[at - 1] == "\n"
            )
        if where is op.AT_END:
            return at == len(text) or (
                text[at] == "\n" and (at == len(text) - 1 or bool(flags & re.MULTILINE))
            )
        if where is op.AT_END_STRING:
            return at == len(text)
        sides = [0 <= i < len(text) and (text[i].isalnum() or text[i] == "_") for i in (at - 1, at)]
        return (sides[0] != sides[1]) is (where is op.AT_BOUNDARY)

    def matcher(attempt: Attempt, at: int, then: Then) -> int | None:
        attempt.step()
        return then(at) if holds(attempt.text, at) else None

    return matcher


def _back_reference(number: int) -> Matcher:
    def matcher(attempt: Attempt, at: int, then: Then) -> int | None:
        attempt.step()
        if number not in attempt.groups:
            return None
        said = attempt.text[slice(*attempt.groups[number])]
        return then(at + len(said)) if attempt.text.startswith(said, at) else None

    return matcher


_CATEGORIES: dict[Any, CharTest] = {
    op.CATEGORY_DIGIT: str.isdigit,
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
}
_OPPOSITES = {
    op.CATEGORY_NOT_DIGIT: op.CATEGORY_DIGIT,
    op.CATEGORY_NOT_SPACE: op.CATEGORY_SPACE,
    op.CATEGORY_NOT_WORD: op.CATEGORY_WORD,
}


def _char_test(kind: Any, value: Any, flags: int) -> CharTest:
    if kind is op.ANY:
        return (lambda _char: True) if flags & re.DOTALL else (lambda char: char != "\n")
    if kind is op.IN:
        members = value
    else:
        members = [(op.NEGATE, None)] * (kind is op.NOT_LITERAL) + [(op.LITERAL, value)]
    negated = members[0][0] is op.NEGATE
    tests = [
        _member_test(*member, bool(flags & re.ASCII)) for member in members if member[0] is not op.NEGATE
    ]
    folds = (str.lower, str.upper) if flags & re.IGNORECASE else (str,)

    def test(char: str) -> bool:
        return any(one(fold(char)) for fold in folds for one in tests) is not negated

    return test


def _member_test(kind: Any, value: Any, ascii_only: bool) -> CharTest:
    if kind is op.LITERAL:
        return lambda char: len(char) == 1 and ord(char) == value
    if kind is op.RANGE:
        return lambda char: len(char) == 1 and value[0] <= ord(char) <= value[1]
    if value in _OPPOSITES:
        positive = _member_test(kind, _OPPOSITES[value], ascii_only)
        return lambda char: not positive(char)
    within = _CATEGORIES[value]
    return lambda char: within(char) and (char.isascii() or not ascii_only)
