"""Aleph sequential → its entries.

    000000002 LDR   L 00000nam^a2200301^i^4500
    000000002 24510 L $$aVindens öar$$bberättelser
    000000002 5050  L $$9^^$$athe rest of a field that was too long for one line

System number, tag, indicators, a letter for the script, and the text. `^` is a blank in control fields.
Lines with one system number are one record. Aleph cuts long fields: `$$9^^` continues the subfield before
it, `$$9^` the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from connectors.formats.marc_bytes import MarcCodec, RecordText
from connectors.formats.marc_lines import Block, read_line_records
from connectors.formats.marc_parts_read import PathsRead
from connectors.formats.marc_record import Entry, Field, MarcRecord, Unreadable
from connectors.formats.trouble import Trouble
from etl.plugin import Source

_FIELD = re.compile(rb"(\d{9,18}) ([0-9A-Z]{3})([ -~]{2}) ([A-Z]) (.*)", re.DOTALL)
_BARE = re.compile(rb"(\d{9,18}) ([0-9A-Z]{3})([ -~]{2}) ([A-Z])()", re.DOTALL)  # blanks at the end were cut
_HEAD = re.compile(rb"(\d{9,18}) (...)", re.DOTALL)
_HEADS = (b"LDR", b"FMT")
_REST = re.compile(rb"\$\$9(\^\^?)(?=\$\$|\Z)")
_PART = re.compile(rb"\$\$(?=[0-9A-Za-z])")
LIKE_ALEPH = re.compile(rb"(?:\xef\xbb\xbf)?\s*\d{9,18} [0-9A-Z]{3}.{2} [A-Z] ")


def read_aleph(
    source: Source,
    codec: MarcCodec,
    tags: frozenset[str] | None,
    limit: int,
    reads: PathsRead | None = None,
) -> Iterator[Entry]:
    """One entry per record; `tags` None: all fields; `reads` as in `RecordText`. `limit` bounds a record, in
    bytes.
    """
    return read_line_records(source, _begins, partial(_decode, codec, tags, reads), codec, limit)


def _begins() -> Callable[[bytes], bool]:
    """At another system number, or when leader or format come a second time."""
    number, heads = b"", set[bytes]()

    def begins(line: bytes) -> bool:
        nonlocal number
        found = _HEAD.match(line)
        if found is None:
            return False
        head = found[2]
        another = found[1] != number or head in heads
        if another:
            number = found[1]
            heads.clear()
        if head in _HEADS:
            heads.add(head)
        return another

    return begins


def _decode(
    codec: MarcCodec, tags: frozenset[str] | None, reads: PathsRead | None, block: Block
) -> tuple[MarcRecord, tuple[Trouble, ...]]:
    fields = _fields(block)
    leader = next((data for tag, _, data in fields if tag == "LDR"), b"")
    text = codec.of(block.raw, leader[9:10] == b"a")
    text.reads = reads
    record = MarcRecord("")
    for tag, indicators, data in fields:
        if tag == "LDR":
            record.leader = text.of(data.replace(b"^", b" "), tag)
        elif tags is None or tag in tags:
            record.fields.append(_field(tag, indicators, data, text))
    codec.count(text)
    return record, tuple(text.notes)


def _fields(block: Block) -> list[tuple[str, str, bytes]]:
    """Tag, indicators and text of each field, continued lines joined."""
    fields: list[tuple[str, str, list[bytes]]] = []
    for line in block.lines:
        match = _FIELD.fullmatch(line) or _BARE.fullmatch(line)
        if match is None:
            shown = line[:40].decode("utf-8", "backslashreplace")
            told = f'"{shown}" is no field: system number, tag, indicators, a letter and the text'
            raise Unreadable(Trouble("E383", told, "look for line ends inside a field"))
        tag, indicators, data = match[2].decode("ascii"), match[3].decode("ascii"), match[5]
        rest = _REST.match(data)
        if rest and fields and fields[-1][:2] == (tag, indicators):
            pieces = fields[-1][2]
            if pieces[-1].endswith(b"^"):
                pieces[-1] = pieces[-1][:-1] + b" "
            if more := data[rest.end() + 3 * (rest[1] == b"^^") :]:
                pieces.append(more)
        else:
            fields.append((tag, indicators, [data]))
    return [(tag, indicators, b"".join(pieces)) for tag, indicators, pieces in fields]


def _field(tag: str, indicators: str, data: bytes, text: RecordText) -> Field:
    first, *parts = _PART.split(data)
    if tag.startswith("00") or tag == "FMT":
        return Field(tag, text.of(data.replace(b"^", b" "), tag))
    if first:
        told = f"field {tag} has text before its first subfield"
        raise Unreadable(Trouble("E383", told, "subfields begin with $$ and their code", tag))
    subfields: list[tuple[str, str]] = []
    for part in parts:
        code = chr(part[0])
        if b"$$" in part:
            told = f"{tag}${code} has $$ and no code after it, which is read as a part of its text"
            text.notes.append(Trouble("E365", told, field=f"{tag}${code}"))
        subfields.append((code, text.of(part[1:], f"{tag}${code}")))
    return Field(tag, "", indicators, tuple(subfields))
