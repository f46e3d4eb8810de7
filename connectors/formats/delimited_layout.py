"""A delimited file and what was declared about it → how it is laid out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice

from connectors.formats.delimited import DelimitedReader, Dialect, Record
from connectors.formats.delimiters import Delimiter, find_delimiter
from connectors.formats.header import Header, lines_above, name_columns
from connectors.formats.opening import HEAD, opened, read_head
from connectors.formats.text_encoding import TextEncoding, find_encoding
from connectors.formats.text_lines import read_lines
from connectors.formats.trouble import without_line_end
from etl.plugin import DataPlace, Problem, Refusal, Severity, Source


@dataclass(frozen=True, slots=True)
class Declared:
    """What the mapping says about the file; "auto" and None leave it to be found."""

    encoding: str
    fallback_encoding: str
    delimiter: str
    quote: str | None
    header: bool
    skip_lines: int
    limit: int
    columns: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is written: found once per source, before the first record."""

    encoding: TextEncoding
    delimiter: Delimiter
    header: Header


def find_layout(source: Source, declared: Declared) -> Layout:
    """Raises Refusal: E300–E303 unusable as text, E305 no delimiter, E306–E307 header against `columns`."""
    with _begin(source, declared) as (encoding, delimiter, records, above):
        return Layout(encoding, delimiter, _header(source, declared, next(records), above))


@contextmanager
def records_of(source: Source, declared: Declared) -> Iterator[tuple[Layout, Iterator[Record]]]:
    """The layout and the data records (the header is not among them)."""
    with _begin(source, declared) as (encoding, delimiter, records, above):
        first = next(records)
        header = _header(source, declared, first, above)
        rest = records if declared.header else chain([first], records)
        yield Layout(encoding, delimiter, header), rest


@contextmanager
def _begin(
    source: Source, declared: Declared
) -> Iterator[tuple[TextEncoding, Delimiter, Iterator[Record], int]]:
    """With how many lines are to be passed over for the header, if more than are."""
    encoding = find_encoding(source, declared.encoding, declared.fallback_encoding)
    head = read_head(source)
    text = head[encoding.mark :].decode(encoding.codec, "replace")
    if len(head) == HEAD:
        # The last line of the sample may be half a line.
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    delimiter = find_delimiter(source.name, text, declared.delimiter, declared.quote, declared.skip_lines)
    dialect = Dialect(delimiter.character, declared.quote, encoding.codec, declared.limit)
    skip = max(declared.skip_lines, int(delimiter.sep_line))
    with opened(source) as stream:
        reader = DelimitedReader(islice(read_lines(stream, encoding, declared.limit), skip, None), dialect)
        records = iter(reader)
        first = next(records, None)
        if first is None:
            help_ = f"skip_lines passes over the first {skip} lines" if skip else None
            told = "the file has no header and no records"
            raise Refusal(Problem("E301", told, data=DataPlace(source.name), help=help_))
        reader.width = len(first.cells) or None
        rows = (line.split(delimiter.character) for line in text.splitlines()[skip:])
        above = lines_above(rows) if declared.header else 0
        yield encoding, delimiter, chain([first], records), skip + above if above else 0


def _header(source: Source, declared: Declared, first: Record, above: int) -> Header:
    place = DataPlace(source.name, line=first.line)
    if first.trouble is not None:
        told = f"the header cannot be read: {first.trouble.message}"
        raise Refusal(first.trouble._replace(message=told).at(place))
    if declared.header:
        header = name_columns(first.cells, declared.columns, place, above)
        if first.ended:
            return header
        bare = without_line_end(first.line)._replace(message="the header has no line end: no row follows it")
        return replace(header, notes=(*header.notes, bare.at(place, Severity.WARNING)))
    numbered = [f"column_{number}" for number in range(1, len(first.cells) + 1)]
    return name_columns(numbered, declared.columns, place)
