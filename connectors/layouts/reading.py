"""A vendor's fields and a layout → one neutral order line, and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal

from connectors.formats.header import fold
from connectors.formats.typed_rows import SCALE, fits
from connectors.layouts.layout import Layout
from connectors.layouts.leftovers import UNREAD, two_spellings, unread_of
from connectors.layouts.numbers import Money, agrees
from connectors.layouts.oddities import oddities
from connectors.layouts.other_order import other_orders
from connectors.layouts.placements import settle_placements
from connectors.layouts.unreadable import Unreadable
from etl.plugin import DataPlace, Problem, Severity, is_no_day
from etl.values.currency_marks import CODES
from etl.values.isbn import book_of
from etl.values.standard_numbers import EAN

DEFAULTED = "_defaulted"
"""Key of a line under which the columns filled from a default stand, for OrderBatches to count."""



def parse_line(
    layout: Layout,
    fields: Mapping[str, str | None],
    place: DataPlace,
    more: Mapping[str, object] | None = None,
    taken: Collection[str] = (),
) -> tuple[dict[str, object], tuple[Problem, ...]]:
    """`fields` are the vendor's names and texts, `more` neutral values known otherwise (they win), `taken`
    the fields that those came from.

    The line is complete even when there are problems; every problem names the vendor's field. What is filled
    and no column took stands under UNREAD.
    """
    by_name = {fold(name): name for name in reversed(list(fields))}
    line: dict[str, object] = {
        "source": layout.name,
        "raw": dict(fields),
        "placements": [],
        "system_numbers": [],
    }
    problems: list[Problem] = []
    marks: dict[str, str] = {}
    defaulted: list[str] = []
    chosen: dict[str, str] = {}
    for name, column in layout.columns.items():
        if more and more.get(name) is not None:
            continue
        text, field = _find(column.aliases, by_name, fields)
        if field is not None:
            chosen[name] = field
        elif column.default:
            text = column.default
            defaulted.append(name)
        if text is None:
            if column.required:
                problems.append(_missing(name, column.aliases, by_name, place))
            continue
        try:
            value = layout.value_of(name, text)
        except Unreadable as reason:
            exact = _at(place, field or name)
            problems.append(Problem(reason.code, reason.message, data=exact, help=reason.help))
            continue
        if isinstance(value, Money):
            marks[field or name] = value.currency
            value = value.amount
        if isinstance(value, date) and is_no_day(value):
            problems.append(_no_day(value, column.required, _at(place, field or name)))
            continue
        line[name] = value if value != "" else None
    line.update(layout.constants)
    line.update(more or {})
    problems += [_too_fine(name, value, place) for name, value in (more or {}).items() if _is_too_fine(value)]
    if layout.article_no_is_isbn_or_ean:
        _split_article_number(line)
    line[DEFAULTED] = tuple(defaulted)
    known = {*taken, *chosen.values(), *layout.with_vat, *(_ranked(layout, by_name) if layout.ranked else ())}
    unread = unread_of(layout, fields, known)
    others = {one.data.field: one for one in other_orders(unread, place) if one.data}
    line[UNREAD] = {name: text for name, text in unread.items() if name not in others}
    problems += others.values()
    problems += two_spellings(layout, fields, by_name, chosen, place)
    problems += _missing_groups(layout, line, place)
    problems += oddities(layout, line, fields, place)
    problems += _settle_currency(line, marks, place)
    problems += settle_placements(line, place)
    return line, tuple(problems)


def fields_taken(layout: Layout, fields: Mapping[str, str | None]) -> dict[str, str]:
    """Column → the vendor's field that `parse_line` reads it from, of those that have one."""
    by_name = {fold(name): name for name in reversed(list(fields))}
    found = {name: _find(column.aliases, by_name, fields)[1] for name, column in layout.columns.items()}
    return {name: field for name, field in found.items() if field is not None}


def _no_day(day: date, required: bool, place: DataPlace) -> Problem:
    told = f"{day} stands for no day, as programs write it that have none"
    severity = Severity.ERROR if required else Severity.WARNING
    return Problem("E442", told, severity, data=place, help="nothing is sent for it" * (not required) or None)


def _ranked(layout: Layout, by_name: Mapping[str, str]) -> Iterator[str]:
    """The fields that stand in for each other, whichever of them was read."""
    aliases = (alias for column in layout.columns.values() for alias in column.aliases)
    return (by_name[folded] for alias in aliases if (folded := fold(alias)) in by_name)


def _find(
    aliases: tuple[str, ...], by_name: Mapping[str, str], fields: Mapping[str, str | None]
) -> tuple[str | None, str | None]:
    for alias in aliases:
        field = by_name.get(fold(alias))
        if field is not None and (text := fields[field]) is not None and text.strip():
            return text, field
    return None, None


def _at(place: DataPlace, field: str | None) -> DataPlace:
    return DataPlace(place.file, place.record, place.line, place.offset, field)


def _missing(name: str, aliases: tuple[str, ...], by_name: Mapping[str, str], place: DataPlace) -> Problem:
    there = next((by_name[fold(alias)] for alias in aliases if fold(alias) in by_name), None)
    field = there or (aliases[0] if aliases else name)
    if there:
        help_ = f"if an empty one means something, say it:  defaults: {{{name}: …}}  under source.options"
    else:
        sought = f"looked for: {', '.join(aliases)}; " if aliases else ""
        help_ = f"{sought}another name is given as  columns: {{{name}: …}}  under source.options"
    told = f'the order line has no "{field}", which this layout requires'
    return Problem("E355", told, data=_at(place, field), help=help_)


def _is_too_fine(value: object) -> bool:
    return isinstance(value, Decimal) and not fits(value, "decimal")


def _too_fine(name: str, value: object, place: DataPlace) -> Problem:
    told = f'"{name}" is {value}: more than {SCALE} decimals are no price'
    return Problem("E351", told, data=_at(place, name), help="ask the vendor for a rounded one")


def _missing_groups(layout: Layout, line: Mapping[str, object], place: DataPlace) -> list[Problem]:
    return [
        Problem(
            "E355", f"the order line has none of {', '.join(group)}: nothing says what is ordered", data=place
        )
        for group in layout.one_of
        if not any(line.get(name) for name in group)
    ]


def _split_article_number(line: dict[str, object]) -> None:
    number = line.get("article_no")
    if not isinstance(number, str):
        return
    digits = re.sub(r"[\s-]", "", number)
    if book_of(number) and len(digits) != 14:
        line["isbn"] = line.get("isbn") or number
    elif EAN.form.fullmatch(digits):
        line["ean"] = line.get("ean") or digits


def _settle_currency(line: dict[str, object], marks: Mapping[str, str], place: DataPlace) -> list[Problem]:
    """A currency beside a price is the line's own: it fills a missing one and may not contradict another."""
    problems = []
    for field, mark in marks.items():
        current = line.get("currency")
        if mark in CODES and (current is None or "currency" in _defaulted(line)):
            line["currency"] = mark
            line[DEFAULTED] = tuple(name for name in _defaulted(line) if name != "currency")
        elif current is None and mark not in ("", "kr"):
            told = f'the price is in "{mark}", and nothing says of which country'
            help_ = "say it:  defaults: {currency: USD}  under source.options"
            problems.append(Problem("E351", told, data=_at(place, field), help=help_))
        elif isinstance(current, str) and not agrees(mark, current):
            told = f'the price is in "{mark}", the currency of the line is "{current}"'
            problems.append(Problem("E351", told, data=_at(place, field)))
    return problems


def _defaulted(line: Mapping[str, object]) -> tuple[str, ...]:
    names = line[DEFAULTED]
    return names if isinstance(names, tuple) else ()
