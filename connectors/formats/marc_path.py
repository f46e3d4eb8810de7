"""The path of a column, as text → what it cuts from a MARC record.

    001             the control field, of which a record has one: several different values are told
    LDR/09          position 9 of the leader, counted from 0
    008/35-37       positions 35 to 37
    020$a           subfield a of the 020, if only one value is there: of several different ones the first,
                    and that is told
    020$a[0]        the first subfield a of the first 020 that has one: on purpose, nothing is told
    020$a[]         every subfield a of every 020, as a list; 650$a$x[] gives one text per field
    245$a$b         subfields a and b in record order, joined by a space, of the 245
    020[2]$a        of the second 020
    024{ind1=3}$a   of the first 024 with first indicator 3 (# is blank)
    084{$2^=kssb}$a of the first 084 whose $2 begins with kssb ($2=kssb: is kssb); commas part conditions
    264$b|260$b     the first that is not empty
    6..$a[]         a dot stands for any character of the tag
    961@$d          of the 961 that belongs to the row's field (with `rows: 960`)
    record          the whole record as MARC-in-JSON text

A value of nothing but blanks counts as empty. A bracketed number counts the fields that meet the conditions.
Positions count characters from 0, as the MARC documentation does, and may follow a subfield (020$a/0-12).

Where a record has several different values for a path without `[]` or `[0]`, what is made of it is held if
they are order data (001, 020$c, 024, 037, 365, 9XX, the field of `rows`), else it is a warning. Values that
differ in blanks, in the punctuation at their end, or as an ISBN of ten and of thirteen digits are one. With
`rows` only the row's own field counts. Order data that no column reads are told once a run; `source.ignore`
takes paths (960$z, 9..$x) and tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.formats.marc_record import Field

Fields = Mapping[str, Sequence[Field]]

_SPEC = re.compile(
    r"(?P<tag>LDR|[0-9A-Za-z.]{3})(?P<paired>@)?"
    r"(?:\[(?P<nth>0*[1-9]\d*)\])?"
    r"(?:\{(?P<conditions>[^{}]*)\})?"
    r"(?P<codes>(?:\$[^$|/\[\]{}\s])*)"
    r"(?:/(?P<start>\d+)(?:-(?P<stop>\d+))?)?"
    r"(?P<take>\[0?\])?"
)
_CUTS = re.compile(r"(?:\A|\|)((?:\{[^{}]*+\}|[^|])*+)")
_CONDITION = re.compile(
    r"ind(?P<indicator>[12])=(?P<wanted>[0-9a-z#])|\$(?P<code>\S)(?P<how>\^?=)(?P<text>.+)"
)


@dataclass(frozen=True, slots=True)
class _Condition:
    indicator: int | None
    code: str
    text: str
    begins: bool = False

    def holds(self, field: Field) -> bool:
        if self.indicator is not None:
            return field.indicators[self.indicator : self.indicator + 1] == self.text
        texts = [text for code, text in field.subfields if code == self.code]
        return any(text.startswith(self.text) if self.begins else text == self.text for text in texts)


@dataclass(frozen=True, slots=True)
class _Cut:
    """One alternative of a path. A `paired` tag ends in @, under which its fields are found."""

    tag: str
    nth: int
    conditions: tuple[_Condition, ...]
    codes: str
    positions: slice | None
    pattern: re.Pattern[str] | None

    @property
    def plain(self) -> bool:
        """Nothing but a tag and one subfield, as most paths are."""
        return len(self.codes) == 1 and not (self.nth or self.conditions or self.positions or self.pattern)

    def values(self, fields: Fields) -> list[str]:
        found = self.fields(fields)
        if not self.codes:
            texts = [field.value for field in found]
        elif len(self.codes) == 1:
            texts = [text for field in found for code, text in field.subfields if code == self.codes]
        else:
            texts = [
                " ".join(text for code, text in field.subfields if code in self.codes) for field in found
            ]
        if self.positions is not None:
            texts = [text[self.positions] for text in texts]
        return [text for text in texts if text and not text.isspace()]

    def fields(self, fields: Fields) -> Sequence[Field]:
        """Those that it reads."""
        found: Sequence[Field] = fields.get(self.tag, ())
        if self.pattern is not None:
            matches = self.pattern.fullmatch
            found = [field for tag, group in fields.items() if matches(tag) for field in group]
        if self.conditions:
            found = [field for field in found if all(condition.holds(field) for condition in self.conditions)]
        return found[self.nth - 1 : self.nth] if self.nth else found


@dataclass(frozen=True, slots=True)
class MarcPath:
    """A compiled path. `take` is what it ends in: [] gives a list, [0] the first of several; `whole` is the
    path `record`.

    `plain` are the tags and subfields of a path that is nothing more: the short way, since most are.
    """

    text: str
    cuts: tuple[_Cut, ...]
    take: str = ""
    plain: tuple[tuple[str, str], ...] = ()

    @property
    def whole(self) -> bool:
        return not self.cuts

    @property
    def many(self) -> bool:
        return self.take == "[]"

    @property
    def paired(self) -> frozenset[str]:
        """The tags of which it reads the field that belongs to the row."""
        return frozenset(cut.tag[:3] for cut in self.cuts if cut.tag.endswith("@"))

    def touches(self, tag: str) -> bool:
        """May this path read a field with that tag, or one that belongs to it?"""
        return any(
            cut.pattern.fullmatch(tag) if cut.pattern else cut.tag == tag or cut.tag.endswith("@")
            for cut in self.cuts
        )

    def cut(self, fields: Fields) -> str | list[str] | None:
        """The value in these fields (the leader under LDR): text or None, a list for a `many` path."""
        found = self.found(fields)
        return found if self.many else found[0] if found else None

    def found(self, fields: Fields) -> list[str]:
        """Every value of the first alternative that has any, in record order."""
        if not self.plain:
            return next((values for cut in self.cuts if (values := cut.values(fields))), [])
        found: list[str] = []
        for tag, wanted in self.plain:
            for field in fields.get(tag, ()):
                for code, text in field.subfields:
                    if code == wanted and text and not text.isspace():
                        found.append(text)
            if found:
                break
        return found


def tags_of(paths: Iterable[MarcPath]) -> frozenset[str] | None:
    """The tags these paths read; None when that is any tag (wildcards, whole records)."""
    tags: set[str] = set()
    for path in paths:
        if path.whole or any(cut.pattern for cut in path.cuts):
            return None
        tags |= {cut.tag[:3] for cut in path.cuts}
    return frozenset(tags)


def parse_path(text: str) -> MarcPath:
    """Raises ValueError, in one sentence, when `text` is no path.

    >>> parse_path("020$a[]").many
    True
    >>> parse_path("245")
    Traceback (most recent call last):
        ...
    ValueError: "245" is a data field: name a subfield, for example 245$a
    """
    if text.strip() == "record":
        return MarcPath(text, ())
    parsed = [_parse_cut(part.strip(), text) for part in _CUTS.findall(text)]
    if len({take for _, take in parsed}) > 1:
        raise ValueError(f'in "{text}" either every alternative is a list (ends in []) or none, as with [0]')
    cuts, take = tuple(cut for cut, _ in parsed), parsed[0][1]
    plain = tuple((cut.tag, cut.codes) for cut in cuts) if all(cut.plain for cut in cuts) else ()
    return MarcPath(text, cuts, take, plain)


def _parse_cut(part: str, whole: str) -> tuple[_Cut, str]:
    match = _SPEC.fullmatch(part)
    if match is None:
        said = f'"{part}"' if part == whole else f'"{part}" in "{whole}"'
        if "[0]" in part:
            raise ValueError(f"{said}: occurrences count from 1, and [0], the first on purpose, ends a path")
        raise ValueError(f"{said} is no MARC path; write for example 020$a, 245$a$b, 008/35-37 or 020$a[]")
    tag, nth, codes = match["tag"] + (match["paired"] or ""), match["nth"], match["codes"].replace("$", "")
    is_control = tag == "LDR" or tag.startswith("00")
    if match["paired"] and (is_control or "." in tag):
        raise ValueError(f'"{part}": @ goes with the tag of one data field, for example 961@$d')
    if is_control and (codes or match["conditions"] is not None):
        raise ValueError(f'"{part}": {tag} is a control field and has no subfields or indicators')
    if not codes and tag.replace(".", "0").rstrip("@").isdigit() and not is_control:
        raise ValueError(f'"{part}" is a data field: name a subfield, for example {tag}$a')
    start, stop = match["start"], match["stop"]
    if stop is not None and int(stop) < int(start):
        raise ValueError(f'"{part}": the positions run backwards')
    positions = slice(int(start), int(stop or start) + 1) if start is not None else None
    pattern = re.compile(tag) if "." in tag else None
    conditions = tuple(
        _parse_condition(text, part) for text in (match["conditions"] or "").split(",") if text.strip()
    )
    if match["conditions"] is not None and not conditions:
        raise ValueError(f'"{part}": the braces are empty; write for example {{ind1=3}}')
    return _Cut(tag, int(nth or 0), conditions, codes, positions, pattern), match["take"] or ""


def _parse_condition(text: str, part: str) -> _Condition:
    match = _CONDITION.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f'"{part}": "{text.strip()}" is no condition; write ind1=3, ind2=#, $2=kssb or $2^=kssb'
        )
    if match["indicator"]:
        return _Condition(int(match["indicator"]) - 1, "", match["wanted"].replace("#", " "))
    return _Condition(None, match["code"], match["text"], match["how"] == "^=")
