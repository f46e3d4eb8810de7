"""Columns, tables and parameters → the types of the names that every template sees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from etl.plan.lookup_filter import LookupTable
from etl.plugin import ColumnKind, Columns
from etl.spec.model import CellKind
from etl.template.types import (
    DATE,
    DECIMAL,
    INTEGER,
    TEXT,
    UNKNOWN,
    YES_NO,
    Absent,
    Type,
    group_of,
    list_of,
)

_OF_KINDS: Final[Mapping[str, Type]] = {
    "text": TEXT,
    "cell": replace(TEXT, never_null=True),
    "integer": INTEGER,
    "decimal": DECIMAL,
    "date": DATE,
    "boolean": YES_NO,
    "texts": list_of(TEXT),
    "map": group_of({}, TEXT),
}

_OF_CELLS: Final[Mapping[CellKind, Type]] = {
    "text": TEXT,
    "integer": INTEGER,
    "decimal": DECIMAL,
    "percent": DECIMAL,
    "yes_no": YES_NO,
    "date": DATE,
}


@dataclass(frozen=True, slots=True)
class Sight:
    """The names that every template sees. `others`: the type of columns that nobody declares."""

    given: Mapping[str, Type]
    others: Type | None


def sight_of(
    columns: Columns, may_lack: Callable[[str], bool], parameters: Collection[str], grouped: bool
) -> Sight:
    """The columns and the words of the engine. `may_lack`: may a default stand for a column of this name?"""
    of_columns = {name: type_of_kind(columns.kinds.get(name, columns.others)) for name in columns.names}
    others = None if columns.closed else type_of_kind(columns.others)
    absent = Absent("E221", 'unknown column or name "{}"', "columns: {}", excused=may_lack)
    row = group_of(of_columns, others, absent, "a row of the input")
    undeclared = Absent("E231", 'no parameter "{}" is declared', "declare it under parameters:")
    words = {
        "row": row,
        "record": group_of({"number": INTEGER, "line": INTEGER, "file": TEXT}),
        "parameters": group_of(dict.fromkeys(parameters, TEXT), None, undeclared),
        "run_date": DATE,
    }
    return Sight({**of_columns, **words, **({"rows": list_of(row)} if grouped else {})}, others)


def type_of_kind(kind: ColumnKind | None) -> Type:
    """What a connector calls text, integer, texts … as a type; unknown where it says nothing."""
    if isinstance(kind, tuple):
        return list_of(group_of({name: type_of_kind(one) for name, one in kind}))
    return UNKNOWN if kind is None else _OF_KINDS.get(kind, UNKNOWN)


def row_of(table: LookupTable) -> Type:
    """A row of a lookup table: its columns, text where the mapping says nothing, and no others."""
    shown = table.table.shown.replace("{", "{{").replace("}", "}}")
    absent = Absent("E224", f'{shown} has no column "{{}}"', "columns: {}", all_told=True)
    kinds = table.columns or {}
    cells = {name: _OF_CELLS[kinds.get(name, "text")] for name in table.readable}
    return replace(group_of(cells, None, absent, "a lookup row"), keys=frozenset(table.table.key))
