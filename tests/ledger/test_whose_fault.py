"""What a database says → whether another try may help: a disk that is full stays full, a lock goes away."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from etl.identity import RecordOrigin
from etl.ledger.database import _failed, _postgresql, open_database, reading, transaction
from etl.ledger.find import Wanted, find
from etl.ledger.intake import Intake
from etl.ledger.known_by import KnownBy
from etl.ledger.lines import Line
from etl.ledger.orders import State
from etl.ledger.process import Run
from etl.ledger.same_record import same_record
from etl.ledger.stored_values import storable
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


@pytest.mark.parametrize("kind", [DataError, IntegrityError])
@pytest.mark.parametrize("code", [{}, {"sqlstate": "22021"}, {"sqlite_errorcode": sqlite3.SQLITE_CONSTRAINT}])
def test_a_value_that_has_no_place_is_neither_waited_for_nor_the_disks_fault(
    tmp_path: Path, kind: type[DBAPIError], code: dict[str, object]
) -> None:
    pytest.importorskip("psycopg")
    server = _postgresql("postgresql://etl@db.example.org/etl")
    server.update_execution_options(etl_place="postgresql://etl@db.example.org/etl")
    file = open_database("ledger.sqlite", tmp_path)
    for engine in (server, file):
        refusal = _failed(engine, kind("statement", {}, said(**code).orig))
        assert (refusal.problems[0].code, isinstance(refusal, Unavailable)) == ("E620", False)
        assert "disk is not at fault" in (refusal.problems[0].help or "")
    file.dispose()


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "\udcff", "\0"])
@pytest.mark.parametrize("state", [State.REJECTED, State.HELD, State.SKIPPED])
def test_any_text_is_kept_wherever_it_stands(engine: Engine, text: str, state: State) -> None:
    """And comes again as the line that it was."""
    run = Run(engine)
    record = json.dumps([{"title": text}], ensure_ascii=False)
    origin = RecordOrigin("f" * 64, f"{text}.csv", 3, ((1, 0),), record, mapped_as=text)
    found_by = {"title": text, "reference": text, "vendor": text}
    known = KnownBy.of(vendors=[text], orders=[text], title=text, barcodes=[text])
    causes = ({"code": "E412", "message": text},)
    line = Line(state, "po_line", ("BTJ", text), origin, causes, found_by=found_by, known_by=known)
    for _ in range(2):
        Intake(engine, "alma", run).take([line])
    run.close()
    [order] = find(engine, Wanted(states=[state]))
    assert (order.key, same_record(order.record, record)) == (line.key, True)
    assert order.title == storable(text)
    assert [one.id for one in find(engine, Wanted(text))] == [order.id]
