"""What arrives in a run: the files by their bytes, the rows by their values, the documents by their keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from etl.identity import RecordPlaces
from etl.ledger.intake import Arrived
from etl.normal_form import normal_form
from etl.plugin import NumberCell, RecordOrigin, Source
from etl.problems import DataPlace, Problem, Refusal
from etl.run.outcomes import SourceRow
from etl.template.bounds import canonical

_AT_ONCE = 1 << 20


def digest_of(key: Iterable[str]) -> bytes:
    """The same for two keys that have one normal form; there may be a million of them."""
    return hashlib.blake2b("\x1f".join(map(normal_form, key)).encode(), digest_size=16).digest()


@dataclass(slots=True)
class RecordOrigins:
    """Where documents come from. A file is read once more, for its hash. `mapping` and `run_date`: what they
    are made by; `until`: see `RecordOrigin`.
    """

    mapping: str = ""
    run_date: str = ""
    mapped_as: str = ""
    until: int | None = None
    files: dict[str, Arrived] = field(default_factory=dict)

    def see(self, source: Source) -> None:
        """Raises Refusal when the file cannot be read any more."""
        digest, size = hashlib.sha256(), 0
        try:
            with source.open() as stream:
                while chunk := stream.read(_AT_ONCE):
                    digest.update(chunk)
                    size += len(chunk)
        except OSError as error:
            told = f"the file cannot be read: {error.strerror or error}"
            raise Refusal(Problem(Source.UNREADABLE, told, data=DataPlace(source.name))) from None
        self.files[source.name] = Arrived(source.name, digest.hexdigest(), size)

    def of(self, rows: Sequence[SourceRow]) -> RecordOrigin:
        """Of rows that became one document, in whichever files they stood."""
        first = rows[0]
        places: dict[str, list[tuple[int, int]]] = {}
        for row in rows:
            places.setdefault(row.file, []).append((row.record, row.part))
        values = json.dumps([_plain(row.values) for row in rows], ensure_ascii=False, separators=(",", ":"))
        return self._origin(places, values, first.line, first.offset)

    def of_unreadable(self, file: str, record: int) -> RecordOrigin:
        """Of a record whose rows nobody knows."""
        return self._origin({file: [(record, 0)]}, "[]", None, None)

    def _origin(
        self, places: Mapping[str, list[tuple[int, int]]], values: str, line: int | None, offset: int | None
    ) -> RecordOrigin:
        came = ((self.files[file], tuple(rows)) for file, rows in places.items())
        first, *also = (RecordPlaces(file.hash, file.name, file.size, rows) for file, rows in came)
        return RecordOrigin(
            first.delivery,
            first.file,
            first.size,
            first.rows,
            values,
            line,
            offset,
            mapping=self.mapping,
            run_date=self.run_date,
            mapped_as=self.mapped_as,
            also=tuple(also),
            until=self.until,
        )


def read_values(record: str) -> list[dict[str, Any]]:
    """The rows' values as they were read, from `RecordOrigin.values`."""
    found: list[dict[str, Any]] = _typed(json.loads(record))
    return found


_READ: dict[str, Callable[[Any], Any]] = {
    "$number": lambda said: NumberCell(*said),
    "$decimal": Decimal,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$other": str,
}


def _typed(value: Any) -> Any:
    """What `_plain` made of a value, as the value again."""
    if isinstance(value, list):
        return [_typed(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (name := next(iter(value))) in _READ:
        return _READ[name](value[name])
    return {name: _typed(one) for name, one in value.items()}


def _plain(value: Any) -> Any:
    """As JSON that says what it was: whoever reads it later gets the same values."""
    if isinstance(value, NumberCell):
        return {"$number": [str(value), value.beside]}
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return {"$decimal": canonical(value)}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return {"$other": str(value)}
