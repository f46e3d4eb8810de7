"""Rows of plain Python values, and the kind of each column → a polars frame of exactly those types.

Nothing is inferred from the values. A price never passes through a float: `decimal` is exact, with as many
digits behind the mark as `SCALE` says, and a value with more is refused before it gets here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from etl.plugin import ColumnKind

SCALE = 6
"""Digits behind the decimal mark of the kind `decimal`: currencies with three decimals fit, and prices less
VAT that a vendor never rounded (134.386792). Money is rounded where it is sent, not where it is read."""

Frame = pl.DataFrame


_TYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "decimal": pl.Decimal(38, SCALE),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
    "texts": pl.List(pl.String()),
    "map": pl.Map(pl.String(), pl.String()),
}


def polars_type(kind: ColumnKind) -> pl.DataType:
    """The polars type of a kind.

    >>> polars_type("decimal")
    Decimal(precision=38, scale=6)
    """
    if isinstance(kind, str):
        return _TYPES[kind]
    return pl.List(pl.Struct({name: _TYPES[member] for name, member in kind}))


_PYTHON: Mapping[str, type] = {
    "text": str,
    "integer": int,
    "decimal": Decimal,
    "date": date,
    "boolean": bool,
    "texts": list,
    "map": dict,
}


def fits(value: object, kind: str) -> bool:
    """Whether polars will take the value as it is.

    Asked because polars bends what does not fit even when it is told to be strict: a Decimal with more
    digits is rounded, a text where a Decimal belongs becomes null.
    """
    return value is None or (type(value) is _PYTHON[kind] and (kind != "decimal" or _is_exact(value)))


def _is_exact(value: object) -> bool:
    if not isinstance(value, Decimal):
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -SCALE and value.adjusted() < 32


def typed_frame(rows: Sequence[Mapping[str, object]], kinds: Mapping[str, ColumnKind]) -> Frame:
    """`rows` hold the columns of `kinds` and the reserved ones; what a row lacks is null.

    Raises TypeError, naming the column, for a value of another kind: a fault of the connector.
    """
    columns = []
    for name, kind in kinds.items():
        values = [row.get(name) for row in rows]
        _check(name, values, kind)
        columns.append(_series(name, values, kind))
    for name in ("_record", "_line", "_offset"):
        columns.append(pl.Series(name, [row.get(name) for row in rows], dtype=pl.Int64))
    return pl.DataFrame(columns)


def _series(name: str, values: list[Any], kind: ColumnKind) -> pl.Series:
    """Maps and lists of objects are built flat and grouped: ten times as fast as one by one."""
    if not any(values) or (isinstance(kind, str) and kind != "map"):
        return pl.Series(name, values, dtype=polars_type(kind))
    if isinstance(kind, str):
        pairs = [(row, *pair) for row, value in enumerate(values) for pair in (value or {}).items()]
        members = {"key": polars_type("text"), "value": polars_type("text")}
        flat = pl.DataFrame(pairs, schema={"row": pl.Int64, **members}, orient="row")
        return _grouped(name, values, flat, members).cast(polars_type("map"))
    members = {member: polars_type(own) for member, own in kind}
    listed = [(row, one) for row, value in enumerate(values) for one in value or ()]
    columns = [
        pl.Series(member, [one.get(member) for _, one in listed], dtype=members[member]) for member in members
    ]
    flat = pl.DataFrame([pl.Series("row", [row for row, _ in listed], dtype=pl.Int64), *columns])
    return _grouped(name, values, flat, members)


def _grouped(name: str, values: list[Any], flat: Frame, members: Mapping[str, pl.DataType]) -> pl.Series:
    """The members of `flat` as one list for each of `values`; empty is an empty list, null is null."""
    grouped = flat.group_by("row", maintain_order=True).agg(pl.struct(*members).alias(name))
    rows = pl.DataFrame({"row": pl.Series(range(len(values)), dtype=pl.Int64)})
    found = rows.join(grouped, on="row", how="left", maintain_order="left")[name]
    empty = pl.Series([value is not None and not value for value in values])
    if not empty.any():
        return found
    return found.zip_with(~empty, pl.Series(name, [[]] * len(values), dtype=found.dtype))


def _check(name: str, values: Sequence[object], kind: ColumnKind) -> None:
    if isinstance(kind, str):
        wrong = next((value for value in values if not fits(value, kind)), None)
        if wrong is not None:
            raise TypeError(f"column {name} holds {kind}, and got {wrong!r}")
        return
    for value in values:
        if not isinstance(value, list | None):
            raise TypeError(f"column {name} holds a list of objects, and got {value!r}")
    listed = [one for value in values if isinstance(value, list) for one in value]
    for member, own in kind:
        _check(f"{name}.{member}", [one.get(member) for one in listed], own)
