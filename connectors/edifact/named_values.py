"""Segments of a message's head, of one line or of the foot → the vendor's fields, named by tag and qualifier.

    QTY+21:2           QTY+21 = 2             LIN+1++9780140424461:EN   LIN/number = 1, LIN+EN = 9780140424461
    RFF+QLI:A/1        RFF+QLI = A/1          NAD+BY+5030670154036::9   NAD+BY:9 = 5030670154036
    IMD+L+050+:::Ti    IMD+050 = Ti           PIA+5+0140424466:IB       PIA+5+IB = 0140424466
    GIR+001+A:LLO      GIR+001+LLO = A        DTM+137:20060223:102      DTM+137 = 2006-02-23
    ALC+A, PCD+3:10    ALC+A/PCD+3 = 10       TAX+7+VAT+++:::6          TAX+7 = VAT, TAX+7/rate = 6
    QTY+21:2:PCE       QTY+21/unit = PCE      PRI+AAB:90:CT::10:PCE     PRI+AAB/basis = 10, PRI+AAB/unit = PCE

A name that comes again gets "repeat 2", "repeat 3" … behind it, and a component that has no name here gets
its place in the segment (`RFF+ON/1.4`: the fourth of element 1): every value of a message is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from connectors.edifact.periods import dated
from connectors.formats.edifact_segments import Elements, component

_CONTINUED = frozenset({"050", "060", "065", "300", "310"})
"""IMD codes of which a second one is the rest of a long text; of others it is another value."""

_OWNED = {
    "NAD": ("RFF", "CTA", "COM", "LOC", "FII"),
    "ALC": ("PCD", "MOA", "RNG", "RTE"),
    "PAT": ("DTM", "PCD", "MOA"),
}
"""What belongs to a party, an allowance or terms of payment when it comes right behind: RFF+API."""

_CODE = 35
"""Characters of a code that stands in the names of several values; the directories have three."""

_PIECE, _TEXT_PIECE = 35, 70
"""Characters of a component of IMD and of FTX: where a longer text is cut, in the middle of a word."""


class Value(NamedTuple):
    """One field. `places`: (element, component) that it was made of."""

    name: str
    text: str
    places: tuple[tuple[int, int], ...]


Values = Iterable[Value]


class NamedValues:
    """Collects the fields of a head, a line or a foot, segment by segment. `marks`: see `joined`."""

    def __init__(self, prefix: str = "", marks: str = "") -> None:
        self._fields: dict[str, str] = {}
        self._long: dict[str, tuple[int, list[str]]] = {}
        self._prefix, self._marks = prefix, marks
        self._owner = ""
        self._seen: dict[str, int] = {}

    @property
    def fields(self) -> dict[str, str]:
        """Name → value, as far as they were added."""
        for name, (full, texts) in self._long.items():
            self._fields[name] = joined(texts, full, self._marks)
        return self._fields

    def add(self, elements: Elements) -> None:
        """All values of a segment that are not empty."""
        tag = component(elements, 0)
        if tag in _OWNED:
            self._owner = f"{tag}+{_code(elements)}/"
        elif tag not in _OWNED.get(self._owner[:3], ()):
            self._owner = ""
        owner = "" if tag in _OWNED else self._owner
        if tag == "IMD":
            values = self._described(elements)
        elif tag == "FTX":
            values = self._remarked(elements)
        else:
            values = list(_READERS.get(tag, _plain)(elements))
        taken = {(0, 0), *(place for value in values for place in value.places)}
        for value in values:
            self.put(owner + value.name, value.text)
        stem = tag if tag in _WITHOUT_QUALIFIER else f"{tag}+{_code(elements)}"
        for element, parts in enumerate(elements):
            for at, text in enumerate(parts):
                if text.strip() and (element, at) not in taken:
                    self.put(f"{owner}{stem}/{element}.{at + 1}", text.strip())

    def put(self, name: str, value: str) -> None:
        """One field under the first free form of its name."""
        if not value:
            return
        name = self._prefix + name
        count = self._seen[name] = self._seen.get(name, 0) + 1
        self._fields[name if count == 1 else f"{name} repeat {count}"] = value

    def _described(self, elements: Elements) -> list[Value]:
        kind, code = component(elements, 1), component(elements, 2)[:_CODE]
        name = f"IMD+{code}" if kind == "L" else f"IMD+{kind[:_CODE]}+{code}"
        pieces = [elements[3][at] for at in (3, 4) if len(elements) > 3 and at < len(elements[3])]
        places = ((1, 0), (2, 0), (3, 3), (3, 4))
        if not any(map(str.strip, pieces)):
            return [Value(name, component(elements, 3), (*places, (3, 0)))]
        if code not in _CONTINUED:
            return [Value(name, joined(pieces, _PIECE, self._marks), places)]
        self._long_text(name, pieces, _PIECE, 2)
        return [Value(f"{name}/code", component(elements, 3), (*places, (3, 0)))]

    def _remarked(self, elements: Elements) -> list[Value]:
        name = f"FTX+{_code(elements)}"
        pieces = elements[4] if len(elements) > 4 else ()
        if any(map(str.strip, pieces)):
            self._long_text(name, pieces, _TEXT_PIECE, 5)
        coded = elements[3] if len(elements) > 3 else ()
        places = [(4, at) for at in range(len(pieces))] + [(3, at) for at in range(len(coded))]
        return [
            Value(f"{name}/code", ":".join(coded).strip(":"), ((1, 0), *places)),
            Value(f"{name}/function", component(elements, 2), ((2, 0),)),
        ]

    def _long_text(self, name: str, pieces: Iterable[str], width: int, most: int) -> None:
        """A segment of a text that may go on in the next: within a word, if it has `most` full pieces."""
        name = self._prefix + name
        self._fields.setdefault(name, "")  # in the order of the message
        self._long.setdefault(name, (width * most, []))[1].append(joined(pieces, width, self._marks))


def joined(pieces: Iterable[str], width: int, marks: str = "") -> str:
    """The pieces of a text: one that is full goes on without a blank, a shorter one ended with a word.

    A text is cut as it is written, and there each of the `marks` has a release character before it.

    >>> joined(["The Routledge companion to the Amer", "ican Civil War era"], 35)
    'The Routledge companion to the American Civil War era'
    >>> joined(["Fragile", "Handle with care"], 35)
    'Fragile Handle with care'
    >>> joined(["Selected poems?: Romantic, Victo", "rian"], 33, "?:+'")
    'Selected poems?: Romantic, Victorian'
    """
    text: list[str] = []
    for piece in filter(str.strip, pieces):
        last = text[-1] if text else " "
        full = len(last) + sum(map(last.count, marks)) >= width
        text += ["" if full or last.endswith(" ") or piece.startswith(" ") else " ", piece]
    return "".join(text).strip()


def _code(elements: Elements) -> str:
    return component(elements, 1)[:_CODE]


def _plain(elements: Elements) -> Iterator[Value]:
    """`TAG+qualifier` and the rest as it stands; `TAG` alone when there is only one value."""
    tag, first = component(elements, 0), elements[1] if len(elements) > 1 else ()
    rest = ":".join(first[1:]).strip(":")
    more = "+".join(":".join(element) for element in elements[2:]).strip("+:")
    value = "+".join(part for part in (rest, more) if part)
    places = tuple((at, part) for at, element in enumerate(elements) for part in range(len(element)))
    name, text = (f"{tag}+{_code(elements)}", value) if value and first else (tag, ":".join(first).strip(":"))
    yield Value(name, text, places)


_WITHOUT_QUALIFIER = frozenset({"BGM", "LIN", "IMD"})
_SHAPES: Mapping[str, Mapping[tuple[int, int], str]] = {
    "BGM": {(1, 0): "/code", (2, 0): "/number", (3, 0): "/function"},
    "RFF": {(1, 1): "", (1, 2): "/line"},
    "QTY": {(1, 1): "", (1, 2): "/unit"},
    "MOA": {(1, 1): "", (1, 2): "/currency"},
    "PCD": {(1, 1): "", (1, 2): "/of"},
    "PRI": {(1, 1): "", (1, 2): "/type", (1, 3): "/kind", (1, 4): "/basis", (1, 5): "/unit"},
    "CUX": {(1, 1): "", (1, 2): "/use"},
    "TAX": {(2, 0): "", (5, 3): "/rate", (6, 0): "/category"},
    "ALC": {(1, 0): "", (3, 0): "/settlement", (4, 0): "/sequence", (5, 0): "/service"},
}
"""Tag → (element, component) → what its name has behind tag and qualifier. The first component qualifies."""


def _shaped(elements: Elements) -> Iterator[Value]:
    tag = component(elements, 0)
    stem = tag if tag in _WITHOUT_QUALIFIER else f"{tag}+{_code(elements)}"
    for place, suffix in _SHAPES[tag].items():
        yield Value(stem + suffix, component(elements, *place), ((1, 0), place))


def _line(elements: Elements) -> Iterator[Value]:
    yield Value("LIN/number", component(elements, 1), ((1, 0),))
    yield Value("LIN/action", component(elements, 2), ((2, 0),))
    kind = component(elements, 3, 1)[:_CODE]
    yield Value(f"LIN+{kind}", component(elements, 3), ((3, 0), (3, 1)))
    if component(elements, 4) == "1":
        yield Value("LIN/part of", component(elements, 4, 1), ((4, 0), (4, 1)))


def _coded(elements: Elements) -> Iterator[Value]:
    """PIA and GIR: a number, and in each further element a value and what kind it is of."""
    for at in range(2, len(elements)):
        kind = component(elements, at, 1)[:_CODE]
        name = f"{component(elements, 0)}+{_code(elements)}+{kind}"
        yield Value(name, component(elements, at), ((1, 0), (at, 0), (at, 1)))


def _date(elements: Elements) -> Iterator[Value]:
    name, text = dated(_code(elements), component(elements, 1, 1), component(elements, 1, 2)[:_CODE])
    yield Value(name, text, ((1, 0), (1, 1), (1, 2)))


def _party(elements: Elements) -> Iterator[Value]:
    role, agency = _code(elements), component(elements, 2, 2)[:_CODE]
    name = f"NAD+{role}:{agency}" if agency else f"NAD+{role}"
    yield Value(name, component(elements, 2), ((1, 0), (2, 0), (2, 2)))
    for at, part in (
        (3, "text"),
        (4, "name"),
        (5, "street"),
        (6, "city"),
        (7, "county"),
        (8, "postcode"),
        (9, "country"),
    ):
        pieces = elements[at] if at < len(elements) else ()
        places = tuple((at, piece) for piece in range(len(pieces)))
        yield Value(f"NAD+{role}/{part}", joined(pieces, _PIECE), places)


_READERS: dict[str, Callable[[Elements], Values]] = {
    **dict.fromkeys(_SHAPES, _shaped),
    **dict.fromkeys(("PIA", "GIR"), _coded),
    "LIN": _line,
    "DTM": _date,
    "NAD": _party,
}
