"""Bytes of a file → its physical lines, each with its place, none longer than a limit."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from connectors.formats.text_encoding import TextEncoding

_BLOCK = 1 << 18


class Line(NamedTuple):
    """`raw` with its line end, `offset` in bytes from 0, `number` from 1.

    `size` is the length in the file; `raw` is shorter when the line is longer than the limit.
    """

    raw: bytes
    offset: int
    number: int
    size: int

    @property
    def ended(self) -> bool:
        """Only the last line can be without its end. True for one cut to the limit: it is not known."""
        return self.size > len(self.raw) or self.raw.endswith((b"\n", b"\r"))


def read_lines(stream: BinaryIO, encoding: TextEncoding, limit: int) -> Iterator[Line]:
    """Lines end at LF, CR LF or CR, as in RFC 4180 and in old Mac exports. Memory is bounded by `limit`."""
    stream.read(encoding.mark)
    pieces = (
        _byte_pieces(stream, limit)
        if encoding.splits_as_bytes
        else _text_pieces(stream, encoding.codec, limit)
    )
    offset = encoding.mark
    for number, (raw, size) in enumerate(pieces, 1):
        yield Line(raw, offset, number, size)
        offset += size


def _byte_pieces(stream: BinaryIO, limit: int) -> Iterator[tuple[bytes, int]]:
    pending, let_go = b"", 0
    while block := stream.read(_BLOCK):
        lines = (pending + block).splitlines(keepends=True)
        # A CR at the very end may be half of a CR LF.
        pending = b"" if lines[-1].endswith(b"\n") else lines.pop()
        for raw in lines:
            size = len(raw) + let_go
            yield raw[:limit], size
            let_go = 0
        if len(pending) > limit:
            end = b"\r" if pending.endswith(b"\r") else b""
            let_go += len(pending) - limit - len(end)
            pending = pending[:limit] + end
    if pending:
        yield pending[:limit], len(pending) + let_go


def _text_pieces(stream: BinaryIO, codec: str, limit: int) -> Iterator[tuple[bytes, int]]:
    """For sets such as UTF-16, whose line ends are not single bytes. The text was found decodable before."""
    text = io.TextIOWrapper(stream, encoding=codec, newline="")
    try:
        while piece := text.readline(limit):
            raw = piece.encode(codec)
            size = len(raw)
            while not piece.endswith(("\r", "\n")) and (piece := text.readline(limit)):
                size += len(piece.encode(codec))
            yield raw[:limit], size
    finally:
        if not stream.closed:  # an abandoned reader may be collected after the file is closed
            text.detach()
