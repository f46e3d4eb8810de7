"""The bytes of one ISO 2709 record → a MarcRecord of the fields asked for, or why not.

The directory is the authority: a field is taken where it says, and only if a field end (1E) stands there
and nowhere before. The length in the leader is not needed for that, so a record whose length is wrong is
read, with a note. Text that cannot be decoded gives the record up rather than losing a character of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from connectors.formats.marc_bytes import MarcCodec, text_of
from connectors.formats.marc_record import Field, MarcRecord, Unreadable, indicators_of
from connectors.formats.trouble import Trouble
from etl.plugin import normalized

_DIRECTORY = re.compile(rb"(?:[ -~]{3}[0-9]{9})*")
_ENTRY = re.compile(r"(.{3})(.{4})(.{5})")
_FIELD_END, _SUBFIELD = b"\x1e", b"\x1f"


@dataclass(slots=True)
class Iso2709Decoder:
    """Decodes records. `encoding` is as in `MarcCodec.declared`; `tags` None: all fields."""

    encoding: str
    tags: frozenset[str] | None
    codec: MarcCodec = field(init=False)
    _notes: list[Trouble] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.codec = MarcCodec(self.encoding)

    @property
    def assumed(self) -> dict[str, int]:
        """How many records were read in an encoding that was found rather than said."""
        return self.codec.assumed

    def decode(self, raw: bytes) -> tuple[MarcRecord, tuple[Trouble, ...]]:
        """Raises Unreadable (E343 leader, E344 directory, E345 cut off, E346 text)."""
        self._notes = []
        base = self._base(raw)
        directory = raw[24 : base - 1]
        if not directory:
            raise Unreadable(Trouble("E344", "the directory is empty: the record has no fields"))
        if not _is_directory(directory):
            raise Unreadable(
                Trouble("E344", "the directory is damaged: it is no list of tags, lengths and places")
            )
        codec = self.codec.of(raw, raw[9:10] == b"a")
        record = MarcRecord(raw[:24].decode("ascii"))
        for tag, start, length in self._places(raw, base, directory.decode("ascii")):
            record.fields.append(self._field(tag, raw[start : start + length - 1], codec, start))
        listed, ended = len(directory) // 12, raw.count(_FIELD_END, base)
        if ended > listed:
            told = f"{ended} fields end in the record, but the directory lists {listed}: the rest is lost"
            self._notes.append(Trouble("E366", told, field="LDR"))
        return record, tuple(self._notes)

    def _places(self, raw: bytes, base: int, entries: str) -> list[tuple[str, int, int]]:
        """Tag, start and length (the field end included) of the fields asked for."""
        places: list[tuple[str, int, int]] = []
        tags = self.tags
        for tag, said_length, said_start in _ENTRY.findall(entries):
            if tags is None or tag in tags:
                start, length = base + int(said_start), int(said_length)
                if length == 0 or raw.find(_FIELD_END, start) != start + length - 1:
                    return self._places_in_order(raw, base, entries, tag)
                places.append((tag, start, length))
        if sum(length for _, _, length in places) > len(raw) - base:  # 75 MB out of 100 kB
            told = "the directory is damaged: fields lie over each other, and hold more than the record does"
            raise Unreadable(Trouble("E344", told, "ask the vendor to export again"))
        return places

    def _places_in_order(self, raw: bytes, base: int, entries: str, wrong: str) -> list[tuple[str, int, int]]:
        """The same when the directory is wrong about a place: text was re-encoded after it was written.

        The fields still stand in the order in which the directory places them. If there are as many field
        ends as entries, each is found by counting; if not, there is no telling which text belongs to which
        tag.
        """
        ends = [match.start() for match in re.finditer(_FIELD_END, raw[base:])]
        if len(ends) != len(entries) // 12:
            raise Unreadable(_misplaced(wrong))
        starts = [base, *(base + end + 1 for end in ends[:-1])]
        order = sorted(range(len(ends)), key=lambda n: int(entries[12 * n + 7 : 12 * n + 12]))
        found = {
            n: (start, base + end + 1 - start) for n, start, end in zip(order, starts, ends, strict=True)
        }
        told = "the directory is wrong about places; the fields were taken in the order it lists them"
        self._notes.append(Trouble("E366", told, field=wrong))
        tags = [tag for tag, _, _ in _ENTRY.findall(entries)]
        return [(tag, *found[n]) for n, tag in enumerate(tags) if self.tags is None or tag in self.tags]

    def _base(self, raw: bytes) -> int:
        if not raw.endswith(b"\x1d"):
            if not (raw.endswith(_FIELD_END) and raw[:5].isdigit() and int(raw[:5]) == len(raw) + 1):
                help_ = "ask the vendor to send the file again"
                raise Unreadable(Trouble("E345", "the record is cut off: it has no end mark (1D)", help_))
            told = "the record has no end mark (1D), but by its length and its last field it is complete"
            self._notes.append(Trouble("E360", told, field="LDR"))
            raw += b"\x1d"
        if not (raw[:24].isascii() and raw[:24].decode("ascii").isprintable()):
            raise Unreadable(Trouble("E343", f"the leader is damaged: {_show(raw[:24])}"))
        if not raw[:5].isdigit() or int(raw[:5]) != len(raw):
            told = f'the leader says the record is "{raw[:5].decode("ascii")}" bytes long; it is {len(raw)}'
            self._notes.append(Trouble("E360", told, field="LDR"))
        said = int(raw[12:17]) if raw[12:17].isdigit() else 0
        if 25 < said <= len(raw) and raw[said - 1 : said] == _FIELD_END:
            return said
        if _is_directory(raw[24 : said - 1]) and raw[said - 1 : said] == _SUBFIELD:
            told = f'the mark that ends the directory is "{raw[said - 1 : said].hex().upper()}", not "1E"'
            self._notes.append(Trouble("E360", told, field="LDR"))
            return said
        found = raw.find(_FIELD_END, 24) + 1
        if not found or (found - 25) % 12:
            raise Unreadable(
                Trouble("E344", "the directory is damaged: it does not end where the leader says")
            )
        told = (
            f'the leader says the fields begin at byte "{raw[12:17].decode("ascii")}"; they begin at {found}'
        )
        self._notes.append(Trouble("E360", told, field="LDR"))
        return found

    def _field(self, tag: str, data: bytes, codec: str, start: int) -> Field:
        if tag[:2] == "00" and tag.isdigit():
            return Field(tag, text_of(data, codec, tag, start))
        if data.isascii() and data[2:3] == _SUBFIELD and b"\x1f " not in data and b"\x1b" not in data:
            text = data.decode("ascii")
            return Field(
                tag, "", text[:2], tuple([(part[0], part[1:]) for part in text[3:].split("\x1f") if part])
            )
        first, *parts = data.split(_SUBFIELD)
        indicators = self._indicators(tag, first, codec, start)
        at = start + len(first) + 1
        subfields: list[tuple[str, str]] = []
        for part in parts:
            if part:
                code, width = chr(part[0]), 1
                if not "!" <= code <= "~":
                    code, width = self._odd_code(tag, part)
                subfields.append((code, text_of(part[width:], codec, f"{tag}${code}", at + width)))
            at += len(part) + 1
        return Field(tag, "", indicators, tuple(subfields))

    def _indicators(self, tag: str, first: bytes, codec: str, start: int) -> str:
        if len(first) == 2 and first.isascii():
            return first.decode("ascii")
        indicators, trouble = indicators_of(tag, text_of(first, codec, tag, start))
        if trouble is not None:
            self._notes.append(trouble)
        return indicators

    def _odd_code(self, tag: str, part: bytes) -> tuple[str, int]:
        """A code that is no ASCII character: á for a is met in records keyed on a Windows machine."""
        try:
            first = part.decode("utf-8")[0]
            width = len(first.encode("utf-8"))
        except UnicodeDecodeError:
            first, width = chr(part[0]), 1
        code = normalized("NFKD", first)[0]
        told = f'field {tag} has the subfield code "{first}", which is read as "{code}"'
        self._notes.append(Trouble("E365", told, field=tag))
        return code, width


def _is_directory(data: bytes) -> bool:
    return bool(data) and len(data) % 12 == 0 and _DIRECTORY.fullmatch(data) is not None


def _misplaced(tag: str) -> Trouble:
    return Trouble(
        "E344",
        f"the directory is wrong about field {tag}: no field begins and ends where it says",
        "the text was re-encoded after the directory was written; ask the vendor to export again",
        tag,
    )


def _show(data: bytes) -> str:
    return '"' + data.decode("ascii", "backslashreplace") + '"'
