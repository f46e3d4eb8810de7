"""MARC-in-JSON → its entries.

    {"leader": "…", "fields": [{"001": "1"}, {"020": {"ind1": " ", "ind2": " ", "subfields": [{"a": "…"}]}}]}

and the other form, with `{"tag": "020", …, "subfields": [{"code": "a", "value": "…"}]}`. The file may be
an array, have one record per line, or records one after another. Names keep their order, and a name that
stands twice in one object is two fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import NoReturn

from connectors.formats.marc_json_chunks import JsonChunk, read_json_chunks
from connectors.formats.marc_record import Entry, Field, MarcRecord, Unreadable
from connectors.formats.marc_texts import look_over, odd_tag
from connectors.formats.opening import opened
from connectors.formats.trouble import Trouble, not_whole
from etl.plugin import Source, normalized


class _Object(list[tuple[str, object]]):
    """A JSON object as it stands in the file: repeated names are kept."""

    def get(self, name: str) -> object:
        found = [value for key, value in self if key == name]
        if len(found) > 1:
            _wrong(f'"{name}" stands twice in one object')
        return found[0] if found else None


def read_marc_json(source: Source, encoding: str, tags: frozenset[str] | None, limit: int) -> Iterator[Entry]:
    """One entry per record; `tags` None: all fields. JSON is UTF-8 unless `encoding` names an 8-bit set."""
    with opened(source) as stream:
        for chunk in read_json_chunks(stream, limit):
            yield _entry(chunk, "utf-8" if encoding in ("auto", "marc-8") else encoding, tags)


def _entry(chunk: JsonChunk, codec: str, tags: frozenset[str] | None) -> Entry:
    keep = partial(bytes, chunk.raw)
    if chunk.unclosed:
        trouble = not_whole("it ends before the array of records does")
        return Entry(chunk.line, chunk.offset, keep, None, trouble)
    if chunk.size > len(chunk.raw):
        told = (
            f"the record is {chunk.size} bytes long; only the first {len(chunk.raw)} are kept in the report"
        )
        help_ = "look for a brace or quote that is never closed"
        return Entry(chunk.line, chunk.offset, keep, None, Trouble("E348", told, help_))
    notes: list[Trouble] = []
    try:
        record = _record(_parsed(chunk, codec), tags, notes)
    except Unreadable as given_up:
        return Entry(chunk.line, chunk.offset, keep, None, given_up.trouble)
    return Entry(chunk.line, chunk.offset, keep, record, None, (*notes, *look_over(record)))


def _parsed(chunk: JsonChunk, codec: str) -> _Object:
    try:
        text = chunk.raw.decode(codec)
    except UnicodeDecodeError as error:
        found = error.object[error.start : max(error.end, error.start + 1)].hex(" ").upper()
        told = f'the bytes "{found}" at byte {error.start} of the record are no {codec}'
        help_ = "JSON is UTF-8; if the vendor writes another encoding, set  encoding: latin-1"
        raise Unreadable(Trouble("E346", told, help_)) from error
    try:
        # Not strict: a raw line end inside a text is told later, and costs no record.
        value = json.loads(text, object_pairs_hook=_Object, strict=False)
    except json.JSONDecodeError as error:
        line = f" on line {chunk.line + error.lineno - 1}" if chunk.line + error.lineno > 2 else ""
        shown = text[error.pos : error.pos + 20]
        _wrong(f'the JSON is broken{line} at "{shown}": {error.msg}' if shown else "the JSON is cut off")
    except (
        RecursionError,
        ValueError,
    ) as error:  # nested a thousand deep, or a number of thousands of digits
        _wrong(f"the JSON cannot be read: {error}")
    if not isinstance(value, _Object):
        _wrong("this is no record: a record is an object with a leader and fields")
    return value


def _record(value: _Object, tags: frozenset[str] | None, notes: list[Trouble]) -> MarcRecord:
    leader, fields = value.get("leader"), value.get("fields")
    if not isinstance(fields, list) or isinstance(fields, _Object):
        _wrong('the record has no list "fields"')
    record = MarcRecord("" if leader is None else _text(leader, "LDR"))
    if not fields and not record.leader:
        _wrong("the record has neither a leader nor fields")
    for item in fields:
        if not isinstance(item, _Object) or not item:
            _wrong("one of the fields is no object with a tag")
        tag = item.get("tag")
        for name, body in [(tag, item)] if isinstance(tag, str) else item:
            if len(name) != 3:
                notes.append(odd_tag(name, tags))
            if tags is None or name in tags:
                record.fields.append(_field(name, body))
    return record


def _field(tag: str, body: object) -> Field:
    if not isinstance(body, _Object):
        return Field(tag, _text(body, tag))
    parts = body.get("subfields")
    if parts is None and body.get("tag") is not None:
        return Field(tag, _text(body.get("value"), tag))
    if not isinstance(parts, list) or isinstance(parts, _Object):
        _wrong(f'field {tag} has no list "subfields"', tag)
    indicators = _indicator(body.get("ind1"), tag) + _indicator(body.get("ind2"), tag)
    subfields = [pair for part in parts for pair in _subfields(part, tag)]
    return Field(tag, "", indicators, tuple(subfields))


def _subfields(part: object, tag: str) -> list[tuple[str, str]]:
    if not isinstance(part, _Object) or not part:
        _wrong(f"field {tag} has a part that is no subfield with a code", tag)
    code = part.get("code")
    pairs = part if code is None else _Object([(str(code), part.get("value"))])
    for name, _ in pairs:
        if len(name) != 1:
            _wrong(f'field {tag} has the subfield code "{name}", not one character', tag)
    return [(name, _text(value, f"{tag}${name}")) for name, value in pairs]


def _indicator(value: object, tag: str) -> str:
    if value is None or value == "":
        return " "
    if not isinstance(value, str) or len(value) != 1:
        _wrong(f'field {tag} has the indicator "{value}", not one character', tag)
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        _wrong(f"{where} is not text but {json.dumps(value)[:40]}", where)
    if value.isascii():
        return value
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        _wrong(f"{where} holds half a character (a lone surrogate)", where)
    return normalized("NFC", value)


def _wrong(told: str, field: str | None = None) -> NoReturn:
    raise Unreadable(Trouble("E382", told, None, field))
