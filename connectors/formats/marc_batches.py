"""MARC entries and column paths → batches: every record gives rows or is a Rejected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from connectors.formats.deleted_record import deleted
from connectors.formats.identical_fields import identical_fields
from connectors.formats.marc_order_data import UnreadOrderData, several_values
from connectors.formats.marc_pairs import pair
from connectors.formats.marc_path import MarcPath
from connectors.formats.marc_record import Entry, Field, MarcRecord, Unreadable
from connectors.formats.repeated import too_much_repeated
from connectors.formats.trouble import Trouble
from etl.plugin import Batch, DataPlace, Problem, Rejected

BATCH_ROWS = 5_000
Value = str | list[str] | None


@dataclass(slots=True)
class MarcBatches:
    """Makes batches for one file.

    With `rows`, each field of that tag is a row: paths that read the tag see this one field and no other of
    its tag, and paired paths (`961@$d`) the fields that belong to it. A record without the field is
    rejected, or gives one row when `one_without` says so.
    """

    file: str
    paths: Mapping[str, MarcPath]
    rows: str | None = None
    one_without: bool = False
    _number: int = 0
    _values: list[list[Value]] = field(default_factory=list)
    _places: list[tuple[int, int | None, int | None]] = field(default_factory=list)
    _rejected: list[Rejected] = field(default_factory=list)
    _notes: list[Problem] = field(default_factory=list)
    _partners: frozenset[str] = frozenset()
    _blocks: frozenset[str] = frozenset()
    _own: frozenset[int] = frozenset()
    """Positions of the columns that differ from row to row."""
    _unread: UnreadOrderData = field(init=False)

    def __post_init__(self) -> None:
        self._partners = frozenset[str]().union(*(path.paired for path in self.paths.values()))
        self._blocks = self._partners | {self.rows} if self.rows else frozenset()
        touched = (path.touches(self.rows or "") for path in self.paths.values())
        self._own = frozenset(number for number, own in enumerate(touched) if own)
        self._unread = UnreadOrderData(self.paths.values(), self._blocks)

    def of(self, entries: Iterable[Entry]) -> Iterator[Batch]:
        """At least one batch. Memory is bounded by the batch."""
        yielded = False
        for entry in entries:
            self._number += 1
            if entry.notes:
                place = self._place(entry)
                self._notes += [note.noted(place) for note in entry.notes]
            if entry.record is None:
                self._reject(entry, entry.trouble or _NOTHING)
            else:
                self._add(entry, entry.record)
            if len(self._places) + len(self._rejected) >= BATCH_ROWS:
                yielded = True
                yield self._flush()
        if not yielded or self._places or self._rejected or self._notes:
            yield self._flush()

    def _add(self, entry: Entry, record: MarcRecord) -> None:
        by_tag: dict[str, list[Field]] = {"LDR": [Field("LDR", record.leader)]}
        for item in record.fields:
            by_tag.setdefault(item.tag, []).append(item)
        occurrences = by_tag.get(self.rows, []) if self.rows else []
        if self.rows and not occurrences and not self.one_without:
            told = f"the record has no field {self.rows}, and every row comes from one"
            help_ = "if such records are orders too, set  no_rows: one"
            self._reject(entry, Trouble("E347", told, help_, self.rows))
            return
        several = len(occurrences) > 1
        if several and (trouble := too_much_repeated(record.size, len(occurrences))):
            self._reject(entry, trouble)
            return
        where = (self._number, entry.line, entry.offset)
        try:
            paired = self._paired(record)
        except Unreadable as given_up:
            self._reject(entry, given_up.trouble)
            return
        by_tag |= {f"{tag}@": by_tag.get(tag, []) for tag in self._partners}
        self._unread.see(self._number, by_tag)
        self._tell_identical(entry, by_tag, paired)
        self._notes += [one.noted(self._place(entry)) for one in deleted(record)]
        own = self._own if occurrences else frozenset[int]()
        shared: list[Value] = [
            None if number in own else self._value(path, column, record, by_tag, entry)
            for number, (column, path) in enumerate(self.paths.items())
        ]
        if not occurrences:
            self._values.append(shared)
            self._places.append(where)
        for index, occurrence in enumerate(occurrences, 1):
            seen = {**by_tag, occurrence.tag: [occurrence]}
            for tag, belonging in paired.items():
                seen[f"{tag}@"] = belonging[index - 1]
            row = shared.copy()
            for number, (column, path) in enumerate(self.paths.items()):
                if number in own:
                    row[number] = self._value(path, column, record, seen, entry, index if several else 0)
            self._values.append(row)
            self._places.append(where)

    def _value(
        self,
        path: MarcPath,
        column: str,
        record: MarcRecord,
        seen: Mapping[str, list[Field]],
        entry: Entry,
        number: int | None = None,
    ) -> Value:
        """What the path leaves of several values is told. `number` of the row's field, 0 if it is the only
        one; None: the column is the same for all rows.
        """
        if path.whole:
            return record.as_json()
        found = path.found(seen)
        if len(found) > 1 and not path.take:
            said = "the record" if number is None else f"the record's field {self.rows}"
            where = f"{said} number {number}" if number else said
            if told := several_values(path, seen, found, column, where, self._blocks):
                self._notes.append(told.noted(self._place(entry)))
        return found if path.many else found[0] if found else None

    def _tell_identical(
        self, entry: Entry, by_tag: Mapping[str, list[Field]], paired: Mapping[str, list[list[Field]]]
    ) -> None:
        """Of order data that a path reads: what stands twice may be ordered twice."""
        for tag, fields in by_tag.items():
            if len(fields) < 2 or not (tag == self.rows or (tag[0] == "9" and len(tag) == 3)):
                continue
            beside = [
                tuple(map(tuple, ones)) for ones in zip(*paired.values(), strict=True) if tag == self.rows
            ]
            told = identical_fields(fields, beside)
            if told is not None and any(path.touches(tag) for path in self.paths.values()):
                self._notes.append(told.noted(self._place(entry)))

    def _paired(self, record: MarcRecord) -> dict[str, list[list[Field]]]:
        return {tag: pair(record.fields, self.rows or "", tag) for tag in self._partners}

    def _place(self, entry: Entry) -> DataPlace:
        return DataPlace(self.file, self._number, entry.line, entry.offset)

    def _reject(self, entry: Entry, trouble: Trouble) -> None:
        self._rejected.append(Rejected(self._number, (trouble.at(self._place(entry)),), entry.raw()))

    def _flush(self) -> Batch:
        columns = list(zip(*self._values, strict=True)) or [()] * len(self.paths)
        places = list(zip(*self._places, strict=True)) or [()] * 3
        series = [
            pl.Series(name, values, dtype=pl.List(pl.String) if path.many else pl.String)
            for (name, path), values in zip(self.paths.items(), columns, strict=True)
        ]
        series += [
            pl.Series(name, values, dtype=pl.Int64)
            for name, values in zip(("_record", "_line", "_offset"), places, strict=True)
        ]
        frame = pl.DataFrame(series)
        batch = Batch(frame, tuple(self._rejected), tuple(self._notes), self._unread.taken())
        self._values, self._places, self._rejected, self._notes = [], [], [], []
        return batch


_NOTHING = Trouble("E350", "the record has neither a leader nor fields")
