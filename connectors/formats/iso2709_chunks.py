"""Bytes of an ISO 2709 file → the bytes of each record, so that a damaged one takes no other with it.

A record says its own length and ends with 1D. Where the two agree, that is the record. Where they do not
(text re-encoded after writing, bytes lost in transfer), the record ends at whichever of the two is followed
by another leader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

END = b"\x1d"
_BLOCK = 1 << 20
# What stands between records without meaning: line ends (some vendors write one per record), NUL padding of
# mainframe blocks, Ctrl-Z of DOS.
# Blanks count only before the digits of a length: a record may begin with a length of blanks.
_FILLER = re.compile(rb"(?:\xef\xbb\xbf)?(?:[\s\0\x1a]*(?=\d|\Z)|[\r\n\0\x1a]*)")
_LEADER = re.compile(rb"\d{5}[ -~]{7}\d{5}[ -~]{7}")
# Where a length leads there is a leader only if a directory's digits cannot be it.
_NEXT_LEADER = re.compile(rb"\d{5}[^\dA-Z]{2}[ -~]{5}\d{5}[ -~]{7}")
_STRAY = 24
_HIDDEN_LEADER = re.compile(rb"(?=\d{5}[a-z][ -~]{4}22\d{5}[ -~]{3}4500)")


class Chunk(NamedTuple):
    """One record's bytes at `offset`; `size` is larger than `raw` when that was cut to the limit."""

    raw: bytes
    offset: int
    size: int


def looks_like_iso2709(head: bytes) -> bool:
    """A leader at the beginning, or the marks that end fields and records."""
    start = _filler_end(head, 0)
    return _LEADER.match(head, start) is not None or (b"\x1e" in head and END in head)


def read_chunks(stream: BinaryIO, limit: int) -> Iterator[Chunk]:
    """Every byte that is not filler is in exactly one chunk. At most `limit` bytes of a chunk are kept."""
    buffer, base, at, ended = b"", 0, 0, False
    end: int | None = None  # None: not looked for; -1: there is none in the buffer
    while True:
        at = _filler_end(buffer, at)
        if end is None or 0 <= end < at:  # looked for once, however many records begin before it
            end = buffer.find(END, at)
        length = int(buffer[at : at + 5]) if buffer[at : at + 5].isdigit() else 0
        incomplete = end < 0 or at + length + 24 > len(buffer)
        if incomplete and not ended and len(buffer) - at <= limit:
            block = stream.read(_BLOCK)
            ended = not block
            base, buffer, at, end = base + at, buffer[at:] + block, 0, None
            continue
        if at >= len(buffer):
            return
        if end < 0 and not ended:
            raw, offset = buffer[at : at + limit], base + at
            size, buffer, base = _pass_over(stream, buffer, at, base)
            at, end = 0, None
            yield Chunk(raw, offset, size)
            continue
        stop = end + 1 if length and end + 1 == at + length else _stop(buffer, at, end, length)
        yield Chunk(buffer[at : min(stop, at + limit)], base + at, stop - at)
        at = stop


def _filler_end(buffer: bytes, at: int) -> int:
    match = _FILLER.match(buffer, at)
    return match.end() if match else at


def _stop(buffer: bytes, at: int, end: int, length: int) -> int:
    """Where a record ends whose length and end mark disagree."""
    stop = end + 1 if end >= 0 else len(buffer)
    by_length = at + length
    if not _LEADER.match(buffer, at) and (found := _HIDDEN_LEADER.search(buffer, at + 1, at + 2 * _STRAY)):
        return found.end()  # stray bytes, and the record behind them
    if 24 < length < stop - at and _NEXT_LEADER.match(buffer, by_length):
        return by_length  # its end mark is lost, and the next record begins here
    if stop - at < length and by_length <= len(buffer) and buffer[by_length - 1 : by_length] == END:
        after = _filler_end(buffer, stop)
        if not _LEADER.match(buffer, after):
            return by_length  # an end mark inside the text
    hidden = _HIDDEN_LEADER.search(buffer, at + 24, stop)
    return hidden.end() if hidden else stop


def _pass_over(stream: BinaryIO, buffer: bytes, at: int, base: int) -> tuple[int, bytes, int]:
    """Skip to the end mark of a huge record → its size, the buffer after it, and where that begins."""
    size, start = len(buffer) - at, base + at
    while block := stream.read(_BLOCK):
        end = block.find(END)
        if end >= 0:
            size += end + 1
            return size, block[end + 1 :], start + size
        size += len(block)
    return size, b"", start + size
