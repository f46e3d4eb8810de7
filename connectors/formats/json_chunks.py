"""A stream of JSON values → the bytes of each value, so that a damaged one takes no other with it.

One value, values one after the other (one per line, say), or the members of one list around them all. Only
brackets and quotes are looked at: what a value holds is the parser's business. Where a value never closes
(its line was cut off, or a raw line end stands inside a text, which JSON does not know), it ends before the
next line that begins with a bracket, or with the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_PIECE = 1 << 16
_OUTSIDE = re.compile(rb'["\[\]{}]')
_INSIDE = re.compile(rb'(?:[^"\\\n]++|\\[^\n])*+(["\n])')
_TOO_DEEP = 256  # no parser follows it there, so nor do we
_BETWEEN = re.compile(rb"[ \t\r\n\0\x1a]*")
_BETWEEN_MEMBERS = re.compile(rb"[ \t\r\n,]*")
_OPENS, _CLOSES = b"{[", b"]}"


class JsonChunk(NamedTuple):
    """The bytes of one value; `size` is larger than `raw` when that was cut to the limit.

    `line` is 1-based. `unclosed`: the file ended before the list around the values did; the value it ended in
    is here, if there is one.
    """

    raw: bytes
    offset: int
    line: int
    size: int
    unclosed: bool = False


def read_json_chunks(stream: BinaryIO, limit: int) -> Iterator[JsonChunk]:
    """Every byte that is neither blank nor part of the list around the values is in exactly one chunk.

    The stream stands after a byte order mark, if there is one; offsets count from where it stands. At most
    `limit` bytes of a chunk are kept.
    """
    return _Splitter(limit).of(stream)


class _Splitter:
    """Where in the text we are. `depth` counts open brackets of the current value, 0 between values."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()
        self._size = self._depth = self._offset = self._at_line = 0
        self._in_text = self._in_escape = self._broken = False
        self._in_list = self._was_broken = self._one_line_each = False

    def of(self, stream: BinaryIO) -> Iterator[JsonChunk]:
        offset, line, fresh, first, last = 0, 1, True, b"", b""
        while piece := stream.readline(_PIECE):
            if fresh and piece[0] in _OPENS and self._size and self._ended_before(line):
                yield self._take()
            yield from self._walk(piece, offset, line)
            first, last = first or piece.lstrip()[:1], piece.rstrip()[-1:] or last
            offset += len(piece)
            fresh = piece.endswith(b"\n")
            line += fresh
        # Where a value is broken its rest was passed over, perhaps with the end of the list.
        broken = self._was_broken or self._size > 0
        unclosed = self._in_list and (not broken or (first == b"[" and last != b"]"))
        if self._size:
            yield self._take()._replace(unclosed=unclosed)
        elif unclosed:
            yield JsonChunk(b"", offset, line, 0, True)

    def _walk(self, piece: bytes, offset: int, line: int) -> Iterator[JsonChunk]:
        at = 0
        while at < len(piece):
            if self._broken:
                self._hold(piece[at:])
                return
            if self._depth == 0:
                at = self._begin(piece, at, offset, line)
                continue
            stop = self._within(piece, at)
            self._hold(piece[at:stop])
            at = stop
            if self._depth == 0 and not self._broken:
                self._one_line_each = self._at_line == line
                yield self._take()

    def _begin(self, piece: bytes, at: int, offset: int, line: int) -> int:
        """Pass over what stands between values, up to the first byte of one."""
        blank = (_BETWEEN_MEMBERS if self._in_list else _BETWEEN).match(piece, at)
        at = blank.end() if blank else at
        if at == len(piece):
            return at
        mark = piece[at : at + 1]
        if mark == (b"]" if self._in_list else b"["):
            self._in_list = not self._in_list
            return at + 1
        self._offset, self._at_line = offset + at, line
        if mark in (b"{", b"["):
            self._depth = 1
            self._hold(mark)
            return at + 1
        self._broken = True  # something that is no object and no list: kept whole, and refused by the parser
        return at

    def _within(self, piece: bytes, at: int) -> int:
        """Follow brackets and quotes to the end of the value, or of the piece."""
        if self._in_escape and piece[at] not in b"\n":
            at += 1  # the piece before ended with the backslash of this character
        self._in_escape = False
        while found := self._next(piece, at):
            at = found.end()
            mark = piece[at - 1 : at]
            if mark == b'"':
                self._in_text = not self._in_text
            elif mark == b"\n" or self._depth > _TOO_DEEP:
                self._broken = True
                return len(piece)
            elif mark in (b"{", b"["):
                self._depth += 1
            else:
                self._depth -= 1
                if self._depth == 0:
                    return at
        slashes = len(piece) - len(piece.rstrip(b"\\"))
        self._in_escape = self._in_text and min(slashes, len(piece) - at) % 2 == 1
        return len(piece)

    def _next(self, piece: bytes, at: int) -> re.Match[bytes] | None:
        """Up to the next mark that means something where we are; escaped characters mean nothing."""
        return _INSIDE.match(piece, at) if self._in_text else _OUTSIDE.search(piece, at)

    def _ended_before(self, line: int) -> bool:
        """Is a bracket at the beginning of this line the next value, and not part of the current one?

        JSON written without indents has such lines inside values, but only after a comma, colon or bracket.
        Where the value before stood on one line, so does this one, unless its first line is a bare bracket.
        """
        if self._broken or self._in_text:
            return True
        if self._one_line_each and self._at_line == line - 1 and len(self._held.strip()) > 1:
            return True
        return not self._held[-64:].rstrip().endswith((b",", b"[", b":", b"{"))

    def _hold(self, data: bytes) -> None:
        self._held += data[: max(0, self._limit - len(self._held))]
        self._size += len(data)

    def _take(self) -> JsonChunk:
        chunk = JsonChunk(bytes(self._held), self._offset, self._at_line, self._size)
        self._was_broken = self._was_broken or self._broken or self._depth > 0
        self._held = bytearray()
        self._size = self._depth = 0
        self._in_text = self._in_escape = self._broken = False
        return chunk
