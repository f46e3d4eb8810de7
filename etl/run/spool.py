"""Documents waiting for delivery → the same documents, in order, from disk.

Nothing is delivered before the last record has been mapped and the guards have spoken, and memory stays
bounded: so finished payloads wait in a temporary file.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from etl.plugin import Item, Totals


@dataclass(frozen=True, slots=True)
class Spooled:
    """An item and what must be known of it after delivery: its totals and how many records it stands for."""

    item: Item
    totals: Totals
    records: int


class Spool:
    """Append first, then read; removed when closed."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by close()
        self.count = 0

    def add(self, entry: Spooled) -> None:
        item, totals = entry.item, entry.totals
        head = json.dumps(
            [
                item.key,
                item.name,
                item.target,
                item.user,
                totals.copies,
                {currency: str(amount) for currency, amount in totals.money.items()},
                entry.records,
                len(item.payload),
            ]
        )
        self._file.write(head.encode() + b"\n" + item.payload)
        self.count += 1

    def __iter__(self) -> Iterator[Spooled]:
        self._file.seek(0)
        while line := self._file.readline():
            key, name, target, user, copies, money, records, length = json.loads(line)
            payload = self._file.read(length)
            totals = Totals(copies, {currency: Decimal(amount) for currency, amount in money.items()})
            yield Spooled(Item(tuple(key), name, payload, target, user), totals, records)

    def close(self) -> None:
        self._file.close()
