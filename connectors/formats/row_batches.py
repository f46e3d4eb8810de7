"""Records of a delimited text → batches: every record a row, a Rejected, or counted in a note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

import polars as pl

from connectors.formats.delimited import Record
from connectors.formats.header import Header
from connectors.formats.marc_record import Unreadable
from connectors.formats.own_pattern import OwnPattern
from connectors.formats.row_width import RowWidth
from connectors.formats.trouble import Trouble, without_line_end
from connectors.formats.two_fields import settled
from etl.plugin import Batch, DataPlace, NumberCell, Problem, Rejected, Severity, Unread, normalized

BATCH_RECORDS = 10_000
_BATCH_BYTES = 32 << 20
_EXAMPLES = 3
_SAMPLE = 50


@dataclass(slots=True)
class RowBatches:
    """Makes batches for one file.

    `header` has its columns in file order, `kept` the positions to produce. Records of which `skip` is found
    in the text, and rows with nothing but empty cells, take no number; a note at the end counts them. So do
    the lines `passed`; the lines `hidden`, and those with `doubts`, wait for a person.
    """

    file: str
    header: Header
    kept: tuple[int, ...]
    delimiter: str
    skip: OwnPattern | None = None
    notes: list[Problem] = field(default_factory=list)
    hidden: Mapping[int, str] = field(default_factory=dict)
    passed: Mapping[int, str] = field(default_factory=dict)
    doubts: Mapping[int, Sequence[Trouble]] = field(default_factory=dict)
    _tallies: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _number: int = 0
    _rows: list[list[str]] = field(default_factory=list)
    _places: list[tuple[int, int, int | None]] = field(default_factory=list)
    _rejected: list[Rejected] = field(default_factory=list)
    _bytes: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The columns in file order."""
        return self.header.names

    def of(self, records: Iterator[Record]) -> Iterator[Batch]:
        """At least one batch, also when there are no records."""
        width, blank = len(self.names), self.delimiter + ' \t"'
        yielded = False
        record: Record | None = None
        trouble: Trouble | None = None
        sample = list(islice(records, _SAMPLE))
        widths = RowWidth(sample, width, self.delimiter)
        for record in chain(sample, records):
            line, offset, raw, text, cells, trouble, _ = record
            try:
                if trouble is None and (passed := self._passed_over(text, blank, line)):
                    self._count(passed, record)
                    continue
            except Unreadable as given_up:
                trouble = given_up.trouble
            self._number += 1
            self._bytes += len(raw)
            if trouble is None and len(cells) != width:
                trouble = widths.fit(cells)
                if trouble is None:
                    self._count("E323", record)
                    cells = cells[:width]
            if trouble is not None:
                self._reject(record, trouble)
            else:
                if not text.isascii():
                    cells = [normalized("NFC", cell) for cell in cells]
                if '="' in text:
                    cells = [_bare(cell) for cell in cells]
                if self.header.twins:
                    place = DataPlace(self.file, self._number, line, offset)
                    cells, contradicting = settled(cells, self.header, self.kept, place)
                    self.notes += contradicting
                self.notes += self._doubted(line)
                self._rows.append(cells)
                self._places.append((self._number, line, offset))
            if len(self._rows) + len(self._rejected) >= BATCH_RECORDS or self._bytes > _BATCH_BYTES:
                yielded = True
                yield self._flush()
        self.notes += self._tally_notes()
        if record is not None and not record.ended and record.line > 1 and trouble is None:
            place = DataPlace(self.file, line=record.line)
            self.notes.append(without_line_end(record.line).at(place, Severity.WARNING))
        if not yielded or self._rows or self._rejected or self.notes:
            yield self._flush()

    def _passed_over(self, text: str, blank: str, line: int) -> str:
        """The code under which a row that is no record is counted; empty for a record."""
        if self.skip is not None and self.skip.search(text) is not None:
            return "E322"
        if not text.strip(blank):
            return "E324"
        return "E335" if line in self.passed else ""

    def _doubted(self, line: int) -> Iterator[Problem]:
        """Why a row of a workbook waits."""
        place = DataPlace(self.file, self._number, line)
        if how := self.hidden.get(line):
            told = f"row {line} is {how} in the workbook"
            option = "struck_rows" if how == "struck through" else "hidden_rows"
            help_ = (
                f"is it to be ordered? For all such rows, under source:  options: {{{option}: read}}  or skip"
            )
            yield Problem("E335", told, Severity.HOLD, data=place, help=help_)
        for doubt in self.doubts.get(line, ()):
            yield doubt.noted(place)

    def _unread(self, columns: Sequence[Sequence[str]]) -> dict[str, Unread]:
        """Columns that nobody wanted, by their headers."""
        found: dict[str, Unread] = {}
        asked = {*self.kept, *chain.from_iterable(self.header.twins.get(i, ()) for i in self.kept)}
        for i in set(range(len(self.names))) - asked:
            filled = [at for at, cell in enumerate(columns[i]) if cell and not cell.isspace()]
            if filled:
                record = self._places[filled[0]][0]
                found[self.names[i]] = Unread(len(filled), record, columns[i][filled[0]])
        return found

    def _reject(self, record: Record, trouble: Trouble) -> None:
        place = DataPlace(self.file, self._number, record.line, record.offset)
        self._rejected.append(Rejected(self._number, (record.misread(trouble).at(place),), record.raw))

    def _flush(self) -> Batch:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self.names)
        numbers, lines, offsets = list(zip(*self._places, strict=True)) or [()] * 3
        marked = {self.names[i]: found for i in self.kept if (found := _numbers(columns[i])) is not None}
        series = [pl.Series(self.names[i], columns[i], dtype=pl.String) for i in self.kept]
        reserved = {"_record": numbers, "_line": lines, "_offset": offsets}
        series += [pl.Series(name, values, dtype=pl.Int64) for name, values in reserved.items()]
        frame = pl.DataFrame(series)
        batch = Batch(frame, tuple(self._rejected), tuple(self.notes), self._unread(columns), marked)
        self._rows, self._places, self._rejected, self.notes, self._bytes = [], [], [], [], 0
        return batch

    def _count(self, code: str, record: Record) -> None:
        self._counts[code] = self._counts.get(code, 0) + 1
        examples = self._tallies.setdefault(code, [])
        if len(examples) < _EXAMPLES:
            examples.append((record.line, record.text))

    def _tally_notes(self) -> list[Problem]:
        said = {
            "E322": "skipped because skip_pattern is found in them",
            "E323": "with more cells than the header: the extra ones are empty and left out",
            "E324": "skipped because all their cells are empty",
            "E335": "skipped because they are hidden or struck through",
        }
        notes = []
        for code, examples in self._tallies.items():
            count = self._counts[code]
            where = ", ".join(f'line {line} "{text[:40]}"' for line, text in examples)
            told = f"{count} row{'s' * (count != 1)} {said[code]}: {where}{', …' * (count > len(examples))}"
            notes.append(
                Problem(code, told, Severity.WARNING, data=DataPlace(self.file, line=examples[0][0]))
            )
        return notes


def _numbers(cells: Sequence[str]) -> pl.Series | None:
    """What each number cell shows beside its digits, null for a text; None where there is no number cell."""
    found = [cell.beside if isinstance(cell, NumberCell) else None for cell in cells]
    return pl.Series(found, dtype=pl.String) if found.count(None) < len(found) else None


def _bare(cell: str) -> str:
    """How people keep Excel from taking the zeros of a number: written as a formula that is a text.

    >>> _bare('="0316471852"')
    '0316471852'
    """
    return (
        cell[2:-1].replace('""', '"')
        if cell.startswith('="') and cell.endswith('"') and len(cell) > 2
        else cell
    )
