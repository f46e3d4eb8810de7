"""A ledger that is copied, put back or taken elsewhere has every row, and is never one of two that are sent by."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from filled_ledger import claimed, fill, intent
from ledger_locations import KINDS, ledger_location
from sqlalchemy import Engine, select

from etl.ledger import copying, keeping
from etl.ledger.aside import aside_in
from etl.ledger.database import is_there, open_database, transaction
from etl.ledger.decisions import dismiss
from etl.ledger.find import Wanted, find
from etl.ledger.lifetime import accept, age_in, grow, restored_in
from etl.ledger.process import Run
from etl.ledger.soundness import contradictions
from etl.ledger.tables import ages, lifetime, metadata
from etl.problems import Refusal

EVERY = [table for table in metadata.sorted_tables if table not in (lifetime, ages)]


def content(engine: Engine) -> str:
    """A hash of all rows of all tables but its age, by no code of the ledger's."""
    with transaction(engine) as connection:
        rows = {
            table.name: sorted(
                json.dumps(list(row), default=lambda raw: bytes(raw).hex())
                for row in connection.execute(select(table))
            )
            for table in EVERY
        }
    assert rows["orders"]
    assert rows["order_names"]
    assert rows["mapping_files"]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def code_of(act: object, *arguments: object, **more: object) -> str:
    with pytest.raises(Refusal) as refused:
        act(*arguments, **more)  # type: ignore[operator]
    problem = refused.value.problems[0]
    assert problem.mapping is not None
    assert problem.help
    return problem.code


@pytest.fixture
def full(engine: Engine) -> Engine:
    fill(engine)
    return engine


@pytest.fixture
def place(full: Engine) -> str:
    """Where `full` is, as an option says it."""
    if full.dialect.name == "sqlite":
        return "ledger.sqlite"
    return full.url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture(params=KINDS)
def elsewhere(request: pytest.FixtureRequest) -> Iterator[str]:
    with ExitStack() as stack:
        found = stack.enter_context(ledger_location(request.param))
        yield "elsewhere.sqlite" if request.param == "sqlite" else found


def test_a_ledger_is_made_once(tmp_path: Path) -> None:
    keeping.create("new.sqlite", tmp_path).dispose()
    assert is_there("new.sqlite", tmp_path)
    assert code_of(keeping.create, "new.sqlite", tmp_path) == "E621"


@pytest.mark.parametrize("content", [None, b""])
def test_nobody_makes_one_who_must_not(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "l.sqlite").write_bytes(content)
    assert code_of(open_database, "l.sqlite", tmp_path, make=False) == "E802"
    assert (tmp_path / "l.sqlite").exists() == (content is not None)


def test_a_server_without_tables_is_no_ledger(tmp_path: Path) -> None:
    with ledger_location("postgresql") as url:
        assert not is_there(url, tmp_path)
        assert code_of(open_database, url, tmp_path, make=False) == "E802"
        assert not is_there(url, tmp_path)


def test_a_backup_comes_back_whole(full: Engine, place: str, tmp_path: Path) -> None:
    before = content(full)
    assert keeping.backup(full, tmp_path / "b.sqlite") == 6
    assert content(full) == before
    assert code_of(open_database, "b.sqlite", tmp_path) == "E624"  # nobody sends by it
    done = keeping.restore(tmp_path / "b.sqlite", "again.sqlite", tmp_path)
    assert (done.orders, done.lost) == (6, ())
    restored = open_database("again.sqlite", tmp_path)
    assert content(restored) == before
    assert claimed(restored, intent("O-1", note="till anna.lind")).verdict == "posted"
    keeping.restore(tmp_path / "b.sqlite", place, tmp_path)  # nothing has been sent since
    assert content(full) == before
    restored.dispose()


def test_a_backup_is_replaced_by_a_later_one_only(full: Engine, tmp_path: Path) -> None:
    keeping.backup(full, tmp_path / "b.sqlite")
    claimed(full, intent("O-7"))
    assert keeping.backup(full, tmp_path / "b.sqlite") == 7
    keeping.create("other.sqlite", tmp_path).dispose()
    other = open_database("other.sqlite", tmp_path)
    fill(other)
    assert code_of(keeping.backup, full, tmp_path / "other.sqlite") == "E621"
    assert code_of(keeping.backup, other, tmp_path / "b.sqlite") == "E621"
    other.dispose()


def test_what_a_restore_would_lose_is_told(full: Engine, place: str, tmp_path: Path) -> None:
    keeping.backup(full, tmp_path / "b.sqlite")
    claimed(full, intent("O-7"))
    (refused_one,) = find(full, Wanted("O-2"))
    dismiss(full, refused_one, "bo", "said on the phone")
    with pytest.raises(Refusal, match=r"2 orders .*BTJ \+ O-2 dismissed.*BTJ \+ O-7 intended") as refused:
        keeping.restore(tmp_path / "b.sqlite", place, tmp_path)
    assert refused.value.problems[0].code == "E622"
    assert len(list(find(full, Wanted()))) == 7
    lost = keeping.restore(tmp_path / "b.sqlite", place, tmp_path, force=True).lost
    assert sorted(one.key[1] for one in lost) == ["O-2", "O-7"]
    assert len(list(find(full, Wanted()))) == 6


def test_sent_since_and_another_ledger_are_no_older_state(full: Engine, place: str, tmp_path: Path) -> None:
    keeping.backup(full, tmp_path / "b.sqlite")
    grow(full)
    assert code_of(keeping.restore, tmp_path / "b.sqlite", place, tmp_path) == "E622"
    other = keeping.create("other.sqlite", tmp_path)
    fill(other)
    assert code_of(keeping.restore, tmp_path / "b.sqlite", "other.sqlite", tmp_path) == "E622"
    other.dispose()


def test_a_backup_that_is_none(tmp_path: Path) -> None:
    assert code_of(keeping.restore, tmp_path / "none.sqlite", "l.sqlite", tmp_path) == "E802"
    (tmp_path / "text").write_text("no database")
    assert code_of(keeping.restore, tmp_path / "text", "l.sqlite", tmp_path) == "E812"
    assert not (tmp_path / "l.sqlite").exists()


def test_a_damaged_ledger_is_put_by_and_not_thrown_away(full: Engine, tmp_path: Path) -> None:
    keeping.backup(full, tmp_path / "b.sqlite")
    (tmp_path / "bad.sqlite").write_bytes(b"no database at all")
    assert code_of(keeping.restore, tmp_path / "b.sqlite", "bad.sqlite", tmp_path) == "E812"
    keeping.restore(tmp_path / "b.sqlite", "bad.sqlite", tmp_path, force=True)
    (kept,) = tmp_path.glob("bad.sqlite.damaged-*")
    assert kept.read_bytes() == b"no database at all"
    assert is_there("bad.sqlite", tmp_path)


def test_a_moved_ledger_is_one_ledger(full: Engine, elsewhere: str, tmp_path: Path) -> None:
    before = content(full)
    with transaction(full) as connection:
        age = age_in(connection)
    assert keeping.move(full, elsewhere, tmp_path) == 6
    moved = open_database(elsewhere, tmp_path)
    assert content(moved) == before
    with transaction(moved) as connection:
        assert (age_in(connection).ledger, age_in(connection).serial) == (age.ledger, age.serial + 1)
    assert claimed(moved, intent("O-8")).order.id > 6, "the next order has a number of its own"
    with transaction(full) as connection:
        aside = aside_in(connection)
    assert aside is not None
    assert aside.why == "moved"
    with pytest.raises(Refusal, match="E624"):
        grow(full)  # also a process that had opened it before
    assert code_of(keeping.move, full, elsewhere, tmp_path) == "E624"
    moved.dispose()


def test_a_ledger_is_moved_to_a_free_place_only(full: Engine, elsewhere: str, tmp_path: Path) -> None:
    other = keeping.create(elsewhere, tmp_path)
    fill(other)
    there, here = content(other), content(full)
    assert code_of(keeping.move, full, elsewhere, tmp_path) == "E621"
    assert (content(other), content(full)) == (there, here)
    other.dispose()


def test_nothing_is_moved_under_a_process(full: Engine, tmp_path: Path) -> None:
    run = Run(full)
    assert code_of(keeping.move, full, "elsewhere.sqlite", tmp_path) == "E624"
    run.close()
    assert keeping.move(full, "elsewhere.sqlite", tmp_path) == 6


@pytest.mark.parametrize("place_of_death", range(1, 5))
def test_a_move_that_dies_leaves_one_in_use_at_most_and_is_ended_by_another(
    full: Engine, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place_of_death: int
) -> None:
    """At each step: before the rows, among them, before either says so, and before the new one is in use."""
    before, steps = content(full), iter(range(1, 9))

    def dying(act: object) -> object:
        def acts(*arguments: object) -> object:
            if next(steps) == place_of_death:
                raise KeyboardInterrupt
            return act(*arguments)  # type: ignore[operator]

        return acts

    with monkeypatch.context() as patches:
        for name in ("copy_rows", "lay_aside", "grow_in"):
            patches.setattr(keeping, name, dying(getattr(keeping, name)))
        with pytest.raises(KeyboardInterrupt):
            keeping.move(full, elsewhere, tmp_path)
    with transaction(full) as connection:
        here = aside_in(connection) is None
    assert code_of(open_database, elsewhere, tmp_path) == "E624"
    assert here or place_of_death == 4
    assert content(full) == before
    assert keeping.move(full, elsewhere, tmp_path) == 6
    moved = open_database(elsewhere, tmp_path)
    assert content(moved) == before
    moved.dispose()


def test_where_a_ledger_was_moved_from_nothing_is_put(
    full: Engine, place: str, elsewhere: str, tmp_path: Path
) -> None:
    """Else both would be sent by, the backup here and the ledger there."""
    keeping.backup(full, tmp_path / "b.sqlite")
    keeping.move(full, elsewhere, tmp_path)
    for force in (False, True):
        assert code_of(keeping.restore, tmp_path / "b.sqlite", place, tmp_path, force=force) == "E624"
    assert code_of(open_database, place, tmp_path) == "E624"


def test_a_backup_takes_the_place_of_no_ledger_that_was_moved_or_restored(
    full: Engine, tmp_path: Path
) -> None:
    keeping.backup(full, tmp_path / "b.sqlite")
    keeping.restore(tmp_path / "b.sqlite", "restored.sqlite", tmp_path)
    keeping.restore(tmp_path / "b.sqlite", "moved.sqlite", tmp_path)
    engine = open_database("moved.sqlite", tmp_path)
    keeping.move(engine, "to.sqlite", tmp_path)
    engine.dispose()
    for name in ("restored.sqlite", "moved.sqlite", "to.sqlite"):
        assert code_of(keeping.backup, full, tmp_path / name) == "E621"


def test_a_restored_ledger_stays_one_wherever_it_goes(
    full: Engine, elsewhere: str, tmp_path: Path
) -> None:
    """Until a person accepts it: through runs, a backup and a move."""
    keeping.backup(full, tmp_path / "b.sqlite")
    keeping.restore(tmp_path / "b.sqlite", "restored.sqlite", tmp_path)
    engine = open_database("restored.sqlite", tmp_path)
    grow(engine)
    keeping.backup(engine, tmp_path / "c.sqlite")
    keeping.move(engine, elsewhere, tmp_path)
    engine.dispose()
    keeping.restore(tmp_path / "c.sqlite", "again.sqlite", tmp_path)
    for name in ("again.sqlite", elsewhere):
        engine = open_database(name, tmp_path)
        with transaction(engine) as connection:
            assert restored_in(connection) is not None
        accept(engine, "bo")
        with transaction(engine) as connection:
            assert restored_in(connection) is None
        engine.dispose()


def test_a_copy_that_was_sent_by_since_is_no_older_state(full: Engine, tmp_path: Path) -> None:
    """Its count is smaller, and yet it knows what the backup does not."""
    keeping.backup(full, tmp_path / "b.sqlite")
    keeping.restore(tmp_path / "b.sqlite", "copy.sqlite", tmp_path)
    copy = open_database("copy.sqlite", tmp_path)
    grow(copy)
    for _ in range(3):
        grow(full)
    keeping.backup(full, tmp_path / "b.sqlite")
    assert code_of(keeping.restore, tmp_path / "b.sqlite", "copy.sqlite", tmp_path) == "E622"
    copy.dispose()


def test_a_copy_that_reads_otherwise_is_none(
    full: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = copying._rows

    def short(connection: object, table: object) -> object:
        found = list(rows(connection, table))  # type: ignore[arg-type]
        return found if connection.engine is full else found[:-1]  # type: ignore[attr-defined]

    monkeypatch.setattr(copying, "_rows", short)
    assert code_of(keeping.move, full, "elsewhere.sqlite", tmp_path) == "E625"
    with transaction(full) as connection:
        assert aside_in(connection) is None


_KILLED = """
import os, signal, sys
from pathlib import Path
from etl.ledger import copying, keeping
from etl.ledger.database import open_database
verb, name = sys.argv[1:]
digest = copying._digest
def killed(connection, table):
    if table.name == name:
        os.kill(os.getpid(), signal.SIGKILL)
    return digest(connection, table)
copying._digest = killed
if verb == "restore":
    keeping.restore(Path("b.sqlite"), "ledger.sqlite", Path())
else:
    engine = open_database("ledger.sqlite", Path(), to_read=True)
    keeping.move(engine, "to.sqlite", Path()) if verb == "move" else keeping.backup(engine, Path("b.sqlite"))
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is not known there")
@pytest.mark.parametrize("verb", ["backup", "restore", "move"])
def test_kill_9_in_each_verb_leaves_a_ledger_to_go_on_with(tmp_path: Path, verb: str) -> None:
    """After all rows were written, and before anything says so."""
    engine = keeping.create("ledger.sqlite", tmp_path)
    fill(engine)
    keeping.backup(engine, tmp_path / "b.sqlite")
    if verb == "backup":
        claimed(engine, intent("O-7"))
    before = content(engine)
    engine.dispose()
    killed = subprocess.run([sys.executable, "-c", _KILLED, verb, "orders"], cwd=tmp_path, check=False)
    assert killed.returncode == -signal.SIGKILL
    engine = open_database("ledger.sqlite", tmp_path)
    assert content(engine) == before
    assert list(contradictions(engine)) == []
    again = {
        "backup": lambda: keeping.backup(engine, tmp_path / "b.sqlite"),
        "restore": lambda: keeping.restore(tmp_path / "b.sqlite", "ledger.sqlite", tmp_path).orders,
        "move": lambda: keeping.move(engine, "to.sqlite", tmp_path),
    }
    assert again[verb]() == (7 if verb == "backup" else 6)
    engine.dispose()
