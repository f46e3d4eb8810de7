"""MARCMaker text (.mrk, .mrk8) → its entries.

    =LDR  00000nam a2200000 a 4500
    =020  \\\\$a9789199999913
    =245  10$aVindens {uml}oar$bber{uml}attelser

A backslash is a blank in control fields and indicators. Characters that have a meaning in the format, and in
.mrk all that is not ASCII, are mnemonics in braces. A record begins at its leader (=LDR or =000) or after a
blank line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from connectors.formats.marc_bytes import MarcCodec, RecordText
from connectors.formats.marc_lines import Block, read_line_records
from connectors.formats.marc_parts_read import PathsRead
from connectors.formats.marc_record import Entry, Field, MarcRecord, Unreadable, indicators_of
from connectors.formats.marc_texts import odd_code
from connectors.formats.mrk_mnemonics import MNEMONIC, meaning
from connectors.formats.trouble import Trouble
from etl.plugin import Source

_FIELD = re.compile(rb"=([0-9A-Za-z]{3})(?: {1,2}|\t|$)(.*)", re.DOTALL)
_LEADERS = (b"=LDR", b"=000")
LIKE_MRK = re.compile(rb"(?:\xef\xbb\xbf)?\s*=(?:LDR|000|\d{3})(?: |\t)")


def read_mrk(
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
    return lambda line: not line or line.startswith(_LEADERS)


def _decode(
    codec: MarcCodec, tags: frozenset[str] | None, reads: PathsRead | None, block: Block
) -> tuple[MarcRecord, tuple[Trouble, ...]]:
    lines, notes = _joined(block)
    if not lines[0].startswith(_LEADERS):
        told = f'the record does not begin with =LDR but with "{_shown(lines[0])}"'
        help_ = "look for a blank line inside a record, or a leader that was lost"
        raise Unreadable(Trouble("E383", told, help_))
    chosen = codec.of(block.raw, lines[0][6:][9:10] == b"a")
    chosen.reads = reads
    record = MarcRecord("")
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            told = f'"{_shown(line)}" is no field: a line is  =TAG, two blanks, and the text'
            raise Unreadable(Trouble("E383", told))
        tag = match[1].decode("ascii")
        if line.startswith(_LEADERS):
            record.leader = chosen.of(match[2].replace(b"\\", b" "), "LDR")
        elif tags is None or tag in tags:
            record.fields.append(_field(tag, match[2], chosen, notes))
    codec.count(chosen)
    return record, (*notes, *chosen.notes)


def _joined(block: Block) -> tuple[list[bytes], list[Trouble]]:
    """A line that does not begin with = is the rest of the one before it: text with a line end in it."""
    lines: list[list[bytes]] = []
    notes: list[Trouble] = []
    for line in block.lines:
        if line.startswith(b"=") or not lines:
            lines.append([line])
        else:
            lines[-1].append(line)
            told = f'"{_shown(line)}" does not begin with =, and was read as the rest of the line before it'
            notes.append(Trouble("E383", told, field=lines[-1][0][1:4].decode("ascii", "replace")))
    return [b" ".join(pieces) for pieces in lines], notes


def _field(tag: str, data: bytes, codec: RecordText, notes: list[Trouble]) -> Field:
    if tag.startswith("00"):
        return Field(tag, _text(data.replace(b"\\", b" "), codec, tag, notes))
    first, *parts = data.split(b"$")
    indicators, trouble = indicators_of(tag, _text(first.replace(b"\\", b" "), codec, tag, notes))
    if trouble is not None:
        notes.append(trouble)
    subfields: list[tuple[str, str]] = []
    for part in parts:
        if part:
            code, width = chr(part[0]), 1
            if not "!" <= code <= "~":
                letter = codec.of(part, tag)[:1]
                width = len(letter.encode("utf-8")) if codec.codec == "utf-8" else 1
                code, trouble = odd_code(tag, letter)
                notes.append(trouble)
            subfields.append((code, _text(part[width:], codec, f"{tag}${code}", notes)))
    return Field(tag, "", indicators, tuple(subfields))


def _text(data: bytes, codec: RecordText, where: str, notes: list[Trouble]) -> str:
    if b"{" not in data:
        return codec.of(data, where)
    made: list[bytes] = []  # MARC-8 and the file's own encoding by turns, beginning with the latter
    at = 0
    for match in MNEMONIC.finditer(data):
        stands_for = meaning(match[1])
        if stands_for is None:
            told = f'{where}: "{match[0].decode()}" is no mnemonic of MARCMaker, and stays as it is written'
            notes.append(Trouble("E384", told, "a brace that is text is written {lcub} or {rcub}", where))
            continue
        made += [data[at : match.start()], stands_for]
        at = match.end()
    made.append(data[at:])
    if all(own.isascii() for own in made[::2]) or codec.codec == "marc-8":
        return codec.as_codec("marc-8", b"".join(made), where)
    return _mixed(made, codec, where)


def _mixed(made: list[bytes], codec: RecordText, where: str) -> str:
    """Mnemonics within UTF-8 text: an accent goes behind the letter that follows it."""
    text: list[str] = []
    accents: list[str] = []
    for index, piece in enumerate(made):
        if index % 2 == 0:
            if own := codec.of(piece, where):
                text += [own[:1], *accents, own[1:]]
                accents.clear()
        else:
            # With a letter behind it (one that no accent melts into), an accent can be decoded; it is taken
            # off again.
            found = codec.as_codec("marc-8", piece + b"q", where)
            if found[0] == "q":
                accents.append(found[1:])
            else:
                text.append(found[:-1])
    return codec.as_codec("utf-8", "".join([*text, *accents]).encode(), where)


def _shown(line: bytes) -> str:
    return line[:40].decode("utf-8", "backslashreplace")
