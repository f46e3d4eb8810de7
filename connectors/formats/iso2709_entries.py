"""Entries of an ISO 2709 directory as they are written, and what is made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ENTRY = 12
_TAG = re.compile(rb"[0-9A-Za-z]{3}")
FIELD_END = 0x1E
Place = tuple[str, int, int]
"""A field's tag, and where its bytes begin and end in the record, its end mark left out."""


@dataclass(slots=True)
class Directory:
    """`places` in the directory's order. `moved` are tags whose entry is wrong, although their place is
    proved; `lost` are what stands for a tag in entries that have no place; `untagged` the same of entries
    that have a place and no tag (among `places` if it can be read); `unlisted` counts fields that no entry
    has. `closed`: the chain closes, and none of these is there.
    """

    base: int
    places: list[Place] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    untagged: list[str] = field(default_factory=list)
    unlisted: int = 0
    closed: bool = True

    @property
    def proved(self) -> int:
        """How many entries more have a place than have none."""
        return len(self.places) - len(self.lost)


@dataclass(slots=True)
class DirectoryEntry:
    """What the directory says; `start` and `length` are None where that is no number. Bytes from `base`."""

    tag: str
    is_tagged: bool
    length: int | None
    start: int | None
    numbers: str = ""
    place: tuple[int, int] | None = None
    exact: bool = False

    def begins_behind(self, other: DirectoryEntry) -> bool:
        """Does the directory's own chain lead from there to here?"""
        known = None not in (self.start, other.start, other.length)
        return known and self.start == (other.start or 0) + (other.length or 0)


def entry_of(data: bytes) -> DirectoryEntry:
    length, start = (int(part) if part.isdigit() else None for part in (data[3:7], data[7:12]))
    said = data.decode("latin-1")
    return DirectoryEntry(said[:3], _TAG.fullmatch(data[:3]) is not None, length, start, said[3:])
