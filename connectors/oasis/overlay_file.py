"""The overlay's files, as the option names them → an Overlay, and notes about records of no use."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from connectors.formats.marc_path import MarcPath
from connectors.formats.marc_record import MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of
from connectors.layouts import Layout, parse_line
from connectors.oasis.entries import MarcEntries
from connectors.oasis.options import OverlayOptions
from connectors.oasis.overlay import Overlay
from connectors.order_marc.bibliography import (
    BIBLIOGRAPHIC,
    cut_all,
    drop_punctuation,
    found_in,
    ordered_book,
    system_numbers,
)
from connectors.order_marc.paths import by_tag, paths_of
from connectors.order_marc.title_said import said_by_record
from etl.plugin import DataPlace, Problem, Refusal, Severity, Source, Unseen, look_for, open_file

LIMIT = 50_000
"""Records of one overlay. A night's are hundreds; they are held in memory while the orders are read."""


def read_overlay(order_file: str, options: OverlayOptions, layout: Layout, *, with_marc: bool) -> Overlay:
    """`layout` (oasis_marc) says where the metadata stand.

    Raises Refusal E390: more than LIMIT records; no such file or an unusable one, if `missing` is refuse.
    """
    overlay = Overlay(options)
    names, unseen = files_of(order_file, options.path)
    for one in unseen:
        _miss(overlay, order_file, f'the overlay "{one.path}" {one.why}', None)
    if not names and not unseen:
        told = f'there is no overlay "{options.path}" beside the order file'
        _miss(overlay, order_file, told, "brief MARC comes at night: it fills the orders of a later run")
    bibliographic = _bibliographic(layout)
    for name in names:
        try:
            _read(overlay, Source(name, partial(open_file, name)), bibliographic, with_marc)
        except Refusal as refused:
            said = refused.problems[0]
            if said.code == "E390":
                raise
            _miss(overlay, order_file, f'the overlay "{name}" is of no use: {said.message}', said.help)
    return overlay


def files_of(order_file: str, path: str) -> tuple[list[str], list[Unseen]]:
    """The overlay's files by name, and what cannot be looked at. A relative path begins beside the orders.

    Orders from standard input or a URL have no folder here: the path then starts at the working directory.
    """
    remote = order_file == "-" or "://" in order_file
    pattern = str(Path() / path if remote else Path(order_file).parent / path)
    looked = look_for(pattern)
    return looked.files, [one for one in looked.unseen if one.kind not in ("no file", "no folder")]


def _bibliographic(layout: Layout) -> Layout:
    """The layout without the order: an overlay's own order fields are not read, nor are they required."""
    keep = {name: column for name, column in layout.columns.items() if name in BIBLIOGRAPHIC}
    number = layout.columns["order_id"].model_copy(update={"required": False, "default": ""})
    return layout.model_copy(update={"columns": {**keep, "order_id": number}, "one_of": (), "constants": {}})


def _read(overlay: Overlay, source: Source, layout: Layout, with_marc: bool) -> None:
    paths = paths_of(layout)
    entries = MarcEntries(source, overlay.options.encoding, "overlay: {encoding: …}")
    for number, entry in enumerate(entries, 1):
        place = DataPlace(source.name, number, entry.line, entry.offset)
        if len(overlay.records) == LIMIT:
            told = f"the overlay has more than {LIMIT} records, which are held in memory"
            raise Refusal(Problem("E390", told, data=place, help="give the file of one night, not of all"))
        if entry.record is None:
            said = entry.trouble.message if entry.trouble else "it cannot be read"
            overlay.notes.append(_useless(place, said))
            continue
        overlay.notes += [_useless(place, note.message) for note in entry.notes if note.holds]
        _add(overlay, entry.record, place, layout, paths, with_marc)
    overlay.notes += entries.assumed()


def _add(
    overlay: Overlay,
    record: MarcRecord,
    place: DataPlace,
    layout: Layout,
    paths: list[MarcPath],
    with_marc: bool,
) -> None:
    fields = by_tag(record)
    found = {**cut_all(fields, paths), **found_in(fields, ordered_book(fields))}
    line, wrong = parse_line(layout, found, place)
    overlay.notes += [_useless(problem.data or place, problem.message) for problem in wrong]
    drop_punctuation(line)
    line["system_numbers"] = system_numbers(fields)
    if with_marc:
        try:
            line["marc_xml"] = marcxml_of(record)
        except Unreadable as reason:
            overlay.notes.append(_useless(place, reason.trouble.message))
    values = {name: line[name] for name in BIBLIOGRAPHIC if line.get(name) not in (None, "", [])}
    overlay.add(place, values, line.get("order_id"), said_by_record(record))


def _useless(place: DataPlace, said: str) -> Problem:
    """Its record number is in the text: as a place it would be taken for a record of the order file."""
    told = f"record {place.record} of the overlay cannot be used, or not all of it: {said}"
    at = DataPlace(place.file, None, place.line, place.offset, place.field)
    help_ = "the orders are read; what this record knows is not filled in"
    return Problem("E393", told, Severity.WARNING, data=at, help=help_)


def _miss(overlay: Overlay, order_file: str, told: str, help_: str | None) -> None:
    refuse = overlay.options.missing == "refuse"
    severity = Severity.ERROR if refuse else Severity.WARNING
    problem = Problem("E390", told, severity, data=DataPlace(order_file), help=help_)
    if refuse:
        raise Refusal(problem)
    overlay.notes.append(problem)
