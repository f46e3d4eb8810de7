"""Bytes of EDIFACT → raw segments with their places → tags and components.

Written here rather than taken from pydifact 0.2.3 (alpha): that one wants the whole text decoded beforehand,
tells neither line nor byte of a segment, keeps the line breaks of wrapped files in the values, stops for
good at the first thing it does not like, and warns of a directory it does not ship. Order lines need the
place, and one damaged message must not cost the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, NamedTuple

SEGMENT_LIMIT = 64 << 10
"""Bytes; the longest segment of the library messages, a free text, has about 400."""

_BLOCK = 1 << 16
_PADDING = re.compile(rb"[ \t\r\n\x0b\x0c\x1a\0]++")
_BREAKS = b"\r\n"


class ServiceString(NamedTuple):
    """The six characters of UNA, as single bytes."""

    component: bytes = b":"
    element: bytes = b"+"
    decimal: bytes = b"."
    release: bytes = b"?"
    reserved: bytes = b" "
    terminator: bytes = b"'"

    @classmethod
    def of(cls, una: bytes) -> ServiceString | None:
        """The nine bytes of a UNA segment; None when they cannot be one."""
        found = cls(*(una[at : at + 1] for at in range(3, 9)))
        marks = [found.component, found.element, found.release, found.terminator]
        marks = [mark for mark in marks if mark != b" "]  # a blank release character: there is none
        usable = len(marks) >= 3 and b" " not in (found.component, found.element, found.terminator)
        plain = not any(mark.isalnum() or mark >= b"\x80" or mark in (b"\r", b"\0") for mark in marks)
        fits = found.decimal in (b".", b",", b" ") and len(set(marks)) == len(marks)
        return found if len(una) == 9 and usable and plain and fits else None


LEVEL_B = ServiceString(b"\x1f", b"\x1d", b".", b"", b" ", b"\x1c")
"""What UNOB interchanges without a UNA may use in place of the printable characters."""


class RawSegment(NamedTuple):
    """The bytes of one segment, without its terminator and what stands before it.

    `line` is 1-based, `offset` and `end` (behind the terminator) are bytes from 0. Not `complete`: no
    terminator came within SEGMENT_LIMIT, or before the end of the file.
    """

    data: bytes
    line: int
    offset: int
    end: int
    service: ServiceString
    complete: bool = True

    @property
    def tag(self) -> str:
        """`LIN`; "" for what is no segment."""
        head = self.data[:4]
        if b"\r" in head or b"\n" in head:
            head = self.data[:16].translate(None, _BREAKS)[:4]
        tag, after = head[:3], head[3:]
        if tag == b"UNA":
            return "UNA"
        whole = len(tag) == 3 and tag.isalpha() and tag.isupper()  # of bytes: ASCII letters only
        return tag.decode() if whole and after in (b"", self.service.element, self.service.component) else ""

    @property
    def wrapped(self) -> bool:
        """A line break inside it: files are wrapped after 80 characters on their way through some systems."""
        return any(mark in self.data for mark in _BREAKS)


class Scanner:
    """The segments of a stream in order. `service` follows each UNA, which is a segment of its own."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._buffer, self._ended = stream, b"", False
        self._at = 0  # of the next byte in the buffer
        self._offset, self._line = 0, 1
        self.service = ServiceString()

    def __iter__(self) -> Iterator[RawSegment]:
        while True:
            self._skip_padding()
            if self._at == len(self._buffer):
                return
            if self._buffer.startswith(b"UNA", self._at):
                yield self._service_string()
                continue
            if self._buffer.startswith(b"UNB" + LEVEL_B.element, self._at):
                self.service = LEVEL_B
            yield self._segment()

    def _service_string(self) -> RawSegment:
        una = self._buffer[self._at : self._at + 9]
        found = ServiceString.of(una)
        self.service = found or self.service
        return self._take(len(una), len(una), found is not None)

    def _segment(self) -> RawSegment:
        expression = _terminated(self.service)
        start = self._at
        while True:
            match = expression.match(self._buffer, start)
            end = match.end() if match else start
            if self._buffer.startswith(self.service.terminator, end):
                return self._take(end - self._at, end - self._at + 1, True)
            there = len(self._buffer) - self._at
            if self._ended or there > SEGMENT_LIMIT:
                size = min(there, SEGMENT_LIMIT)
                return self._take(size, size, False)
            read = end - self._at
            self._fill()
            start = self._at + read

    def _take(self, length: int, size: int, complete: bool) -> RawSegment:
        data = self._buffer[self._at : self._at + length]
        segment = RawSegment(data, self._line, self._offset, self._offset + size, self.service, complete)
        self._drop(size)
        return segment

    def _skip_padding(self) -> None:
        while True:
            if len(self._buffer) - self._at < 16 and not self._ended:
                self._fill()
            match = _PADDING.match(self._buffer, self._at)
            if match is None:
                return
            self._drop(match.end() - self._at)

    def _drop(self, size: int) -> None:
        self._line += self._buffer.count(b"\n", self._at, self._at + size)
        self._offset += size
        self._at += size

    def _fill(self) -> None:
        block = self._stream.read(_BLOCK)
        self._ended = not block
        self._buffer, self._at = self._buffer[self._at :] + block, 0


@lru_cache(maxsize=64)
def _terminated(service: ServiceString) -> re.Pattern[bytes]:
    """Everything up to an unreleased terminator; a line break may stand behind the release character."""
    stop = re.escape(service.terminator)
    if service.release in (b"", b" "):
        return re.compile(rb"[^%b]*+" % stop, re.DOTALL)
    release = re.escape(service.release)
    return re.compile(rb"(?:[^%b%b]|%b[\r\n]*+[^\r\n])*+" % (stop, release, release), re.DOTALL)


Elements = tuple[tuple[str, ...], ...]
"""Data elements of a segment, each its components; `[0]` is the tag."""


def elements_of(segment: RawSegment, codec: str) -> Elements:
    """Line breaks are taken out, released characters stand for themselves. Raises UnicodeDecodeError."""
    data, service = segment.data.translate(None, _BREAKS), segment.service
    return tuple(
        tuple(_released(one, service).decode(codec) for one in _split(element, service.component, service))
        for element in _split(data, service.element, service)
    )


def _split(data: bytes, mark: bytes, service: ServiceString) -> list[bytes]:
    pieces = data.split(mark)
    if service.release in (b"", b" ") or service.release not in data:
        return pieces
    joined: list[list[bytes]] = []
    released = False
    for piece in pieces:
        if released:
            joined[-1].append(piece)
        else:
            joined.append([piece])
        released = (len(piece) - len(piece.rstrip(service.release))) % 2 == 1
    return [mark.join(whole) for whole in joined]


def _released(data: bytes, service: ServiceString) -> bytes:
    if service.release in (b"", b" ") or service.release not in data:
        return data
    return re.sub(re.escape(service.release) + rb"(.)", rb"\1", data, flags=re.DOTALL)


def component(elements: tuple[tuple[str, ...], ...], element: int, position: int = 0) -> str:
    """A component without blanks around it; "" where there is none."""
    if element >= len(elements) or position >= len(elements[element]):
        return ""
    return elements[element][position].strip()


def counts(said: str, there: int) -> bool:
    """Does the text say this number? Compared as text: `int` refuses thousands of digits.

    >>> counts("007", 7), counts("0", 0), counts("", 0), counts("9" * 5000, 7)
    (True, True, False, False)
    """
    return said.isdecimal() and said.lstrip("0") == str(there or "")
