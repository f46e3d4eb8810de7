"""Cells of one line of a table → a row that templates read by attribute and by item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from etl.problems import MappingPlace


class Row:
    """A read-only row: `row.library` and `row["library"]` are the same cell.

    It has no public method at all. Jinja tries attributes before items, so a method `items` or `count`
    would hide a column of that name. What Python needs goes by dunder methods, what the engine needs by
    `row_cells` and `row_place`. A null row (`on_missing: null`) is false and has None in every column.
    """

    __slots__ = ("__cells", "__columns", "__is_null", "__place")
    __columns: Mapping[str, int]
    __cells: tuple[Any, ...]
    __place: MappingPlace | None
    __is_null: bool

    def __init__(
        self,
        columns: Mapping[str, int],
        cells: tuple[Any, ...],
        place: MappingPlace | None,
        is_null: bool = False,
    ) -> None:
        object.__setattr__(self, "_Row__columns", columns)
        object.__setattr__(self, "_Row__cells", cells)
        object.__setattr__(self, "_Row__place", place)
        object.__setattr__(self, "_Row__is_null", is_null)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("__", "_Row__")):  # copy and pickle ask for these before the slots are filled
            raise AttributeError(name)
        try:
            return self.__cells[self.__columns[name]]
        except KeyError:
            raise AttributeError(f"the row has no column {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a lookup row is read-only: {name!r} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a lookup row is read-only: {name!r} cannot be deleted")

    def __getitem__(self, name: str) -> Any:
        return self.__cells[self.__columns[name]]

    def __contains__(self, name: object) -> bool:
        return name in self.__columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.__columns)

    def __len__(self) -> int:
        return len(self.__columns)

    def __bool__(self) -> bool:
        return not self.__is_null

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Row):
            return NotImplemented
        return row_cells(self) == row_cells(other) and bool(self) == bool(other)

    def __hash__(self) -> int:
        return hash((tuple(self.__columns), self.__cells))

    def __reduce__(self) -> tuple[object, ...]:
        return (Row, (self.__columns, self.__cells, self.__place, self.__is_null))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={cell!r}" for name, cell in row_cells(self).items())
        return f"Row({inside})"


def row_cells(row: Row) -> dict[str, Any]:
    """Column name → cell, in the order of the table: text, or what the mapping says that its column is.

    Empty cells are "" (None where YAML says null, and in columns that are not text).
    """
    return {name: row[name] for name in row}


def row_place(row: Row) -> MappingPlace | None:
    """File and line the row comes from; None for a row nobody wrote."""
    place: MappingPlace | None = object.__getattribute__(row, "_Row__place")
    return place
