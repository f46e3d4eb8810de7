"""The entries of an ISO 2709 directory whose chain does not close → the places that are proved all the same.

An entry keeps its field if start and length fit a field that no other entry fits, counted from the front or
from the back; what lies between two such fields is settled by what else agrees: lengths that fill the space,
ends that are as many as the entries, or as many bytes lost as ends. An entry for which nothing proves a place
has none: a wrong tag over a text is worse than no text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from connectors.formats.iso2709_entries import ENTRY, FIELD_END, Directory, DirectoryEntry, entry_of
from etl.plugin import normalized


def _sizes(text: bytes) -> tuple[int, ...]:
    """How long a text was, perhaps, before it was re-encoded. If it is UTF-8 now: in Latin-1, in MARC-8, and
    in UTF-8 with letters and accents apart or together; else in UTF-8.
    """
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        return (len(text.decode("latin-1").encode()),) * 4
    together, apart = normalized("NFC", decoded), normalized("NFD", decoded)
    return len(together), len(apart), len(apart.encode()), len(together.encode())


class Settling:
    def __init__(self, raw: bytes, base: int, stop: int) -> None:
        self._data, self._base = raw[base:stop], base
        self._said_end = int(raw[:5]) - 1 - base if raw[:5].isdigit() else None
        self._entries = [entry_of(raw[at : at + ENTRY]) for at in range(24, base - 1, ENTRY)]
        self._ends = [match.start() for match in re.finditer(b"\x1e", self._data)]
        starts = [0, *(end + 1 for end in self._ends)]
        self._fields = {start: end + 1 - start for start, end in zip(starts, self._ends, strict=False)}
        self._shifts = self._found_shifts()

    def settled(self) -> Directory:
        entries = self._in_order()
        self._anchor()
        anchors = [entry.place[0] for entry in entries if entry.place]
        found = Directory(self._base, closed=False)
        if all(one < other for one, other in pairwise(anchors)):
            self._fill(entries)
        else:
            self._fill_the_last_gap()
        doubtful = {id(entry) for entry in (*self._doubtful(entries), *self._of_another_tag())}
        for entry in self._entries:
            if entry.place is None or id(entry) in doubtful:
                found.lost.append(entry.tag)
                continue
            if not entry.is_tagged:
                found.untagged.append(entry.tag)
                if not (entry.tag.isascii() and entry.tag.isprintable()):
                    continue
            start, stop = entry.place
            found.places.append((entry.tag, self._base + start, self._base + stop))
            if not entry.exact:
                found.moved.append(entry.tag)
        taken = {entry.place[0] for entry in self._entries if entry.place}
        filled = sum(1 for start, length in self._fields.items() if length > 1 and start not in taken)
        found.unlisted = max(0, filled - sum(1 for entry in self._entries if entry.place is None))
        return found

    def _doubtful(self, entries: list[DirectoryEntry]) -> list[DirectoryEntry]:
        """Of the fields that have a place, those whose text has bytes more or fewer than the directory says,
        by the length or by the start of the next: damage to the text itself. Not those of a record that was
        re-encoded: its texts are all as long as said in another encoding.
        """
        following = [*(entry.start for entry in entries[1:]), self._said_end]
        found: list[DirectoryEntry] = []
        texts: list[tuple[bytes, int]] = []
        for entry, after in zip(entries, following, strict=True):
            if entry.place is None:
                continue
            text = self._data[slice(*entry.place)]
            chained = None if after is None or entry.start is None else after - entry.start
            if len(text) + 1 not in (entry.length, chained):
                found.append(entry)
            if entry.length is not None and not text.isascii():
                texts.append((text, entry.length - 1))
        # One byte more or fewer may as well be damage, unless one letter beyond ASCII explains it.
        forms = range(4) if sum(abs(len(text) - said) for text, said in texts) > 1 else (0,)
        if texts and any(all(_sizes(text)[form] == said for text, said in texts) for form in forms):
            return [entry for entry in found if self._data[slice(*(entry.place or ()))].isascii()]
        return found

    def _of_another_tag(self) -> Iterator[DirectoryEntry]:
        """Those beside whose tag stands the one wrong digit of a number, where the right one is in the tag:
        the two were changed over.
        """
        for entry, after in pairwise([*self._entries, DirectoryEntry("", False, None, None)]):
            if entry.place is None or entry.exact:
                continue
            start, stop = entry.place
            right = f"{stop + 1 - start:04}{start:05}"
            pairs = zip(entry.numbers, right, strict=False)
            wrong = [at for at, (one, other) in enumerate(pairs) if one != other]
            if wrong == [0] and right[0] == entry.tag[2:]:
                yield entry
            elif wrong == [8] and right[8] == after.tag[:1] and not self._begins(entry, start):
                yield after

    def _found_shifts(self) -> tuple[int, ...]:
        """By how much the starts are off: not at all, or as much as at the last field (bytes were lost or put
        in before it, or starts of six digits were cut)."""
        starts = [(entry.start, entry.length) for entry in self._entries if entry.start is not None]
        if not self._fields or all(self._fields.get(start) == length for start, length in starts):
            return (0,)
        shift = max(self._fields) - starts[-1][0]
        return (0, shift) if shift else (0,)

    def _in_order(self) -> list[DirectoryEntry]:
        """The entries in the order of their fields: as they stand, unless by start they make a chain."""
        by_start = sorted(self._entries, key=lambda entry: -1 if entry.start is None else entry.start)
        chained = all(other.begins_behind(one) for one, other in pairwise(by_start))
        return by_start if chained else self._entries

    def _anchor(self) -> None:
        claims: dict[int, list[DirectoryEntry]] = {}
        own: Counter[int] = Counter()
        for entry in self._entries:
            if entry.start is None or entry.length is None:
                continue
            for shift in self._shifts:
                at = entry.start + shift
                if self._fields.get(at) == entry.length:
                    claims.setdefault(at, []).append(entry)
                    own[id(entry)] += 1
        for at, claiming in claims.items():
            if len(claiming) == 1 and own[id(claiming[0])] == 1:
                [entry] = claiming
                entry.place, entry.exact = (at, at + self._fields[at] - 1), entry.start == at

    def _fill(self, entries: list[DirectoryEntry]) -> None:
        gap: list[DirectoryEntry] = []
        before: DirectoryEntry | None = None
        at = 0
        for entry in entries:
            if entry.place is None:
                gap.append(entry)
                continue
            self._settle(gap, at, entry.place[0], before)
            gap, before, at = [], entry, entry.place[1] + 1
        self._settle(gap, at, len(self._data), before)

    def _settle(self, gap: list[DirectoryEntry], at: int, until: int, before: DirectoryEntry | None) -> None:
        """Give the entries of a gap the places that are proved, in the bytes from `at` to `until`."""
        if not gap or at >= until:
            return
        ends = self._ends[bisect_left(self._ends, at) : bisect_left(self._ends, until)]
        lengths = [entry.length for entry in gap if entry.length is not None]
        missing = sum(lengths) - (until - at) if len(lengths) == len(gap) else None
        if missing == 0:
            self._by_length(gap, at)
        elif len(ends) == len(gap) and ends[-1] == until - 1:
            self._by_count(gap, at, ends, before)
        elif missing is not None and missing == len(gap) - len(ends) > 0:
            self._without_ends(gap, at, until)

    def _by_length(self, gap: list[DirectoryEntry], at: int) -> None:
        """The lengths fill the gap: each field is as long as it says, though its end mark may be another."""
        for entry in gap:
            end = at + (entry.length or 0)
            inner = self._data.find(FIELD_END, at, end)
            if inner == end - 1 or (inner < 0 and self._begins(entry, at)):
                entry.place = (at, end - 1)
            at = end

    def _by_count(
        self, gap: list[DirectoryEntry], at: int, ends: list[int], before: DirectoryEntry | None
    ) -> None:
        """As many ends as entries, each of which agrees in start or length, or follows from the one before:
        text was re-encoded after the directory was written, or a number in it is wrong.
        """
        places: list[tuple[int, int]] = []
        for entry, end in zip(gap, ends, strict=True):
            chained = before is not None and entry.begins_behind(before)
            if not (self._begins(entry, at) or entry.length == end + 1 - at or chained):
                return
            places.append((at, end))
            at, before = end + 1, entry
        for entry, place in zip(gap, places, strict=True):
            entry.place = place

    def _without_ends(self, gap: list[DirectoryEntry], at: int, until: int) -> None:
        """As many bytes too few as ends: those are what was lost."""
        places: list[tuple[int, int]] = []
        for entry in gap:
            end = at + (entry.length or 0) - 1
            if FIELD_END in self._data[at:end]:
                return
            places.append((at, end))
            at = end + (self._data[end : end + 1] == b"\x1e")
        if at == until:
            for entry, place in zip(gap, places, strict=True):
                entry.place = place

    def _fill_the_last_gap(self) -> None:
        """Fields in no order: one entry and one field that are left belong together if anything agrees."""
        left = [entry for entry in self._entries if entry.place is None]
        taken = {entry.place[0] for entry in self._entries if entry.place}
        free = [start for start in self._fields if start not in taken]
        if len(left) == len(free) == 1 and (
            self._begins(left[0], free[0]) or left[0].length == self._fields[free[0]]
        ):
            left[0].place = (free[0], free[0] + self._fields[free[0]] - 1)

    def _begins(self, entry: DirectoryEntry, at: int) -> bool:
        return entry.start is not None and at - entry.start in self._shifts
