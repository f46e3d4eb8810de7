"""MARCXML that cannot be parsed as a whole → the pieces of it that may be records, cut by their tags.

Where the XML of one record is broken (a bare &, a wrong byte), no parser goes on behind it. The tags of
records still stand in the bytes, and between them each record can be parsed by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Literal, NamedTuple

_BLOCK = 1 << 18
_TAG = 600
"""A tag of a record is shorter than this, in bytes."""
_MARK = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(?:record|oai_marc)(?:(?P<empty>(?:\s[^<>]{0,500})?/>)|(?P<start>[\s>]))"
    rb"|</(?:[\w.-]{1,40}:)?(?:record|oai_marc)\s{0,40}>"
)
_PARTS = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:leader|controlfield|datafield|fixfield|varfield)[\s>]")
_PREFIX = re.compile(rb"xmlns:([\w.-]{1,40})\s{0,40}=")
_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?([\w.-]{1,40})[\s/>]")
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,40}(<\?xml[^<>]{0,200}\?>)")


class Piece(NamedTuple):
    """`kind`: a record with its end, one whose end is missing, or what stands between records. `line` is
    1-based. `cut`: it is longer, and the last that was read.
    """

    raw: bytes
    line: int
    kind: Literal["record", "open", "between"]
    cut: bool = False

    @property
    def has_parts(self) -> bool:
        """Does it hold a leader or fields? What wraps records has none."""
        return _PARTS.search(self.raw) is not None


def read_pieces(stream: BinaryIO, ended: int, limit: int) -> Iterator[Piece]:
    """Everything behind the `ended`-th record, in the order of the file; the last piece reaches to its end. A
    piece longer than `limit` bytes is the last one.
    """
    buffer, scan, begin, line, is_open = b"", 0, 0, 1, False
    at_end = False
    while True:
        mark = _MARK.search(buffer, scan)
        if not at_end and (mark is None or mark.end() + _TAG > len(buffer)):
            if len(buffer) - begin > limit:
                break
            if not ended:
                scan, buffer, begin = max(scan - begin, len(buffer) - begin - _TAG, 0), buffer[begin:], 0
            block = stream.read(_BLOCK)
            buffer, at_end = buffer + block, not block
            continue
        if mark is None:
            break
        stop = mark.start() if mark["start"] else mark.end()
        kind: Literal["record", "open", "between"] = "open" if is_open else "between"
        if mark["empty"] or (is_open and not mark["start"]):
            kind = "record"
        is_open, scan = mark["start"] is not None, mark.end()
        if ended:
            ended -= not mark["start"]
            line += buffer.count(b"\n", begin, stop)
            buffer, scan, begin = buffer[stop:], scan - stop, 0
            continue
        raw = buffer[begin:stop]
        yield Piece(raw, line, kind)
        line, begin = line + raw.count(b"\n"), stop
    yield Piece(buffer[begin:], line, "open" if is_open else "between", not at_end)


def can_be_cut(head: bytes) -> bool:
    """Are tags ASCII in these first bytes of the file?"""
    return not head.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in head[:4]


def root_in(head: bytes) -> str:
    """The name of the first element, or nothing."""
    found = _ROOT.search(head)
    return found[1].decode("ascii", "replace") if found else ""


def as_document(piece: Piece, head: bytes) -> bytes:
    """The piece as XML of its own, its lines counted from 1: `head` are the file's first bytes, with the
    declaration and the prefixes.
    """
    declared = _DECLARATION.match(head)
    prefixes = b"".join(b' xmlns:%s="x"' % prefix for prefix in dict.fromkeys(_PREFIX.findall(head)))
    opening = declared[1].replace(b"\n", b" ").replace(b"\r", b" ") if declared else b""
    return opening + b"<x%s>" % prefixes + piece.raw + b"</x>"
