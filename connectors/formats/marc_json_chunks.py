"""Bytes of a JSON file → the bytes of each top-level object in it, so that a damaged one takes no other with
it.

One array, one object per line, objects one after another: commas, brackets and blanks between objects mean
nothing here, but that an array which begins the file has to end it. An object ends at its closing brace, or
where the next record begins: a record's first name is `leader` or `fields`, and no part of one has those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_BLOCK = 1 << 20
_FILLER = re.compile(rb"(?:\xef\xbb\xbf)?[\s\0\x1a\x1e,\[\]]*")
_BLANK = b" \t\r\n\0\x1a\x1e"
_START = re.compile(rb'\{\s{0,80}"(?:leader|fields)"\s{0,80}:')
_START_SIZE = 172
# A string that is never closed runs to the end; possessive, so that nothing is looked at twice.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{}]', re.DOTALL)


class JsonChunk(NamedTuple):
    """One object's bytes, at `offset` on `line`; `size` is more than `raw` has when that was cut.

    `unclosed`: no object, but the end of a file whose array does not end.
    """

    raw: bytes
    offset: int
    line: int
    size: int
    unclosed: bool = False


def read_json_chunks(stream: BinaryIO, limit: int) -> Iterator[JsonChunk]:
    """Every byte that is not filler is in exactly one chunk. At most `limit` bytes of a chunk are kept."""
    window = _Window(stream, limit)
    while True:
        window.skip(_filler_end(window))
        if window.at >= len(window.buffer):
            if window.ended:
                if window.unclosed:
                    yield window.take(window.at)._replace(unclosed=True)
                return
            window.more()
            continue
        stop = window.next_start()
        end = _closing(window.buffer, window.at, len(window.buffer) if stop is None else stop)
        if end is None and stop is None and not window.ended:
            if len(window.buffer) - window.at <= limit:
                window.more()
            else:
                yield window.pass_over()
            continue
        if end is None:
            end = len(window.buffer) if stop is None else stop
        yield window.take(end)


def _filler_end(window: _Window) -> int:
    match = _FILLER.match(window.buffer, window.at)
    return match.end() if match else window.at


def _closing(buffer: bytes, at: int, stop: int) -> int | None:
    """Behind the brace that closes the one at `at`; None when there is none before `stop`."""
    if buffer[at : at + 1] != b"{":
        return None
    depth = 0
    for match in _TOKEN.finditer(buffer, at, stop):
        token = match[0]
        if token == b"{":
            depth += 1
        elif token == b"}":
            depth -= 1
            if depth == 0:
                return match.end()
    return None


class _Window:
    """A piece of the stream: `buffer` begins at byte `base` of the file, and `at` is where reading stands."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self.buffer, self.at, self.ended = b"", 0, False
        self._first = self._last = b""
        self._base, self._line = 0, 1
        self._start: (
            int | None
        ) = -1  # where the next record begins; -1: not looked for, None: not in the buffer

    def skip(self, to: int) -> None:
        self._line += self.buffer.count(b"\n", self.at, to)
        self.at = to

    def more(self) -> None:
        block = self._stream.read(_BLOCK)
        self.ended = not block
        self._first = self._first or block.removeprefix(b"\xef\xbb\xbf").lstrip(_BLANK)[:1]
        self._last = block.rstrip(_BLANK)[-1:] or self._last
        self._base += self.at
        self.buffer, self.at, self._start = self.buffer[self.at :] + block, 0, -1

    @property
    def unclosed(self) -> bool:
        """Has the file begun an array that it does not end?"""
        return self._first == b"[" and self._last != b"]"

    def next_start(self) -> int | None:
        """Looked for once, however many objects stand before it."""
        if self._start is not None and self._start <= self.at:
            found = _START.search(self.buffer, self.at + 1)
            self._start = found.start() if found else None
        return self._start

    def take(self, end: int) -> JsonChunk:
        at, line, offset = self.at, self._line, self._base + self.at
        raw = self.buffer[at:end]
        self.skip(end)
        size = len(raw.rstrip(b" \t\r\n,[]")) if not raw.endswith(b"}") else len(raw)
        return JsonChunk(raw[: min(size, self._limit)], offset, line, size)

    def pass_over(self) -> JsonChunk:
        """A huge object: let it go, up to the next record."""
        line, offset, raw = self._line, self._base + self.at, self.buffer[self.at : self.at + self._limit]
        while self.next_start() is None and not self.ended:
            self.skip(max(self.at, len(self.buffer) - _START_SIZE))
            self.more()
        self.skip(len(self.buffer) if self._start is None else self._start)
        return JsonChunk(raw, offset, line, self._base + self.at - offset)
