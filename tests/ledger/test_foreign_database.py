"""A database of another program, named as a ledger or as the simulator's state → refused, and not a byte changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from etl.ledger.database import open_database
from etl.problems import Refusal
from etl.simulator.store import Store

FOREIGN = {
    "people": "create table mine (a text); insert into mine values ('precious')",
    "orders of a shop": "create table orders (id integer, key text); insert into orders values (1, 'a')",
    "a version alone": "create table schema_version (version integer); insert into schema_version values (7)",
    "another tool's version": "create table schema_version (installed_rank integer, version text)",
    "a view": "create view orders as select 1 as id",
    "lines of a shop": "create table po_line (id integer primary key, number text)",
}


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mode) for path in folder.iterdir()}


@pytest.fixture(params=["delete", "wal", "wal in use"])
def journal(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("statements", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("to", ["ledger", "ledger to read", "state"])
def test_it_is_refused_and_stays_as_it_is(tmp_path: Path, journal: str, statements: str, to: str) -> None:
    place = tmp_path / "theirs.sqlite"
    with closing(sqlite3.connect(place)) as theirs:
        theirs.execute(f"pragma journal_mode={journal.split()[0]}")
        theirs.executescript(statements)
        if journal == "wal in use":
            _refused(place, to)
        else:
            theirs.close()
            place.chmod(0o644)
            before = everything(tmp_path)
            _refused(place, to)
            assert everything(tmp_path) == before
    with closing(sqlite3.connect(place)) as theirs:
        assert theirs.execute("pragma journal_mode").fetchone() == (journal.split()[0],)


def _refused(place: Path, to: str) -> None:
    if to == "state":
        with pytest.raises(sqlite3.DatabaseError, match="another program's database"):
            Store(place)
        return
    with pytest.raises(Refusal) as refused:
        open_database(place.name, place.parent, to_read=to == "ledger to read")
    (problem,) = refused.value.problems
    assert problem.code == "E810"
    assert "another program's database" in problem.message


@pytest.mark.parametrize("first", ["ledger", "state"])
def test_our_own_are_opened_again_but_not_one_for_the_other(tmp_path: Path, first: str) -> None:
    place = tmp_path / "ours.sqlite"
    for _ in range(2):
        if first == "ledger":
            open_database(place.name, tmp_path).dispose()
        else:
            Store(place).close()
    _refused(place, "state" if first == "ledger" else "ledger")


@pytest.mark.parametrize("to", ["ledger", "state"])
def test_an_empty_one_is_nobodys(tmp_path: Path, to: str) -> None:
    place = tmp_path / "empty.sqlite"
    place.touch()
    if to == "ledger":
        open_database(place.name, tmp_path).dispose()
    else:
        Store(place).close()
    assert place.stat().st_size > 0
