"""Documents waiting for delivery → the same documents, in order, from disk.

Nothing is delivered before the last record has been mapped and the guards have spoken, and memory stays
bounded: so finished payloads wait in a temporary file.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from etl.plugin import DataPlace, Item, Totals


@dataclass(frozen=True, slots=True)
class Spooled:
    """An item and what must be known of it after delivery: its totals, how many records it stands for, and
    where the first of them stood.
    """

    item: Item
    totals: Totals
    records: int
    place: DataPlace


class Spool:
    """Append first, `finish`, then read; removed when closed."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by close()
        self.count = 0

    def add(self, entry: Spooled) -> None:
        item, totals, place = entry.item, entry.totals, entry.place
        head = json.dumps(
            [
                item.key,
                item.name,
                item.target,
                item.user,
                totals.copies,
                {currency: str(amount) for currency, amount in totals.money.items()},
                entry.records,
                [place.file, place.record, place.line, place.offset],
                len(item.payload),
            ]
        )
        self._file.write(head.encode() + b"\n" + item.payload)
        self.count += 1

    def finish(self) -> None:
        """The last has been added: all of it is on the disk, or OSError says why not."""
        self._file.flush()

    def __iter__(self) -> Iterator[Spooled]:
        self._file.seek(0)
        while line := self._file.readline():
            key, name, target, user, copies, money, records, place, length = json.loads(line)
            payload = self._file.read(length)
            totals = Totals(copies, {currency: Decimal(amount) for currency, amount in money.items()})
            yield Spooled(Item(tuple(key), name, payload, target, user), totals, records, DataPlace(*place))

    def close(self) -> None:
        with suppress(OSError):  # what was not on the disk yet is not wanted any more
            self._file.close()
