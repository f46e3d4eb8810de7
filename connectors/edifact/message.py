"""A message of EDIFACT → its head and its lines, each as the vendor's fields with a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from connectors.edifact.amounts import number_or_none
from connectors.edifact.named_values import NamedValues
from connectors.formats.edifact_messages import Part
from connectors.formats.edifact_segments import (
    Elements,
    RawSegment,
    ServiceString,
    component,
    counts,
    elements_of,
)
from connectors.formats.trouble import Trouble

ORDERS = ("QUOTES", "ORDERS", "ORDRSP")


@dataclass(frozen=True, slots=True)
class Line:
    """`line`, `offset` and `end` are those of the LIN group in the file."""

    fields: dict[str, str]
    line: int
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Message:
    """`counts` says that its lines or copies are not as many as CNT says. The head has the foot's fields too;
    `mark` is the decimal mark.
    """

    head: dict[str, str]
    lines: list[Line]
    mark: str
    counts: Trouble | None = None


def type_of(part: Part) -> str:
    """`QUOTES`; whatever stands there if it is another."""
    return component(elements_of(part.segments[0], "latin-1"), 2)


def message_of(part: Part, codec: str) -> Message:
    """Raises UnicodeDecodeError when the text is not in the codec."""
    segments = [(raw, elements_of(raw, codec)) for raw in part.segments[1:-1]]
    starts = [at for at, (raw, _) in enumerate(segments) if raw.tag == "LIN"]
    foot = next((at for at, (raw, _) in enumerate(segments) if raw.tag in ("UNS", "CNT")), len(segments))
    texts = _Texts(part.segments[0].service)
    head = _head(part, texts.fields("head/", segments[: min([*starts, foot])]))
    bounds = [*(start for start in starts if start < foot), foot]
    lines = [_line(segments[start:end], texts) for start, end in pairwise(bounds)]
    late = len(starts) - len(lines)
    totals = [elements for raw, elements in segments[foot:] if raw.tag == "CNT"]
    head |= texts.fields("foot/", [one for one in segments[foot:] if one[0].tag not in ("UNS", "LIN")])
    return Message(head, lines, texts.decimal, _behind(late) or _total_trouble(totals, lines, texts.decimal))


class _Texts:
    """How the texts of a message are written, by the characters of its UNA."""

    def __init__(self, service: ServiceString) -> None:
        written = (service.component, service.element, service.release, service.terminator)
        self._marks = b"".join(written).decode("latin-1").strip() if service.release.strip() else ""
        self.decimal = service.decimal.decode("ascii").strip() or "."

    def fields(self, prefix: str, segments: Sequence[tuple[RawSegment, Elements]]) -> dict[str, str]:
        """Every value of the segments, by its name."""
        values = NamedValues(prefix, self._marks)
        for _, elements in segments:
            values.add(elements)
        return values.fields


def _head(part: Part, fields: dict[str, str]) -> dict[str, str]:
    interchange = part.interchange
    unh = elements_of(part.segments[0], "latin-1")
    about = {
        "UNB/sender": interchange.sender,
        "UNB/recipient": interchange.recipient,
        "UNB/reference": interchange.reference,
        "UNB/test": "1" if interchange.test else "",
        "UNH/reference": component(unh, 1),
        "UNH/type": component(unh, 2),
        "message": f"{component(unh, 2)} {fields.get('head/BGM/code', '')}".strip(),
    }
    return {**{name: text for name, text in about.items() if text}, **fields}


def _line(segments: Sequence[tuple[RawSegment, Elements]], texts: _Texts) -> Line:
    fields = texts.fields("", segments)
    fields |= {name: text for name, text in _composed(fields) if text}
    first, last = segments[0][0], segments[-1][0]
    return Line(fields, first.line, first.offset, last.end)


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


def _total_trouble(totals: Sequence[Elements], lines: Sequence[Line], mark: str) -> Trouble | None:
    """CNT+2 counts the lines, CNT+1 adds up their quantities."""
    for elements in totals:
        kind, said = component(elements, 1), component(elements, 1, 1)
        if kind == "2" and not counts(said, len(lines)):
            told = f'CNT+2 counts "{said[:20]}" lines, and the message has {len(lines)}'
            return Trouble("E398", told, "lines were lost or added: ask for the message again")
        if kind == "1":
            there = [number_or_none(ordered(line.fields), mark) for line in lines]
            counted, total = number_or_none(said, mark), sum(copies or 0 for copies in there)
            if None not in there and counted != total:
                told = f'CNT+1 counts "{said[:20]}" copies, and the lines have {total}'
                return Trouble("E398", told, "a quantity was changed or lost: ask for the message again")
    return None


def ordered(fields: Mapping[str, str]) -> str | None:
    """The copies of a line as it writes them: ordered, else quoted."""
    return fields.get("QTY+21", fields.get("QTY+1"))
