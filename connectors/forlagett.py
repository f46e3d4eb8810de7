"""Orders of FörlagEtt (form-encoded key-value text) → neutral order lines.

One line of text is one order; its keys carry the number of the order line (`isbn_1`, `titel_1`). An order
whose keys contradict each other is rejected as a whole: which of its lines is lost cannot be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from connectors.formats.form_encoded import Form, read_form, without_address
from connectors.formats.opening import looks_binary, opened, read_head
from connectors.formats.repeated import size_of, too_much_repeated
from connectors.formats.text_encoding import TextEncoding
from connectors.formats.text_lines import Line, read_lines
from connectors.formats.trouble import Trouble, not_whole, without_line_end
from connectors.layouts import (
    ORDER,
    Layout,
    LayoutOptions,
    load_layouts,
    parse_line,
    recognise,
    said_twice,
    with_order,
)
from connectors.order_batches import OrderBatches
from connectors.order_line import IDENTITY, order_columns
from etl.plugin import Batch, Columns, Connector, DataPlace, Problem, Refusal, Severity, Source

_LAYOUTS = load_layouts("forlagett")
_LIMIT = 1 << 20
_BOM = b"\xef\xbb\xbf"
_NUMBERED = re.compile(r"(.+)_([1-9]\d{0,4})")


class ForlagettConnector(Connector):
    """Keys and values as a web form sends them, percent-encoded from UTF-8 or Latin-1."""

    name = "forlagett"
    summary = "FörlagEtt orders (form-encoded text) as neutral order lines"
    Options = LayoutOptions
    identity = IDENTITY

    def columns(self, options: LayoutOptions, source: Source | None) -> Columns:
        """The neutral order line. Raises Refusal when the source is no such text (E356)."""
        if source is not None:
            _recognise(source, options)
        return order_columns()

    def read(self, source: Source, options: LayoutOptions, wanted: frozenset[str] | None) -> Iterator[Batch]:
        """One record for each order line; one Rejected for an order that cannot be taken apart."""
        layout, _ = _recognise(source, options)
        batches = OrderBatches(source.name, layout, wanted, options.placements)
        number = 0
        with opened(source) as stream:
            for line in read_lines(stream, _encoding(source), _LIMIT):
                if not line.raw.strip(b" \t\r\n\x1a"):
                    continue
                order = _order(line, layout, options)
                if line.number > 1 and not line.ended:
                    order = _unended(order, line, source.name, batches)
                if isinstance(order, Trouble):
                    number += 1
                    place = DataPlace(source.name, number, line.number, line.offset)
                    batches.add(place, line.raw, [], [order.at(place)])
                    continue
                for line_no, own in order.lines.items():
                    number += 1
                    place = DataPlace(source.name, number, line.number, line.offset)
                    parsed, problems = _line(layout, order.head, own, line_no, place)
                    batches.add(place, line.raw, [parsed], problems)
                if batches.full:
                    yield batches.flush()
        yield batches.flush(last=True)

    def inspect(self, source: Source, options: LayoutOptions) -> dict[str, str]:
        """Layout, the encodings of the first orders, and their keys."""
        layout, why = _recognise(source, options)
        head = read_head(source).removeprefix(_BOM).splitlines()
        forms = [
            form
            for line in head
            if isinstance(form := read_form(line, options.encoding), Form) and form.pairs
        ]
        return {
            "layout": f"{layout.name}: {layout.title} ({why})",
            "encoding": ", ".join(sorted({form.codec for form in forms})) or "no order can be read",
            "keys": ", ".join(dict.fromkeys(_keys(read_head(source)))),
        }


def _encoding(source: Source) -> TextEncoding:
    return TextEncoding(
        "utf-8", len(_BOM) if read_head(source).startswith(_BOM) else 0, "percent-encoded ASCII"
    )


def _keys(head: bytes) -> Iterator[str]:
    """The keys at the beginning of the source, whatever the values are like."""
    for line in head.removeprefix(_BOM).splitlines():
        for piece in without_address(line).split(b"&"):
            key, mark, _ = piece.partition(b"=")
            if mark:
                yield key.decode("ascii", "replace")[:40]


def _recognise(source: Source, options: LayoutOptions) -> tuple[Layout, str]:
    head = read_head(source)
    if looks_binary(head):
        raise Refusal(Problem("E302", "this is not a text file", data=DataPlace(source.name)))
    if not head.removeprefix(_BOM).strip():
        raise Refusal(Problem("E301", "the file has no orders", data=DataPlace(source.name)))
    numbered = ((key, _NUMBERED.fullmatch(key)) for key in _keys(head))
    keys = dict.fromkeys(found[1] if found else key for key, found in numbered)
    layout, why = recognise(source.name, _LAYOUTS, keys, options.layout, options.columns)
    return options.adapted(layout), why


class _Order(NamedTuple):
    """The keys of the order, and by number those of its lines, without the number."""

    head: Mapping[str, str]
    lines: Mapping[int, Mapping[str, str]]


def _order(line: Line, layout: Layout, options: LayoutOptions) -> _Order | Trouble:
    if line.size > len(line.raw):
        return Trouble(
            "E315", f"the line is {line.size} bytes long; only the first {_LIMIT} are kept in the report"
        )
    form = read_form(line.raw, options.encoding, layout.encodings[-1])
    if isinstance(form, Trouble):
        return form
    head: dict[str, str] = {}
    lines: dict[int, dict[str, str]] = {}
    for key, value in form.pairs:
        if numbered := _NUMBERED.fullmatch(key):
            lines.setdefault(int(numbered[2]), {})[numbered[1]] = value
        else:
            head[key] = value
    wrong = _counted(head, lines) or too_much_repeated(size_of(head), len(lines))
    return wrong or _Order(head, {number: lines[number] for number in sorted(lines)})


def _line(
    layout: Layout, head: Mapping[str, str], own: Mapping[str, str], line_no: int, place: DataPlace
) -> tuple[dict[str, object], list[Problem]]:
    """One order line. A problem of a key of its own names the key with its number."""
    fields = with_order(head, own)
    twice = said_twice(layout, fields, [ORDER], place)
    parsed, problems = parse_line(layout, fields, place, {"line_no": str(line_no)}, twice.compared)
    told = [_with_number(one, line_no) if _field(one) not in head else one for one in problems]
    return parsed, [*told, *twice.problems]


def _unended(order: _Order | Trouble, line: Line, file: str, batches: OrderBatches) -> _Order | Trouble:
    """The last line of several, without its end: of no order it shows that the file was cut off in it."""
    if isinstance(order, Trouble):
        return not_whole(f"it ends in line {line.number}, without a line end, and {order.message}")
    place = DataPlace(file, line=line.number)
    batches.note(without_line_end(line.number).at(place, Severity.WARNING))
    return order


def _counted(head: Mapping[str, str], lines: Mapping[int, Mapping[str, str]]) -> Trouble | None:
    """`rader` has to be the highest number, and none may be missing below it."""
    highest = max(lines, default=0)
    said = head.get("rader", "").strip()
    if said and said.lstrip("0") != str(highest or ""):
        told = f'"rader" says "{said[:20]}", and the highest line number is {highest}'
        return Trouble("E357", told, "part of the order may be lost: ask for it again", "rader")
    if not lines:
        return Trouble(
            "E357", "the order has no lines: no key ends in _1", "keys are written isbn_1, titel_1, antal_1"
        )
    gap = next((number for number in range(1, highest) if number not in lines), None)
    if gap is not None:
        told = f"the order has a line {highest} and no line {gap}"
        return Trouble("E357", told, "part of the order may be lost: ask for it again")
    return None


def _field(problem: Problem) -> str | None:
    return problem.data.field if problem.data else None


def _with_number(problem: Problem, line_no: int) -> Problem:
    """The problem with the key as it stands in the file: pris_2, not pris."""
    place = problem.data
    if place is None or place.field is None:
        return problem
    own = DataPlace(place.file, place.record, place.line, place.offset, f"{place.field}_{line_no}")
    return Problem(problem.code, problem.message, problem.severity, problem.mapping, own, problem.help)
