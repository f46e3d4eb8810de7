"""An EDItX ship notice of BTJ → batches of order lines: one record for each ItemDetail.

Its CopyDetails are the line's placements; what they are glued of (HUVBARN2024) is for the mapping to split,
by the library's own table. The embedded record is parsed by itself: when that fails the line stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from connectors.btj.item import line_of
from connectors.btj.options import BtjOptions
from connectors.btj.summary import Tally
from connectors.formats.editx import item_of, lines_of, read_header
from connectors.formats.repeated import size_of, too_long_head
from connectors.formats.xml_budget import LIMIT
from connectors.formats.xml_elements import Element, XmlBroken, bytes_of, read_from
from connectors.layouts import Layout
from connectors.order_batches import OrderBatches
from etl.plugin import Batch, DataPlace, Problem, Severity, Source


def read_notice(
    source: Source, layout: Layout, options: BtjOptions, wanted: frozenset[str] | None, notes: list[Problem]
) -> Iterator[Batch]:
    """Raises Refusal: E355 no Header, E349 broken before its end, E367 a document type, E303 its encoding."""
    batches = OrderBatches(source.name, layout, wanted, options.placements, notes)
    header = read_header(source)
    tally = Tally(source.name)
    number = 0
    try:
        for element in lines_of(source):
            if element.name == "ItemDetail":
                number += 1
                _add(batches, source, element, number, header, layout, options, tally)
            elif element.name == "Summary":
                tally.summary = element
            else:
                batches.note(_left_out(source.name, element))
            if batches.full:
                yield batches.flush()
    except XmlBroken as broken:
        place = DataPlace(source.name, number + 1, broken.line, broken.offset)
        help_ = "the lines before this place were read; nothing after it was"
        batches.add(place, read_from(source, broken.offset), [], [broken.trouble(help_).at(place)])
    else:
        _conclude(batches, source, tally, number + 1)
    yield batches.flush(last=True)


def _add(
    batches: OrderBatches,
    source: Source,
    element: Element,
    number: int,
    header: Mapping[str, str],
    layout: Layout,
    options: BtjOptions,
    tally: Tally,
) -> None:
    place = DataPlace(source.name, number, element.line, element.offset)
    tally.lines += 1
    if element.oversize:
        told = f"the line is longer than {LIMIT} bytes, or has too many elements or too deep ones"
        help_ = "the file is damaged, or it is no order line; its beginning is kept in the report"
        batches.add(place, bytes_of(source, element), [], [Problem("E315", told, data=place, help=help_)])
        tally.add_units(None)
        return
    if trouble := too_long_head(size_of(header)):
        batches.add(place, bytes_of(source, element), [], [trouble.at(place)])
        tally.add_units(None)
        return
    line, problems = line_of(item_of(element), header, layout, options, place)
    tally.add_units(line.get("quantity"))
    batches.add(place, partial(bytes_of, source, element), [line], problems)


def _conclude(batches: OrderBatches, source: Source, tally: Tally, number: int) -> None:
    """What the Summary says. A wrong one stands as a record of its own for what may be missing."""
    if tally.summary is None:
        batches.note(tally.unsaid())
    elif wrong := tally.difference():
        element = tally.summary
        place = DataPlace(source.name, number, element.line, element.offset)
        batches.add(place, bytes_of(source, element), [], [wrong.at(place)])


def _left_out(file: str, element: Element) -> Problem:
    told = f'the element "{element.name}" beside the lines is not known and is left out'
    return Problem("E368", told, Severity.WARNING, data=DataPlace(file, line=element.line))
