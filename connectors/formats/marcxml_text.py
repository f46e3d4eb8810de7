"""A MarcRecord, or a record that stands as text in another file → its MARCXML text."""

from __future__ import annotations

import io
import re
from itertools import islice
from xml.sax.saxutils import escape, quoteattr

from connectors.formats.iso2709 import Iso2709Decoder
from connectors.formats.marc_record import Entry, MarcRecord, Unreadable
from connectors.formats.marcxml import read_marcxml
from connectors.formats.trouble import Trouble
from etl.plugin import Refusal, Source

_NAMESPACE = "http://www.loc.gov/MARC21/slim"
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
# What XML 1.0 has no way to write, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def marcxml_of(record: MarcRecord) -> str:
    """Raises Unreadable E374 for a character that XML cannot hold."""
    parts = [f'<record xmlns="{_NAMESPACE}"><leader>{_plain(record.leader)}</leader>']
    for tag, value, indicators, subfields in record.fields:
        if not indicators:
            parts.append(f"<controlfield tag={quoteattr(tag)}>{_plain(value)}</controlfield>")
            continue
        first, second = quoteattr(indicators[0]), quoteattr(indicators[1])
        parts.append(f"<datafield tag={quoteattr(tag)} ind1={first} ind2={second}>")
        parts += [f"<subfield code={quoteattr(code)}>{_plain(text)}</subfield>" for code, text in subfields]
        parts.append("</datafield>")
    return "".join(parts) + "</record>"


def read_embedded_marc(text: str) -> MarcRecord:
    """One record in ISO 2709 or MARCXML that was put into a text, whatever bytes it was made of before.

    Raises Unreadable: E330, E343–E346, E349, E350 as its reader says, E374 it is neither, or not one.
    """
    first, *others = read_embedded_records(text)
    if others:
        raise Unreadable(Trouble("E374", "it holds several records and not one"))
    return first


def read_embedded_records(text: str, tags: frozenset[str] | None = None) -> list[MarcRecord]:
    """The same of a text that should hold one: two, if it has more. `tags` None: all fields.

    Raises Unreadable as `read_embedded_marc`, for the first record as for the second.
    """
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        bare = text.lstrip("\ufeff")
        declared = _DECLARATION.match(bare)
        return _from_xml(bare[declared.end() if declared else 0 :].encode("utf-8", "surrogatepass"), tags)
    if "\x1e" not in text:
        told = "it is neither ISO 2709 (it has no field ends) nor MARCXML"
        raise Unreadable(Trouble("E374", told))
    return [_from_transmission(one, tags) for one in _transmissions(text)]


def _transmissions(text: str) -> list[str]:
    """At most two, each up to its end mark."""
    *whole, rest = text.split("\x1d", 2)
    if len(whole) < 2 and rest.strip("\x00\x1a \t\r\n"):
        return [*(f"{one}\x1d" for one in whole), rest]
    return [f"{one}\x1d" for one in whole]


def _from_transmission(text: str, tags: frozenset[str] | None) -> MarcRecord:
    raw = _as_bytes(text.strip("\r\n"))
    codec = "utf-8" if _is_utf8(raw) else "latin-1"
    record, notes = Iso2709Decoder(codec, tags).decode(raw)
    if doubt := next((note for note in notes if note.holds), None):
        raise Unreadable(doubt)
    return record


def _as_bytes(text: str) -> bytes:
    """The record as it was before it became a text: its lengths were counted in the bytes of one encoding."""
    utf8 = text.encode("utf-8", "replace")
    if not text.isascii() and max(text) <= "\xff" and text[:5] == f"{len(text):05}":
        return text.encode("latin-1")
    return utf8


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _from_xml(data: bytes, tags: frozenset[str] | None) -> list[MarcRecord]:
    try:
        source = Source("", lambda: io.BytesIO(data), len(data))
        entries: list[Entry] = list(islice(read_marcxml(source, tags, embedded=True), 2))
    except Refusal as refused:
        raise Unreadable(Trouble("E374", refused.problems[0].message)) from refused
    records = []
    for entry in entries:
        if entry.trouble is not None:
            raise Unreadable(entry.trouble)
        records += [entry.record] if entry.record is not None else []
    if not records:
        raise Unreadable(Trouble("E374", "it holds no record"))
    return records


def _plain(text: str) -> str:
    if found := _NOT_XML.search(text):
        told = f"it has the character U+{ord(found[0]):04X}, which XML cannot hold"
        raise Unreadable(Trouble("E374", told))
    return escape(text)
