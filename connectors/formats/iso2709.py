"""The bytes of one ISO 2709 record → a MarcRecord of the fields asked for, or why not.

The directory is the authority: a field is taken where it says, and only if a field end (1E) stands there
and nowhere before. The length in the leader is not needed for that, so a record whose length is wrong is
read, with a note. Text that cannot be decoded gives the record up rather than losing a character of it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from connectors.formats.marc8 import NotMarc8, decode_marc8
from connectors.formats.marc_record import Field, MarcRecord, Unreadable
from connectors.formats.trouble import Trouble

_DIRECTORY = re.compile(rb"(?:[ -~]{3}[0-9]{9})*")
_FIELD_END, _SUBFIELD = b"\x1e", b"\x1f"
_CODECS = {"utf-8": "utf-8", "latin-1": "iso-8859-1"}


@dataclass(slots=True)
class Iso2709Decoder:
    """Decodes records. `encoding` is auto, utf-8, marc-8 or latin-1; `tags` None: all fields.

    With auto, leader/09 "a" means UTF-8. A blank means MARC-8 by the standard, but records re-encoded
    without touching the leader are common: bytes that are valid UTF-8 are taken as that. `assumed` counts
    both kinds of guess.
    """

    encoding: str
    tags: frozenset[str] | None
    assumed: dict[str, int] = field(default_factory=dict)
    _notes: list[Trouble] = field(default_factory=list)

    def decode(self, raw: bytes) -> tuple[MarcRecord, tuple[Trouble, ...]]:
        """Raises Unreadable (E343 leader, E344 directory, E345 cut off, E346 text)."""
        self._notes = []
        base = self._base(raw)
        directory = raw[24 : base - 1]
        if len(directory) % 12 or not _DIRECTORY.fullmatch(directory):
            raise Unreadable(
                Trouble("E344", "the directory is damaged: it is no list of tags, lengths and places")
            )
        if not directory:
            raise Unreadable(Trouble("E344", "the directory is empty: the record has no fields"))
        codec = self._codec(raw)
        record = MarcRecord(raw[:24].decode("ascii"))
        for tag, start, length in self._places(raw, base, directory.decode("ascii")):
            record.fields.append(self._field(tag, raw[start : start + length - 1], codec, start))
        return record, tuple(self._notes)

    def _places(self, raw: bytes, base: int, entries: str) -> list[tuple[str, int, int]]:
        """Tag, start and length (the field end included) of the fields asked for."""
        places: list[tuple[str, int, int]] = []
        tags = self.tags
        for at in range(0, len(entries), 12):
            tag = entries[at : at + 3]
            if tags is None or tag in tags:
                start, length = base + int(entries[at + 7 : at + 12]), int(entries[at + 3 : at + 7])
                if length == 0 or raw.find(_FIELD_END, start) != start + length - 1:
                    return self._places_in_order(raw, base, entries, tag)
                places.append((tag, start, length))
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
        tags = [entries[at : at + 3] for at in range(0, len(entries), 12)]
        return [(tag, *found[n]) for n, tag in enumerate(tags) if self.tags is None or tag in self.tags]

    def _base(self, raw: bytes) -> int:
        if not raw.endswith(b"\x1d"):
            help_ = "ask the vendor to send the file again"
            raise Unreadable(Trouble("E345", "the record is cut off: it has no end mark (1D)", help_))
        if not (raw[:24].isascii() and raw[:24].decode("ascii").isprintable()):
            raise Unreadable(Trouble("E343", f"the leader is damaged: {_show(raw[:24])}"))
        if not raw[:5].isdigit() or int(raw[:5]) != len(raw):
            told = f'the leader says the record is "{raw[:5].decode("ascii")}" bytes long; it is {len(raw)}'
            self._notes.append(Trouble("E360", told, field="LDR"))
        said = int(raw[12:17]) if raw[12:17].isdigit() else 0
        if 25 < said <= len(raw) and raw[said - 1 : said] == _FIELD_END:
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

    def _codec(self, raw: bytes) -> str:
        if self.encoding != "auto":
            return self.encoding
        if raw[9:10] == b"a":
            return "utf-8"
        if raw.isascii():
            return "marc-8" if b"\x1b" in raw else "utf-8"
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            self.assumed["marc-8"] = self.assumed.get("marc-8", 0) + 1
            return "marc-8"
        self.assumed["utf-8"] = self.assumed.get("utf-8", 0) + 1
        return "utf-8"

    def _field(self, tag: str, data: bytes, codec: str, start: int) -> Field:
        if tag[:2] == "00" and tag.isdigit():
            return Field(tag, _text(data, codec, tag, start))
        if data.isascii() and data[2:3] == _SUBFIELD and b"\x1f " not in data and b"\x1b" not in data:
            text = data.decode("ascii")
            return Field(tag, "", text[:2], tuple([(part[0], part[1:]) for part in text[3:].split("\x1f") if part]))
        first, *parts = data.split(_SUBFIELD)
        indicators = self._indicators(tag, first, codec, start)
        at = start + len(first) + 1
        subfields: list[tuple[str, str]] = []
        for part in parts:
            if part:
                code, width = chr(part[0]), 1
                if not "!" <= code <= "~":
                    code, width = self._odd_code(tag, part)
                subfields.append((code, _text(part[width:], codec, f"{tag}${code}", at + width)))
            at += len(part) + 1
        return Field(tag, "", indicators, tuple(subfields))

    def _indicators(self, tag: str, first: bytes, codec: str, start: int) -> str:
        if len(first) == 2 and first.isascii():
            return first.decode("ascii")
        text = _text(first, codec, tag, start)
        if len(text) > 2:
            told = f'field {tag} has text before its first subfield, which no path can reach: "{text[2:]}"'
            self._notes.append(Trouble("E364", told, field=tag))
        else:
            told = (
                f'field {tag} has the indicators "{text}", not two characters: blanks are taken for the rest'
            )
            self._notes.append(Trouble("E363", told, field=tag))
        return text[:2].ljust(2)

    def _odd_code(self, tag: str, part: bytes) -> tuple[str, int]:
        """A code that is no ASCII character: á for a is met in records keyed on a Windows machine."""
        try:
            first = part.decode("utf-8")[0]
            width = len(first.encode("utf-8"))
        except UnicodeDecodeError:
            first, width = chr(part[0]), 1
        code = unicodedata.normalize("NFKD", first)[0]
        told = f'field {tag} has the subfield code "{first}", which is read as "{code}"'
        self._notes.append(Trouble("E365", told, field=tag))
        return code, width


def _text(data: bytes, codec: str, where: str, start: int) -> str:
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    try:
        if codec == "marc-8":
            return decode_marc8(data)
        return unicodedata.normalize("NFC", data.decode(_CODECS[codec]))
    except (UnicodeDecodeError, NotMarc8) as error:
        found = data[error.start : max(error.end, error.start + 1)].hex(" ").upper()
        told = f'{where}: the bytes "{found}" at byte {start + error.start} of the record are no {codec}'
        help_ = "ask the vendor which encoding it writes and set  encoding: utf-8, marc-8 or latin-1"
        raise Unreadable(Trouble("E346", told, help_, where)) from error


def _misplaced(tag: str) -> Trouble:
    return Trouble(
        "E344",
        f"the directory is wrong about field {tag}: no field begins and ends where it says",
        "the text was re-encoded after the directory was written; ask the vendor to export again",
        tag,
    )


def _show(data: bytes) -> str:
    return '"' + data.decode("ascii", "backslashreplace") + '"'
