"""A ledger that this process has open is still locked, whatever else the process does with the file.

A process loses every lock it has on a file as soon as it closes the file once (POSIX). Whoever comes and goes then takes
the ledger for nobody's and removes the write-ahead log: what is written afterwards is in no file any more, and is ordered
again.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from filled_ledger import claimed, fill, intent
from sqlalchemy import Engine

from etl.ledger.compaction import compact
from etl.ledger.database import demand, is_there, open_database
from etl.ledger.keeping import backup

NAME = "ledger.sqlite"
COMES_AND_GOES = (
    "import sqlite3, sys\n"
    "with sqlite3.connect(sys.argv[1]) as ledger: print(ledger.execute('select count(*) from orders').fetchone()[0])\n"
    "ledger.close()"
)


def opened(**how: bool) -> Callable[[Engine, Path], None]:
    return lambda _, folder: open_database(NAME, folder, **how).dispose()


def backed_up(engine: Engine, folder: Path) -> None:
    backup(engine, folder / "copy.sqlite")
    open_database("copy.sqlite", folder, to_read=True).dispose()


DOORS: dict[str, Callable[[Engine, Path], object]] = {
    "to write": opened(),
    "to write, if it is there": opened(make=False),
    "to read": opened(to_read=True, make=False),
    "to keep": opened(to_keep=True),
    "is one there": lambda _, folder: is_there(NAME, folder),
    "there has to be one": lambda _, folder: demand(NAME, folder),
    "a backup": backed_up,
    "the file is written anew": lambda engine, _: compact(engine),
}


def orders_for_others(folder: Path) -> int:
    """As another process sees them, which has the file open for a moment."""
    command = [sys.executable, "-c", COMES_AND_GOES, str(folder / NAME)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("before", ["just opened", "written to"])
@pytest.mark.parametrize("door", DOORS)
def test_what_is_written_after_somebody_came_and_went_is_there(door: str, before: str, tmp_path: Path) -> None:
    open_database(NAME, tmp_path).dispose()
    engine = open_database(NAME, tmp_path)
    if before == "written to":
        fill(engine)
    DOORS[door](engine, tmp_path)
    known = orders_for_others(tmp_path)
    claimed(engine, intent("O-77"))
    assert orders_for_others(tmp_path) == known + 1
    engine.dispose()
    assert orders_for_others(tmp_path) == known + 1


def test_the_second_of_two_may_go_first(tmp_path: Path) -> None:
    first, second = (open_database(NAME, tmp_path) for _ in range(2))
    fill(second)
    second.dispose()
    known = orders_for_others(tmp_path)
    claimed(first, intent("O-77"))
    assert orders_for_others(tmp_path) == known + 1
    first.dispose()


def test_two_at_once_find_one_new_file(tmp_path: Path) -> None:
    """Neither of them makes it anew, and both write into the same."""
    first, second = (open_database(NAME, tmp_path) for _ in range(2))
    claimed(first, intent("O-1"))
    claimed(second, intent("O-2"))
    assert orders_for_others(tmp_path) == 2
    first.dispose()
    second.dispose()


@pytest.mark.parametrize("left", ["", "-wal"])
def test_a_copy_nobody_writes_is_read_where_nothing_can_be_written(left: str, tmp_path: Path) -> None:
    """Also beside an empty journal, which a copy of the folder may hold."""
    fill(engine := open_database(NAME, tmp_path))
    engine.dispose()
    if left:
        (tmp_path / f"{NAME}{left}").touch()
    (tmp_path / NAME).chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        assert is_there(NAME, tmp_path)
        read = open_database(NAME, tmp_path, to_read=True, make=False)
        read.dispose()
    finally:
        tmp_path.chmod(0o700)
    with closing(sqlite3.connect(tmp_path / NAME)) as ledger:
        assert ledger.execute("select count(*) from orders").fetchone()[0] > 0
