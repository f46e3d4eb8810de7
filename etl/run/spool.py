"""Documents waiting for delivery → the same documents, in order, from disk.

Nothing is delivered before the last record has been mapped and the guards have spoken, and memory stays
bounded: so finished payloads wait in a temporary file.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path

from etl.identity import identity_of, origin_of
from etl.ledger.lines import Line
from etl.ledger.orders import State
from etl.ledger.stored_values import place_key
from etl.plugin import DataPlace, Item, Totals
from etl.run.arriving import digest_of


@dataclass(frozen=True, slots=True)
class Spooled:
    """An item and what must be known of it after delivery: how many records it stands for, and where the
    first of them stood.
    """

    item: Item
    records: int
    place: DataPlace


class Spool:
    """Append first, `finish`, then read; removed when closed."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by close()
        self._lines = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by close()
        self._places: dict[bytes, int] = {}
        self._aside: set[bytes] = set()
        self._waits: dict[State, set[bytes]] = {State.HELD: set(), State.REJECTED: set()}
        self.count = 0

    def add(self, entry: Spooled) -> None:
        item, totals, place = entry.item, entry.item.totals, entry.place
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
                asdict(item.identity),
                asdict(item.origin) if item.origin else None,
                len(item.payload),
            ]
        )
        self._places.setdefault(digest_of(item.key), self._file.tell())
        self._file.write(head.encode() + b"\n" + item.payload)
        self.count += 1

    def set_aside(self, line: Line) -> None:
        """A line that is not delivered."""
        self._aside.add(digest_of(place_key(line.origin)))
        self._aside.add(digest_of(line.ledger_key))
        if line.state in self._waits:
            self._waits[line.state].add(digest_of(line.ledger_key))
        self._lines.write(line.written())

    def lines(self) -> Iterator[Line]:
        """Those that were set aside, in order."""
        self._lines.seek(0)
        return map(self._apart, map(Line.read, self._lines))

    def _apart(self, line: Line) -> Line:
        """A rejected line whose key an order of the run has waits for itself, and one that is skipped has a
        key that nothing else has.
        """
        if not line.key or line.state not in (State.REJECTED, State.SKIPPED):
            return line
        digest = digest_of(line.key)
        taken = digest in self._places or digest in self._waits[State.HELD]
        taken = taken or (line.state is State.SKIPPED and digest in self._waits[State.REJECTED])
        return replace(line, key=()) if taken else line

    def came(self, key: tuple[str, ...]) -> bool:
        """Has a document or a line this key, in whatever spelling?"""
        digest = digest_of(key)
        return digest in self._places or digest in self._aside

    def finish(self) -> None:
        """The last has been added: all of it is on the disk, or OSError says why not."""
        self._file.flush()
        self._lines.flush()

    def __iter__(self) -> Iterator[Spooled]:
        self._file.seek(0)
        while entry := self._next():
            yield entry

    def item(self, key: tuple[str, ...]) -> Item | None:
        """The document with this key, in whatever spelling; who iterates is not disturbed."""
        place = self._places.get(digest_of(key))
        if place is None:
            return None
        before = self._file.tell()
        self._file.seek(place)
        found = self._next()
        self._file.seek(before)
        return None if found is None else found.item

    def _next(self) -> Spooled | None:
        line = self._file.readline()
        if not line:
            return None
        (
            key, name, target, user, copies, money, records, place, identity, origin, length,
        ) = json.loads(line)  # fmt: skip
        item = Item(
            tuple(key),
            name,
            self._file.read(length),
            target,
            user,
            identity=identity_of(identity),
            origin=origin_of(origin),
            totals=Totals(copies, {currency: Decimal(amount) for currency, amount in money.items()}),
            arriving=self.item,
        )
        return Spooled(item, records, DataPlace(*place))

    def close(self) -> None:
        for file in (self._file, self._lines):
            with suppress(OSError):  # what was not on the disk yet is not wanted any more
                file.close()
