"""A file in ISO 2709 → its entries, in file order."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial

from connectors.formats.iso2709 import Iso2709Decoder
from connectors.formats.iso2709_chunks import Chunk, read_chunks
from connectors.formats.marc_record import Entry, Unreadable
from connectors.formats.marc_texts import look_over
from connectors.formats.opening import opened
from connectors.formats.trouble import Trouble
from etl.plugin import Source

SAMPLE = 4 << 20
"""From so many bytes the usual 8-bit set of a file is learnt."""


def read_iso2709(source: Source, decoder: Iso2709Decoder, limit: int) -> Iterator[Entry]:
    """One entry per record, readable or not. `limit` bounds a record, in bytes."""
    if decoder.encoding == "auto":
        with opened(source) as stream:
            first = read_chunks(io.BytesIO(stream.read(SAMPLE)), limit)
            decoder.codec.learn(chunk.raw for chunk in first if chunk.raw[9:10] != b"a")
    with opened(source) as stream:
        for chunk in read_chunks(stream, limit):
            yield _entry(chunk, decoder)


def _entry(chunk: Chunk, decoder: Iso2709Decoder) -> Entry:
    raw, offset, size = chunk
    keep = partial(bytes, raw)
    if size > len(raw):
        told = f"the record is {size} bytes long; only the first {len(raw)} are kept in the report"
        help_ = "no MARC record is longer than 99999 bytes: the file is damaged from here on"
        return Entry(None, offset, keep, None, Trouble("E348", told, help_))
    try:
        record, notes = decoder.decode(raw)
    except Unreadable as given_up:
        return Entry(None, offset, keep, None, given_up.trouble)
    return Entry(None, offset, keep, record, None, (*notes, *look_over(record)))
