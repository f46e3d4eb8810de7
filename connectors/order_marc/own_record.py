"""The catalogue record that came along with an order line → is it another title or carrier?

A record of the MP3-CD beside an order of the book: whoever takes title and ISBN from the one and the price
from the other orders something that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from connectors.formats.marc_record import MarcRecord
from connectors.formats.trouble import shown_text
from connectors.order_marc.carriers import CARRIERS, carrier_of_form
from connectors.order_marc.paths import by_tag
from connectors.order_marc.same_title import may_be_one
from connectors.order_marc.title_said import TitleSaid, said_by_line, said_by_record
from etl.plugin import DataPlace, Problem, Severity
from etl.values.isbn import book_of

_SHOWN = 3
_CONTINUING = ("b", "i", "s")
_KINDS = {
    **dict.fromkeys("cd", "a score"),
    **dict.fromkeys("ef", "a map"),
    **dict.fromkeys("ij", "a recording"),
    **dict.fromkeys("kr", "a picture or a thing"),
    "g": "a film",
    "m": "a computer file",
    "o": "a kit",
}
"""Leader/06, but for text."""
_ONE_TITLE = "ask which is meant; if both are one thing, let it pass"


def unlike_its_line(
    record: MarcRecord, isbns: Iterable[object], carrier: str | None, place: DataPlace, title: object = None
) -> list[Problem]:
    """E422, which holds: the record's ISBNs and the line's share nothing, or it is of another carrier or
    title. What either does not say is not compared.
    """
    found = differences(said_by_line(isbns, carrier, title), said_by_record(record), "its catalogue record")
    return [held(told, place) for told in found]


def differences(line: TitleSaid, other: TitleSaid, name: str) -> Iterator[str]:
    """In what `other`, which is called `name`, is of something else than the line: a sentence for each."""
    if _apart(line.isbns, other.isbns):
        mine, theirs = shown_text(line.isbns[0]), shown_text(other.isbns[0])
        yield f"the line orders ISBN {mine}, and {name} is of {theirs}"
    if line.carriers and other.carriers and line.carriers.isdisjoint(other.carriers):
        yield f"the line orders {_listed(line.carriers)}, and {name} is of {_listed(other.carriers)}"
    if line.titles and other.titles and not any(may_be_one(line.titles[0], one) for one in other.titles):
        mine, theirs = shown_text(line.titles[0]), shown_text(other.titles[0])
        yield f"the line orders {mine}, and {name} is of {theirs}"


def of_its_own_kind(record: MarcRecord, line: Mapping[str, object], place: DataPlace) -> list[Problem]:
    """E422 for a record that is the order itself, and is of something else than the line says, or than the
    printed book that a line is of which says nothing. `source.ignore` may speak of LDR.
    """
    place = replace(place, field="LDR")
    if serial := of_a_serial(record, place):
        return serial
    form = line.get("form")
    carrier = carrier_of_form(str(form)) if form else "online" if line.get("is_electronic") else None
    if form or carrier:
        return unlike_its_line(record, (), carrier, place)
    return of_a_kind_nobody_said(record, place)


def of_a_serial(record: MarcRecord, place: DataPlace) -> list[Problem]:
    """E422 for a record of a serial, where one book is ordered."""
    if _leader(record)[7:8] not in _CONTINUING:
        return []
    return [held("its catalogue record is of a serial, and the line orders a book", place)]


def of_a_kind_nobody_said(record: MarcRecord, place: DataPlace) -> list[Problem]:
    """E422 for a record of no printed book, where the line itself does not say what kind of thing it is."""
    carriers = said_by_record(record).carriers
    kind = _listed(carriers) if carriers and "print" not in carriers else _KINDS.get(_leader(record)[6:7])
    if not kind:
        return []
    return [held(f"its catalogue record is of {kind}, and the line does not say what it orders", place)]


def _leader(record: MarcRecord) -> str:
    return next((one.value for one in by_tag(record).get("LDR", ())), "")


def several_titles(records: Sequence[MarcRecord], place: DataPlace) -> list[Problem]:
    """E441, which holds, for records that are of different titles: one line orders one."""
    said = list(map(said_by_record, records))
    names = list(dict.fromkeys(one.numbers[0].strip() for one in said if one.numbers))
    if len(names) < 2:
        other = next((one for one in said[1:] if any(differences(said[0], one, ""))), None)
        names = [_name(said[0]), _name(other)] if other else []
    return [two_records(names, place)] if names else []


def two_records(names: Sequence[str], place: DataPlace) -> Problem:
    """E441."""
    told = f"the line comes with the catalogue records {' and '.join(map(shown_text, names[:_SHOWN]))}"
    return Problem("E441", told, Severity.HOLD, data=place, help="ask the vendor which is ordered")


def held(told: str, place: DataPlace) -> Problem:
    """E422."""
    return Problem("E422", told, Severity.HOLD, data=place, help=_ONE_TITLE)


def _apart(one: Sequence[str], other: Sequence[str]) -> bool:
    return bool(one and other) and {book_of(text) for text in one}.isdisjoint(map(book_of, other))


def _name(one: TitleSaid) -> str:
    return next(iter((*one.isbns, *one.titles)), "") or _listed(one.carriers)


def _listed(carriers: Iterable[str]) -> str:
    return " or ".join(CARRIERS[one] for one in sorted(carriers))
