"""Rows in any order → groups of rows, in the order of each group's first row.

The rows of a group may stand far apart in the input, so all rows wait until the last has been read. They
wait on disk: only their positions are kept in memory.
"""

from __future__ import annotations

import hashlib
import pickle
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from etl.normal_form import normal_form
from etl.plugin import Rejected
from etl.problems import MappingPlace, Problem
from etl.run.outcomes import SourceRow

Group = tuple[str, ...]

_MOST_LOST = 1000
_LONGEST_LOST = 100_000
"""Records that could not be read and are looked into, and the bytes of each; of others nothing is known."""


class Groups:
    """`add` rows and what is `lost`, `finish`, then take `rows()` once. `place`: what they are grouped by."""

    def __init__(self, folder: Path, place: MappingPlace) -> None:
        self._place = place
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed at the end of rows()
        self._members: dict[bytes, list[int]] = {}
        self._lost: list[_Lost] = []
        self._unknown: dict[str, _Lost] = {}

    def add(self, group: Group, row: SourceRow) -> None:
        digest = hashlib.blake2b("\x1f".join(group).encode(), digest_size=16).digest()
        self._members.setdefault(digest, []).append(self._file.tell())
        pickle.dump((group, row), self._file, pickle.HIGHEST_PROTOCOL)

    def lost(self, file: str, rejected: Rejected) -> None:
        """A record that could not be read: a group that it may belong to is not made without it."""
        one = _Lost(file, rejected)
        if one.text and len(self._lost) < _MOST_LOST:
            self._lost.append(one)
        else:
            self._unknown.setdefault(file, one)

    def finish(self) -> None:
        """The last has been added: all of it is on the disk, or OSError says why not."""
        self._file.flush()

    def rows(self) -> Iterator[list[SourceRow]]:
        """Each group once. The first row is spoilt where one is missing, or may be."""
        with self._file:
            for positions in self._members.values():
                group: Group = ()
                rows = []
                for position in positions:
                    self._file.seek(position)
                    group, row = pickle.load(self._file)  # noqa: S301 - written by ourselves, never by others
                    rows.append(row)
                if missing := self._missing(group, rows):
                    rows[0] = replace(rows[0], spoilt=rows[0].spoilt or missing.problem(self._place))
                yield rows

    def _missing(self, group: Group, rows: Sequence[SourceRow]) -> _Lost | None:
        """A lost record in which all stands that makes the group, or that says nothing and is of its file."""
        files = {row.file for row in rows}
        for file in files & self._unknown.keys():
            return self._unknown[file]
        if not self._lost:
            return None
        cells = {normal_form(value) for value in rows[0].values.values() if isinstance(value, str)}
        written = [part for part in group if part in cells]  # others were made of what stands there
        patterns = [re.compile(rf"(?<!\w){re.escape(part)}(?!\w)") for part in written]
        return next((one for one in self._lost if one.may_be_of(patterns, files)), None)


class _Lost:
    """A record that could not be read. `text`: what stood there; nothing if that cannot be told."""

    def __init__(self, file: str, rejected: Rejected) -> None:
        self.file, self.record = file, rejected.record
        self.text = normal_form(_decoded(rejected.raw)) if len(rejected.raw) <= _LONGEST_LOST else ""

    def may_be_of(self, patterns: Sequence[re.Pattern[str]], files: set[str]) -> bool:
        if not patterns:
            return self.file in files
        return all(pattern.search(self.text) for pattern in patterns)

    def problem(self, place: MappingPlace) -> Problem:
        said = f"record {self.record} of {self.file} cannot be read, and may belong to this group"
        help_ = "nothing is made of a part of a group: correct that record, and run the file again"
        return Problem("E497", said, mapping=place, help=help_)


def _decoded(raw: bytes) -> str:
    """Good enough to find a number in it."""
    try:
        return raw.decode("utf-16" if b"\0" in raw else "utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
