"""A ledger on a disk that cannot be written: refused with a hint to those who write, open to those who read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from etl.ledger.database import open_database
from etl.ledger.find import Wanted, find
from etl.ledger.ledger import Ledger
from etl.ledger.orders import Intent
from etl.ledger.process import Run
from etl.problems import Refusal, Unavailable

LEDGER = "ledger.sqlite"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One order, noted and closed."""
    engine = open_database(LEDGER, tmp_path)
    run = Run(engine)
    Ledger(engine, "alma", run).advance([], [Intent("po_line", ("BTJ", "O-1"), b"{}")])
    run.close()
    engine.dispose()
    return tmp_path


@pytest.fixture
def read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the system says of such a disk; a test that runs as root could write to any other."""
    usual = os.open

    def refuse(path: object, flags: int, *more: int, **options: int) -> int:
        if str(path).endswith(LEDGER) and flags & os.O_RDWR:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return usual(path, flags, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("etl.ledger.database.os.open", refuse)
    return folder


def test_a_run_is_told_what_a_ledger_needs(read_only: Path) -> None:
    with pytest.raises(Refusal, match="E810") as refused:
        open_database(LEDGER, read_only)
    assert not isinstance(refused.value, Unavailable)
    assert "a file that can be written" in (refused.value.problems[0].help or "")


def test_who_only_reads_can(read_only: Path) -> None:
    before = {path.name: path.read_bytes() for path in read_only.iterdir()}
    engine = open_database(LEDGER, read_only, to_read=True)
    assert [order.key for order in find(engine, Wanted())] == [("BTJ", "O-1")]
    with pytest.raises(Refusal, match="E620"):
        Run(engine)
    engine.dispose()
    assert (read_only / LEDGER).read_bytes() == before[LEDGER]


def test_what_another_process_has_just_written_is_read_too(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    writing = open_database(LEDGER, folder)
    run = Run(writing)
    Ledger(writing, "alma", run).advance([], [Intent("po_line", ("BTJ", "O-2"), b"{}")])
    request.getfixturevalue("read_only")
    engine = open_database(LEDGER, folder, to_read=True)
    assert [order.key[1] for order in find(engine, Wanted())] == ["O-1", "O-2"]
    engine.dispose()
    run.close()
    writing.dispose()


def test_to_read_does_what_it_always_did_where_it_can(folder: Path) -> None:
    engine = open_database(LEDGER, folder, to_read=True)
    Run(engine).close()
    assert [order.key for order in find(engine, Wanted())] == [("BTJ", "O-1")]
    engine.dispose()


def test_a_damaged_one_is_still_damaged(read_only: Path) -> None:
    (read_only / LEDGER).write_bytes(b"no database at all" * 100)
    with pytest.raises(Refusal, match="E812"):
        open_database(LEDGER, read_only, to_read=True)
