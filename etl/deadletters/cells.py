"""A document's values → cells, and edited cells → the document they make, or why not."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from etl.deadletters.columns import FIELDS, LISTS, columns_in
from etl.deadletters.groups import MANY, REMOVED, cell, regrouped, split
from etl.deadletters.said import BadCell, Faulty
from etl.documents.code_tables import minor_units
from etl.documents.isbn import is_isbn
from etl.plugin import Target

_COMMA = re.compile(r"-?\d+,\d+")
_DECIMALS = re.compile(r"-?\d+\.(\d+)")
_MONEY = frozenset({"price", "fund_amount"})
_NUMBERS = _MONEY | {"quantity"}


def cells_of(target: Target, payload: bytes) -> dict[str, str]:
    """Column → text. Values of several funds or locations stand in one cell, with `; ` between."""
    values = _values(target, payload)
    return {
        column: cell(values.get(path[0], []), path[1:]) if path[0] in LISTS else cell([values], path)
        for column, path in FIELDS[target.name].items()
    }


def changes_of(before: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
    """The columns that were edited. Raises BadCell for one that was emptied, and for a new value that a
    spreadsheet program, not a person, may have made: zeros lost, thousands read as decimals.
    """
    currency = tidy("currency", cells.get("currency", "")) or before.get("currency", "")
    places = minor_units(currency)
    found = {}
    for column, old in before.items():
        new = tidy(column, cells.get(column, old))
        if same(column, old, new) and not any(_too_fine(column, *pair, places) for pair in _pairs(old, new)):
            continue
        if not new:
            raise BadCell("emptied", column, old=old)
        _believable(column, old, new, places)
        found[column] = new
    return found


def edited(target: Target, payload: bytes, changes: Mapping[str, str]) -> bytes:
    """The payload with the changes. Raises BadCell: what the target says is wrong with it."""
    if not changes:
        return payload
    before = _values(target, payload)
    values = copy.deepcopy(before)
    for column, text in changes.items():
        path = FIELDS[target.name][column]
        if path[0] not in LISTS:
            _put(values, column, path, text)
    currency = _currency(target, before), _currency(target, values)
    for name in LISTS:
        paths = columns_in(target.name, name)
        if paths and not changes.keys().isdisjoint({*paths, "currency"}):
            values[name] = regrouped(before.get(name, []), paths, changes, currency)
    document = target.build(values)
    if isinstance(document, list):
        raise Faulty(target, document)
    return target.payload(document, "xml" if payload.lstrip().startswith(b"<") else "json")


def tidy(column: str, text: str) -> str:
    """What a spreadsheet makes of a value, taken back: blanks, a decimal comma."""
    text = " ".join(text.split())
    if column in _MONEY:
        return MANY.join(part.replace(",", ".") if _COMMA.fullmatch(part) else part for part in split(text))
    return text


def same(column: str, old: str, new: str) -> bool:
    """`249` is `249.00`, and a spreadsheet writes it so."""
    if column not in _NUMBERS:
        return tidy(column, old) == new
    return [_bare(part) for part in split(old)] == [_bare(part) for part in split(new)]


def _believable(column: str, old: str, new: str, places: int) -> None:
    """Raises BadCell for a value that is not what anybody means."""
    for was, part in _pairs(old, new):
        if column not in _NUMBERS and part and was != part and was.lstrip("0") == part:
            raise BadCell("zeros lost", column, old=was, new=part)
        if column in _NUMBERS and part.startswith("-") and part != REMOVED:
            raise BadCell("negative", column, new=part)
        if _too_fine(column, was, part, places):
            raise BadCell("too fine", column, new=part, plain=part.replace(".", ""))


def _too_fine(column: str, was: str, part: str, places: int) -> bool:
    """More decimals than the currency, and than before: `1,249` is not 1.249 kr, but what an American would
    write for 1249.
    """
    return column in _MONEY and _decimals(part) > max(places, _decimals(was))


def _decimals(number: str) -> int:
    found = _DECIMALS.fullmatch(number)
    return len(found[1]) if found else 0


def _pairs(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Value by value, before and now. Of another number: the one it was, or was without its zeros; "" for one
    that is new.
    """
    before, after = split(old), split(new)
    if len(before) == len(after):
        yield from zip(before, after, strict=True)
        return
    for part in after:
        alike = (was for was in before if part and was.lstrip("0") == part.lstrip("0"))
        yield part if part in before else next(alike, ""), part


def _put(values: dict[str, Any], column: str, path: tuple[str, ...], text: str) -> None:
    if column == "isbn" and text != REMOVED:
        text = text.replace("-", "")
        if not is_isbn(text):
            raise BadCell("no isbn", column, new=text)
    for name in path[:-1]:
        values = values.setdefault(name, {})
    if text == REMOVED:
        values.pop(path[-1], None)
    else:
        values[path[-1]] = text


def _currency(target: Target, values: dict[str, Any]) -> str | None:
    outer, inner = FIELDS[target.name]["currency"]
    found: str | None = values.get(outer, {}).get(inner)
    return found


def _values(target: Target, payload: bytes) -> dict[str, Any]:
    document = target.parse(payload)
    if isinstance(document, list):
        raise Faulty(target, document)
    values: dict[str, Any] = _lists(document.model_dump(by_alias=True, exclude_none=True))
    return values


def _lists(value: Any) -> Any:
    """Plain values as a mapping would write them: lists, and nothing empty."""
    if isinstance(value, dict):
        return {name: _lists(one) for name, one in value.items() if one not in ((), [], {})}
    return [_lists(one) for one in value] if isinstance(value, list | tuple) else value


def _bare(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
