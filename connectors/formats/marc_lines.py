"""Lines of a text form of MARC (MARCMaker, Aleph sequential) → the lines of each record, and its entries.

Both forms write one field per line, and both are cut into records before any field is looked at, so that a
damaged line costs one record.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, NamedTuple

from connectors.formats.iso2709_file import SAMPLE
from connectors.formats.marc_bytes import MarcCodec
from connectors.formats.marc_record import Entry, MarcRecord, Unreadable
from connectors.formats.marc_texts import look_over
from connectors.formats.opening import opened
from connectors.formats.text_encoding import TextEncoding
from connectors.formats.text_lines import Line, read_lines
from connectors.formats.trouble import Trouble, not_whole, without_line_end
from etl.plugin import Source

_MARK = b"\xef\xbb\xbf"
Begins = Callable[[], Callable[[bytes], bool]]
"""Made anew for each reading: asked of every line in turn, it says whether the line begins another record."""
Decode = Callable[["Block"], tuple[MarcRecord, tuple[Trouble, ...]]]


class Block(NamedTuple):
    """The lines of one record, ends cut off. `size` is larger than the lines' when they were cut to the
    limit.
    """

    lines: list[bytes]
    offset: int
    number: int
    size: int
    cut: bool
    open_line: int = 0
    """The number of its last line, if nothing stands behind that, not even a line end; else 0."""

    @property
    def raw(self) -> bytes:
        return b"\n".join(self.lines)


def read_line_records(
    source: Source, begins: Begins, decode: Decode, codec: MarcCodec, limit: int
) -> Iterator[Entry]:
    """One entry per record."""
    if codec.declared == "auto":
        with opened(source) as stream:
            sample = io.BytesIO(stream.read(SAMPLE))
        codec.learn(block.raw for block in _blocks(sample, begins, limit))
    with opened(source) as stream:
        yield from _entries(_blocks(stream, begins, limit), decode)


def _entries(blocks: Iterator[Block], decode: Decode) -> Iterator[Entry]:
    for block in blocks:
        keep = partial(bytes, block.raw)
        if block.cut:
            told = f"the record is {block.size} bytes long; only its beginning is kept in the report"
            help_ = (
                "look for line ends that were lost; if records really are that long, raise  max_record_bytes"
            )
            yield Entry(block.number, block.offset, keep, None, Trouble("E348", told, help_))
            continue
        try:
            record, notes = decode(block)
        except Unreadable as given_up:
            trouble = given_up.trouble
            if block.open_line:
                told = f"it ends in line {block.open_line}, without a line end, and {trouble.message}"
                trouble = not_whole(told)
            yield Entry(block.number, block.offset, keep, None, trouble)
        else:
            notes = (*notes, *look_over(record))
            if block.open_line:
                notes = (*notes, without_line_end(block.open_line))
            yield Entry(block.number, block.offset, keep, record, None, notes)


def _blocks(stream: BinaryIO, begins: Begins, limit: int) -> Iterator[Block]:
    """Blank lines are in no block; every other line is in exactly one."""
    # A byte order mark is taken off the first line below.
    whole = TextEncoding("utf-8", 0, "")
    lines: list[bytes] = []
    another = begins()
    first, size, kept = Line(b"", 0, 0, 0), 0, 0
    line = first
    for line in read_lines(stream, whole, limit):
        bare = line.raw.rstrip(b"\r\n")
        if line.number == 1:
            bare = bare.removeprefix(_MARK)
        if not bare.strip(b" \t\0\x1a"):
            bare = b""
        if another(bare) and lines:
            yield Block(lines, first.offset, first.number, size, size > kept)
            lines = []
        if not bare:
            continue
        if not lines:
            first, size, kept = line, 0, 0
        size += line.size
        if kept + len(line.raw) <= limit:
            lines.append(bare)
            kept += len(line.raw)
    if lines:
        open_line = 0 if line.ended or line.number == 1 else line.number
        yield Block(lines, first.offset, first.number, size, size > kept, open_line)
