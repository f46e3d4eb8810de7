"""Order-level MARC → batches of order lines: a record is a title, its order blocks its placements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.formats.marc_order_data import UnreadOrderData
from connectors.formats.marc_path import MarcPath
from connectors.formats.marc_record import Entry, MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of
from connectors.formats.repeated import too_much_repeated
from connectors.formats.trouble import Trouble
from connectors.layouts import Layout, parse_line
from connectors.layouts.leftovers import UNREAD, unread_in
from connectors.oasis.blocks import merge_blocks, number_field, views_of
from connectors.oasis.completion import Completion
from connectors.oasis.entries import MarcEntries
from connectors.oasis.options import OasisOptions, not_paths
from connectors.order_batches import OrderBatches
from connectors.order_marc.bibliography import (
    cut_all,
    drop_punctuation,
    found_in,
    ordered_book,
    system_numbers,
)
from connectors.order_marc.isbn_choice import IsbnChoice
from connectors.order_marc.order_data import left_unread
from connectors.order_marc.own_record import of_its_own_kind
from connectors.order_marc.paths import Fields, by_tag, first_names, other_isbns, paths_of, told_of
from etl.plugin import Batch, DataPlace, Problem, Refusal, Severity, Source

_NO_BLOCK = "if such records are orders too, set  no_order_field: one"


def read_marc_orders(
    source: Source,
    layout: Layout,
    options: OasisOptions,
    wanted: frozenset[str] | None,
    notes: Sequence[Problem],
    completion: Completion,
) -> Iterator[Batch]:
    """Raises Refusal: E340–E342 no MARC, E356 a column is to come from what is no MARC path."""
    _refuse_other_names(source.name, options)
    batches = OrderBatches(source.name, layout, wanted, options.placements, notes)
    entries = MarcEntries(source, options.marc_encoding)
    reader = _Reader(layout, options, wanted is None or "marc_xml" in wanted)
    for number, entry in enumerate(entries, 1):
        place = DataPlace(source.name, number, entry.line, entry.offset)
        lines, problems = reader.lines_of(entry, place)
        if not _errors(problems):
            for line in lines:
                problems += completion.complete(line, place)
        problems += [note.noted(place) for note in entry.notes]
        batches.add(place, entry.raw, lines, problems)
        if batches.full:
            yield batches.flush()
    for problem in (*entries.assumed(), *completion.problems()):
        batches.note(problem)
    yield batches.flush(last=True)


@dataclass(slots=True)
class _Reader:
    layout: Layout
    options: OasisOptions
    with_marc: bool
    paths: list[MarcPath] = field(init=False)
    rows: frozenset[str] = field(init=False)
    unread: UnreadOrderData = field(init=False)

    def __post_init__(self) -> None:
        self.paths = paths_of(self.layout)
        order = self.options.order_field
        self.rows = frozenset({order} if order else ()).union(*(path.paired for path in self.paths))
        self.unread = UnreadOrderData(self.paths, self.rows)

    def lines_of(self, entry: Entry, place: DataPlace) -> tuple[list[dict[str, Any]], list[Problem]]:
        """The record's order lines. With an error among the problems they are not to be used."""
        record, tag = entry.record, self.options.order_field
        if record is None:
            return [], [(entry.trouble or Trouble("E350", "the record cannot be read")).at(place)]
        fields = by_tag(record)
        if tag and tag not in fields and self.options.no_order_field == "reject":
            told = f"the record has no field {tag}, in which the order stands"
            return [], [Trouble("E347", told, _NO_BLOCK, tag).at(place)]
        if tag and (trouble := too_much_repeated(record.size, len(fields.get(tag, ())))):
            return [], [trouble.at(place)]
        strictly = self.options.blocks == "lines"
        try:
            views, troubles = views_of(record, tag, self.paths, strictly=strictly)
        except Unreadable as given_up:
            return [], [given_up.trouble.at(place)]
        problems = [trouble.noted(place) for trouble in troubles]
        more, unwritable = self._shared(record, fields, place)
        problems += unwritable
        book = ordered_book(fields)
        lines = []
        for number, view in enumerate(views, 1):
            line, wrong = self._line(view, book, more, place, number if len(views) > 1 else 0)
            lines.append(line)
            problems += wrong
        if len(lines) > 1 and not strictly and tag and not _errors(problems):
            merged, contradictions = merge_blocks(lines, tag, place)
            lines, problems = [merged], problems + contradictions
        problems += of_its_own_kind(record, lines[0], place) if lines else []
        whole = record.as_json()
        seen = {**fields, **{f"{other}@": fields.get(other, []) for other in self.rows}}
        prices = [(line.get("unit_price"), line.get("currency")) for line in lines]
        left = left_unread(self.unread, seen, prices)
        for line in lines:
            line["raw"] = {**line["raw"], "record": whole}
            line[UNREAD] = {**unread_in(line), **left}
        return lines, problems

    def _line(
        self, view: Fields, book: IsbnChoice, more: dict[str, object], place: DataPlace, number: int
    ) -> tuple[dict[str, Any], list[Problem]]:
        own = dict(more)
        if self.options.blocks == "lines" and "line_no" not in self.options.columns:
            own["line_no"] = str(max(number, 1))
        cut = {**cut_all(view, self.paths), **found_in(view, book)}
        line, problems = parse_line(self.layout, cut, place, own)
        line["raw"] = first_names(cut)
        drop_punctuation(line)
        tag = self.options.order_field
        if number > 1 and tag:
            problems = tuple(_numbered(problem, tag, number) for problem in problems)
        where = f"the record's field {tag} number {number}" if number else "the record"
        line[UNREAD] = {**unread_in(line), **other_isbns(self.layout, cut, book)}
        doubtful = book if number < 2 else None  # what the blocks have in common is told of once
        return line, [*problems, *told_of(self.layout, view, cut, self.rows, where, place, doubtful)]

    def _shared(
        self, record: MarcRecord, fields: Fields, place: DataPlace
    ) -> tuple[dict[str, object], list[Problem]]:
        """What all blocks have in common, already typed."""
        more: dict[str, object] = {"system_numbers": system_numbers(fields)}
        if not self.with_marc:
            return more, []
        try:
            more["marc_xml"] = marcxml_of(record)
        except Unreadable as reason:
            told = f"the record itself is left out: {reason.trouble.message}"
            return more, [Problem("E368", told, Severity.WARNING, data=place, help="its fields were read")]
        return more, []


def _errors(problems: Sequence[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _numbered(problem: Problem, tag: str, number: int) -> Problem:
    at = problem.data
    if at is None:
        return problem
    exact = DataPlace(at.file, at.record, at.line, at.offset, number_field(at.field, tag, number))
    return Problem(problem.code, problem.message, problem.severity, problem.mapping, exact, problem.help)


def _refuse_other_names(file: str, options: OasisOptions) -> None:
    """A quantity taken from a misspelt path would be the default quantity, and nobody would see it."""
    wrong = not_paths(options)
    if wrong:
        help_ = "write a path such as 960$o, or several names, one of them a path"
        raise Refusal(
            Problem("E356", f'column "{name}": "{said}" is no MARC path', data=DataPlace(file), help=help_)
            for name, said in wrong
        )
