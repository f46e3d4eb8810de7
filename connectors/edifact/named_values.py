"""Segments of a message's head or of one line → the vendor's fields, named by tag and qualifier.

    QTY+21:2           QTY+21 = 2             LIN+1++9780140424461:EN   LIN/number = 1, LIN+EN = 9780140424461
    RFF+QLI:A/1        RFF+QLI = A/1          NAD+BY+5030670154036::9   NAD+BY:9 = 5030670154036
    IMD+L+050+:::Ti    IMD+050 = Ti           PIA+5+0140424466:IB       PIA+5+IB = 0140424466
    GIR+001+A:LLO      GIR+001+LLO = A        DTM+137:20060223:102      DTM+137 = 2006-02-23
    ALC+A, PCD+3:10    ALC+A/PCD+3 = 10       TAX+7+VAT+++:::6          TAX+7 = VAT, TAX+7/rate = 6

A name that comes again gets "repeat 2", "repeat 3" … behind it: every value of a line is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from connectors.edifact.periods import dated
from connectors.formats.edifact_segments import Elements, component

_CONTINUED = frozenset({"050", "060", "065", "300", "310"})
"""IMD codes of which a second one is the rest of a long text; of others it is another value."""

_OWNED = {"NAD": ("RFF", "CTA", "COM", "LOC", "FII"), "ALC": ("PCD", "MOA", "RNG", "RTE")}
"""What belongs to a party or an allowance when it comes right behind it: RFF+API is the account."""

_CODE = 35
"""Characters of a code that stands in the names of several values; the directories have three."""

_PIECE, _TEXT_PIECE = 35, 70
"""Characters of a component of IMD and of FTX: where a longer text is cut, in the middle of a word."""

Values = Iterable[tuple[str, str]]


class NamedValues:
    """Collects the fields of a head or a line, segment by segment."""

    def __init__(self, prefix: str = "") -> None:
        self._fields: dict[str, str] = {}
        self._long: dict[str, list[str]] = {}
        self._prefix = prefix
        self._owner = ""
        self._seen: dict[str, int] = {}

    @property
    def fields(self) -> dict[str, str]:
        """Name → value, as far as they were added."""
        for name, pieces in self._long.items():
            pieces[:] = ["".join(pieces)]
            self._fields[name] = pieces[0]
        return self._fields

    def add(self, elements: Elements) -> None:
        """All values of a segment that are not empty."""
        tag = component(elements, 0)
        if tag in _OWNED:
            self._owner = f"{tag}+{_code(elements)}/"
        elif tag not in _OWNED.get(self._owner[:3], ()):
            self._owner = ""
        if tag == "IMD":
            self._describe(elements)
        elif tag == "FTX":
            self._remark(elements)
        else:
            for name, value in _READERS.get(tag, _plain)(elements):
                self.put(self._owner + name if tag not in _OWNED else name, value)

    def put(self, name: str, value: str) -> None:
        """One field under the first free form of its name."""
        if not value:
            return
        name = self._prefix + name
        count = self._seen[name] = self._seen.get(name, 0) + 1
        self._fields[name if count == 1 else f"{name} repeat {count}"] = value

    def _describe(self, elements: Elements) -> None:
        kind, code = component(elements, 1), component(elements, 2)
        parts = elements[3] if len(elements) > 3 else ()
        text = joined(parts[3:5], _PIECE) or component(elements, 3)
        name = f"IMD+{code}" if kind == "L" else f"IMD+{kind}+{code}"
        self._long_text(name, text, code in _CONTINUED, _PIECE * 2)

    def _remark(self, elements: Elements) -> None:
        subject = component(elements, 1)
        text = joined(elements[4] if len(elements) > 4 else (), _TEXT_PIECE)
        self._long_text(f"FTX+{subject}", text, True, _TEXT_PIECE * 5)
        coded = elements[3] if len(elements) > 3 else ()
        self.put(f"FTX+{subject}/code", ":".join(coded).strip(":"))

    def _long_text(self, name: str, text: str, continued: bool, full: int) -> None:
        text = text.strip()
        pieces = self._long.get(self._prefix + name)
        if not continued or pieces is None or not text:
            self.put(name, text)
            if continued and text:
                self._long[self._prefix + name] = [text]
            return
        is_full = len(pieces) > full or sum(map(len, pieces)) >= full
        pieces.append(("" if is_full else " ") + text)


def joined(pieces: Iterable[str], width: int) -> str:
    """The pieces of a text: one that is full goes on without a blank, a shorter one ended with a word.

    >>> joined(["The Routledge companion to the Amer", "ican Civil War era"], 35)
    'The Routledge companion to the American Civil War era'
    >>> joined(["Fragile", "Handle with care"], 35)
    'Fragile Handle with care'
    """
    text: list[str] = []
    for piece in filter(None, pieces):
        last = text[-1] if text else " "
        text += ["" if len(last) >= width or last.endswith(" ") or piece.startswith(" ") else " ", piece]
    return "".join(text).strip()


def _code(elements: Elements) -> str:
    return component(elements, 1)[:_CODE]


def _plain(elements: Elements) -> Values:
    """`TAG+qualifier` and the rest as it stands; `TAG` alone when there is only one value."""
    tag, first = elements[0][0], elements[1] if len(elements) > 1 else ()
    rest = ":".join(first[1:]).strip(":")
    more = "+".join(":".join(element) for element in elements[2:]).strip("+:")
    value = "+".join(part for part in (rest, more) if part)
    yield (f"{tag}+{first[0]}", value) if value and first else (tag, ":".join(first).strip(":"))


def _qualified(elements: Elements) -> Values:
    """RFF, QTY, PRI, MOA, PCD: qualifier and value in one element."""
    tag, qualifier = elements[0][0], component(elements, 1)
    yield f"{tag}+{qualifier}", component(elements, 1, 1)
    rest = elements[1][2:] if len(elements) > 1 else ()
    yield f"{tag}+{qualifier}/more", ":".join(rest).strip(":")


def _message(elements: Elements) -> Values:
    yield "BGM/code", component(elements, 1)
    yield "BGM/number", component(elements, 2)
    yield "BGM/function", component(elements, 3)


def _line(elements: Elements) -> Values:
    yield "LIN/number", component(elements, 1)
    yield "LIN/action", component(elements, 2)
    yield f"LIN+{component(elements, 3, 1)}", component(elements, 3)
    yield "LIN/part of", component(elements, 4, 1) if component(elements, 4) == "1" else ""


def _products(elements: Elements) -> Values:
    for number in elements[2:]:
        kind = number[1].strip() if len(number) > 1 else ""
        yield f"PIA+{_code(elements)}+{kind}", number[0].strip()


def _date(elements: Elements) -> Values:
    yield dated(*(component(elements, 1, position) for position in range(3)))


def _party(elements: Elements) -> Values:
    role, agency = _code(elements), component(elements, 2, 2)
    yield f"NAD+{role}:{agency}" if agency else f"NAD+{role}", component(elements, 2)
    for at, name in ((3, "text"), (4, "name"), (5, "street"), (6, "city"), (8, "postcode"), (9, "country")):
        text = joined(elements[at], _PIECE) if at < len(elements) else ""
        yield f"NAD+{role}/{name}", text


def _copy(elements: Elements) -> Values:
    for value in elements[2:]:
        kind = value[1].strip() if len(value) > 1 else ""
        yield f"GIR+{_code(elements)}+{kind}", value[0].strip()


def _currency(elements: Elements) -> Values:
    yield f"CUX+{component(elements, 1)}", component(elements, 1, 1)


def _tax(elements: Elements) -> Values:
    kind = component(elements, 1)
    yield f"TAX+{kind}", component(elements, 2)
    yield f"TAX+{kind}/rate", component(elements, 5, 3)
    yield f"TAX+{kind}/category", component(elements, 6)


_READERS: dict[str, Callable[[Elements], Values]] = {
    **dict.fromkeys(("RFF", "QTY", "PRI", "MOA", "PCD"), _qualified),
    "BGM": _message,
    "LIN": _line,
    "PIA": _products,
    "DTM": _date,
    "NAD": _party,
    "GIR": _copy,
    "CUX": _currency,
    "TAX": _tax,
}
