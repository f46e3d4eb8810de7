"""A number, or what a person calls an order line by → the rows of the record that is meant.

Each source is read once. Of several records that fit, the first is meant, and the others are named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from etl.plan.plan import Plan
from etl.plugin import Rejected, Source
from etl.problems import DataPlace, MappingPlace, Problem, Refusal
from etl.run.build import Builder
from etl.run.known_as import KINDS, KnownAs, Nearest, plain
from etl.run.outcomes import Refused, SourceRow
from etl.run.rows import read_rows
from etl.values.isbn import written_isbns

_OTHERS = 5


@dataclass(frozen=True, slots=True)
class Other:
    """One more record that the text fits."""

    place: DataPlace
    key: str | None


@dataclass(slots=True)
class Sought:
    """The record that is shown: `rows` (with group_by all of its group), and how the text came to fit it.

    `kind` is one of KINDS, None for a record asked for by its number. Of `count` that fit, `others` are some.
    """

    rows: list[SourceRow]
    kind: str | None = None
    count: int = 1
    others: list[Other] = field(default_factory=list)


def numbered(plan: Plan, sources: Sequence[Source], number: int) -> Sought:
    """The record of that number; the first row's if repeated order fields gave several.

    Raises Refusal: with its reasons if it cannot be read, E606 if there is none.
    """
    highest = 0
    for source in sources:
        wanted: list[SourceRow] = []
        everything: list[SourceRow] = []
        for row in read_rows(plan, source, lambda _problem: None):
            if row.record == number and isinstance(row, Rejected):
                raise Refusal(row.problems)
            highest = max(highest, row.record)
            if isinstance(row, SourceRow):
                if plan.group_by:
                    everything.append(row)
                if row.record == number:
                    wanted.append(row)
                elif wanted and not plan.group_by:
                    break
        if wanted:
            return Sought(_group(plan, wanted[0], everything) if plan.group_by else wanted[:1])
    said = f"there is no record {number}: the input has {highest}"
    help_ = "to look for a key, an order number, an ISBN or a title:  --find"
    raise Refusal(Problem("E606", said, mapping=MappingPlace("--record"), help=help_))


def called(plan: Plan, sources: Sequence[Source], text: str) -> Sought:
    """The first record that has this key, order number, ISBN, ISSN, barcode or title, or these words in its
    title, and which others have it.

    Each source is read once. Raises Refusal: with the reasons of a record that cannot be read and holds the
    text if no other fits, E606 with the nearest names if none does.
    """
    search = _Search(plan, text)
    for source in sources:
        search.look_through(source)
    return search.found()


def _group(plan: Plan, asked: SourceRow, rows: Sequence[SourceRow]) -> list[SourceRow]:
    builder = Builder(plan)
    group = builder.group(asked)
    return [asked] if isinstance(group, Refused) else [row for row in rows if builder.group(row) == group]


class _Search:
    def __init__(self, plan: Plan, text: str) -> None:
        self._plan, self._text = plan, text
        self._names, self._builder = KnownAs(plan), Builder(plan)
        self._plain, self._isbns = plain(text.removesuffix(".json")), written_isbns(text)
        self._hits: dict[str, Sought] = {}
        self._seen: set[tuple[str, tuple[str, ...]]] = set()
        self._near = Nearest(self._plain)
        self._records = self._files = 0
        self._unread: list[Rejected] = []
        self._unread_count = 0

    def look_through(self, source: Source) -> None:
        everything: list[SourceRow] = []
        fresh: list[Sought] = []
        self._files += 1
        last = None
        for row in read_rows(self._plan, source, lambda _problem: None):
            self._records += row.record != last
            last = row.record
            if isinstance(row, Rejected):
                self._unreadable(row)
                continue
            if self._plan.group_by:
                everything.append(row)
            key, names = self._names.of(row)
            for kind in KINDS:
                if self._fits(kind, names[kind]) and not self._is_known(kind, row):
                    fresh += self._hit(kind, row, key)
            self._near.see(name for kind in KINDS for name in names[kind])
        for hit in fresh if self._plan.group_by else ():
            hit.rows = _group(self._plan, hit.rows[0], everything)

    def found(self) -> Sought:
        for kind in KINDS:
            if kind in self._hits:
                return self._hits[kind]
        for rejected in self._unread:
            raise Refusal(rejected.problems)
        looked = f"looked through {_many(self._records, 'record')} in {_many(self._files, 'file')}"
        if self._unread_count:
            looked += f"; {_many(self._unread_count, 'record')} cannot be read"
        near = self._near.names()
        help_ = f"{looked}; nearest: {', '.join(near)}" if near else f"{looked}; nothing is like it"
        if not self._names.tells_titles:
            help_ += "; titles were not looked for: the mapping says none, nor identity: {title: …}"
        said = f'no record has the key, order number, ISBN, ISSN, barcode or title "{self._text}"'
        raise Refusal(Problem("E606", said, mapping=MappingPlace("--find"), help=help_))

    def _fits(self, kind: str, names: Collection[str]) -> bool:
        if kind == "ISBN":
            return not self._isbns.isdisjoint(names)
        if kind == "ISSN":
            return any(plain(name).replace(" ", "") == self._plain.replace(" ", "") for name in names)
        if kind == "words in the title":
            return bool(self._plain) and any(f" {self._plain} " in f" {plain(name)} " for name in names)
        return any(name == self._text or (self._plain and plain(name) == self._plain) for name in names)

    def _is_known(self, kind: str, row: SourceRow) -> bool:
        """Is it a row of a document that was found already?"""
        if not self._plan.group_by:
            return False
        group = self._builder.group(row)
        if isinstance(group, Refused):
            return False
        known = (kind, group) in self._seen
        self._seen.add((kind, group))
        return known

    def _hit(self, kind: str, row: SourceRow, key: str | None) -> Iterator[Sought]:
        hit = self._hits.get(kind)
        if hit is None:
            self._hits[kind] = Sought([row], kind)
            yield self._hits[kind]
            return
        hit.count += 1
        if len(hit.others) < _OTHERS:
            hit.others.append(Other(row.place(), key))

    def _unreadable(self, row: Rejected) -> None:
        self._unread_count += 1
        if not self._unread and self._text.encode("utf-8", "surrogateescape") in (row.raw or b""):
            self._unread.append(row)


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"
