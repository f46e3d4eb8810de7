"""Lines, requests and records this Alma holds → SQLite, in memory or in a file.

One writer, one thread. In a file every change is on its way to the disk when the call answers: it
survives `kill -9` of the simulator (not a power cut: syncing each write would cost the throughput that
rehearsals are for).

SQL is put together from names of our own; values always travel as parameters.
"""

# ruff: noqa: S608 - table, column and condition texts are constants of this package
from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from etl.simulator.standard_numbers import bare_isbn, bare_issn
from etl.simulator.stored import Line, Record, Wish

_SCHEMA = (files("etl.simulator") / "schema.sql").read_text(encoding="utf-8")


def _refuse_others(path: Path) -> None:
    """Raises sqlite3.DatabaseError for a database of another program, in which nothing was changed."""
    if not path.is_file() or not path.stat().st_size:
        return
    journal = path.with_name(f"{path.name}-wal")
    how = "mode=ro" if journal.exists() and journal.stat().st_size else "immutable=1"
    with (
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as db,
        closing(sqlite3.connect(":memory:")) as fresh,
    ):
        fresh.executescript(_SCHEMA)
        names = [name for (name,) in db.execute("select name from sqlite_master") if name[:7] != "sqlite_"]
        ours, theirs = (one.execute("pragma table_info(po_line)").fetchall() for one in (fresh, db))
    if names and ours != theirs:
        raise sqlite3.DatabaseError(f"another program's database, with {', '.join(names[:3])}")


class Store:
    """The database. Methods commit; `together` joins several into one transaction."""

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            _refuse_others(path)
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        if path is not None:
            self.db.execute("pragma journal_mode=wal")
            self.db.execute("pragma synchronous=off")
        self.db.executescript(_SCHEMA)
        # SQLite's own knows the letters of ASCII only
        self.db.create_function("lower", 1, str.lower, deterministic=True)
        self._persistent = path is not None
        self._last: dict[str, int] = {}
        self._moved: dict[str, object] = {}
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
            if self._moved:
                self._keep_counters()
        except BaseException:
            self.db.execute("rollback")
            self._last.clear()
            raise
        self.db.execute("commit")

    def close(self) -> None:
        """Close the file."""
        if self._moved:
            self._keep_counters()
        self.db.close()

    # ------------------------------------------------------------------------------------ counters

    def _counter(self, name: str) -> str | None:
        row = self.db.execute("select value from counter where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def _keep_counters(self) -> None:
        """Write the counters that moved, inside the transaction of what moved them."""
        rows = [(name, str(value)) for name, value in self._moved.items()]
        self.db.executemany("insert or replace into counter values (?, ?)", rows)
        self._moved.clear()

    def calls_of_day(self) -> tuple[int, int]:
        """(day since 1970, calls counted in it)."""
        day, _, used = (self._counter("calls") or "0 0").partition(" ")
        return int(day), int(used)

    def count_call(self, day: int, used: int) -> None:
        """Remember the day's count: it is written with the next write, a kill loses the latest reads."""
        if self._persistent:
            self._moved["calls"] = f"{day} {used}"

    def spent_day(self) -> int:
        """The day (since 1970) that a fault has used up; -1: none."""
        return int(self._counter("spent") or -1)

    def spend_day(self, day: int) -> None:
        """Remember at once that the day is used up."""
        with self.together():
            self._moved["spent"] = day

    def take_items(self, count: int) -> int:
        """The first of `count` fresh item numbers."""
        first = self.next_item + 1
        self.next_item += count
        if self._persistent:
            self._moved["item"] = self.next_item
        return first

    def next_id(self, table: str) -> int:
        """The number the next row gets: POL-<n>, a record number. The database is asked once."""
        if table not in self._last:
            row = self.db.execute(f"select coalesce(max(id), 0) from {table}").fetchone()
            self._last[table] = int(row[0])
        return self._last[table] + 1

    # ---------------------------------------------------------------------------------------- bibs

    def bib(self, mms: str) -> Record | None:
        """A record that is there."""
        row = self.db.execute(
            "select mms, title, isbn, issn from bib where mms = ? and gone = 0", (mms,)
        ).fetchone()
        return None if row is None else Record(*row)

    def bib_by(self, isbn: str, issn: str) -> str | None:
        """The record with this normalised ISBN or ISSN; of several, the oldest."""
        for column, value in (("isbn", isbn), ("issn", issn)):
            if value:
                row = self.db.execute(
                    f"select mms from bib where {column} = ? and gone = 0 order by id limit 1", (value,)
                ).fetchone()
                if row is not None:
                    return str(row[0])
        return None

    def had_bib(self, mms: str) -> bool:
        """Is or was there a record of this number?"""
        return self.db.execute("select 1 from bib where mms = ?", (mms,)).fetchone() is not None

    def add_bib(self, record: Record) -> None:
        """A new record, or one that was deleted and is there again."""
        cursor = self.db.execute(
            "insert or ignore into bib (mms, title, isbn, issn) values (?, ?, ?, ?)", record
        )
        if cursor.rowcount:
            self._last["bib"] = cursor.lastrowid or 0
        else:
            self.db.execute("update bib set gone = 0 where mms = ?", (record.mms,))

    def drop_bib(self, mms: str) -> None:
        """bib=delete of a cancelled line, or the reject of a request."""
        self.db.execute("update bib set gone = 1 where mms = ?", (mms,))

    # --------------------------------------------------------------------------------- code tables

    def code_tables(self) -> dict[str, Any]:
        """The tables that were changed by PUT: name → rows."""
        return {name: json.loads(rows) for name, rows in self.db.execute("select name, rows from code_table")}

    def keep_code_table(self, name: str, rows: list[dict[str, Any]]) -> None:
        """Keep a table's rows in the place of the institution's."""
        values = (name, json.dumps(rows, ensure_ascii=False))
        self.db.execute("insert or replace into code_table values (?, ?)", values)

    # --------------------------------------------------------------------------------------- lines

    def add_line(self, values: dict[str, Any]) -> int:
        """A new line; keys are column names."""
        cursor = self.db.execute(
            "insert into po_line (number, created, changed, review, fixed, owner, type, vendor, account, "
            "method, mms, isbn, issn, title, doc, sent, request) values (:number, :created, :created, "
            ":review, :fixed, :owner, :type, :vendor, :account, :method, :mms, :isbn, :issn, :title, :doc, "
            ":sent, :request)",
            values,
        )
        self._last["po_line"] = cursor.lastrowid or 0
        return self._last["po_line"]

    def change_line(self, line: Line, now: float) -> None:
        """Store a line's document, reasons and status anew."""
        line.changed = now
        doc, metadata = line.doc, line.doc["resource_metadata"]
        values = (
            now,
            json.dumps(line.review),
            line.fixed,
            doc["vendor"]["value"],
            doc["vendor_account"],
            doc["acquisition_method"]["value"],
            bare_isbn(metadata["isbn"]),
            bare_issn(metadata["issn"]),
            metadata["title"],
            json.dumps(doc, ensure_ascii=False),
            line.id,
        )
        self.db.execute(
            "update po_line set changed = ?, review = ?, fixed = ?, vendor = ?, account = ?, method = ?, "
            "isbn = ?, issn = ?, title = ?, doc = ? where id = ?",
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
            "select id, number, created, changed, review, fixed, mms, doc from po_line "
            f"where {where} order by id",
            values,
        ):
            yield Line(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5], row[6], json.loads(row[7]))

    def encumber(self, line: int, funds: list[tuple[str, Decimal, str]], *, fresh: bool = False) -> None:
        """The line's money on its funds, replacing what was there (`fresh`: nothing).

        `funds`: (code, amount, currency).
        """
        if not fresh:
            for code, amount, currency in self.encumbrances(line):
                self.spent[code, currency] -= amount
            self.db.execute("delete from encumbrance where line = ?", (line,))
        for code, amount, currency in funds:
            self.db.execute(
                "insert into encumbrance (line, fund, amount, currency) values (?, ?, ?, ?)",
                (line, code, str(amount), currency),
            )
            self.spent[code, currency] = self.spent.get((code, currency), Decimal(0)) + amount

    def encumbrances(self, line: int) -> list[tuple[str, Decimal, str]]:
        """(fund, amount, currency) of a line."""
        rows = self.db.execute(
            "select fund, amount, currency from encumbrance where line = ?", (line,)
        ).fetchall()
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
        self.db.execute(
            "update purchase_request set user = ?, changed = ?, status = ?, line = ?, mms = ?, doc = ? "
            "where id = ?",
            (
                wish.user,
                now,
                wish.status,
                wish.line,
                wish.mms,
                json.dumps(wish.doc, ensure_ascii=False),
                wish.id,
            ),
        )

    def drop_wish(self, wish: Wish) -> None:
        """Cancelled by its user, or deleted: it is gone."""
        self.db.execute("delete from purchase_request where id = ?", (wish.id,))

    def wishes(self, where: str = "1", values: tuple[Any, ...] = ()) -> Iterator[Wish]:
        """Requests that fit, oldest first."""
        for row in self.db.execute(
            "select id, user, created, changed, status, line, mms, doc from purchase_request "
            f"where {where} order by id",
            values,
        ):
            yield Wish(row[0], row[1], row[2], row[3], row[4], row[5], row[6], json.loads(row[7]))
