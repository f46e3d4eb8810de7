"""Lines, requests and records this Alma holds → SQLite, in memory or in a file.

One writer, one thread. In a file every change is on its way to the disk when the call answers: it survives `kill -9`
of the simulator (not a power cut: syncing each write would cost the throughput that rehearsals are for).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

_SCHEMA = """
create table if not exists po_line (
  id integer primary key, number text not null unique, created real not null, changed real not null,
  review text not null, fixed text not null, owner text, type text, vendor text, account text, method text,
  mms text, isbn text, issn text, title text, doc text not null, sent blob not null, request text not null);
create index if not exists po_line_isbn on po_line(isbn);
create index if not exists po_line_issn on po_line(issn);
create index if not exists po_line_mms on po_line(mms);
create index if not exists po_line_vendor on po_line(vendor);
create table if not exists bib (
  id integer primary key, mms text not null unique, isbn text, issn text, title text, gone integer not null default 0);
create index if not exists bib_isbn on bib(isbn);
create index if not exists bib_issn on bib(issn);
create table if not exists encumbrance (
  id integer primary key, line integer not null, fund text not null, amount text not null, currency text not null);
create index if not exists encumbrance_line on encumbrance(line);
create table if not exists purchase_request (
  id integer primary key autoincrement, user text not null, created real not null, changed real not null, status text not null,
  line integer, mms text, doc text not null, sent blob not null, request text not null);
create table if not exists counter (name text primary key, value text not null);
"""


@dataclass(slots=True)
class Line:
    """A stored order line. `review`: the reasons it waits (none: it moves on); `fixed`: a status that time does not change."""

    id: int
    number: str
    created: float
    changed: float
    review: list[str]
    fixed: str
    mms: str
    doc: dict[str, Any]


@dataclass(slots=True)
class Wish:
    """A stored purchase request."""

    id: int
    user: str
    created: float
    changed: float
    status: str
    line: int | None
    mms: str
    doc: dict[str, Any]


class Store:
    """The database. Methods commit; `together` joins several into one transaction."""

    def __init__(self, path: Path | None = None) -> None:
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        if path is not None:
            self.db.execute("pragma journal_mode=wal")
            self.db.execute("pragma synchronous=off")
        self.db.executescript(_SCHEMA)
        self._persistent = path is not None
        # both tables give numbers of one kind: items and holdings count on from here after a restart
        self.next_item = int(self._counter("item") or 0)
        self.spent: dict[tuple[str, str], Decimal] = {}
        for fund, currency, amount in self.db.execute("select fund, currency, amount from encumbrance"):
            self.spent[fund, currency] = self.spent.get((fund, currency), Decimal(0)) + Decimal(amount)

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction: all of it, or nothing."""
        self.db.execute("begin")
        try:
            yield
        except BaseException:
            self.db.execute("rollback")
            raise
        self.db.execute("commit")

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    # ------------------------------------------------------------------------------------ counters

    def _counter(self, name: str) -> str | None:
        row = self.db.execute("select value from counter where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def _set_counter(self, name: str, value: object) -> None:
        self.db.execute("insert or replace into counter values (?, ?)", (name, str(value)))

    def calls_of_day(self) -> tuple[int, int]:
        """(day since 1970, calls counted in it)."""
        day, _, used = (self._counter("calls") or "0 0").partition(" ")
        return int(day), int(used)

    def count_call(self, day: int, used: int) -> None:
        """Keep the day's count, if there is a file to keep it in."""
        if self._persistent:
            self._set_counter("calls", f"{day} {used}")

    def take_items(self, count: int) -> int:
        """The first of `count` fresh item numbers."""
        first = self.next_item + 1
        self.next_item += count
        if self._persistent:
            self._set_counter("item", self.next_item)
        return first

    def next_id(self, table: str) -> int:
        """The number the next row gets: POL-<n>, a request id, a record number."""
        row = self.db.execute(f"select coalesce(max(id), 0) + 1 from {table}").fetchone()  # noqa: S608 - our own names
        return int(row[0])

    # ---------------------------------------------------------------------------------------- bibs

    def bib(self, mms: str) -> tuple[str, str] | None:
        """(mms id, title) of a record that is there."""
        row = self.db.execute("select mms, title from bib where mms = ? and gone = 0", (mms,)).fetchone()
        return None if row is None else (str(row[0]), str(row[1]))

    def bib_by(self, isbn: str, issn: str) -> str | None:
        """The record with this normalised ISBN or ISSN; of several, the oldest."""
        for column, value in (("isbn", isbn), ("issn", issn)):
            if value:
                row = self.db.execute(
                    f"select mms from bib where {column} = ? and gone = 0 order by id limit 1", (value,)  # noqa: S608
                ).fetchone()
                if row is not None:
                    return str(row[0])
        return None

    def add_bib(self, mms: str, isbn: str, issn: str, title: str) -> None:
        """A new record; a known number is left as it is."""
        self.db.execute("insert or ignore into bib (mms, isbn, issn, title) values (?, ?, ?, ?)", (mms, isbn, issn, title))

    def drop_bib(self, mms: str) -> None:
        """bib=delete of a cancelled line, or the reject of a request."""
        self.db.execute("update bib set gone = 1 where mms = ?", (mms,))

    # --------------------------------------------------------------------------------------- lines

    def add_line(self, values: dict[str, Any]) -> int:
        """A new line; keys are column names."""
        cursor = self.db.execute(
            "insert into po_line (number, created, changed, review, fixed, owner, type, vendor, account, method, mms, isbn, "
            "issn, title, doc, sent, request) values (:number, :created, :created, :review, '', :owner, :type, :vendor, "
            ":account, :method, :mms, :isbn, :issn, :title, :doc, :sent, :request)",
            values,
        )
        return int(cursor.lastrowid or 0)

    def change_line(self, line: Line, now: float) -> None:
        """Store a line's document, reasons and status anew."""
        line.changed = now
        doc = line.doc
        values = (now, json.dumps(line.review), line.fixed, doc["vendor"]["value"], doc["vendor_account"],
                  doc["acquisition_method"]["value"], json.dumps(doc, ensure_ascii=False), line.id)  # fmt: skip
        self.db.execute(
            "update po_line set changed = ?, review = ?, fixed = ?, vendor = ?, account = ?, method = ?, doc = ? where id = ?",
            values,
        )

    def line(self, number: str) -> Line | None:
        """By POL number."""
        return next(self.lines("number = ?", (number,)), None)

    def has_line(self, number: str) -> bool:
        """Is the number taken?"""
        return self.db.execute("select 1 from po_line where number = ?", (number,)).fetchone() is not None

    def lines(self, where: str = "1", values: tuple[Any, ...] = ()) -> Iterator[Line]:
        """Lines that fit, oldest first. `where` is our own SQL, never a caller's text."""
        for row in self.db.execute(
            f"select id, number, created, changed, review, fixed, mms, doc from po_line where {where} order by id", values  # noqa: S608
        ):
            yield Line(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5], row[6], json.loads(row[7]))

    def encumber(self, line: int, funds: list[tuple[str, Decimal, str]]) -> None:
        """The line's money on its funds, replacing what was there. `funds`: (code, amount, currency)."""
        for code, amount, currency in self.encumbrances(line):
            self.spent[code, currency] -= amount
        self.db.execute("delete from encumbrance where line = ?", (line,))
        for code, amount, currency in funds:
            self.db.execute("insert into encumbrance (line, fund, amount, currency) values (?, ?, ?, ?)",
                            (line, code, str(amount), currency))  # fmt: skip
            self.spent[code, currency] = self.spent.get((code, currency), Decimal(0)) + amount

    def encumbrances(self, line: int) -> list[tuple[str, Decimal, str]]:
        """(fund, amount, currency) of a line."""
        rows = self.db.execute("select fund, amount, currency from encumbrance where line = ?", (line,)).fetchall()
        return [(fund, Decimal(amount), currency) for fund, amount, currency in rows]

    # ------------------------------------------------------------------------------------ requests

    def add_wish(self, values: dict[str, Any]) -> int:
        """A new purchase request; keys are column names."""
        cursor = self.db.execute(
            "insert into purchase_request (user, created, changed, status, line, mms, doc, sent, request) "
            "values (:user, :created, :created, 'INREVIEW', null, :mms, :doc, :sent, :request)",
            values,
        )
        return int(cursor.lastrowid or 0)

    def change_wish(self, wish: Wish, now: float) -> None:
        """Store a request anew."""
        wish.changed = now
        self.db.execute("update purchase_request set changed = ?, status = ?, line = ?, doc = ? where id = ?",
                        (now, wish.status, wish.line, json.dumps(wish.doc, ensure_ascii=False), wish.id))  # fmt: skip

    def drop_wish(self, wish: Wish) -> None:
        """Cancelled by its user, or deleted: it is gone."""
        self.db.execute("delete from purchase_request where id = ?", (wish.id,))

    def wishes(self, where: str = "1", values: tuple[Any, ...] = ()) -> Iterator[Wish]:
        """Requests that fit, oldest first."""
        for row in self.db.execute(
            "select id, user, created, changed, status, line, mms, doc from purchase_request "
            f"where {where} order by id", values  # noqa: S608
        ):  # fmt: skip
            yield Wish(*row[:7], json.loads(row[7]))
