"""Physical lines → the records of a delimited text, good and broken, in file order.

RFC 4180 as Python's csv module reads it in strict mode:

- a cell that begins with the quote may hold delimiters, line ends and doubled quotes;
- a quote inside an unquoted cell is an ordinary character (`6" nails`);
- text after a closing quote breaks the record;
- a quote that never closes breaks the line it stands on and no other: reading goes on at the next line.

A quoted cell that runs over several lines and holds lines that look exactly like whole rows is not
believed: that is what an unclosed quote in one title and a stray quote in a later one make, and taking it
at its word would turn several orders into one.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from connectors.formats.text_lines import Line
from connectors.formats.trouble import Trouble, not_whole

_IN_VAIN = 16


class Record(NamedTuple):
    """One record: either `cells` or `trouble`. `text` is decoded, `raw` are the bytes (cut when huge).

    `line` is the row of a sheet, which has no `offset`. Only the last line can be one that is not `ended`:
    nothing stands behind it, not even a line end.
    """

    line: int
    offset: int | None
    raw: bytes
    text: str
    cells: list[str]
    trouble: Trouble | None = None
    ended: bool = True

    def misread(self, trouble: Trouble) -> Trouble:
        """Why it cannot be used: `trouble`, or what that shows of a last line without its end."""
        if self.ended or self.line == 1 or trouble.code not in _CUT:
            return trouble
        return not_whole(f"it ends in line {self.line}, without a line end, and {trouble.message}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How rows are written. `quote` is None when quotes mean nothing; `limit` bounds a record, in bytes."""

    delimiter: str
    quote: str | None
    codec: str
    limit: int


class DelimitedReader:
    """Iterates over the records of `lines`. Blank lines are no records.

    `width` is the number of columns, once the caller knows it.
    """

    def __init__(self, lines: Iterable[Line], dialect: Dialect) -> None:
        self._lines = iter(lines)
        self._again: deque[Line] = deque()
        self._dialect = dialect
        # One reader for the many records whose quotes open and close on one line; it asks for a second line
        # by popping from an empty list, and the IndexError comes back out of it.
        self._single: list[str] = []
        self._cells = csv.reader(
            iter(self._single.pop, None), strict=True, delimiter=dialect.delimiter, quotechar=dialect.quote
        )
        self.width: int | None = None
        self._vain = _InVain()
        # The module's limit on one cell (128 KiB) is global; ours is on the record and is counted below.
        csv.field_size_limit(max(csv.field_size_limit(), dialect.limit))

    def __iter__(self) -> Iterator[Record]:
        codec, quote, delimiter = self._dialect.codec, self._dialect.quote, self._dialect.delimiter
        while (line := self._next()) is not None:
            raw, offset, number, size = line
            if size > len(raw):
                yield Record(number, offset, raw, "", [], _too_long(size, len(raw)))
                continue
            try:
                text = raw.decode(codec)
            except UnicodeDecodeError as error:
                ended = raw.endswith((b"\n", b"\r"))
                yield Record(number, offset, raw, "", [], _undecodable(error, codec, offset), ended)
                continue
            bare = text.rstrip("\r\n")
            ended = len(bare) < len(text)
            if not bare or bare == "\x1a":  # Ctrl-Z: how DOS tools mark the end of a file
                continue
            if "\0" in bare:
                yield Record(number, offset, raw, bare, [], _NUL, ended)
            elif quote is not None and quote in bare:
                yield self._quoted(line, text, ended)
            else:
                yield Record(number, offset, raw, bare, bare.split(delimiter), None, ended)

    def _next(self) -> Line | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _quoted(self, first: Line, text: str, ended: bool) -> Record:
        if "\0" not in text:
            self._single.append(text)
            try:
                cells = next(self._cells)
                return Record(first.number, first.offset, first.raw, text.rstrip("\r\n"), cells, None, ended)
            except (csv.Error, IndexError):
                self._single.clear()  # broken, or going on over the next lines
        if self._vain.is_hopeless(first):
            return Record(
                first.number, first.offset, first.raw, text.rstrip("\r\n"), [], _unclosed(first.number)
            )
        taken, texts = [first], [text]
        asked: list[bool] = []
        dialect = self._dialect
        rows = csv.reader(
            self._feed(taken, texts, asked), strict=True, delimiter=dialect.delimiter, quotechar=dialect.quote
        )
        try:
            cells = next(rows)
        except csv.Error:
            self._again.extendleft(reversed(taken[1:]))
            self._vain.add(taken)
            trouble = _unclosed(first.number) if asked else _TEXT_AFTER_QUOTE
            return Record(first.number, first.offset, first.raw, text.rstrip("\r\n"), [], trouble, ended)
        joined = "".join(texts).rstrip("\r\n")
        found = _NUL if "\0" in joined else None
        if asked and self._holds_whole_rows(texts):
            found = _swallowed(first.number, taken[-1].number)
        raw = b"".join(line.raw for line in taken)
        ended = texts[-1].endswith(("\n", "\r"))
        return Record(first.number, first.offset, raw, joined, [] if found else cells, found, ended)

    def _feed(self, taken: list[Line], texts: list[str], asked: list[bool]) -> Iterator[str]:
        """Lines for as long as the csv module asks for them, up to the limit of one record."""
        yield texts[0]
        asked.append(True)
        size = taken[0].size
        while (line := self._next()) is not None:
            size += line.size
            text = _decoded(line, self._dialect.codec)
            if size > self._dialect.limit or text is None:
                self._again.appendleft(line)
                return
            taken.append(line)
            texts.append(text)
            yield text

    def _holds_whole_rows(self, texts: list[str]) -> bool:
        if self.width is None or self.width < 3:
            return False
        counts = [text.count(self._dialect.delimiter) for text in texts]
        full = self.width - 1
        return full in counts[1:-1] or counts[0] == counts[-1] == full


class _InVain:
    """Lines that were read for a quote that does not close there, to be read again one by one.

    Where line after line opens a quote and none closes, each would have all that follow read again. So such a
    stretch is read `_IN_VAIN` times over and no more: its other lines then stand alone.
    """

    def __init__(self) -> None:
        self._last = self._bytes = self._read = 0

    def add(self, lines: list[Line]) -> None:
        if lines[0].number > self._last:
            self._bytes = self._read = 0
        self._read += sum(line.size for line in lines)
        self._bytes += sum(line.size for line in lines if line.number > self._last)
        self._last = max(self._last, lines[-1].number)

    def is_hopeless(self, line: Line) -> bool:
        return line.number <= self._last and self._read > _IN_VAIN * self._bytes


def _decoded(line: Line, codec: str) -> str | None:
    if line.size > len(line.raw):
        return None
    try:
        return line.raw.decode(codec)
    except UnicodeDecodeError:
        return None


_NUL = Trouble(
    "E314",
    "the record contains a NUL character",
    "the file was damaged in transfer; ask for it to be sent again",
)
_TEXT_AFTER_QUOTE = Trouble(
    "E312",
    "a quoted cell is followed by text where a delimiter should stand",
    'quotes inside a quoted cell are doubled: "a ""big"" word"; if they mean nothing here, set  quote: none',
)


_CUT = frozenset({"E310", "E313", "E316"})
"""What a cut leaves of a line: too few cells, an open quote, half a character."""


def _unclosed(line: int) -> Trouble:
    return Trouble(
        "E313",
        f"the quote opened on line {line} is not closed where a cell ends",
        "only this line is rejected; if quotes mean nothing in this file, set  quote: none",
    )


def _swallowed(first: int, last: int) -> Trouble:
    return Trouble(
        "E317",
        f"the quoted cell from line {first} to line {last} holds what look like whole rows",
        "look for a quote that is never closed; if quotes mean nothing in this file, set  quote: none",
    )


def _too_long(size: int, kept: int) -> Trouble:
    return Trouble(
        "E315",
        f"the line is {size} bytes long; only the first {kept} are kept in the report",
        "if a record really is that long, raise  max_record_bytes",
    )


def _undecodable(error: UnicodeDecodeError, codec: str, offset: int) -> Trouble:
    found = error.object[error.start : max(error.end, error.start + 1)].hex(" ").upper()
    return Trouble(
        "E316",
        f'the bytes "{found}" at byte {offset + error.start} are no text in {codec}',
        "ask the vendor for one encoding throughout, or set  encoding  to the one the file is in",
    )
