"""A JSON file → its documents, in file order, with the line and byte of whatever is in them.

A document is a value at the top: the one value of the file, a line of JSON lines, or a member of the list
around them all. What cannot be read is a document too, with the reason and its bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from connectors.formats.json_chunks import JsonChunk, read_json_chunks
from connectors.formats.json_values import BrokenJson, JsonReader, JsonValue
from connectors.formats.opening import looks_binary, opened, read_head
from connectors.formats.text_encoding import TextEncoding, find_encoding
from connectors.formats.trouble import Trouble, not_whole
from etl.plugin import DataPlace, Problem, Refusal, Source

_BEGINS = re.compile(rb"[\s\0\x1a]*([\[{])?")


@dataclass(slots=True)
class JsonDocument:
    """`trouble` says why there is no `value`; `troubles` are those of its parts, by position in the text."""

    raw: bytes
    line: int
    offset: int
    codec: str
    value: JsonValue = None
    text: str = ""
    trouble: Trouble | None = None
    troubles: list[tuple[int, Trouble]] = field(default_factory=list)
    _seen: tuple[int, int, int] = (0, 0, 0)

    def place_of(self, position: int) -> tuple[int, int]:
        """(line, byte offset) of a character of the text. Quick when asked in rising order."""
        at, lines, size = self._seen if self._seen[0] <= position else (0, 0, 0)
        passed = self.text[at:position]
        self._seen = (position, lines + passed.count("\n"), size + self._size(passed))
        return self.line + self._seen[1], self.offset + self._seen[2]

    def raw_of(self, span: tuple[int, int]) -> bytes:
        """The bytes of a part, as they stood in the file."""
        return self.text[span[0] : span[1]].encode(self.codec)

    def troubles_in(self, span: tuple[int, int]) -> list[Trouble]:
        """What is wrong inside a part."""
        first, last = (bisect_left(self.troubles, at, key=itemgetter(0)) for at in span)
        return [trouble for _, trouble in self.troubles[first:last]]

    def troubles_outside(self, spans: list[tuple[int, int]]) -> list[Trouble]:
        """What is wrong in none of these parts, which stand in rising order."""
        ends, starts = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(self.text)]
        between = zip(ends, starts, strict=True)
        return [trouble for gap in between for trouble in self.troubles_in(gap)] if self.troubles else []

    def _size(self, text: str) -> int:
        return len(text) if text.isascii() else len(text.encode(self.codec))


def find_json(source: Source, encoding: str, fallback: str) -> TextEncoding:
    """The encoding of a file that begins like JSON; `encoding` is a codec or "auto".

    Raises Refusal: E300–E303 unusable as text, E301 nothing but blanks, E370 no JSON.
    """
    head = read_head(source)
    if looks_binary(head) and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refusal(Problem("E302", "this is not a text file", data=DataPlace(source.name)))
    found = find_encoding(source, encoding, fallback)
    place = DataPlace(source.name)
    if not found.splits_as_bytes:
        told = f"the file is in {found.codec}; JSON is read in UTF-8 and 8-bit encodings"
        raise Refusal(Problem("E303", told, data=place, help="ask for UTF-8, which the standard demands"))
    start = _BEGINS.match(head, found.mark)
    if start is None or start[1] is None:
        rest = head[start.end() if start else 0 :]
        if not rest:
            raise Refusal(Problem("E301", "the file has nothing but blanks in it", data=place))
        shown = rest[:20].decode(found.codec, "backslashreplace").split("\n")[0].strip()
        told = f'this is not JSON: it begins with "{shown}", and not with {{ or ['
        raise Refusal(Problem("E370", told, data=place, help="name the connector of the file's own format"))
    return found


def read_json(source: Source, encoding: TextEncoding, limit: int) -> Iterator[JsonDocument]:
    """Every document of the source; one longer than `limit` bytes is not read (E372)."""
    with opened(source) as stream:
        stream.read(encoding.mark)
        for chunk in read_json_chunks(stream, limit):
            yield _document(chunk, encoding)


def _document(chunk: JsonChunk, encoding: TextEncoding) -> JsonDocument:
    document = JsonDocument(chunk.raw, chunk.line, encoding.mark + chunk.offset, encoding.codec)
    if chunk.unclosed:
        document.trouble = not_whole("it ends before the list of documents does")
    elif chunk.size > len(chunk.raw):
        told = (
            f"the document is {chunk.size} bytes long; only the first {len(chunk.raw)} are kept in the report"
        )
        document.trouble = Trouble(
            "E372", told, "set  max_document_bytes  if orders are really as long as that"
        )
    else:
        _parse(document)
    return document


def _parse(document: JsonDocument) -> None:
    try:
        document.text = document.raw.decode(document.codec)
    except UnicodeDecodeError as error:
        found = error.object[error.start : max(error.end, error.start + 1)].hex(" ").upper()
        told = f'the bytes "{found}" at byte {document.offset + error.start} are no text in {document.codec}'
        document.trouble = Trouble("E316", told)
        return
    reader = JsonReader(document.text)
    try:
        document.value = reader.read()
        document.troubles = reader.troubles
    except BrokenJson as broken:
        end = len(document.text.rstrip())
        line, offset = document.place_of(min(broken.position, end))
        cut = "ask for the file again: a cut-off transfer ends so" if broken.position >= end else None
        told = f"the JSON is broken at line {line}, byte {offset}: {broken.message}"
        if broken.code != "E370":
            told = f"line {line}: {broken.message}"
        document.trouble = Trouble(broken.code, told, cut)
