"""Bytes of MARC text, and the encoding they are in → NFC text; bytes of a record → that encoding.

Leader/09 "a" means UTF-8. A blank means MARC-8 by the standard, but records re-encoded without touching the
leader are common, and Libris exports Latin-1 under a blank. Which of the two 8-bit sets it is, is told by the
letters that either reading makes: see `votes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.formats.marc8 import NotMarc8, decode_marc8
from connectors.formats.marc_parts_read import PathsRead
from connectors.formats.marc_record import Unreadable
from connectors.formats.text_encoding import TextEncoding, check_codec
from connectors.formats.trouble import Trouble
from etl.plugin import normalized

_ALIASES = {"latin-1": "iso-8859-1", "windows-1252": "cp1252"}
_HIGH = re.compile(rb"[\x80-\xff]")
_C1 = re.compile(rb"[\x80-\x9f]")
_SIGNS, _TIMES = 5, 5
"""So many signs, and so many times as many as against it, are clear evidence."""
_REFERENCE = re.compile("&#(?:[xX]([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
ASSUMED = {
    "marc-8": (
        "E362",
        "read as MARC-8, as a blank leader/09 means; if å, ä, ö come out wrong, set  encoding: latin-1",
    ),
    "latin-1": (
        "E380",
        "read as Latin-1, which their letters speak for; if å, ä, ö come out wrong, set  encoding: marc-8",
    ),
    "utf-8": ("E361", "read as UTF-8, which their bytes are, although leader/09 does not say so"),
}
"""Encoding that was taken for one that is not declared → the code and the words of the note."""


def check_marc_encoding(name: str) -> str:
    """A name for the option `encoding`. ValueError when it is none, or no set in which ASCII is itself."""
    if name in ("auto", "marc-8"):
        return name
    codec = check_codec(_ALIASES.get(name, name))
    if not TextEncoding(codec, 0, "").splits_as_bytes:
        raise ValueError(f'MARC cannot be written in "{name}": the marks between its fields are ASCII')
    return name


@dataclass(slots=True)
class RecordText:
    """Decodes the texts of one record. `found`: its codec was found rather than said.

    `reads` says whether a column reads a path; what none reads and cannot be decoded is in `notes`.
    """

    codec: str
    found: bool = False
    references: bool = False
    reads: PathsRead | None = None
    notes: list[Trouble] = field(default_factory=list)

    def of(self, data: bytes, where: str, start: int = 0) -> str:
        """NFC text of a field or subfield. `where` is its path and `start` its place in the record, for
        messages. Raises Unreadable (E346).
        """
        return self.as_codec(self.codec, data, where, start)

    def as_codec(self, codec: str, data: bytes, where: str, start: int = 0) -> str:
        """The same in another encoding than the record's."""
        if data.isascii() and b"\x1b" not in data:
            text = data.decode("ascii")
        else:
            try:
                if codec == "marc-8":
                    text = decode_marc8(data)
                else:
                    text = normalized("NFC", data.decode(_ALIASES.get(codec, codec)))
            except (UnicodeDecodeError, NotMarc8) as error:
                text = self._undecoded(data, where, start, codec, error)
        if self.references and "&#" in text:
            return normalized("NFC", _REFERENCE.sub(_referred_to, text))
        return text

    def _undecoded(
        self, data: bytes, where: str, start: int, codec: str, error: UnicodeDecodeError | NotMarc8
    ) -> str:
        found = data[error.start : max(error.end, error.start + 1)].hex(" ").upper()
        told = f'{where}: the bytes "{found}" at byte {start + error.start} of the record are no {codec}'
        help_ = "ask the vendor which encoding it writes and set  encoding: utf-8, marc-8, latin-1, cp1251 …"
        if self.reads is None or self.reads(where):
            raise Unreadable(Trouble("E346", told, help_, where)) from error
        self.notes.append(Trouble("E346", f"{told}; no column reads it", help_, where))
        return data.decode("ascii", "backslashreplace")


def _referred_to(match: re.Match[str]) -> str:
    """The character that `&#x2019;` stands for, as MARC-8 writes what it has no bytes for."""
    code = int(match[1], 16) if match[1] else int(match[2])
    if code > 0x10FFFF or 0xD800 <= code < 0xE000 or not (character := chr(code)).isprintable():
        return match[0]
    return character


@dataclass(slots=True)
class MarcCodec:
    """Chooses the encoding of each record of one file.

    `declared` is auto, marc-8 or a codec of Python in which ASCII is itself. `usual` is the 8-bit set that
    the beginning of the file speaks for, or empty. `assumed` counts the records read whose encoding was
    found rather than said.
    """

    declared: str
    usual: str = ""
    assumed: dict[str, int] = field(default_factory=dict)

    def of(self, raw: bytes, flagged: bool) -> RecordText:
        """`flagged`: the record itself says that it is UTF-8."""
        if self.declared != "auto":
            return RecordText(self.declared, references=self.declared == "marc-8")
        if flagged:
            return RecordText("utf-8")
        if raw.isascii():
            return RecordText("marc-8", references=True)
        if is_utf8(raw):
            return RecordText("utf-8", found=True)
        return self._eight_bit(raw)

    def count(self, text: RecordText) -> None:
        """A record was read."""
        if text.found:
            self.assumed[text.codec] = self.assumed.get(text.codec, 0) + 1

    def learn(self, records: Iterable[bytes]) -> None:
        """Find `usual` from the records at the beginning of the file."""
        marc8 = latin = 0
        for raw in records:
            if not raw.isascii() and b"\x1b" not in raw and not is_utf8(raw):
                for_marc8, for_latin = votes(raw)
                marc8, latin = marc8 + for_marc8, latin + for_latin
        self.usual = _clear(marc8, latin)

    def _eight_bit(self, raw: bytes) -> RecordText:
        if b"\x1b" in raw or _C1.search(raw):
            # Latin-1 has no text there: if MARC-8 has none either, the record is rejected
            return RecordText("marc-8", found=True, references=True)
        marc8, latin = votes(raw)
        clear = _clear(marc8, latin)
        codec = clear or self.usual or "marc-8"
        text = RecordText(codec, found=True, references=codec == "marc-8")
        if not clear and (latin if codec == "marc-8" else marc8):
            chosen = "MARC-8" if codec == "marc-8" else "Latin-1"
            told = f"read as {chosen}: {marc8} of its letters speak for MARC-8 and {latin} for Latin-1"
            text.notes.append(Trouble("E331", told, "look at a title, and set  encoding"))
        return text


def _clear(marc8: int, latin: int) -> str:
    """The set that so many signs speak for without a doubt, or empty."""
    if latin >= max(_SIGNS, _TIMES * marc8):
        return "latin-1"
    return "marc-8" if marc8 >= max(_SIGNS, _TIMES * latin) else ""


def votes(raw: bytes) -> tuple[int, int]:
    """How many bytes beyond ASCII speak for MARC-8, and how many for Latin-1.

    In MARC-8 an accent (E0–FE) stands *before* its letter: `E8 6F` is ö, which would be "èo" in Latin-1. In
    Latin-1 ö is F6, which MARC-8 would make an underscore of the next letter. An accent that makes a usual
    letter speaks for MARC-8; one that has no letter after it, or makes none that any language writes, speaks
    for Latin-1.

    >>> votes(b"N\\xe8asta \\xeaar")
    (2, 0)
    >>> votes(b"F\\xf6rst p\\xe5 \\xd6land")
    (0, 3)
    """
    marc8 = latin = base = 0
    for match in _HIGH.finditer(raw):
        at = match.start()
        byte, after = raw[at], raw[at + 1 : at + 2]
        if base <= at:  # several accents in a row have one letter, which is looked for once
            base = at + 1
            while base < len(raw) and raw[base] >= 0xE0:
                base += 1
        before = b"" if raw[at - 2 : at - 1] == b"\x1f" else raw[at - 1 : at]  # no letter but a subfield code
        if byte >= 0xE0:
            weight = _accent(byte, raw[base : base + 1].decode("ascii", "replace"))
        elif byte >= 0xC0:
            # MARC-8 has signs up to C8 (¿ ¡ © ♯) and nothing above; Latin-1 has capital letters.
            weight = -1 if byte > 0xC8 or after.islower() or before.isalpha() else 0
        else:
            # Ø ø Æ æ Þ ð of MARC-8 stand within words; what Latin-1 has there (¢ ² µ) does not.
            weight = 1 if before.isalpha() or after.isalpha() else 0
        marc8, latin = marc8 + (weight > 0), latin + (weight < 0)
    return marc8, latin


_BOTH = {(0xE4, "n"), (0xE9, "n"), (0xE9, "r"), (0xE5, "g")}  # ñ or än, ň or én, ř or ér, ḡ or åg
_HALVES = {0xEB, 0xEC, 0xFA, 0xFB}
_COMMAS = {0xED, 0xFE}  # a comma above makes no letter of its own in MARC-8; í and þ


def _accent(byte: int, base: str) -> int:
    if not base.isalpha() or not base.isascii():
        return -1
    if byte in _HALVES:
        return 1
    if byte in _COMMAS or (byte, base.lower()) in _BOTH:
        return 0
    if byte == 0xF6:
        return -1
    try:
        made = decode_marc8(bytes([byte]) + base.encode())
    except NotMarc8:
        return -1
    return 1 if len(made) == 1 else -1


def is_utf8(raw: bytes) -> bool:
    """Strictly, all of it."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
