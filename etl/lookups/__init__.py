"""Lookup tables: key → row, or the reason why there is none."""

from etl.lookups.load import MAX_TABLE, inline_table, load_table
from etl.lookups.row import Row, row_cells, row_place
from etl.lookups.sheet import VALIDITY
from etl.lookups.table import Miss, Table

__all__ = [
    "MAX_TABLE",
    "VALIDITY",
    "Miss",
    "Row",
    "Table",
    "inline_table",
    "load_table",
    "row_cells",
    "row_place",
]
