"""Bytes or a path → a Source, for tests of connectors."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from etl.records import Source


def bytes_source(data: bytes, name: str = "sample") -> Source:
    """A source in memory."""
    return Source(name, lambda: io.BytesIO(data), len(data))


def path_source(path: Path) -> Source:
    """A file, a folder or a path to nothing: opening it says which."""
    size = path.stat().st_size if path.is_file() else None
    return Source(str(path), lambda: path.open("rb"), size)


@dataclass
class WatchedSource:
    """Remembers the streams that were opened, to see whether they are closed again."""

    data: bytes
    streams: list[io.BytesIO] = field(default_factory=list)

    def source(self, name: str = "sample") -> Source:
        """The source to give to a connector."""
        return Source(name, self._open, len(self.data))

    @property
    def left_open(self) -> int:
        """How many of the opened streams nobody closed."""
        return sum(1 for stream in self.streams if not stream.closed)

    def _open(self) -> BinaryIO:
        stream = io.BytesIO(self.data)
        self.streams.append(stream)
        return cast(BinaryIO, stream)
