"""What a round left behind → everything that is wrong with it.

The simulator's file and the ledger are read with the databases' own tools, not with the code under test.
"""

from __future__ import annotations

import importlib
import re
import sqlite3
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from invented_orders import reference

_REFERENCE = re.compile(rb"C-[0-9]{6}")
_MADE_BY_US = ("orders.csv", "mapping.yaml", "simulator.sqlite")


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger and Alma, side by side."""

    orders: list[tuple[str, str, str | None, int]]
    events: list[tuple[str, str]]
    lines: list[tuple[str, str]]

    @classmethod
    def read(cls, location: str, folder: Path, institution: str) -> Books:
        orders = list(
            _rows(
                location,
                folder,
                "select reference, state, number, attempts from orders where institution = ?",
                institution,
            )
        )
        events = list(
            _rows(
                location, folder,
                "select e.state, coalesce(e.words, '') from events e join orders o on o.id = e.order_id where o.institution = ?",
                institution,
            )
        )  # fmt: skip
        return cls(orders, events, _sent_as(folder))

    def kinds(self) -> Counter[str]:
        """How orders got where they are, by the ledger's events."""
        words = {
            "left intended": "left intended by a process that was killed",
            "surely absent": "found surely absent, and sent again",
            "found in Alma": "found in Alma, not sent again",
            "late answer": "answered late",
        }
        return Counter(
            long for _, said in self.events for short, long in words.items() if said.startswith(short)
        )


@dataclass(frozen=True, slots=True)
class Round:
    """A round that has ended."""

    folder: Path
    count: int
    books: Books

    def wrong(self) -> list[str]:
        """Doubles, losses, and where the ledger says otherwise than Alma."""
        expected = [reference(number) for number in range(1, self.count + 1)]
        held = Counter(name for name, _ in self.books.lines)
        found = [f"{name} is in Alma {held[name]} times" for name in expected if held[name] != 1]
        found += [f"{name} was never ordered" for name in held if name not in set(expected)]
        told = {name: (state, number) for name, state, number, _ in self.books.orders}
        if len(told) != len(self.books.orders):
            found.append("the ledger has an order twice")
        for name, number in self.books.lines:
            if told.get(name) != ("posted", number):
                found.append(f"{name} is {number} in Alma and {told.get(name)} in the ledger")
        return found


def held_orders(location: str, folder: Path, institution: str) -> list[tuple[int, str]]:
    """(id, reference) of the orders that wait for a person."""
    query = "select id, reference from orders where institution = ? and state = 'held'"
    return list(_rows(location, folder, query, institution))


def lines_in_alma(folder: Path) -> dict[str, str]:
    """Reference → number of every line the simulator holds."""
    return dict(_sent_as(folder))


def shown_otherwise(folder: Path) -> set[str]:
    """Numbers of the lines whose reference is not kept as it was sent."""
    with closing(sqlite3.connect(folder / "simulator.sqlite")) as alma:
        rows = alma.execute("select number, doc from po_line").fetchall()
    return {number for number, doc in rows if not _REFERENCE.search(doc.encode())}


def _sent_as(folder: Path) -> list[tuple[str, str]]:
    """(reference, number) of every line of ours, as it was sent: a fault may have changed what was kept."""
    with closing(sqlite3.connect(folder / "simulator.sqlite")) as alma:
        rows = alma.execute("select sent, number from po_line").fetchall()
    sent_as = [(_REFERENCE.findall(sent if isinstance(sent, bytes) else sent.encode()), number) for sent, number in rows]
    return [(found[0].decode(), number) for found, number in sent_as if found]


def declare_dead(location: str, folder: Path) -> None:
    """Whoever is at work gave the last sign of life days ago, as the ledger has it."""
    statement = "update runs set beat = beat - 1000000 where ended_at is null"
    if "://" in location:
        with importlib.import_module("psycopg").connect(location) as database:
            database.execute(statement)
        return
    with closing(sqlite3.connect(folder / location, timeout=30)) as database, database:
        database.execute(statement)


def spoken(folder: Path, location: str, key: str, tally: Any) -> list[str]:
    """Every byte the runs wrote, searched for the key: files, streams, and the tables of PostgreSQL."""
    found = []
    for place in folder.rglob("*"):
        if place.is_file() and place.name not in _MADE_BY_US:
            data = place.read_bytes()
            tally.files, tally.bytes = tally.files + 1, tally.bytes + len(data)
            found += [f"the key is in {place.relative_to(folder)}"] if key.encode() in data else []
            found += [f"a traceback is in {place.name}"] if b"Traceback (most recent" in data else []
    if "://" in location:
        for table in ("orders", "events", "runs", "places", "pace", "calls"):
            rows = list(_rows(location, folder, f"select * from {table}"))  # noqa: S608 - names above
            found += [f"the key is in the table {table}"] if key in repr(rows) else []
    return found


def private(folder: Path) -> list[str]:
    """What the runs wrote can be read by its owner alone, under the usual umask 022."""
    found = []
    for place in folder.iterdir():
        ours = place.name.startswith((*_MADE_BY_US, "said-"))  # the streams' mode is the caller's choice
        if not ours and place.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            found.append(f"{place.name} has mode {stat.filemode(place.stat().st_mode)}")
    return found


def _rows(location: str, folder: Path, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
    if "://" not in location:
        with closing(sqlite3.connect(folder / location)) as database:
            yield from database.execute(query, values)
        return
    with importlib.import_module("psycopg").connect(location) as database:
        yield from database.execute(query.replace("?", "%s"), values).fetchall()
