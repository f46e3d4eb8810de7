"""The element of a MARCXML record → its entry, or why it has none."""

from __future__ import annotations

from functools import partial
from typing import cast

from lxml import etree

from connectors.formats.marc_record import Entry, Field, MarcRecord, Unreadable
from connectors.formats.marc_texts import look_over, odd_code, odd_tag
from connectors.formats.trouble import Trouble
from etl.plugin import normalized

MEND = "only this record is rejected: mend that place, or ask for the file again"
_LAST_LINE = 65_535  # libxml2 stops counting the lines of elements here
_PARTS = {"leader", "controlfield", "datafield", "fixfield", "varfield"}
_CONTROL = {"controlfield", "fixfield"}
_RECORDS = {"record", "oai_marc"}


def is_marc(element: etree._Element) -> bool:
    """Not the `record` of OAI-PMH that is wrapped around one of ours."""
    names = {local(child) for child in element}
    return bool(names & _PARTS) or not names & {"header", "metadata"}


def entry_of(element: etree._Element, tags: frozenset[str] | None) -> Entry:
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
    if before is not None and local(before) in _PARTS and local(element.getparent()) in _RECORDS:
        raise Unreadable(Trouble("E349", "the record begins inside another one, before that ends", MEND))
    for child in element:
        name = local(child)
        if name in _RECORDS:
            raise Unreadable(Trouble("E349", "another record begins in it before it ends", MEND))
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
    if not any(local(child) in _PARTS for child in element):
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
        code = child.get("code", child.get("label")) if local(child) == "subfield" else None
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


def local(element: etree._Element | None) -> str:
    return "" if element is None or not isinstance(element.tag, str) else element.tag.rpartition("}")[2]


def _bytes_of(element: etree._Element) -> bytes:
    """The element as XML: libxml2 does not keep the bytes it read."""
    return etree.tostring(element, encoding="utf-8", with_tail=False)
