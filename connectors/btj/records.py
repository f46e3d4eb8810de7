"""BTJ's MARC records → batches of order lines: one record of the file, one line.

Each occurrence of the field that the option copies names is a placement. Which of BTJ's local fields hold an
order is not public; what a mapping does not name under source.options.columns is not there.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.btj.catalogue import numbers_of
from connectors.btj.options import BtjOptions
from connectors.formats.deleted_record import deleted
from connectors.formats.iso2709 import Iso2709Decoder
from connectors.formats.iso2709_file import read_iso2709
from connectors.formats.marc_detection import find_serialisation
from connectors.formats.marc_order_data import UnreadOrderData, several_values
from connectors.formats.marc_path import parse_path
from connectors.formats.marc_record import Entry, MarcRecord
from connectors.formats.marc_record import Unreadable as Unwritable
from connectors.formats.marcxml import read_marcxml
from connectors.formats.marcxml_text import marcxml_of
from connectors.formats.trouble import Trouble
from connectors.layouts import Layout, parse_line
from connectors.layouts.leftovers import UNREAD
from connectors.layouts.unreadable import Unreadable
from connectors.layouts.values import find_format
from connectors.order_batches import OrderBatches
from connectors.order_marc.assumed_encodings import assumed_encodings
from connectors.order_marc.bibliography import cut_all, ordered_book
from connectors.order_marc.order_data import codes_read, left_unread, one_text
from connectors.order_marc.own_record import of_its_own_kind
from connectors.order_marc.paths import CHOSEN, by_tag, first_names, other_isbns, paths_of, told_of
from etl.plugin import Batch, DataPlace, Problem, Refusal, Severity, Source

_LIMIT = 1 << 20
_NUMBER = parse_path("001")


def read_records(
    source: Source, layout: Layout, options: BtjOptions, wanted: frozenset[str] | None, notes: list[Problem]
) -> Iterator[Batch]:
    """Raises Refusal: E340–E341 no MARC, E342 no records."""
    batches = OrderBatches(source.name, layout, wanted, options.placements, notes)
    decoder = Iso2709Decoder(options.marc_encoding, None)
    unread = _unread(layout, options)
    number = 0
    for number, entry in enumerate(_entries(source, decoder), 1):
        place = DataPlace(source.name, number, entry.line, entry.offset)
        if entry.record is None:
            trouble = entry.trouble or Trouble("E350", "the record cannot be read")
            batches.add(place, entry.raw(), [], [trouble.at(place)])
        else:
            line, problems = _line(entry.record, layout, options, unread, place)
            problems += [note.noted(place) for note in entry.notes]
            batches.add(place, entry.raw, [line], problems)
        if batches.full:
            yield batches.flush()
    if not number:
        raise Refusal(Problem("E342", "the file has no MARC records in it", data=DataPlace(source.name)))
    for problem in assumed_encodings(decoder.assumed, source.name, "marc_encoding"):
        batches.note(problem)
    yield batches.flush(last=True)


def _entries(source: Source, decoder: Iso2709Decoder) -> Iterator[Entry]:
    form, _ = find_serialisation(source, "auto")
    if form == "marcxml":
        return read_marcxml(source, None)
    if form == "iso2709":
        return read_iso2709(source, decoder, _LIMIT)
    told = f"this is MARC in the form {form}, which BTJ is not known to send"
    help_ = "use the connector marc, which reads it"
    raise Refusal(Problem("E356", told, data=DataPlace(source.name), help=help_))


def _unread(layout: Layout, options: BtjOptions) -> UnreadOrderData:
    paths = [_NUMBER, *paths_of(layout)]
    if options.copies:
        paths.append(parse_path(codes_read(options.copies, "".join(options.copy_columns.values()))))
    return UnreadOrderData(paths, frozenset({options.copies} if options.copies else ()))


def _line(
    record: MarcRecord, layout: Layout, options: BtjOptions, unread: UnreadOrderData, place: DataPlace
) -> tuple[dict[str, object], list[Problem]]:
    placements, problems = _placements(record, options, place)
    problems += [one.noted(place) for one in deleted(record)]
    more = {name: value for name, value in numbers_of(record).items() if name not in options.columns}
    if placements:
        more["placements"] = placements
    try:
        more["marc_xml"] = marcxml_of(record)
    except Unwritable as reason:
        told = f"the record itself is left out: {reason.trouble.message}"
        problems.append(Problem("E368", told, Severity.WARNING, data=place, help="its fields were read"))
    fields = by_tag(record)
    book = ordered_book(fields)
    cut = {**cut_all(fields, paths_of(layout)), **({CHOSEN: book.isbn.text} if book.isbn else {})}
    line, found = parse_line(layout, cut, place, more)
    problems += of_its_own_kind(record, line, place)
    line["raw"] = {**first_names(cut), "record": record.as_json()}
    left = left_unread(unread, fields, [(line.get("unit_price"), line.get("currency"))])
    line[UNREAD] = {**left, **other_isbns(layout, cut, book)}
    numbers = _NUMBER.found(fields) if "title_number" in more else []
    twice = several_values(_NUMBER, fields, numbers, "title_number", "the record", unread.rows, lists=False)
    problems += [twice.noted(place)] if twice else []
    return line, [*problems, *found, *told_of(layout, fields, cut, unread.rows, "the record", place, book)]


def _placements(
    record: MarcRecord, options: BtjOptions, place: DataPlace
) -> tuple[list[dict[str, object]], list[Problem]]:
    placements: list[dict[str, object]] = []
    problems: list[Problem] = []
    for field in record.fields:
        if field.tag != options.copies:
            continue
        found: dict[str, object] = {"sub_line": str(len(placements) + 1), "quantity": 1}
        for column, code in options.copy_columns.items():
            where = f"the record's field {field.tag} number {len(placements) + 1}"
            text, several = one_text(field, code, where)
            problems += [several.noted(place)] if several else []
            if text is not None:
                exact = DataPlace(place.file, place.record, place.line, place.offset, f"{field.tag}${code}")
                found[column] = _value(column, text, exact, problems)
        placements.append(found)
    return placements, problems


def _value(column: str, text: str, exact: DataPlace, problems: list[Problem]) -> object:
    form = {"quantity": "integer", "fund_amount": "money comma"}.get(column, "text")
    try:
        value = find_format(form).reader(text)
    except Unreadable as reason:
        problems.append(Problem(reason.code, reason.message, data=exact, help=reason.help))
        return None
    return getattr(value, "amount", value)

