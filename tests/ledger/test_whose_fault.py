"""What a database says → whether another try may help: a disk that is full stays full, a lock goes away."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from etl.ledger.database import _failed, _postgresql, open_database, reading, transaction
from etl.problems import Refusal, Unavailable

ROW_LOCKED = sqlite3.SQLITE_BUSY | (2 << 8)
"""An extended code: what it is of stands in its last byte."""


class SaidError(Exception):
    """An error of a driver, with the code that a database gives."""

    sqlstate: str | None = None
    sqlite_errorcode: int = 0


def said(**code: object) -> OperationalError:
    original = SaidError("disk I/O error: what it says\nand more")
    vars(original).update(code)
    return OperationalError("statement", {}, original)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (sqlite3.SQLITE_BUSY, "E813"), (ROW_LOCKED, "E813"), (sqlite3.SQLITE_LOCKED, "E813"), (sqlite3.SQLITE_PROTOCOL, "E813"),
        (sqlite3.SQLITE_FULL, "E620"), (sqlite3.SQLITE_IOERR, "E620"), (sqlite3.SQLITE_READONLY, "E620"), (0, "E620"),
        (sqlite3.SQLITE_CORRUPT, "E812"), (sqlite3.SQLITE_NOTADB, "E812"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", [transaction, reading])
def test_sqlite(
    tmp_path: Path, how: Callable[[Engine], AbstractContextManager[Connection]], code: int, told: str
) -> None:
    engine = open_database("ledger.sqlite", tmp_path)
    with pytest.raises(Refusal) as refused, how(engine):
        raise said(sqlite_errorcode=code)
    engine.dispose()
    (problem,) = refused.value.problems
    assert (problem.code, isinstance(refused.value, Unavailable)) == (told, told == "E813")
    assert problem.message.endswith("what it says"), "the database's own first line"
    assert str(tmp_path / "ledger.sqlite") in str(problem.mapping)
    assert problem.help


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (None, "E813"), ("08006", "E813"), ("40001", "E813"), ("55P03", "E813"), ("57P01", "E813"), ("53300", "E813"),
        ("53100", "E620"), ("42501", "E620"), ("23505", "E620"), ("25006", "E620"),
    ],
)  # fmt: skip
def test_postgresql(state: str | None, told: str) -> None:
    """No server is asked: the connection has broken (no state), it goes down, it is too busy; or it will never do."""
    pytest.importorskip("psycopg")
    engine = _postgresql("postgresql://etl@db.example.org/etl")
    engine.update_execution_options(etl_place="postgresql://etl@db.example.org/etl")
    refusal = _failed(engine, said(sqlstate=state))
    assert (refusal.problems[0].code, isinstance(refusal, Unavailable)) == (told, told == "E813")
