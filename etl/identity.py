"""What tells one order line from every other, besides its key: what the vendor calls it, and where it stood.

A key is as long-lived as the mapping that makes it; these two outlive it. By them the ledger notices an order
line that comes again under another key, by another file or by another of the vendor's channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Identity:
    """What the vendor's record (or `identity` of the mapping) says; empty where it says nothing.

    `titles`: ISBN, EAN, ISSN or the vendor's title number, any of which names the title. `another`: the
    mapping says that it is another order, whatever it looks like.
    """

    vendor: str = ""
    order: str = ""
    line: str = ""
    titles: tuple[str, ...] = ()
    barcodes: tuple[str, ...] = ()
    another: bool = False


@dataclass(frozen=True, slots=True)
class RecordPlaces:
    """Rows of one file: as in a RecordOrigin."""

    delivery: str
    file: str
    size: int
    rows: tuple[tuple[int, int], ...]


HOLDS = "_holds"
"""The name under which a row's values keep why its connector has it wait: they go where the row goes."""


@dataclass(frozen=True, slots=True)
class RecordOrigin:
    """Where the rows of a document stood. `delivery`: SHA-256 of the file's (the received body's) bytes, in
    hex; `file` and `size` (bytes) as it was then. `rows`: (number of the record, which of the record's rows,
    from 0), in order; `line` and `offset` of the first, as in a DataPlace. `values`: what was read in them,
    as JSON: a list of {column: value}. `mapping` and `run_date`: what they were mapped by (the hash of its
    files and parameters) and for which day; `mapped_as`: which mapping that is in all its versions. `also`:
    the rows that stood in further files. `until`: the last arrival (a number of the ledger) that was known of
    when the rows were mapped, if they may be delivered long after; what arrived later is newer.
    """

    delivery: str
    file: str
    size: int
    rows: tuple[tuple[int, int], ...]
    values: str
    line: int | None = None
    offset: int | None = None
    mapping: str = ""
    run_date: str = ""
    mapped_as: str = ""
    also: tuple[RecordPlaces, ...] = ()
    until: int | None = None

    @property
    def places(self) -> tuple[RecordPlaces, ...]:
        """File by file, the first first."""
        return RecordPlaces(self.delivery, self.file, self.size, self.rows), *self.also


def nothing_arrives(_key: tuple[str, ...]) -> None:
    """What arrives in the same run under a key, for an order that comes alone."""


def identity_of(values: Mapping[str, Any]) -> Identity:
    """What `dataclasses.asdict` made of one, read back from JSON."""
    return Identity(**{**values, "titles": tuple(values["titles"]), "barcodes": tuple(values["barcodes"])})


def origin_of(values: Mapping[str, Any] | None) -> RecordOrigin | None:
    """What `dataclasses.asdict` made of one, read back from JSON."""
    if values is None:
        return None
    also = tuple(RecordPlaces(**{**one, "rows": _rows(one)}) for one in values["also"])
    return RecordOrigin(**{**values, "rows": _rows(values), "also": also})


def _rows(values: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    return tuple((record, part) for record, part in values["rows"])
