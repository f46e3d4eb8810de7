"""One LIN group and the head of its message → a neutral order line, its problems and what goes unused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from connectors.edifact.amounts import Price, choose_price, number_or_none, plain_copies
from connectors.edifact.copies import codes_used, placements_of
from connectors.edifact.framing import NO_TAX, usual_frames
from connectors.edifact.message import Line
from connectors.edifact.options import EdifactOptions
from connectors.edifact.periods import is_known
from connectors.edifact.totals import amounts_that_fit
from connectors.edifact.unused import leftovers
from connectors.layouts import Layout, fields_taken, parse_line
from connectors.layouts.unreadable import shown
from etl.plugin import DataPlace, Problem, Severity
from etl.values.isbn import book_of

_PART = "LIN/part of"
_KNOWN = frozenset({"UNH/type", "message", "head/BGM/code", _PART})
_NEW = {"UNB/test": ("0",), "head/BGM/function": ("9",), "LIN/action": ("1", "5")}
"""What says that a line is no new order, and what it says of one: nothing is the usual."""
_COMPOSED = {
    "IMD title": ("IMD+050", "IMD+060"),
    "IMD author": ("IMD+009", "IMD+010", "IMD+011", "IMD+030"),
}


class Read(NamedTuple):
    """`row` is complete even when there are problems; `unread` is for `Batch.unread`."""

    row: dict[str, object]
    problems: list[Problem]
    unread: dict[str, str]


class KnownOfMessage(NamedTuple):
    """What is known of the whole message. `mark` is the decimal mark of its UNA, `fitting` are the totals in
    its foot that its lines come to.
    """

    head: Mapping[str, str]
    layout: Layout
    options: EdifactOptions
    mark: str
    fitting: frozenset[str]


def line_of(line: Line, known: KnownOfMessage, place: DataPlace) -> Read:
    """Problems are errors, or have the line wait."""
    fields = {**known.head, **line.fields}
    taken = fields_taken(known.layout, fields)
    placements, problems = placements_of(fields, known.options, known.mark, place)
    more: dict[str, object] = {"placements": placements}
    rate = _rate(fields, known.mark)
    if rate == 0 and "vat_percent" not in (*taken, *known.options.columns):
        more["vat_percent"] = rate  # the category says so
    price = Price()
    if "unit_price" not in known.options.columns:
        price = choose_price(fields, known.options.prices, known.mark, place, rate)
        more |= {name: value for name, value in price.values.items() if name not in known.options.columns}
    whole = {name: plain_copies(text, known.mark) if _counts(name) else text for name, text in fields.items()}
    row, found = parse_line(known.layout, whole, place, more, whole)
    row["raw"] = fields
    problems += [*price.problems, *_other_book(fields, place), *_part_of(fields, place), *found]
    problems += _unknown_dates(fields, known.layout, place)
    used = {*_KNOWN, *_NEW, *known.fitting, *taken.values(), *price.used, *codes_used(fields, known.options)}
    used |= {part for column, parts in _COMPOSED.items() if column in used for part in parts}
    used |= usual_frames(fields, taken, row.get("currency"), known.mark)
    used |= amounts_that_fit(fields, row, known.mark)
    left = leftovers(fields, used, place)
    rejected = any(problem.severity is Severity.ERROR for problem in problems)
    if not rejected and fields["UNH/type"] != "ORDRSP":  # that tells what becomes of an order, and is none
        problems += [*_no_new_order(fields, place), *left.problems]
    return Read(row, problems, left.unread)


def _counts(name: str) -> bool:
    return name.startswith("QTY+") and "/" not in name


def _rate(fields: Mapping[str, str], mark: str) -> Decimal | None:
    """VAT in percent: as said, or none where the category says that there is none."""
    for where in ("", "head/"):
        said = number_or_none(fields.get(f"{where}TAX+7/rate"), mark)
        if said is not None:
            return said
        if fields.get(f"{where}TAX+7/category") in NO_TAX:
            return Decimal(0)
    return None


def _no_new_order(fields: Mapping[str, str], place: DataPlace) -> Iterator[Problem]:
    for name, usual in _NEW.items():
        text = fields.get(name, usual[0])
        if text in usual:
            continue
        told = {
            "UNB/test": "a test interchange (UNB says so): not to be ordered",
            "head/BGM/function": f"BGM function {shown(text)}: a copy, change or cancellation, no new order",
            "LIN/action": f"LIN action {shown(text)}: the line is changed or cancelled",
        }[name]
        help_ = f'if this vendor means new orders by it, say so under source:  ignore: {{"{name}": …}}'
        exact = DataPlace(place.file, place.record, place.line, place.offset, name)
        yield Problem("E304", told, Severity.HOLD, data=exact, help=help_)


def _unknown_dates(fields: Mapping[str, str], layout: Layout, place: DataPlace) -> Iterator[Problem]:
    """Days that columns are looked for in, in a format that no code list has."""
    wanted = {alias for name in ("order_date", "delivery_date") for alias in layout.columns[name].aliases}
    for name, text in fields.items():
        day, _, form = name.partition(" repeat ")[0].removeprefix("head/").partition("/")
        if day.startswith("DTM+") and form and not is_known(form) and {day, f"head/{day}"} & wanted:
            told = f"{day} is {shown(text)} in the format {shown(form)}, which no code list has"
            exact = DataPlace(place.file, place.record, place.line, place.offset, name)
            yield Problem("E353", told, data=exact, help="ask the vendor which day is meant: 102 is YYYYMMDD")


def _other_book(fields: Mapping[str, str], place: DataPlace) -> list[Problem]:
    """LIN has the EAN and PIA+5 the ISBN of the same book; two books would be one too many."""
    ean = book_of(fields.get("LIN+EN"))
    isbns = [text for name, text in fields.items() if name.partition(" repeat ")[0] == "PIA+5+IB"]
    books = [book for book in map(book_of, isbns) if book]
    if ean is None or not books or ean in books:
        return []
    told = f"the EAN {shown(fields['LIN+EN'])} and the ISBN {shown(isbns[0])} are of two different books"
    exact = DataPlace(place.file, place.record, place.line, place.offset, "PIA+5+IB")
    return [Problem("E357", told, data=exact, help="ask which is meant; nothing is ordered from this line")]


def _part_of(fields: Mapping[str, str], place: DataPlace) -> list[Problem]:
    if _PART not in fields:
        return []
    told = f"this line is a part of line {shown(fields[_PART])}, not an order of its own"
    exact = DataPlace(place.file, place.record, place.line, place.offset, _PART)
    help_ = "order the set, or have the vendor send its parts as lines"
    return [Problem("E357", told, data=exact, help=help_)]
