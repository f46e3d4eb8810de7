"""An XML file → the children of its root, one after the other, each with its place and its bytes.

expat reads it: unlike libxml2 it counts bytes, and lines beyond 65,535. A document type is refused before
anything in it is read, so that there are no entities to expand and nothing to fetch. Names lose their
namespace prefix. Memory is bounded by one child: a longer one comes without its content, and says so.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from connectors.formats.opening import opened
from connectors.formats.trouble import Trouble, not_whole
from connectors.formats.xml_budget import LIMIT, ChildBudget
from etl.plugin import DataPlace, Problem, Refusal, Source

_BLOCK = 1 << 16
_KEPT = 1 << 20
_DEEPEST = 10_000
_TAG_END = 1024
_TAIL = 256


@dataclass(slots=True)
class Element:
    """`text` is what stands in the element itself, around its children; blanks at both ends are dropped.

    `line` is 1-based, `offset` and `end` are bytes from 0. An `oversize` element has no content.
    """

    name: str
    attributes: dict[str, str]
    line: int
    offset: int
    end: int = 0
    text: str = ""
    children: list[Element] = field(default_factory=list)
    oversize: bool = False

    def find(self, name: str) -> Element | None:
        """The first child of that name."""
        return next((child for child in self.children if child.name == name), None)

    def as_xml(self) -> str:
        """The element as XML, without namespaces, comments and blanks between elements."""
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        inner = "".join(child.as_xml() for child in self.children)
        return f"<{self.name}{attributes}>{escape(self.text)}{inner}</{self.name}>"


class XmlBroken(Exception):  # noqa: N818 - told by read_children after what stands before the break
    """Raised where the XML cannot be parsed any further; `offset` is where the unread rest begins.

    `cut`: the file ends before its root element does.
    """

    def __init__(self, message: str, line: int, offset: int, *, cut: bool = False) -> None:
        super().__init__(message)
        self.message, self.line, self.offset, self.cut = message, line, offset, cut

    def trouble(self, help_: str | None = None) -> Trouble:
        """E349; or NOT_WHOLE, which costs the records before it too."""
        if self.cut:
            return not_whole(f"it ends in line {self.line}, before the XML does")
        return Trouble("E349", self.message, help_)


def ends_in(tail: bytes, root: str) -> bool:
    """Do the last bytes of a file close its root? Then it was not cut off, whatever is wrong inside.

    >>> ends_in(b"</record></collection>\\n", "collection"), ends_in(b"</record>", "collection")
    (True, False)
    """
    found = re.search(rb"</(?:[\w.-]+:)?([\w.-]+)\s*>\s*\Z", tail.replace(b"\0", b""))
    return found is not None and found[1].decode() == root


def read_root(source: Source) -> str:
    """The name of the root element. Raises as `read_root_element`."""
    return read_root_element(source).name


def read_root_element(source: Source) -> Element:
    """The root element with its attributes, and nothing of what is in it.

    Raises Refusal: E349 (no XML) or NOT_WHOLE, E367 (a document type), E303, E300.
    """
    reader = _Reader(source.name, DataPlace(source.name))
    try:
        with opened(source) as stream:
            while not reader.root and (block := stream.read(_BLOCK)):
                reader.feed(block, final=False)
            if not reader.root:
                reader.feed(b"", final=True)
    except XmlBroken as broken:
        if not reader.root:  # else the break is further down, where read_children will come to it
            place = DataPlace(source.name, line=broken.line)
            raise Refusal(broken.trouble().at(place)) from broken
    return Element(reader.root, reader.said_by_root, 1, 0)


def read_children(source: Source, limit: int = LIMIT) -> Iterator[Element]:
    """The children of the root in file order.

    Raises XmlBroken behind the last whole child; Refusal E367 (a document type), E303 (unknown encoding).
    """
    reader = _Reader(source.name, DataPlace(source.name), limit)
    with opened(source) as stream:
        while not reader.ended:
            block = stream.read(_BLOCK)
            broken: XmlBroken | None = None
            try:
                reader.feed(block, final=not block)
            except XmlBroken as found:
                broken = found
            while reader.done:
                yield reader.done.popleft()
            if broken is not None:
                raise broken


def bytes_of(source: Source, element: Element) -> bytes:
    """The bytes of an element as they stand in the file, at most 1 MiB."""
    head = read_from(source, element.offset, min(element.end - element.offset + _TAG_END, _KEPT))
    at = element.end - element.offset
    if head[at : at + 4].replace(b"\0", b"")[:2] != b"</":
        return head[:at]  # an empty element, <Summary/>: expat gives its true end
    close = head.find(b">", at)
    wide = head[at + 1 : at + 2] == b"\0"  # UTF-16, low byte first
    return head[: close + 1 + wide] if close >= 0 else head


def read_from(source: Source, offset: int, length: int = _KEPT) -> bytes:
    """At most `length` bytes of the file from `offset` on."""
    with opened(source) as stream:
        if stream.seekable():
            stream.seek(offset)
            return stream.read(length)
        while offset > 0 and (passed := stream.read(min(offset, _BLOCK))):
            offset -= len(passed)
        return stream.read(length)


class _Reader:
    """Collects the children of the root while expat reads."""

    def __init__(self, file: str, place: DataPlace, limit: int = LIMIT) -> None:
        self.root = ""
        self.said_by_root: dict[str, str] = {}
        self.done: deque[Element] = deque()
        self.ended = False
        self._file, self._place, self._limit = file, place, limit
        self._tail = b""
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._budget = ChildBudget(limit)
        self._depth = self._fed = self._rest = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse_doctype

    def feed(self, block: bytes, *, final: bool) -> None:
        """Raises XmlBroken, Refusal."""
        self._fed += len(block)
        self._tail = (self._tail + block)[-_TAIL:]
        try:
            self._parser.Parse(block, final)
        except expat.ExpatError as error:
            reason = expat.errors.messages.get(error.code, "unknown reason")
            told = f"the XML is broken at line {error.lineno}, column {error.offset + 1}: {reason}"
            cut = final and not ends_in(self._tail, self.root)
            raise XmlBroken(told, error.lineno, self._rest_offset(), cut=cut) from error
        except (LookupError, ValueError) as error:  # what Python says of an encoding it cannot use
            told = f"the XML declares an encoding that cannot be read: {error}"
            raise Refusal(Problem("E303", told, data=self._place)) from error
        if self._fed - max(self._parser.CurrentByteIndex, 0) > self._limit + 2 * _BLOCK:
            self._give_up(f"a tag or comment is longer than {self._limit} bytes")
        self.ended = final

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        plain = {_local(key): value for key, value in attributes.items() if not key.startswith("xmlns")}
        if self._depth == 1:
            self.root, self.said_by_root = _local(name), plain
            return
        if self._depth > _DEEPEST:  # the parser keeps the name of each
            self._give_up(f"elements are nested more than {_DEEPEST} deep")
        offset = self._parser.CurrentByteIndex
        if self._depth == 2:
            self._budget.begin(offset)
        elif self._open[0].oversize:
            return
        self._budget.open(name)
        if self._open and self._is_too_much(offset):
            return
        self._open.append(Element(_local(name), plain, self._parser.CurrentLineNumber, offset))
        self._texts.append([])

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if (self._depth > 1 and self._open[0].oversize) or self._depth < 1:
            return
        element = self._open.pop()
        self._budget.close()
        element.text = "".join(self._texts.pop()).strip()
        element.end = self._parser.CurrentByteIndex
        if self._depth > 1:
            self._open[-1].children.append(element)
        else:
            self.done.append(element)
            self._rest = element.end

    def _text(self, text: str) -> None:
        if self._open and not self._is_too_much(self._parser.CurrentByteIndex):
            self._texts[-1].append(text)

    def _is_too_much(self, offset: int) -> bool:
        child = self._open[0]
        if not child.oversize and self._budget.is_exceeded(offset):
            child.oversize = True
            child.children.clear()
            del self._open[1:]
            self._texts = [[]]
        return child.oversize

    def _refuse_doctype(self, name: str, *_: object) -> None:
        told = f'the XML has a document type ("{name[:40]}"), which is not read: it can hide other content'
        help_ = "no vendor's order file needs one: ask where this file comes from"
        place = DataPlace(self._file, line=self._parser.CurrentLineNumber)
        raise Refusal(Problem("E367", told, data=place, help=help_))

    def _give_up(self, told: str) -> NoReturn:
        line = self._parser.CurrentLineNumber
        raise XmlBroken(f"the XML is not read beyond line {line}: {told}", line, self._rest_offset())

    def _rest_offset(self) -> int:
        return self._open[0].offset if self._open else self._rest


def _local(name: str) -> str:
    return name.rpartition(":")[2]
