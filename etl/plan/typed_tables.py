"""A table and the types its mapping declares → the same table with cells of these types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from etl.lookups import Table
from etl.plugin import BadArgument, BadValue
from etl.spec.model import CellKind
from etl.template.filters import FILTERS
from etl.template.filters.arguments import percentage

_READERS: Final[Mapping[CellKind, Callable[[str], Any]]] = {
    "integer": FILTERS["integer"],
    "decimal": FILTERS["decimal"],
    "percent": lambda cell: percentage(cell, "the cell"),
    "yes_no": FILTERS["yes_no"],
    "date": FILTERS["date"],
}
"""Those of the filters: a cell and a vendor's value are read in one way."""


def typed_table(table: Table, kinds: Mapping[str, CellKind]) -> Table:
    """Cells that are filled, read as what their column is. Raises Refusal: E465 for each that is not."""

    def reader(kind: CellKind) -> Callable[[str], Any]:
        def read(cell: str) -> Any:
            try:
                return _READERS[kind](cell)
            except (BadValue, BadArgument) as error:
                raise ValueError(error.message) from None

        return read

    other = set(table.columns) - set(table.key)
    readers = {name: reader(kind) for name, kind in kinds.items() if kind != "text" and name in other}
    return table.read_with(readers) if readers else table
