"""What any serialisation of MARC may hold and should not: told the same way for all of them.

Line breaks inside a text, character references that nothing resolved, a leader that is none, subfield codes
that no path can name.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.formats.marc_record import Field, MarcRecord
from connectors.formats.trouble import Trouble
from etl.plugin import normalized

_LEADER = 24
_BREAK = re.compile(r"[\r\n\u0085\u2028\u2029]")
_REFERENCE = re.compile(r"&(?:amp;)?#[xX]?[0-9A-Za-z]{0,8};?")
_SUSPECT = re.compile(r"[\r\n\u0085\u2028\u2029]|&(?:amp;)?#")


def look_over(record: MarcRecord) -> tuple[Trouble, ...]:
    """What is to be told of a record's texts and leader. A line break in a text becomes one blank: E318; a
    character reference that was not resolved stays as it is: E332; leader: E343.
    """
    notes: list[Trouble] = []
    if len(record.leader) != _LEADER:
        said = f'the leader "{record.leader}" has not {_LEADER} characters'
        told = f"{said if record.leader else 'there is no leader'}; the fields were read"
        notes.append(Trouble("E343", told, field="LDR"))
    for index, (tag, value, indicators, subfields) in enumerate(record.fields):
        if any(_SUSPECT.search(text) for _, text in subfields) or _SUSPECT.search(value):
            found = tuple((code, _mended(text, f"{tag}${code}", notes.append)) for code, text in subfields)
            record.fields[index] = Field(tag, _mended(value, tag, notes.append), indicators, found)
    return tuple(notes)


def _mended(text: str, where: str, note: Callable[[Trouble], None]) -> str:
    if _BREAK.search(text):
        note(Trouble("E318", f"{where} has a line break in its text, which is read as a blank", field=where))
        text = " ".join(part for line in _BREAK.split(text) if (part := line.strip()))
    if found := _REFERENCE.search(text):
        told = f'{where} has "{found[0]}", a character reference that stands for nothing here; it stays'
        note(Trouble("E332", told, "ask the vendor which character is meant", where))
    return text


def odd_tag(tag: str, tags: frozenset[str] | None) -> Trouble:
    """A field whose tag has not three characters: no path reaches it. With one character more or less than a
    tag that a column reads, it may be that field.
    """
    told = f'a field has the tag "{tag}", and not three characters: no path reaches it'
    holds = tags is not None and may_be_read(tag, tags)
    return Trouble("E350", told, "have the vendor write its tag", holds=holds)


def may_be_read(tag: str, tags: frozenset[str] | None) -> bool:
    """Is this the tag of a field that a column reads (`tags` None: any), or was it before one character was
    damaged, lost or put in?

    >>> [may_be_read(tag, frozenset({"960"})) for tag in ("9x0", "96", "9600", "245")]
    [True, True, True, False]
    """
    return tags is None or any(
        wanted in (_without(tag) if len(tag) == 4 else ())
        or tag in _without(wanted)
        or (len(tag) == 3 and sum(map(str.__eq__, tag, wanted)) > 1)
        for wanted in tags
    )


def _without(text: str) -> list[str]:
    return [text[:at] + text[at + 1 :] for at in range(len(text))]


def odd_code(tag: str, first: str) -> tuple[str, Trouble]:
    """A subfield code that is no ASCII character, á for a, as records keyed on a Windows machine have it.

    >>> odd_code("245", "á")[0]
    'a'
    """
    code = normalized("NFKD", first)[0]
    told = f'field {tag} has the subfield code "{first}", which is read as "{code}"'
    return code, Trouble("E365", told, field=tag)
