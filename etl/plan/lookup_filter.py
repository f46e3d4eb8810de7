"""The mapping's tables → its `lookup` filter."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from etl.lookups import Miss, Row, Table, row_place
from etl.lookups.sheet import did_you_mean
from etl.normal_form import is_blank
from etl.plugin import BadArgument, BadValue
from etl.spec.model import CellKind
from etl.template.bounds import canonical
from etl.template.environment import Noted
from etl.template.filter_types import no_day, wrong_parts
from etl.template.plain_words import kind_in_words


@dataclass(frozen=True, slots=True)
class Missing:
    """What to do when no row answers."""

    action: Literal["reject", "hold", "null", "row"]
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A table and its author's answer to a miss."""

    name: str
    table: Table
    missing: Missing
    columns: Mapping[str, CellKind] | None = None
    """What the mapping declares: a level may be said by these, and no others may be read."""

    @property
    def readable(self) -> tuple[str, ...]:
        """The columns templates may read."""
        return self.table.columns if self.columns is None else (*self.table.key, *self.columns)


def lookup_filter(
    tables: Mapping[str, LookupTable], run_date: date, declared: Collection[str] = ()
) -> Callable[..., Any]:
    """The filter `lookup(table, column=None, on=None)` over these tables.

    Its attribute `tables` says which columns of each may be read.

    `on` is the day for tables with valid_from and valid_to; the run's date if not given. A name that is
    `declared` but not among the tables could not be loaded, which has been said already.
    """

    def lookup(value: Any, table: str, column: str | None = None, on: date | None = None) -> Any:
        """A row of a lookup table, or one column of it."""
        found = tables.get(table)
        if found is None and table in declared:
            return None
        if found is None:
            names = sorted({*tables, *declared})
            near = difflib.get_close_matches(str(table), names, 1)
            known = ", ".join(names) or "none are declared"
            help_ = f'did you mean "{near[0]}"?' if near else f"lookups: {known}"
            raise BadArgument(f'no lookup "{table}"', help_)
        if column is not None and column not in found.readable:
            help_ = did_you_mean(column, found.readable)
            raise BadArgument(f'lookup "{table}" has no column "{column}"', help_)
        if on is not None and not isinstance(on, date):
            raise BadValue("E482", *no_day(kind_in_words(on)))
        return _answer(found, _parts(value, found), column, on or run_date)

    of_tables = {name: one.readable for name, one in tables.items()}
    lookup.tables = {**dict.fromkeys(declared, ()), **of_tables}  # type: ignore[attr-defined]
    return lookup


def _parts(value: Any, found: LookupTable) -> tuple[str, ...]:
    values = list(value) if isinstance(value, list | tuple) else [value]
    if len(values) != len(found.table.key):
        raise BadValue("E482", *wrong_parts(found.name, found.table.key, len(values)))
    return tuple("" if part is None else _text(part, found) for part in values)


def _text(part: Any, found: LookupTable) -> str:
    if isinstance(part, str | int | Decimal | date) and not isinstance(part, bool):
        return canonical(part)
    raise BadValue("E482", f'lookup "{found.name}" takes text keys, got {kind_in_words(part)}')


def _answer(found: LookupTable, parts: tuple[str, ...], column: str | None, on: date) -> Any:
    row = found.table.find(parts, on)
    if (
        len(parts) == 1 and is_blank(parts[0]) and isinstance(row, Miss)
    ):  # nothing was asked, so nothing is missing
        return found.table.null_row() if column is None else None
    if not isinstance(row, Miss):
        return Noted(row if column is None else row[column], "row", found.name, origin=row_place(row))
    message = f'lookup "{found.name}": {row.message}'
    if found.missing.action == "reject":
        help_ = row.help or f"add the row, or say what to do: on_missing in lookups.{found.name}"
        raise BadValue(row.code, message, help_)
    instead = found.missing.row if found.missing.row is not None else found.table.null_row()
    value = instead if column is None else instead[column]
    if found.missing.action == "hold":
        return Noted(value, "hold", found.name, BadValue(row.code, message, row.help))
    what = "the given row" if found.missing.action == "row" else "null"
    return Noted(value, "default", f'lookup "{found.name}" missed, used {what}')
