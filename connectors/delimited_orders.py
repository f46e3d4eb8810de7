"""A vendor's delimited file and the layouts it may be in → batches of neutral order lines.

The CSV connectors of vendors (bokus, and whoever sends the like) are a name, layouts and this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, field_validator

from connectors.formats.delimited import Record
from connectors.formats.delimited_layout import Declared, find_layout, records_of
from connectors.formats.delimited_layout import Layout as Found
from connectors.formats.delimiters import NAMES
from connectors.formats.row_width import misfit
from connectors.formats.trouble import Trouble, without_line_end
from connectors.layouts import Layout, LayoutOptions, check_fields, chosen_note, parse_line, recognise
from connectors.order_batches import OrderBatches
from etl.plugin import Batch, DataPlace, Problem, Severity, Source

_LIMIT = 1 << 20
Complete = Callable[[dict[str, Any], DataPlace], list[Problem]]


class DelimitedOptions(LayoutOptions):
    """A vendor's CSV file."""

    delimiter: str = Field(
        "auto", description="auto: as the layout says, else found; or one character, or tab."
    )

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str) -> str:
        character = {"tab": "\t", "\\t": "\t"}.get(value, value)
        if value != "auto" and (len(character) != 1 or character in '\r\n\0"'):
            raise ValueError(f'write auto, tab or one character, not "{value}"')
        return character


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was found out about a file before its first record."""

    layout: Layout
    why: str
    found: Found

    def inspected(self) -> dict[str, str]:
        """For `etl inspect`."""
        character = self.found.delimiter.character
        return {
            "layout": f"{self.layout.name}: {self.layout.title} ({self.why})",
            "encoding": f"{self.found.encoding.codec} ({self.found.encoding.why})",
            "delimiter": f"{NAMES.get(character, character)} ({self.found.delimiter.why})",
            "fields": ", ".join(self.found.header.names),
        }


def find_delimited(source: Source, options: DelimitedOptions, layouts: Mapping[str, Layout]) -> Recognised:
    """Raises Refusal: as `find_layout` (unusable as text), E356 no layout fits, E307 ambiguous header."""
    found = find_layout(source, _declared(options, next(iter(layouts.values()))))
    layout, why = recognise(source.name, layouts, found.header.names, options.layout, options.columns)
    if _declared(options, layout) != _declared(options, next(iter(layouts.values()))):
        found = find_layout(source, _declared(options, layout))
    adapted = options.adapted(layout)
    check_fields(source.name, adapted, found.header.names, line=1)
    return Recognised(adapted, why, found)


def read_delimited(
    source: Source,
    options: DelimitedOptions,
    layouts: Mapping[str, Layout],
    wanted: frozenset[str] | None,
    complete: Complete | None = None,
) -> Iterator[Batch]:
    """Every row in file order: order lines, or one Rejected. Refuses as `find_delimited`.

    `complete` gets each line without errors, to fill in what the vendor says elsewhere.
    """
    known = find_delimited(source, options, layouts)
    notes = list(known.found.header.notes)
    if options.layout == "auto" and len(layouts) > 1:
        notes.append(chosen_note(source.name, known.layout, known.why))
    batches = OrderBatches(source.name, known.layout, wanted, options.placements, notes)
    blank: list[int] = []
    surplus: list[int] = []
    number = 0
    record: Record | None = None
    trouble: Trouble | None = None
    with records_of(source, _declared(options, known.layout)) as (found, records):
        names = found.header.names
        for record in records:
            trouble = record.trouble
            if trouble is None and not "".join(record.cells).strip():
                blank.append(record.line)
                continue
            number += 1
            place = DataPlace(source.name, number, record.line, record.offset)
            cells, more = record.cells[: len(names)], record.cells[len(names) :]
            if trouble is None and (len(cells) < len(names) or any(map(str.strip, more))):
                trouble = misfit(record.cells, len(names), found.delimiter.character)
            if trouble is not None:
                batches.add(place, record.raw, [], [record.misread(trouble).at(place)])
            else:
                line, problems = parse_line(known.layout, dict(zip(names, cells, strict=True)), place)
                wrong = any(one.severity is Severity.ERROR for one in problems)
                if more and wrong:  # so it is no surplus of empty cells, but a value too many before them
                    wide = misfit(record.cells, len(names), found.delimiter.character)
                    problems = (wide.at(place),)
                elif more:
                    surplus.append(record.line)
                if complete is not None and not wrong:
                    problems = (*problems, *complete(line, place))
                batches.add(place, record.raw, [line], problems)
            if batches.full:
                yield batches.flush()
    if record is not None and not record.ended and record.line > 1 and trouble is None:
        place = DataPlace(source.name, line=record.line)
        batches.note(without_line_end(record.line).at(place, Severity.WARNING))
    if surplus:
        batches.note(_rows(source.name, "E323", surplus, "with empty cells beyond the header, left out"))
    if blank:
        batches.note(_rows(source.name, "E324", blank, "skipped because all their cells are empty"))
    yield batches.flush(last=True)


def _declared(options: DelimitedOptions, layout: Layout) -> Declared:
    delimiter = options.delimiter if options.delimiter != "auto" else layout.delimiter or "auto"
    return Declared(options.encoding, layout.encodings[-1], delimiter, '"', True, 0, _LIMIT, {})


def _rows(file: str, code: str, lines: list[int], said: str) -> Problem:
    shown = ", ".join(str(line) for line in lines[:3]) + ", …" * (len(lines) > 3)
    told = f"{len(lines)} row{'s' * (len(lines) != 1)} {said}: line {shown}"
    return Problem(code, told, Severity.WARNING, data=DataPlace(file, line=lines[0]))
