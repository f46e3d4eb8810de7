"""One order of Adlibris, as a JSON document → its lines, each with its place, bytes and problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.adlibris_records import RECORD, records_along, unlike
from connectors.formats.json_documents import JsonDocument
from connectors.formats.json_values import JsonList, JsonValue, json_text
from connectors.formats.repeated import size_of, too_much_repeated
from connectors.formats.trouble import Trouble
from connectors.layouts import ORDER, Layout, fields_taken, parse_line, said_twice, with_order
from connectors.layouts.json_lists import single_texts
from connectors.layouts.numbers import read_integer
from connectors.layouts.unreadable import Unreadable as UnreadableValue
from connectors.layouts.unreadable import shown
from etl.plugin import DataPlace, Problem, Severity

LINES = ("Items", "rader")
"""Under which the order lines stand, by layout."""
_SHARED = 5  # of what is wrong with the order as a whole, for each of its lines; the first line has all of it
_PLACEMENTS = "fordelning"
_PLACEMENT_FIELDS = {
    "department": "avdelning",
    "location": "placering",
    "shelfmark": "signum",
    "fund": "konto",
    "note": "anmarkning",
}
_BARCODE = "ItemBarcode"
_TAKEN = (_PLACEMENTS, _BARCODE, RECORD)
"""What is read here, and not by the layout."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`lines` is empty when `problems` hold an error."""

    place: DataPlace
    raw: bytes
    lines: tuple[Mapping[str, Any], ...]
    problems: tuple[Problem, ...]


def lines_of(
    document: JsonDocument, layout: Layout, file: str, number: int, with_marc: bool
) -> Iterator[OrderLine]:
    """Every order line of a document, numbered from `number`; one that is no order gives one, unread."""
    line, offset = document.line, document.offset
    whole = DataPlace(file, number, line, offset)
    value = document.value
    if document.trouble is not None:
        yield OrderLine(whole, document.raw, (), (document.trouble.at(whole),))
        return
    items = _items(value)
    if isinstance(items, Trouble) or not isinstance(value, dict):
        trouble = items if isinstance(items, Trouble) else _NO_ORDER
        yield OrderLine(whole, document.raw, (), (trouble.at(whole),))
        return
    head, listed = _texts({name: one for name, one in value.items() if name not in LINES}, layout)
    if too_much := too_much_repeated(size_of(head), len(items)):
        yield OrderLine(whole, document.raw, (), (too_much.at(whole),))
        return
    shared = [*document.troubles_outside(items.spans), *listed]
    for index, (item, span) in enumerate(zip(items, items.spans, strict=True)):
        line, offset = document.place_of(span[0])
        place = DataPlace(file, number + index, line, offset)
        troubles = [*(shared if not index else shared[:_SHARED]), *document.troubles_in(span)]
        yield _order_line(layout, head, item, place, document.raw_of(span), troubles, index + 1, with_marc)


_NO_ORDER = Trouble("E373", "this is no order: not an object with keys", "an order is written {…}")


def _items(value: JsonValue) -> JsonList | Trouble:
    if not isinstance(value, dict):
        return _NO_ORDER
    name = next((name for name in LINES if name in value), None)
    if name is None:
        return Trouble("E373", f"the order has neither {' nor '.join(LINES)}", "where are its lines?")
    items = value[name]
    if not isinstance(items, JsonList):
        return Trouble(
            "E373", f'"{name}" is not a list of order lines', f'it is written "{name}": [{{…}}, {{…}}]', name
        )
    if not items:
        return Trouble(
            "E373", f'the order has no lines: "{name}" is empty', "ask the vendor what was ordered", name
        )
    return items


def _order_line(
    layout: Layout,
    head: Mapping[str, str | None],
    item: JsonValue,
    place: DataPlace,
    raw: bytes,
    troubles: list[Trouble],
    position: int,
    with_marc: bool,
) -> OrderLine:
    if not isinstance(item, dict):
        trouble = Trouble(
            "E373", f"order line {position} is not an object with keys", "a line is written {…}"
        )
        return OrderLine(place, raw, (), (trouble.at(place),))
    own, listed = _texts(item, layout)
    troubles = [*troubles, *listed]
    problems = [one.at(place, Severity.HOLD if one.holds else Severity.ERROR) for one in troubles]
    fields = with_order({name: text for name, text in head.items() if name not in _TAKEN}, own)
    problems += _of_no_line(head, place)
    more: dict[str, object] = {}
    if "line_no" not in layout.columns:
        more["line_no"] = str(position)  # the vendor numbers its lines by their order alone
    placements, wrong = _placements(item, own.get(_BARCODE), place)
    if placements:
        more["placements"] = placements
    along = records_along(item.get(RECORD), place, as_xml=with_marc)
    more |= along.fills
    twice = said_twice(layout, fields, [ORDER], place)
    taken = {*_TAKEN, *twice.compared}
    line, unread = parse_line(layout, {**fields, **_unknown(item)}, place, more, taken)
    problems += [*along.problems, *wrong, *unread, *twice.problems, *unlike(along.records, line, place)]
    if any(problem.severity is Severity.ERROR for problem in problems):
        return OrderLine(place, raw, (), tuple(problems))
    return OrderLine(place, raw, (line,), tuple(problems))


def _placements(
    item: Mapping[str, JsonValue], barcode: str | None, place: DataPlace
) -> tuple[list[dict[str, object]], list[Problem]]:
    """Where the copies go. A barcode is that of the first copy: there is never more than one (C)."""
    listed = item.get(_PLACEMENTS)
    if listed is None or listed == []:
        return ([{"barcode": barcode}] if barcode else []), []
    found: list[dict[str, object]] = []
    problems: list[Problem] = []
    for number, one in enumerate(listed if isinstance(listed, list) else [listed], 1):
        exact = DataPlace(place.file, place.record, place.line, place.offset, f"{_PLACEMENTS}[{number}]")
        if not isinstance(one, dict):
            told = f"placement {number} is not an object with keys"
            problems.append(
                Problem("E373", told, data=exact, help='it is written {"avdelning": …, "antal": …}')
            )
            continue
        said, several = single_texts(one, one.keys())
        problems += [trouble.noted(exact) for trouble in several]
        own: dict[str, object] = {name: said.get(key) for name, key in _PLACEMENT_FIELDS.items()}
        try:
            quantity = said.get("antal")
            own["quantity"] = read_integer(quantity, "dot") if quantity else None
        except UnreadableValue as reason:
            problems.append(Problem(reason.code, reason.message, data=exact, help=reason.help))
        found.append(own)
    if barcode and found:
        found[0]["barcode"] = barcode
    return found, problems


def _of_no_line(head: Mapping[str, str | None], place: DataPlace) -> Iterator[Problem]:
    """E428, which holds: the order says for all its lines what only a line is known to say."""
    for name in _TAKEN:
        if text := (head.get(name) or "").strip("[] "):
            other = f"{ORDER}.{name}"
            told = f"no column reads {other} {shown(text)}, which may change the order"
            help_ = f'ask the vendor, or say under source why it goes unused:  ignore: {{"{other}": …}}'
            yield Problem("E428", told, Severity.HOLD, data=replace(place, field=other), help=help_)


def _texts(members: Mapping[str, JsonValue], layout: Layout) -> tuple[dict[str, str | None], list[Trouble]]:
    columns = fields_taken(layout, {name: json_text(one) for name, one in members.items()})
    return single_texts(members, {*columns.values(), _BARCODE})


def _unknown(item: Mapping[str, JsonValue]) -> dict[str, str | None]:
    """What placements hold under keys that nobody knows, and under the placements' key that is no list."""
    listed = item.get(_PLACEMENTS)
    places = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    known = {*_PLACEMENT_FIELDS.values(), "antal"}
    return {
        f"{_PLACEMENTS}[{number}]/{name}": json_text(value)
        for number, one in enumerate(places, 1)
        for name, value in one.items()
        if name not in known
    }
