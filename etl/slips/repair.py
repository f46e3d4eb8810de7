"""Repairs that may be meant → the one that makes a broken text readable.

A parser says where it gave up, which is seldom where the author slipped. So the slips that people make are
put right one at a time, and the text is read again: the slip is the one without which it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

MOST_WORK = 6 << 20
"""Characters that are read again, at most, to find one slip."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What may be wrong: `offset` and `length` in the text, in which words, and the text put right."""

    offset: int
    length: int
    said: str
    help: str
    mended: str
    code: str


def likeliest(slips: Iterable[Slip], unread: Callable[[str], int | None], before: int) -> Slip | None:
    """The first slip whose repair leaves nothing unread; else the one that gets furthest, if any does.

    `unread` says how much of a text is left when its parser gives up (None: it reads all of it), `before` how
    much that is of the text as it stands.
    """
    furthest, least, work = None, before, 0
    for slip in slips:
        work += len(slip.mended)
        if work > MOST_WORK:
            break
        left = unread(slip.mended)
        if left is None:
            return slip
        if left < least:
            furthest, least = slip, left
    return furthest
