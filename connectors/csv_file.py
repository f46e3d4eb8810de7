"""Delimited text, or a sheet of a workbook → batches of text columns named by the header.

Everything is text, in NFC; nothing is guessed from a cell's content, so leading zeros of account numbers
and ISBNs stay. What is found out about the file (encoding, delimiter) is told by `inspect`. A record that
cannot be read is rejected alone, with its line, its byte offset and its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from connectors.csv_options import RESERVED_NAMES, CsvOptions
from connectors.formats.delimited import Record
from connectors.formats.delimited_layout import find_layout, records_of
from connectors.formats.delimiters import NAMES
from connectors.formats.form_encoded import Form, read_form
from connectors.formats.header import Header, fold, suggestion
from connectors.formats.marc_detection import NAMES_OF_FORMS, forms_of
from connectors.formats.opening import read_head
from connectors.formats.other_papers import no_order, paper_of
from connectors.formats.own_pattern import OwnPattern
from connectors.formats.row_batches import RowBatches
from connectors.formats.sheet_besides import doubts, unseen
from connectors.formats.sheet_records import DELIMITER, read_sheet, read_table
from connectors.formats.text_encoding import guessed
from connectors.formats.workbook import is_workbook
from etl.plugin import (
    Batch,
    Columns,
    Connector,
    DataPlace,
    Evidence,
    Problem,
    Refusal,
    Severity,
    Source,
)

_TITLE = 10
"""Lines of a title above the header that are looked over."""
_FIRST = 20
"""Records by which another paper is known."""
_SHEETS = 20
"""Sheets of one workbook that are looked at when nobody said which."""


class CsvConnector(Connector):
    """A table with a header row: delimited text (UTF-8, UTF-16 or an 8-bit set), or a sheet of a workbook."""

    name = "csv"
    summary = "Delimited text (CSV, TSV) and Excel: columns come from the header, all text"
    Options = CsvOptions

    def columns(self, options: CsvOptions, source: Source | None) -> Columns:
        """Open without a source: only the renamed columns are known then."""
        if source is None:
            said = {n: f"header {' or '.join(a)}" for n, a in options.declared().columns.items()}
            return Columns(said, closed=False, others="cell")
        header = self._header(source, options)
        return Columns(
            {
                n: f"header cell {i}: {c or 'empty'}"
                for i, (n, c) in enumerate(zip(header.names, header.cells, strict=True), 1)
            },
            closed=True,
            others="cell",
            doubt=replace(header.notes[0], severity=Severity.ERROR) if header.above else None,
            header=header.place if options.header else None,
        )

    def _header(self, source: Source, options: CsvOptions) -> Header:
        if is_workbook(source):
            return read_table(source, options.declared(), options.sheet).header
        return find_layout(source, options.declared()).header

    def read(self, source: Source, options: CsvOptions, wanted: frozenset[str] | None) -> Iterator[Batch]:
        """Batches of up to 10,000 records. Refuses also a wanted column that is not there (E308)."""
        skip = OwnPattern(options.skip_pattern) if options.skip_pattern else None
        if is_workbook(source):
            table = read_table(source, options.declared(), options.sheet)
            kept = _kept(source.name, table.header.names, wanted)
            notes = [*table.header.notes, *unseen(table, kept, options.besides(), source.name)]
            aside = table.aside(options.hidden_rows, options.struck_rows)
            doubtful = doubts(table, kept, options.besides(), options.struck_rows != "read")
            batches = RowBatches(source.name, table.header, kept, DELIMITER, skip, notes, *aside, doubtful)
            yield from batches.of(_orders(source.name, table.header, options, wanted, table.records(kept)))
            return
        with records_of(source, options.declared()) as (layout, records):
            kept = _kept(source.name, layout.header.names, wanted)
            notes = list(layout.header.notes)
            if layout.encoding.guessed and "fallback_encoding" not in options.model_fields_set:
                notes.append(guessed(source, layout.encoding))
            delimiter = layout.delimiter.character
            batches = RowBatches(source.name, layout.header, kept, delimiter, skip, notes)
            yield from batches.of(_orders(source.name, layout.header, options, wanted, records))

    def recognise(self, source: Source) -> Evidence:
        """A workbook, each sheet with something in it by itself; or text that nothing else begins like."""
        if is_workbook(source):
            return Evidence("it is a workbook", tuple(self._sheets(source)))
        head = read_head(source)
        if form := _other_form(head):
            told = f"it begins as {form} does, not as delimited text"
            raise Refusal(Problem("E119", told, data=DataPlace(source.name)))
        reading = self._below_a_title(source, {})
        found = self.inspect(source, CsvOptions.model_validate(reading))
        return Evidence(f"it is text in rows, {found['delimiter']}", (reading,))

    def _below_a_title(self, source: Source, reading: Mapping[str, Any]) -> Mapping[str, Any]:
        """The reading, and how many lines it passes over where a title stands above the header."""
        refused: Refusal | None = None
        for skip in range(_TITLE + 1):
            tried = {**reading, "skip_lines": skip} if skip else reading
            try:
                above = self._header(source, CsvOptions.model_validate(tried)).above
            except Refusal as refusal:
                refused = refused or refusal
                if refusal.problems[0].code != "E305":  # a line without the delimiter of those below it
                    break
            else:
                return {**reading, "skip_lines": above} if above else tried
        assert refused is not None  # noqa: S101 - else there was a header
        raise refused

    def _sheets(self, source: Source) -> Iterator[Mapping[str, Any]]:
        """What to say of each sheet. A name is not needed where only one has something in it."""
        try:
            read_sheet(source, None)
        except Refusal as refusal:
            if refusal.problems[0].code != "E387":
                raise
        else:
            yield self._below_a_title(source, {})
            return
        for name in read_sheet(source, 1).names[:_SHEETS]:
            try:
                reading = self._below_a_title(source, {"sheet": name})
            except Refusal as refusal:
                if refusal.problems[0].code != "E301":  # nothing in it
                    raise
            else:
                yield reading

    def inspect(self, source: Source, options: CsvOptions) -> dict[str, str]:
        """Encoding, delimiter (or sheet) and columns, each with the reason."""
        if is_workbook(source):
            table = read_table(source, options.declared(), options.sheet)
            header = table.header
            found = {
                "sheet": f"{table.sheet.name} (of {len(table.sheet.names)}: {', '.join(table.sheet.names)})",
                "rows": f"{len(table.sheet.rows) - table.begin} after the header",
                "hidden rows": table.inspected(),
            }
        else:
            layout = find_layout(source, options.declared())
            header, character = layout.header, layout.delimiter.character
            found = {
                "encoding": f"{layout.encoding.codec} ({layout.encoding.why})",
                "delimiter": f"{NAMES.get(character, character)} ({layout.delimiter.why})",
            }
        found["columns"] = f"{len(header.names)}: {', '.join(header.names)}"
        if header.notes:
            found["header"] = "; ".join(note.message for note in header.notes)
        return found


def _other_form(head: bytes) -> str | None:
    """What else this is the beginning of; nearly every text can be read as a table of one column."""
    if forms := forms_of(head):
        return NAMES_OF_FORMS[forms[0]]
    if re.match(rb"(?:\xef\xbb\xbf)?\s*+UN[AB]", head):
        return "EDIFACT"
    form = read_form(head.partition(b"\n")[0])
    return "a form of the web" if isinstance(form, Form) and len(form.pairs) > 1 else None


def _orders(
    file: str,
    header: Header,
    options: CsvOptions,
    wanted: frozenset[str] | None,
    records: Iterator[Record],
) -> Iterator[Record]:
    """The records. Raises Refusal E443 where the first of them have what only another paper has, in a column
    that nobody asks for and no option names.
    """
    first = list(islice(records, _FIRST))
    known = header.names if wanted is None else {*wanted, *options.columns}
    unknown = [i for i, name in enumerate(header.names) if name not in known]
    filled = [header.cells[i] for i in unknown if any("".join(row.cells[i : i + 1]).strip() for row in first)]
    if (paper := paper_of(filled)) is not None:
        way = f"; if these are orders, name the column:  columns: {{{fold(paper[1])}: {paper[1]}}}"
        raise Refusal(no_order(file, *paper, way))
    return chain(first, records)


def _kept(file: str, names: tuple[str, ...], wanted: frozenset[str] | None) -> tuple[int, ...]:
    if wanted is None:
        return tuple(range(len(names)))
    missing = sorted(wanted - RESERVED_NAMES - set(names))
    if missing:
        raise Refusal(
            Problem(
                "E308", f'the file has no column "{name}"', data=DataPlace(file), help=suggestion(name, names)
            )
            for name in missing
        )
    return tuple(i for i, name in enumerate(names) if name in wanted)
