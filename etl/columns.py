"""What is known of a vendor's file beside its rows: its columns and their kinds, whose it seems to be, and
what its records hold that is no column yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from etl.problems import DataPlace, Problem

ColumnKind = str | tuple[tuple[str, str], ...]
"""text, cell, integer, decimal, date, boolean, texts, map, or (a list of groups) the members and their kinds.

A cell is a text that is never null: an empty one is the empty text.
"""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a connector yields: column name → one line of meaning.

    `closed` means these and no others: always (vendor connectors), or in the one source that was asked about
    (a file with a header). `kinds`: column name → what its values are, if they are not null; `others` is the
    kind of all columns that are not in it. By them templates are checked before the first record; what has
    none is not. `doubt`: why these may not be the columns at all (a title where the header should be), told
    instead of each that the mapping misses. `header`: where the source itself names them.
    """

    names: Mapping[str, str]
    closed: bool
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)
    others: ColumnKind | None = None
    doubt: Problem | None = None
    header: DataPlace | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a connector in a file's content, as a part of a sentence. `readings` are options to
    write, one set for each part of the file that is read by itself (a sheet of a workbook).
    """

    why: str
    readings: tuple[Mapping[str, Any], ...] = ({},)


@dataclass(frozen=True, slots=True)
class Counted:
    """Something in a vendor's records that is no column yet, counted over the file. `name` is as an option
    writes it (245$a); `records` have it, `total` times, up to `most` in one; `detail` says more of it.
    """

    name: str
    records: int
    total: int
    most: int
    examples: tuple[str, ...] = ()
    detail: str = ""
