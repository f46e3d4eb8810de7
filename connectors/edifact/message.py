"""A message of EDIFACT → its head and its lines, each as the vendor's fields with a place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from connectors.edifact.named_values import NamedValues
from connectors.formats.edifact_messages import Part
from connectors.formats.edifact_segments import Elements, RawSegment, component, counts, elements_of
from connectors.formats.trouble import Trouble

ORDERS = ("QUOTES", "ORDERS", "ORDRSP")
_QUANTITY = 15  # digits of a quantity in EDIFACT


@dataclass(frozen=True, slots=True)
class Line:
    """`line`, `offset` and `end` are those of the LIN group in the file."""

    fields: dict[str, str]
    line: int
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Message:
    """`counts` says that its lines or copies are not as many as CNT says."""

    head: dict[str, str]
    lines: list[Line]
    counts: Trouble | None = None


def type_of(part: Part) -> str:
    """`QUOTES`; whatever stands there if it is another."""
    return component(elements_of(part.segments[0], "latin-1"), 2)


def message_of(part: Part, codec: str) -> Message:
    """Raises UnicodeDecodeError when the text is not in the codec."""
    segments = [(raw, elements_of(raw, codec)) for raw in part.segments[1:-1]]
    starts = [at for at, (raw, _) in enumerate(segments) if raw.tag == "LIN"]
    foot = next((at for at, (raw, _) in enumerate(segments) if raw.tag == "UNS"), len(segments))
    head = _head(part, [elements for _, elements in segments[: min([*starts, foot])]])
    bounds = [*(start for start in starts if start < foot), foot]
    lines = [_line(segments[start:end]) for start, end in pairwise(bounds)]
    late = len(starts) - len(lines)
    totals = [elements for raw, elements in segments[foot:] if raw.tag == "CNT"]
    return Message(head, lines, _behind(late) or _total_trouble(totals, lines))


def _head(part: Part, segments: Sequence[Elements]) -> dict[str, str]:
    interchange = part.interchange
    unh = elements_of(part.segments[0], "latin-1")
    values = NamedValues("head/")
    for elements in segments:
        values.add(elements)
    about = {
        "UNB/sender": interchange.sender,
        "UNB/recipient": interchange.recipient,
        "UNB/reference": interchange.reference,
        "UNB/test": "1" if interchange.test else "",
        "UNH/reference": component(unh, 1),
        "UNH/type": component(unh, 2),
        "message": f"{component(unh, 2)} {values.fields.get('head/BGM/code', '')}".strip(),
    }
    return {**{name: text for name, text in about.items() if text}, **values.fields}


def _line(segments: Sequence[tuple[RawSegment, Elements]]) -> Line:
    values = NamedValues()
    for _, elements in segments:
        values.add(elements)
    for name, text in _composed(values.fields):
        values.put(name, text)
    first, last = segments[0][0], segments[-1][0]
    return Line(values.fields, first.line, first.offset, last.end)


def _composed(fields: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Title with subtitle; author as a heading, or surname and forename, or the corporate body."""
    title = " : ".join(fields[f"IMD+{code}"] for code in ("050", "060") if f"IMD+{code}" in fields)
    person = ", ".join(fields[f"IMD+{code}"] for code in ("010", "011") if f"IMD+{code}" in fields)
    yield "IMD title", title
    yield "IMD author", fields.get("IMD+009") or person or fields.get("IMD+030", "")


def _behind(late: int) -> Trouble | None:
    if not late:
        return None
    told = f"{late} line{'s' * (late != 1)} LIN stand behind UNS, where the lines have ended"
    return Trouble("E398", told, "ask the vendor for the message again")


def _total_trouble(totals: Sequence[Elements], lines: Sequence[Line]) -> Trouble | None:
    """CNT+2 counts the lines, CNT+1 adds up their quantities."""
    for elements in totals:
        kind, said = component(elements, 1), component(elements, 1, 1)
        if kind == "2" and not counts(said, len(lines)):
            told = f'CNT+2 counts "{said[:20]}" lines, and the message has {len(lines)}'
            return Trouble("E398", told, "lines were lost or added: ask for the message again")
        if kind == "1":
            copies = [line.fields.get("QTY+21", line.fields.get("QTY+1", "")) for line in lines]
            if all(copy.isdecimal() and len(copy) <= _QUANTITY for copy in copies) and said.isdecimal():
                there = sum(map(int, copies))
                if not counts(said, there):
                    told = f'CNT+1 counts "{said[:20]}" copies, and the lines have {there}'
                    return Trouble("E398", told, "a quantity was changed or lost: ask for the message again")
    return None
