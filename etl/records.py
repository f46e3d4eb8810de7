"""Bytes of a vendor, and the frame they become.

A connector turns a `Source` into `Batch`es. A batch is a polars frame whose columns are the vendor's
(text, or list of text; parsed types for the neutral order line) plus three reserved ones:

    _record  Int64, 1-based number of the record in its file, unreadable ones counted too
    _line    Int64 or null, 1-based line where the record begins
    _offset  Int64 or null, byte offset where the record begins

One record may give several rows (repeated order fields): they share `_record`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO, ClassVar

import polars as pl

from etl.problems import Problem

RECORD, LINE, OFFSET = "_record", "_line", "_offset"
RESERVED = {RECORD: pl.Int64, LINE: pl.Int64, OFFSET: pl.Int64}


class NumberCell(str):
    """The text of a cell that is a number in its workbook: digits, a point before decimals, nothing else.
    Filters read it by the point, whatever their locale. `beside`: what the cell shows beside it (`%`, `€`).
    """

    __slots__ = ("beside",)
    beside: str

    def __new__(cls, text: str, beside: str = "") -> NumberCell:
        self = super().__new__(cls, text)
        self.beside = beside
        return self

    def __reduce__(self) -> tuple[type[NumberCell], tuple[str, str]]:
        return NumberCell, (str(self), self.beside)


def as_shown(value: object) -> object:
    """The value; of a number cell the text with what it shows beside it.

    >>> as_shown(NumberCell("19.9", "€")), as_shown("19,90 kr")
    ('€ 19.9', '19,90 kr')
    """
    return f"{value.beside} {value}".strip() if isinstance(value, NumberCell) else value


@dataclass(frozen=True, slots=True)
class Source:
    """One input file.

    `name` is what the user typed and what messages show. `open` may be called more than once and
    always starts at the first byte (standard input is spooled first). `size` is in bytes, if known.
    """

    UNREADABLE: ClassVar[str] = "E300"
    """The code of what the system says against reading it: that may be otherwise in a moment."""

    name: str
    open: Callable[[], BinaryIO]
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be read: why, and its bytes as they stood in the file.

    A problem with the code NOT_WHOLE says that the file is not whole: cut off, or not what its own trailer
    counts. It costs every record of the file, for what was lost cannot be known; the Rejected may stand for
    what is missing, with a number of its own. In a Refusal that code means that nothing can be read of a file
    that was cut off: the others of the run are read all the same.
    """

    NOT_WHOLE: ClassVar[str] = "E325"
    NO_ORDER: ClassVar[str] = "E443"
    """The file is another paper of the vendor's, an invoice or a report: it is no order that went wrong."""

    record: int
    problems: tuple[Problem, ...]
    raw: bytes


def about_content(problems: Iterable[Problem]) -> bool:
    """Is it what stands in a file that makes it unusable, and neither the mapping nor the system? Then other
    files are read all the same.
    """
    return all(
        problem.data is not None and problem.mapping is None and problem.code != Source.UNREADABLE
        for problem in problems
    )


@dataclass(frozen=True, slots=True)
class Unread:
    """Values that the mapping does not see: a column it does not read, or a field that is no column.
    `records` have one, `first` is the number of the first of them, `example` its text.
    """

    records: int
    first: int
    example: str

    def __add__(self, later: Unread) -> Unread:
        return replace(self, records=self.records + later.records)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records in file order. `notes` are warnings about rows that *were* read (repaired, odd).

    One with the severity HOLD and a record in its place says that the record contradicts itself, or that
    something in it that may change the order goes unused: what is made of its rows waits for a person.
    """

    frame: pl.DataFrame
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[Problem, ...] = ()
    unread: Mapping[str, Unread] = field(default_factory=dict)
    """Name, as `source.ignore` gives it → what these records hold under it, if no wanted column has it."""
    numbers: Mapping[str, pl.Series] = field(default_factory=dict)
    """Column with number cells → what each shows beside its digits; null for a cell that is text."""
