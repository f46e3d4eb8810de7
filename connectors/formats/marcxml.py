"""MARCXML → its entries, in file order.

Elements are taken by their local name: vendors leave out the namespace, or write it with a prefix. The older
OAI-MARC of Aleph (`oai_marc`, `fixfield id`, `varfield id i1 i2`, `subfield label`) is read the same way. No
document type is loaded, no entity is resolved and nothing is fetched. When the XML breaks, the records
before the break stand, and the rest of the file is one rejected record; a file that ends before its XML does
is not whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, cast

from lxml import etree

from connectors.formats.marc_record import Entry, Field, MarcRecord, Unreadable
from connectors.formats.opening import opened
from connectors.formats.trouble import Trouble, not_whole
from connectors.formats.xml_elements import ends_in
from etl.plugin import Source, normalized

_KEPT = 1 << 20
_BLOCK = 1 << 18
_LAST_LINE = 65_535  # libxml2 stops counting the lines of elements here
_RECORD_END = re.compile(rb"</(?:[\w.-]+:)?(?:record|oai_marc)\s*>")
_PARTS = {"leader", "controlfield", "datafield", "fixfield", "varfield"}
_CONTROL = {"controlfield", "fixfield"}
_SPARSE = 32 << 20
"""So many bytes without a record are not read on: a tree of them would fill the memory."""


def read_marcxml(source: Source, tags: frozenset[str] | None, *, embedded: bool = False) -> Iterator[Entry]:
    """One entry per record; `tags` None: all fields. `line` is where it begins, while libxml2 counts.

    `embedded`: the source is a part of something else, which is not to blame when it breaks off.
    """
    ended, root = 0, ""
    with opened(source) as file:
        stream = _Metered(file)
        events = etree.iterparse(
            cast("BinaryIO", stream),
            events=("end",),
            tag=("{*}record", "{*}oai_marc"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            for _, element in events:
                ended += 1
                root = root or _local(element.getroottree().getroot())
                if _is_marc(element):
                    yield _entry(element, tags)
                _free(element)
                stream.unread = 0
        except etree.XMLSyntaxError as error:
            rest = partial(_rest, source, ended)
            if stream.unread > _SPARSE:
                told = f"{_SPARSE >> 20} MiB of the XML hold no record; it is not read further"
                yield Entry(None, None, rest, None, Trouble("E348", told, "is this a file of MARC records?"))
                return
            line, column = error.position
            if stream.ended and not embedded and not ends_in(stream.tail, root):
                told = f"it ends in line {line}, before the XML does"
                yield Entry(line or None, None, rest, None, not_whole(told))
                return
            told = f"the XML is broken at line {line}, column {column}: {error.msg}"
            help_ = "the records before this place were read; nothing after it was"
            yield Entry(line or None, None, rest, None, Trouble("E349", told, help_))


class _Metered:
    """A stream that ends after `_SPARSE` bytes without a record."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.unread = 0
        self.tail = b""
        self.ended = False

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size) if self.unread <= _SPARSE else b""
        self.unread += len(block)
        self.tail, self.ended = (self.tail + block)[-256:], not block
        return block


def _is_marc(element: etree._Element) -> bool:
    """Not the `record` of OAI-PMH that is wrapped around one of ours."""
    names = {_local(child) for child in element}
    return bool(names & _PARTS) or not names & {"header", "metadata"}


def _entry(element: etree._Element, tags: frozenset[str] | None) -> Entry:
    counted = cast("int | None", element.sourceline)  # the stubs know it only as "..."
    line = counted if counted is not None and counted < _LAST_LINE else None
    raw = partial(_bytes_of, element)
    notes: list[Trouble] = []
    try:
        return Entry(line, None, raw, _record(element, tags, notes), None, tuple(notes))
    except Unreadable as given_up:
        return Entry(line, None, raw, None, given_up.trouble)


def _record(element: etree._Element, tags: frozenset[str] | None, notes: list[Trouble]) -> MarcRecord:
    record = MarcRecord("")
    for child in element:
        name = _local(child)
        if name == "leader":
            record.leader = _text(child, "LDR")
        elif name in _PARTS:
            tag = child.get("tag", child.get("id"))
            if tag == "LDR" and name == "fixfield":
                record.leader = _text(child, "LDR")
                continue
            if tag is None or len(tag) != 3:
                said = "no tag" if tag is None else f'the tag "{tag}"'
                raise Unreadable(
                    Trouble("E350", f"a {name} element has {said}", "a tag has three characters")
                )
            if tags is None or tag in tags:
                is_control = name in _CONTROL
                record.fields.append(
                    Field(tag, _text(child, tag)) if is_control else _data_field(child, tag, notes)
                )
        else:
            raise Unreadable(
                Trouble("E350", f'the record has an element "{name}", which MARCXML does not know')
            )
    if not len(element):
        raise Unreadable(Trouble("E350", "the record has neither a leader nor fields"))
    return record


def _data_field(element: etree._Element, tag: str, notes: list[Trouble]) -> Field:
    # Libris writes empty indicators for blank ones.
    said = [element.get(f"ind{n}") or element.get(f"i{n}") or " " for n in (1, 2)]
    if any(len(indicator) > 1 for indicator in said):
        told = f'field {tag} has the indicators "{said[0]}" and "{said[1]}": their first characters are taken'
        notes.append(Trouble("E363", told, field=tag))
    indicators = said[0][0] + said[1][0]
    subfields: list[tuple[str, str]] = []
    for child in element:
        code = child.get("code", child.get("label")) if _local(child) == "subfield" else None
        if code is None or len(code) != 1:
            told = f"field {tag} has a part that is no subfield with a code of one character"
            raise Unreadable(Trouble("E350", told, field=tag))
        subfields.append((code, _text(child, f"{tag}${code}")))
    if stray := _own_text(element).strip():
        told = f'field {tag} has text outside its subfields: "{stray[:40]}"'
        raise Unreadable(Trouble("E350", told, field=tag))
    return Field(tag, "", indicators, tuple(subfields))


def _text(element: etree._Element, where: str) -> str:
    if len(element):
        child = element[0]
        said = f'the entity "{child.text}"' if child.tag is etree.Entity else "another element"
        help_ = "entities and elements inside text are not resolved; ask for plain characters"
        raise Unreadable(Trouble("E350", f"{where} has {said} in its text", help_, where))
    text = element.text or ""
    return text if text.isascii() else normalized("NFC", text)


def _own_text(element: etree._Element) -> str:
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _bytes_of(element: etree._Element) -> bytes:
    """The element as XML: libxml2 does not keep the bytes it read."""
    return etree.tostring(element, encoding="utf-8", with_tail=False)


def _free(element: etree._Element) -> None:
    """Release the record and what stands before it, so that memory does not grow with the file."""
    element.clear()
    while (before := element.getprevious()) is not None:
        parent = element.getparent()
        if parent is None:
            return
        parent.remove(before)


def _rest(source: Source, ended: int) -> bytes:
    """The file's bytes after its `ended`-th record, at most 1 MiB."""
    with opened(source) as stream:
        buffer = b""
        while block := stream.read(_BLOCK):
            buffer += block
            at = 0
            while ended and (match := _RECORD_END.search(buffer, at)):
                at, ended = match.end(), ended - 1
            if not ended:
                return buffer[at:] + stream.read(max(0, _KEPT - len(buffer) + at))
            buffer = buffer[max(at, len(buffer) - 256) :]
        return buffer
