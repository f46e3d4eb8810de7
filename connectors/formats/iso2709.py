"""The bytes of one ISO 2709 record → a MarcRecord of the fields asked for, or why not.

A field is taken where its place is proved (`connectors.formats.iso2709_directory`), and left out where it is
not. Leader and end marks are not needed for that where the directory's chain closes, so a record with wrong
ones is read, with a note. Text that cannot be decoded gives the record up rather than losing a character of
it, if a column reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.formats.iso2709_directory import read_directory
from connectors.formats.iso2709_entries import FIELD_END, Directory
from connectors.formats.marc_bytes import MarcCodec, RecordText
from connectors.formats.marc_parts_read import PathsRead
from connectors.formats.marc_record import Field, MarcRecord, Unreadable, indicators_of
from connectors.formats.marc_texts import may_be_read, odd_code
from connectors.formats.trouble import Trouble

_LEADER, _ENTRY = 24, 12
_SUBFIELD = b"\x1f"
_COMPARE = "compare the record with the vendor's own display, or ask for it again"
_PRINTABLE = bytes(range(0x20, 0x7F))


@dataclass(slots=True)
class Iso2709Decoder:
    """Decodes records. `encoding` is as in `MarcCodec.declared`; `tags` None: all fields; `reads` says
    what columns read, None: everything.
    """

    encoding: str
    tags: frozenset[str] | None
    reads: PathsRead | None = None
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
        if len(raw) <= _LEADER + 2:
            raise Unreadable(Trouble("E343", f"the leader is damaged: {_show(raw[:_LEADER])}"))
        stop = self._stop(raw)
        directory = self._directory(raw, stop)
        if not directory.closed:
            self._tell(directory)
        record = MarcRecord(self._leader(raw))
        text = self.codec.of(raw[directory.base : stop], raw[9:10] == b"a")
        text.reads = self.reads
        for tag, start, end in directory.places:
            if self.tags is None or tag in self.tags:
                found = self._field(tag, raw[start:end], text, start)
                record.fields += [found] if found else []
        self.codec.count(text)
        return record, (*self._notes, *text.notes)

    def _stop(self, raw: bytes) -> int:
        """Where the end mark stands, or should."""
        stop = len(raw) - 1
        said = int(raw[:5]) if raw[:5].isdigit() else None
        if raw.endswith(b"\x1d"):
            if said != len(raw):
                told = f"the leader says the record is {_show(raw[:5])} bytes long; it is {len(raw)}"
                self._note("E360", told)
        elif said == len(raw):
            self._note("E360", f'the mark that ends the record is "{raw[-1:].hex().upper()}", not "1D"')
        elif raw[-1] == FIELD_END and said == len(raw) + 1:
            told = "the record has no end mark (1D), but by its length and its last field it is complete"
            self._note("E360", told)
            stop = len(raw)
        else:
            help_ = "ask the vendor to send the file again"
            raise Unreadable(Trouble("E345", "the record is cut off: it has no end mark (1D)", help_))
        return stop

    def _directory(self, raw: bytes, stop: int) -> Directory:
        """The directory, up to where the leader says or the first field end stands, whichever proves more."""
        said = int(raw[12:17]) if raw[12:17].isdigit() else 0
        bases = [base for base in {said, raw.find(FIELD_END, _LEADER) + 1} if _is_base(base) and base <= stop]
        found = [read_directory(raw, base, stop, self.tags) for base in sorted(bases, key=said.__ne__)]
        directory = max(found, key=lambda one: (one.closed, one.proved), default=None)
        if directory is None or not (directory.closed or directory.proved > 0):
            told = "the directory is empty: the record has no fields"
            if said != _LEADER + 1:
                told = "the directory is damaged: nothing proves which text belongs to which tag"
            raise Unreadable(Trouble("E344", told, "ask the vendor to export again"))
        base = directory.base
        if base != said:
            told = f"the leader says the fields begin at byte {_show(raw[12:17])}; they begin at {base}"
            self._note("E360", told)
        if raw[base - 1] != FIELD_END:
            told = f'the mark that ends the directory is "{raw[base - 1 : base].hex().upper()}", not "1E"'
            self._note("E360", told)
        if stop == len(raw) - 1 and raw[stop] != 0x1D and not directory.closed:
            raise Unreadable(Trouble("E345", "the record has no end mark (1D), and its directory is damaged"))
        return directory

    def _tell(self, directory: Directory) -> None:
        if moved := directory.moved:
            told = f"the directory is wrong about {_fields(moved)}; what else agrees proves the place"
            self._notes.append(Trouble("E366", told, field=moved[0]))
        for tag in dict.fromkeys(directory.lost):
            self._doubt(f"field {_show(tag)} is left out: nothing proves which text is its own", tag)
        for tag in dict.fromkeys(directory.untagged):
            self._doubt(f"the directory has {_show(tag)} for a tag, which no path reaches", tag)
        if directory.unlisted:
            told = f"{directory.unlisted} fields of the record are not in its directory: no tag, no column"
            self._notes.append(Trouble("E330", told, _COMPARE, "LDR", holds=True))

    def _doubt(self, told: str, tag: str) -> None:
        """Of a field that is not read; the order waits if it may be one that a column reads."""
        if may_be_read(tag, self.reads.tags if self.reads else self.tags):
            self._notes.append(Trouble("E330", told, _COMPARE, holds=True))
        else:
            self._notes.append(Trouble("E366", f"{told}; no column reads it"))

    def _leader(self, raw: bytes) -> str:
        leader = raw[:_LEADER]
        if leader.translate(None, _PRINTABLE):
            told = f"the leader has bytes that are no text, which are taken for blanks: {_show(leader)}"
            self._notes.append(Trouble("E343", told, field="LDR"))
            leader = bytes(byte if byte in _PRINTABLE else 0x20 for byte in leader)
        return leader.decode("ascii")

    def _note(self, code: str, told: str) -> None:
        self._notes.append(Trouble(code, told, field="LDR"))

    def _field(self, tag: str, data: bytes, text: RecordText, start: int) -> Field | None:
        if tag[:2] == "00" and tag.isdigit():
            return Field(tag, text.of(data, tag, start))
        plain = data.isascii() and data[2:3] == _SUBFIELD and b"\x1f " not in data and b"\x1b" not in data
        if plain and b"&#" not in data:
            whole = data.decode("ascii")
            return Field(
                tag, "", whole[:2], tuple([(part[0], part[1:]) for part in whole[3:].split("\x1f") if part])
            )
        first, *parts = data.split(_SUBFIELD)
        if not first.isascii():
            self._doubt(f"field {_show(tag)} is left out: its first subfield has no mark", tag)
            return None
        indicators = self._indicators(tag, first, text, start)
        at = start + len(first) + 1
        subfields: list[tuple[str, str]] = []
        for part in parts:
            if part:
                code, width = chr(part[0]), 1
                if not "!" <= code <= "~":
                    code, width = self._odd_code(tag, part)
                subfields.append((code, text.of(part[width:], f"{tag}${code}", at + width)))
            at += len(part) + 1
        return Field(tag, "", indicators, tuple(subfields))

    def _indicators(self, tag: str, first: bytes, text: RecordText, start: int) -> str:
        if len(first) == 2 and first.isascii():
            return first.decode("ascii")
        indicators, trouble = indicators_of(tag, text.of(first, tag, start))
        if trouble is not None:
            self._notes.append(trouble)
        return indicators

    def _odd_code(self, tag: str, part: bytes) -> tuple[str, int]:
        """A code that is no ASCII character, and how many bytes it has."""
        try:
            first = part.decode("utf-8")[0]
            width = len(first.encode("utf-8"))
        except UnicodeDecodeError:
            first, width = chr(part[0]), 1
        code, trouble = odd_code(tag, first)
        self._notes.append(trouble)
        return code, width


def _is_base(base: int) -> bool:
    return base > _LEADER + 1 and (base - _LEADER - 1) % _ENTRY == 0


def _fields(tags: list[str]) -> str:
    return f"field {tags[0]}" + (f" and {len(tags) - 1} more" if len(tags) > 1 else "")


def _show(data: bytes | str) -> str:
    text = data if isinstance(data, str) else data.decode("latin-1")
    return '"' + text.encode("ascii", "backslashreplace").decode() + '"'
