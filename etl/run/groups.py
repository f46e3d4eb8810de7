"""Rows in any order → groups of rows, in the order of each group's first row.

The rows of a group may stand far apart in the input, so all rows wait until the last has been read. They
wait on disk: only their positions are kept in memory.
"""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path

from etl.run.outcomes import SourceRow


class Groups:
    """`add` rows, `finish`, then take `rows()` once."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed at the end of rows()
        self._members: dict[bytes, list[int]] = {}

    def add(self, group: tuple[str, ...], row: SourceRow) -> None:
        digest = hashlib.blake2b("\x1f".join(group).encode(), digest_size=16).digest()
        self._members.setdefault(digest, []).append(self._file.tell())
        pickle.dump(row, self._file, pickle.HIGHEST_PROTOCOL)

    def finish(self) -> None:
        """The last has been added: all of it is on the disk, or OSError says why not."""
        self._file.flush()

    def rows(self) -> Iterator[list[SourceRow]]:
        """Each group once."""
        with self._file:
            for positions in self._members.values():
                rows = []
                for position in positions:
                    self._file.seek(position)
                    rows.append(pickle.load(self._file))  # noqa: S301 - written by ourselves, never by others
                yield rows
