"""Bytes of a file → the encoding its text is in, and why.

Detection order (vendors differ, and so do their exports by workstation): a byte order mark, strict UTF-8 over
the whole file, then the fallback 8-bit set, which a Swedish Windows machine writes when it says "CSV". DOS
sets (cp850) decode every byte and so can never be found out: they must be named.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from connectors.formats.opening import looks_binary, opened, read_head
from connectors.formats.trouble import not_whole
from etl.plugin import DataPlace, Problem, Refusal, Severity, Source

_BLOCK = 1 << 20
_MARKS = (  # UTF-32 LE begins with the mark of UTF-16 LE: longest first
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_WORD = re.compile(r"\w{0,20}[^\W\x00-\x7f]\w{0,20}|[^\x00-\x7f]")
_ASCII = bytes(range(128))


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """`codec` is Python's name, `mark` the length of the byte order marks, `why` a part of a sentence. It is
    `guessed` where any 8-bit set would do and the fallback was taken.
    """

    codec: str
    mark: int
    why: str
    guessed: bool = False

    @property
    def splits_as_bytes(self) -> bool:
        """True when line ends can be found in the bytes (every ASCII-compatible set)."""
        try:
            return _ASCII.decode(self.codec) == _ASCII.decode("ascii")
        except UnicodeDecodeError:
            return False


def check_codec(name: str) -> str:
    """A codec name → the same in Python's spelling. ValueError when Python has no such text encoding."""
    try:
        found = codecs.lookup(name)
        b"a".decode(name, "replace")  # refuses the codecs that are no text encodings (hex, zlib)
    except (LookupError, UnicodeError) as error:
        raise ValueError(
            f'there is no text encoding "{name}"; write for example utf-8, windows-1252, iso-8859-1, cp850'
        ) from error
    return found.name


def find_encoding(source: Source, encoding: str, fallback: str) -> TextEncoding:
    """`encoding` is a codec name or "auto". Reads the file once through.

    Raises Refusal: E300–E302 as `read_head`, E302 binary, E303 bytes that the encoding does not have,
    NOT_WHOLE half a character of UTF-16 at the end.
    """
    head = read_head(source)
    marked = next(((codec, _marks(head, mark)) for mark, codec in _MARKS if head.startswith(mark)), None)
    if encoding != "auto":
        named = check_codec(encoding)
        codec, mark = _UNMARKED.get(named, named), 0
        if marked and marked[0].startswith(named.removesuffix("-sig")):
            codec, mark = marked
        found = TextEncoding(codec, mark, "set by the option encoding")
    elif marked:
        found = TextEncoding(*marked, "byte order mark")
    else:
        return _unmarked(source, head, fallback)
    if not found.splits_as_bytes:
        _decode_all(source, found.codec, found.mark)
    return found


def _marks(head: bytes, mark: bytes) -> int:
    """Length of the mark: every program that adds one to a file that has it already makes another."""
    length = len(mark)
    while head.startswith(mark, length):
        length += len(mark)
    return length


def _unmarked(source: Source, head: bytes, fallback: str) -> TextEncoding:
    if looks_binary(head):
        tip = "if it is text in UTF-16, set  encoding: utf-16-le  (or utf-16-be)" if b"\0" in head else None
        raise Refusal(Problem("E302", "this is not a text file", data=DataPlace(source.name), help=tip))
    characters, strangers, last_only = _weigh_utf8(source)
    if not strangers:
        why = "strict UTF-8 over the whole file" if characters else "ASCII over the whole file"
        return TextEncoding("utf-8", 0, why)
    if last_only or characters > strangers:
        # A cut-off download, or one row pasted in from elsewhere: reading all of it as 8-bit text would turn
        # every å into Ã¥. The rows that are not UTF-8 are rejected one by one instead.
        count = f"{strangers} bytes are not" if strangers > 1 else "1 byte is not"
        return TextEncoding("utf-8", 0, f"UTF-8 by weight: {characters} characters are, {count}")
    codec = check_codec(fallback)
    _decode_all(source, codec, 0)
    return TextEncoding(codec, 0, "not UTF-8, so the fallback encoding", guessed=True)


def guessed(source: Source, encoding: TextEncoding) -> Problem:
    """E337, with the first word that shows whether it was right."""
    told, place = f"not UTF-8, and read as {encoding.codec}, which nobody said", DataPlace(source.name)
    with opened(source) as stream:
        number = 0
        while line := stream.readline(_BLOCK):
            number += 1
            words = (line.decode(encoding.codec, "replace") if not line.isascii() else "").split()
            found = next((_WORD.search(word) for word in words if not word.isascii()), None)
            if found is not None:
                told += f': is "{found[0]}" right?'
                place = DataPlace(source.name, line=number)
                break
    yes = f"if it is:  encoding: {encoding.codec}"
    help_ = f"{yes}  under source, options; else name the right one there: cp850, iso-8859-15 …"
    return Problem("E337", told, Severity.WARNING, data=place, help=help_)


def _weigh_utf8(source: Source) -> tuple[int, int, bool]:
    """(characters beyond ASCII, bytes that are not UTF-8, whether only the file's last character is cut)."""
    characters = strangers = tail = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with opened(source) as stream:
        while True:
            block = stream.read(_BLOCK)
            waiting = len(decoder.getstate()[0])
            text = decoder.decode(block, final=not block)
            if not text.isascii():
                lone = sum(map(text.count, map(chr, range(0xDC80, 0xDD00)))) if not _is_utf8(text) else 0
                strangers += lone
                characters += len(text) - len(text.encode("ascii", "ignore")) - lone
                tail = lone if not block else 0
            if not block:
                return characters, strangers, 0 < strangers == tail <= waiting


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _decode_all(source: Source, codec: str, mark: int) -> None:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    offset, line = mark, 1
    with opened(source) as stream:
        stream.read(mark)
        while True:
            block = stream.read(_BLOCK)
            held = decoder.getstate()[0]
            try:
                line += decoder.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as error:
                if not block and mark:  # without its mark it may be no such text at all
                    told = not_whole(f"it ends in the middle of a character of {codec}")
                    raise Refusal(told.at(DataPlace(source.name, line=line))) from error
                before = error.object[: error.start].decode(codec, "replace")
                at = offset - len(held) + error.start
                raise Refusal(
                    _undecodable(source.name, codec, error, at, line + before.count("\n"))
                ) from error
            if not block:
                return
            offset += len(block)


def _undecodable(name: str, codec: str, error: UnicodeDecodeError, offset: int, line: int) -> Problem:
    found = error.object[error.start : max(error.end, error.start + 1)].hex(" ").upper()
    return Problem(
        "E303",
        f'the bytes "{found}" are no text in {codec}',
        data=DataPlace(name, line=line, offset=offset),
        help="set  encoding  to the one the vendor writes (cp850 for old DOS tools, iso-8859-1, utf-16-le)",
    )
