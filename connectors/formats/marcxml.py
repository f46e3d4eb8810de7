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

from connectors.formats.marc_record import Entry
from connectors.formats.marcxml_pieces import Piece, as_document, can_be_cut, read_pieces, root_in
from connectors.formats.marcxml_records import MEND, entry_of, is_marc, local
from connectors.formats.opening import opened, read_head
from connectors.formats.trouble import Trouble, not_whole
from connectors.formats.xml_elements import ends_in
from etl.plugin import Source


class _Harmless(TypedDict):
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    huge_tree: bool
    remove_comments: bool
    remove_pis: bool


_KEPT = 1 << 20
_HARMLESS = _Harmless(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_LONGEST = 4 << 20
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
                root = root or local(element.getroottree().getroot())
                if len(alive) > 1:
                    _free(alive.pop(0))
                if is_marc(element):
                    alive.append(element)
                    yield "record", entry_of(element, tags)
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
            told = Trouble("E349", "the record's own tags are broken", MEND)
            yield piece.kind, _unread(piece, untold or told)
        else:
            try:
                entry = entry_of(etree.fromstring(as_document(piece, head), parser)[0], tags)
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
    return Trouble("E349", f"the XML is broken at line {line}, column {column}: {reason}", MEND)


def _rejected(entry: Entry, told: str) -> Entry:
    return entry._replace(record=None, trouble=Trouble("E349", told, MEND), notes=())


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
