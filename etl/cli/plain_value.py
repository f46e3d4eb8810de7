"""A value of a record → JSON, in full or on one line: never a text that only a programmer reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from etl.lookups import Row, row_cells
from etl.plugin import BadValue
from etl.run.evaluate import Path
from etl.template.bounds import RecordBudget, as_list, as_text
from etl.template.plain_words import kind_in_words

_LONGEST = 300


def plain(value: Any) -> Any:
    """The same in JSON's own types: rows are objects, amounts and days texts, as in a payload."""
    if _is_too_large(value):
        return "a value too large to be shown"
    return _plain(value)


def in_words(value: Any) -> str:
    """On one line: JSON, but amounts and days as they are. What is long is cut; of rows, empty cells are left
    out.

    >>> in_words([{"copies": 2, "price": Decimal("9.50")}]), in_words(date(2024, 3, 11))
    ('[{"copies": 2, "price": 9.50}]', '2024-03-11')
    """
    if _is_too_large(value):
        return "a value too large to be shown"
    text = str(value) if isinstance(value, date) else _written(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """What is in groups, and in lists of groups, each with the way to it; other lists are one value."""
    value = as_list(value)
    if isinstance(value, Row):
        value = row_cells(value)
    if isinstance(value, Mapping) and value:
        for name, one in value.items():
            yield from leaves(one, (*path, str(name)))
    elif isinstance(value, list) and any(isinstance(one, Mapping | Row) for one in value):
        for at, one in enumerate(value):
            yield from leaves(one, (*path, at))
    else:
        yield path, value


def _is_too_large(value: Any) -> bool:
    """Lists that hold one another are larger on the screen than in memory."""
    try:
        RecordBudget().weigh(value)
    except BadValue:
        return True
    return False


def _plain(value: Any) -> Any:
    value = as_list(value)
    if isinstance(value, Row):
        value = row_cells(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    return _text_of(value)


def _written(value: Any) -> str:
    value = as_list(value)
    if isinstance(value, Row):
        value = {name: cell for name, cell in row_cells(value).items() if cell not in (None, "")}
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(str(name))}: {_written(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, str):
        return _quoted(value[:_LONGEST])
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return _quoted(str(value)) if isinstance(value, date) else _text_of(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _text_of(value: Any) -> str:
    """A number or a day; of what no mapping means to give (a method), what it is."""
    if not isinstance(value, int | float | Decimal | date):
        return kind_in_words(value)
    try:
        return as_text(value)
    except BadValue:
        return "a number too large to be shown"
