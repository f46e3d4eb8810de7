"""What opens and closes in one child of an XML root → whether it is more than a record can be.

Bounded are its bytes, its elements, how deep they stand, and the names on their paths: elements within each
other, with names of kilobytes, and thousands of small ones in the innermost would make gigabytes of names.
"""

from __future__ import annotations

LIMIT = 4 << 20
"""Bytes of one child of the root; an order line is some kilobytes, its catalogue record included."""

_DEPTH = 60
_ELEMENTS = 50_000
_NAMES = 4


class ChildBudget:
    """Of one child after the other. `limit` is in bytes; names may have four times as many characters."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._begin = self._elements = self._names = 0
        self._paths: list[int] = []

    def begin(self, offset: int) -> None:
        """The next child begins at this byte."""
        self._begin, self._elements, self._names = offset, 0, 0
        self._paths.clear()

    def open(self, name: str) -> None:
        """An element, the child itself too."""
        self._elements += 1
        self._paths.append(len(name) + (self._paths[-1] if self._paths else 0))
        self._names += self._paths[-1]

    def close(self) -> None:
        """The element opened last."""
        self._paths.pop()

    def is_exceeded(self, offset: int) -> bool:
        """By what stands before this byte."""
        return (
            offset - self._begin > self._limit
            or self._elements > _ELEMENTS
            or len(self._paths) >= _DEPTH
            or self._names > _NAMES * self._limit
        )
