"""An EDIFACT file → its messages, each whole or with the reason why not; and what is wrong around them.

A message is read in one piece, because only its last segment says how many it should have. Memory is bounded
by MESSAGE_LIMIT. Whatever stands outside of messages, or breaks one, comes out as a part with its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.formats.edifact_segments import RawSegment, Scanner, component, counts, elements_of
from connectors.formats.opening import opened, read_head
from connectors.formats.trouble import Trouble, not_whole
from etl.plugin import DataPlace, Problem, Refusal, Rejected, Source

MESSAGE_LIMIT = 16 << 20
"""Bytes; a quotation of 10,000 titles has about 5 MiB."""

_SEGMENTS = 1 << 19
"""Of one message: ends of segments alone would make a hundred times their length in memory."""
_KEPT = 1 << 20
_AROUND = frozenset({"UNA", "UNB", "UNG", "UNE", "UNZ"})
_STARTS = (b"UNA", b"UNB+", b"UNB\x1d")


@dataclass(slots=True)
class Interchange:
    """What UNB says. The password in it (element 6) is never kept."""

    syntax: str = ""
    sender: str = ""
    recipient: str = ""
    reference: str = ""
    test: bool = False
    messages: int = 0
    groups: int = 0

    @property
    def size(self) -> int:
        """Characters of what stands in every line of its messages."""
        return len(self.sender) + len(self.recipient) + len(self.reference)


@dataclass(slots=True)
class Part:
    """A message, or something that is none: then, and for a broken message, `trouble` says what.

    `line`, `offset` and `end` are those of its first and last segment; `counts` says that a closing count is
    wrong, and nothing else. Without segments and `trouble` it stands for an interchange.
    """

    interchange: Interchange
    line: int | None
    offset: int
    end: int
    segments: list[RawSegment] = field(default_factory=list)
    trouble: Trouble | None = None
    counts: Trouble | None = None

    def add(self, segment: RawSegment) -> None:
        """One more segment; none is kept of a part that is known to be broken."""
        self.end = segment.end
        if self.trouble is None and self.end - self.offset > MESSAGE_LIMIT:
            self.trouble = Trouble("E397", f"the message is longer than {MESSAGE_LIMIT >> 20} MiB")
        if self.trouble is None and len(self.segments) == _SEGMENTS:
            self.trouble = Trouble("E397", f"the message has more than {_SEGMENTS} segments")
        if self.trouble is None:
            self.segments.append(segment)
        else:
            self.segments.clear()


def check_beginning(source: Source) -> None:
    """Raises Refusal: E300–E302 as `read_head`, E395 when this is no EDIFACT."""
    head = read_head(source)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x0b\x0c\x1a\0")[:4]
    if not start.startswith(_STARTS):
        told = "the file does not begin with UNA or UNB, as an EDIFACT interchange does"
        help_ = "is it the file that the vendor sent, not one taken out of a mail or saved as UTF-16?"
        raise Refusal(Problem("E395", told, data=DataPlace(source.name, line=1), help=help_))


def read_parts(source: Source) -> Iterator[Part]:
    """In file order. Raises Refusal: E300–E302, E395."""
    check_beginning(source)
    with opened(source) as stream:
        if stream.read(3) != b"\xef\xbb\xbf":
            stream.seek(0)
            skipped = 0
        else:
            skipped = 3
        yield from _Assembler(skipped).parts(Scanner(stream))


def bytes_of(source: Source, offset: int, end: int) -> bytes:
    """The file from `offset` to `end`, at most 1 MiB of it: the bytes of what is rejected."""
    with opened(source) as stream:
        stream.seek(offset)
        return stream.read(min(end - offset, _KEPT))


class _Assembler:
    """Collects segments into parts."""

    def __init__(self, skipped: int) -> None:
        self._skipped = self._end = skipped
        self._interchange = Interchange()
        self._within = False  # between UNB and UNZ
        self._part: Part | None = None
        self._message = False  # the part is a message, not something outside of one

    def parts(self, scanner: Scanner) -> Iterator[Part]:
        for raw in scanner:
            shift = self._skipped
            segment = raw._replace(offset=raw.offset + shift, end=raw.end + shift)
            self._end = segment.end
            tag = segment.tag if segment.complete or segment.data.startswith(b"UNA") else ""
            if tag == "UNH" or tag in _AROUND:
                yield from self._close()
            if tag in _AROUND:
                yield from self._around(tag, segment)
            else:
                yield from self._inside(tag, segment)
        yield from self._close(ended=True)
        if self._within:
            yield from self._unended(None)

    def _inside(self, tag: str, segment: RawSegment) -> Iterator[Part]:
        if self._part is None:
            self._part = Part(self._interchange, segment.line, segment.offset, segment.end)
            self._message = tag == "UNH"
            if self._message:
                self._interchange.messages += 1
            if self._message and not self._within:
                self._part.trouble = Trouble(
                    "E397", "no UNB stands before the message", "ask for the whole file"
                )
        part = self._part
        if self._message and not tag and part.trouble is None:
            part.trouble = _no_segment(segment)
        part.add(segment)
        if tag == "UNT" and self._message:
            if part.trouble is None:
                part.counts = _miscounted(part)
            self._part = None
            yield part

    def _close(self, ended: bool = False) -> Iterator[Part]:
        part, self._part = self._part, None
        if part is None:
            return
        if self._message:
            where = "the file ends" if ended else "another segment begins"
            help_ = "the transfer was cut off, or a segment was lost: ask for the message again"
            told = f"the message has no UNT: {where} before it is complete"
            part.trouble = part.trouble or Trouble("E397", told, help_)
        else:
            told = "something stands outside of any message"
            part.trouble = Trouble("E397", told, "a message begins with UNH and ends with UNT")
        yield part

    def _around(self, tag: str, segment: RawSegment) -> Iterator[Part]:
        elements = elements_of(segment, "latin-1")  # has a character for every byte
        if tag == "UNA" and not segment.complete:
            told = "the UNA of an interchange is damaged: which characters separate is not known"
            yield self._told(segment, Trouble("E397", told, "ask for the interchange again"))
        elif tag == "UNB":
            if self._within:
                yield from self._unended(segment)
            self._interchange, self._within = _interchange(elements), True
        elif tag == "UNG":
            self._interchange.groups += 1
        elif tag == "UNZ":
            trouble = _miscounted_interchange(self._interchange, self._within, elements)
            self._within = False
            if trouble is not None:
                yield self._told(segment, trouble)

    def _unended(self, segment: RawSegment | None) -> Iterator[Part]:
        where = "the next begins" if segment else "the file ends"
        name = self._interchange.reference
        told = f'the interchange "{name}" has no UNZ before {where}'
        line, offset = (segment.line, segment.offset) if segment else (None, self._end)
        part = Part(self._interchange, line, offset, offset)
        part.counts = not_whole(told)
        self._within = False
        yield part

    def _told(self, segment: RawSegment, trouble: Trouble) -> Part:
        part = Part(self._interchange, segment.line, segment.offset, segment.end)
        if trouble.code == Rejected.NOT_WHOLE:
            part.counts = trouble
        else:
            part.trouble = trouble
        return part


def _no_segment(segment: RawSegment) -> Trouble:
    if not segment.complete:
        return Trouble("E397", "a segment has no end mark", "characters were lost: ask for the message again")
    shown = segment.data[:20].decode("latin-1").encode("unicode_escape").decode("ascii")
    told = f'"{shown}" is no segment: it does not begin with three capital letters'
    help_ = f"see line {segment.line}: an end mark inside a text is written ?'"
    return Trouble("E397", told, help_)


def _interchange(unb: tuple[tuple[str, ...], ...]) -> Interchange:
    return Interchange(
        syntax=component(unb, 1).upper(),
        sender=component(unb, 2),
        recipient=component(unb, 3),
        reference=component(unb, 5),
        test=component(unb, 11) == "1",
    )


def _miscounted(part: Part) -> Trouble | None:
    head, foot = (elements_of(part.segments[at], "latin-1") for at in (0, -1))
    count, there = component(foot, 1), len(part.segments)
    if not counts(count, there):
        told = f'UNT counts "{count[:20]}" segments, and the message has {there}'
        return Trouble("E398", told, "segments were lost or added: ask for the message again")
    opened_as, closed_as = component(head, 1), component(foot, 2)
    if opened_as != closed_as:
        told = f'the message begins as "{opened_as}" and ends as "{closed_as}": two may have run together'
        return Trouble("E398", told, "ask for the message again")
    return None


def _miscounted_interchange(
    interchange: Interchange, within: bool, unz: tuple[tuple[str, ...], ...]
) -> Trouble | None:
    if not within:
        return Trouble("E397", "UNZ ends an interchange that never began", "ask for the file again")
    groups, messages = (interchange.groups, "groups"), (interchange.messages, "messages")
    there, what = groups if interchange.groups else messages
    count, reference = component(unz, 1), component(unz, 2)
    if not counts(count, there):
        return not_whole(f'UNZ counts "{count[:20]}" {what}, and the interchange has {there}')
    if reference != interchange.reference:
        return not_whole(f'the interchange begins as "{interchange.reference}" and ends as "{reference}"')
    return None
