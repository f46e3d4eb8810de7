"""The directory of an ISO 2709 record and its field ends → where each field stands, as far as that is proved.

The directory says start and length of every field, and a field ends with 1E: three witnesses. Where they
agree all the way (the chain closes), there is nothing to add; where they do not, see iso2709_settling.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import itemgetter

from connectors.formats.iso2709_entries import ENTRY, FIELD_END, Directory, Place
from connectors.formats.iso2709_settling import Settling

_WHOLE = re.compile(rb"(?:[0-9A-Za-z]{3}[0-9]{9})+")
_TAG_AND_NUMBERS = re.compile(r"(.{3})(.{9})")
_PARTS = re.compile(r"(.{3})(.{4})(.{5})")


def read_directory(raw: bytes, base: int, stop: int, tags: frozenset[str] | None) -> Directory:
    """`base` is where the fields begin, a multiple of 12 bytes and one behind byte 24; `stop` is where the
    record's end mark stands; `tags` are those of the places that are wanted, None: all. Where the chain does
    not close, the places are all of them.
    """
    return _closed(raw, base, stop, tags) or Settling(raw, base, stop).settled()


def _closed(raw: bytes, base: int, stop: int, tags: frozenset[str] | None) -> Directory | None:
    """The directory whose chain closes without a doubt, as almost all do."""
    entries = raw[24 : base - 1]
    if raw[base - 1] != FIELD_END or _WHOLE.fullmatch(entries) is None:
        return None
    fields = raw[base:stop].split(b"\x1e")
    if fields.pop() or len(fields) * ENTRY != len(entries):
        return None
    said = entries.decode("ascii")
    places: list[Place] = []
    at = 0
    for (tag, numbers), text in zip(_TAG_AND_NUMBERS.findall(said), fields, strict=True):
        size = len(text) + 1
        if int(numbers) != size * 100_000 + at:
            return _closed_in_another_order(raw, base, stop, _PARTS.findall(said), tags)
        if tags is None or tag in tags:
            places.append((tag, base + at, base + at + size - 1))
        at += size
    return Directory(base, places)


def _closed_in_another_order(
    raw: bytes, base: int, stop: int, parts: Sequence[tuple[str, str, str]], tags: frozenset[str] | None
) -> Directory | None:
    places = [
        (tag, base + int(start), base + int(start) + int(length) - 1) for tag, length, start in parts
    ]
    at = base
    for _, start, end in sorted(places, key=itemgetter(1)):
        if start != at or raw.find(FIELD_END, at, stop) != end:
            return None
        at = end + 1
    return Directory(base, [one for one in places if tags is None or one[0] in tags]) if at == stop else None
