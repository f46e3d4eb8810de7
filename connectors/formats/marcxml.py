"""MARCXML → its entries, in file order.

Elements are taken by their local name: vendors leave out the namespace, or write it with a prefix. The older
OAI-MARC of Aleph (`oai_marc`, `fixfield id`, `varfield id i1 i2`, `subfield label`) is read the same way. No
document type is loaded, no entity is resolved and nothing is fetched. Where the XML breaks, the records
behind the break are read each by itself, and only the broken one is rejected; a file that ends before its XML
does is not whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, TypedDict, cast

from lxml import etree

from connectors.formats.marc_record import Entry, Field, MarcRecord, Unreadable
from connectors.formats.marc_texts import look_over, odd_code, odd_tag
from connectors.formats.marcxml_pieces import Piece, as_document, can_be_cut, read_pieces, root_in
from connectors.formats.opening import opened, read_head
from connectors.formats.trouble import Trouble, not_whole
from connectors.formats.xml_elements import ends_in
from etl.plugin import Source, normalized


class _Harmless(TypedDict):
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    huge_tree: bool
    remove_comments: bool
    remove_pis: bool


_KEPT = 1 << 20
_LAST_LINE = 65_535  # libxml2 stops counting the lines of elements here
_PARTS = {"leader", "controlfield", "datafield", "fixfield", "varfield"}
_CONTROL = {"controlfield", "fixfield"}
_RECORDS = {"record", "oai_marc"}
_HARMLESS = _Harmless(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_LONGEST = 4 << 20
_MEND = "only this record is rejected: mend that place, or ask for the file again"
_SPARSE = 32 << 20
"""So many bytes without a record are not read on: a tree of them would fill the memory."""


def read_marcxml(source: Source, tags: frozenset[str] | None, *, embedded: bool = False) -> Iterator[Entry]:
    """One entry per record; `tags` None: all fields. `line` is where it begins, while libxml2 counts.

    `embedded`: the source is a part of something else, which is not to blame when it breaks off.
    """
    before: Entry | None = None
    kind = "between"
    for following, entry in _entries(source, tags, embedded=embedded):
        if before is not None:
            torn = following == "between" and before.record is not None
            yield _rejected(before, "fields stand behind the end of the record") if torn else before
        torn = kind == "open" and entry.record is not None and not entry.record.leader
        before = _rejected(entry, "the record begins twice") if torn else entry
        kind = following
    if before is not None:
        yield before


def _entries(
    source: Source, tags: frozenset[str] | None, *, embedded: bool
) -> Iterator[tuple[str, Entry]]:
    """Each with the kind of its piece. The element of an entry lives until two others were asked for."""
    ended, root = 0, ""
    alive: list[etree._Element] = []
    with opened(source) as file:
        stream = _Metered(file)
        events = etree.iterparse(
            cast("BinaryIO", stream),
            events=("end",),
            tag=("{*}record", "{*}oai_marc"),
            **_HARMLESS,
        )
        try:
            for _, element in events:
                ended += 1
                root = root or _local(element.getroottree().getroot())
                if len(alive) > 1:
                    _free(alive.pop(0))
                if _is_marc(element):
                    alive.append(element)
                    yield "record", _entry(element, tags)
                else:
                    _free(element)
                stream.unread = 0
        except etree.XMLSyntaxError as error:
            line, column = error.position
            broken = _broken(line, column, error.msg)
            if stream.unread > _SPARSE:
                told = f"{_SPARSE >> 20} MiB of the XML hold no record; it is not read further"
                broken = Trouble("E348", told, "is this a file of MARC records?")
            elif stream.ended and not embedded and not ends_in(stream.tail, root):
                broken = not_whole(f"it ends in line {line}, before the XML does")
            elif can_be_cut(head := read_head(source)):
                with opened(source) as again:
                    pieces = read_pieces(again, ended, _LONGEST)
                    yield from _behind_the_break(pieces, head, tags, broken, embedded=embedded)
                return
            yield "open", Entry(line or None, None, partial(_rest, source, ended), None, broken)


def _behind_the_break(
    pieces: Iterator[Piece], head: bytes, tags: frozenset[str] | None, broken: Trouble, *, embedded: bool
) -> Iterator[tuple[str, Entry]]:
    """The entries of the pieces of a file that is `broken` in or before the first of them."""
    parser = etree.XMLParser(**_HARMLESS)
    untold: Trouble | None = broken
    piece = Piece(b"", 1, "between")
    for piece in pieces:
        if piece.kind != "record":
            if not piece.has_parts:
                continue
            told = Trouble("E349", "the record's own tags are broken", _MEND)
            yield piece.kind, _unread(piece, untold or told)
        else:
            try:
                entry = _entry(etree.fromstring(as_document(piece, head), parser)[0], tags)
            except etree.XMLSyntaxError as error:
                line, column = piece.line + error.position[0] - 1, error.position[1]
                yield "record", _unread(piece, untold or _broken(line, column, error.msg))
            else:
                notes = (untold, *entry.notes) if untold else entry.notes
                raw = partial(bytes, piece.raw[:_KEPT])
                yield "record", entry._replace(line=piece.line, raw=raw, notes=notes)
        untold = None
    if not (embedded or piece.cut) and piece.kind == "open" and not ends_in(piece.raw[-256:], root_in(head)):
        yield "open", _unread(piece, not_whole("it ends before the XML does"))
    elif untold:
        yield "open", _unread(piece, untold)


def _broken(line: int, column: int, reason: str) -> Trouble:
    return Trouble("E349", f"the XML is broken at line {line}, column {column}: {reason}", _MEND)


def _rejected(entry: Entry, told: str) -> Entry:
    return entry._replace(record=None, trouble=Trouble("E349", told, _MEND), notes=())


def _unread(piece: Piece, trouble: Trouble) -> Entry:
    return Entry(piece.line, None, partial(bytes, piece.raw[:_KEPT]), None, trouble)


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
        record = _record(element, tags, notes)
        return Entry(line, None, raw, record, None, (*notes, *look_over(record)))
    except Unreadable as given_up:
        return Entry(line, None, raw, None, given_up.trouble)


def _record(element: etree._Element, tags: frozenset[str] | None, notes: list[Trouble]) -> MarcRecord:
    record = MarcRecord("")
    before = element.getprevious()
    if before is not None and _local(before) in _PARTS and _local(element.getparent()) in _RECORDS:
        raise Unreadable(Trouble("E349", "the record begins inside another one, before that ends", _MEND))
    for child in element:
        name = _local(child)
        if name in _RECORDS:
            raise Unreadable(Trouble("E349", "another record begins in it before it ends", _MEND))
        if name == "leader":
            record.leader = _text(child, "LDR")
        elif name in _PARTS:
            tag = child.get("tag", child.get("id"))
            if tag == "LDR" and name == "fixfield":
                record.leader = _text(child, "LDR")
                continue
            if tag is None:
                help_ = "a tag has three characters"
                raise Unreadable(Trouble("E350", f"a {name} element has no tag", help_))
            if len(tag) != 3:
                notes.append(odd_tag(tag, tags))
            if tags is None or tag in tags:
                is_control = name in _CONTROL
                record.fields.append(
                    Field(tag, _text(child, tag)) if is_control else _data_field(child, tag, notes)
                )
        else:
            told = f'the record has an element "{name}", which MARCXML does not know; it is not read'
            notes.append(Trouble("E350", told, field=name))
    if not any(_local(child) in _PARTS for child in element):
        strange = f", but {notes[0].field}" if notes else ""
        raise Unreadable(Trouble("E350", f"the record has neither a leader nor fields{strange}"))
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
        if not "!" <= code <= "~":
            code, trouble = odd_code(tag, code)
            notes.append(trouble)
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


def _local(element: etree._Element | None) -> str:
    return "" if element is None or not isinstance(element.tag, str) else element.tag.rpartition("}")[2]


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
    """The file's bytes behind its `ended`-th record, at most 1 MiB."""
    with opened(source) as stream:
        return b"".join(piece.raw for piece in read_pieces(stream, ended, _KEPT))[:_KEPT]
