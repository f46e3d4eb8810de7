"""`etl-ledger.sqlite`, `postgresql://…` → an engine whose transactions are what the ledger needs.

SQLite: one file of its owner alone (mode 0600), write-ahead log, every commit on disk before it is
believed, integrity checked when opened, and each transaction takes the write lock at its beginning, so that
reading and deciding cannot be overtaken. PostgreSQL: read committed, and many write at once: whoever claims
orders is alone at its institution (`arrivals`), a row is changed only as it was seen (`version`), and what
goes by more than that, by all rows or by one that is not there yet, has the whole ledger (`alone`).

A process that closes a file loses every lock it has on that file (POSIX), so nothing here opens one that may
be in use but SQLite itself, with its locks: else whoever comes next takes it for nobody's, and removes the
write-ahead log that is being written.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import QueuePool

from etl.ledger.aside import Aside, lay_aside, refuse_aside
from etl.ledger.migrations import migrate, no_ledger, refuse_others
from etl.ledger.one_name import ONE_NAME, real_file, second_name
from etl.problems import MappingPlace, Problem, Refusal, Unavailable

Database = Engine
"""What the other rooms call it."""
BUSY_SECONDS = 30
_LOCK = 7_362_013
"""Any number, the same in every version: who writes in PostgreSQL shares it, who has to be alone holds it."""
_READING, _QUEUE, _PLACE, _FILE, _TOLD = "etl_reading", "etl_queue", "etl_place", "etl_file", "etl_told"
_DISK = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL)
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PASSES = {
    "sqlite": (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL),
    "postgresql": ("08", "40", "55", "57", "53300"),
}
"""What another try may not meet again: others who have it locked, a server that goes down or is too busy. The
codes of PostgreSQL by their beginning.
"""
_NO_ROOM = (
    "nothing more was sent. Make room on its disk, or see to it that the file is there and can be "
    "written, in a folder that can be written too; then run again: what was sent is not sent twice"
)
_NO_PLACE = (
    "nothing more was sent. Its disk is not at fault: it cannot hold a value that this program gave it, and "
    "running again does not mend that. Tell those who maintain the program what stands here"
)
_WRITABLE = (
    "nothing is sent without a ledger: it has to be a file that can be written, in a folder that can be "
    "written too, on a disk with room"
)


def open_database(
    location: str, base: Path, *, to_read: bool = False, make: bool = True, to_keep: bool = False
) -> Engine:
    """Open, check and migrate; a file is relative to `base`. Made if missing, unless `make` says otherwise:
    whoever must not post twice never makes the memory of what was posted.

    With `to_read` a file that cannot be written (a disk mounted to be read, a backup) is opened as it is.
    With `to_keep` (by those who copy and move ledgers) one that is made is not in use until they say so.
    Raises Refusal: E810 cannot be opened or is another program's, E811 too new, E812 damaged, and as
    `transaction` does; LedgerRefusal: E802 there is none and it is not to be made, E624 it is not the one in
    use, and neither to be read nor kept.
    """
    if not make:
        demand(location, base, to_read=to_read)
    shown, engine = (
        (_without_password(location), _postgresql(location))
        if "://" in location
        else _sqlite(base / location, to_read=to_read)
    )
    engine.update_execution_options(**{_PLACE: shown})
    try:
        with transaction(engine) as connection:
            new = not refuse_others(connection, shown)
            told = migrate(connection, shown)
            if new and to_keep:
                lay_aside(connection, Aside("arriving"))
            elif not (to_read or to_keep):
                refuse_aside(connection, shown)
        engine.update_execution_options(**{_TOLD: told})
    except SQLAlchemyError as error:
        engine.dispose()
        raise Refusal(_cannot(shown, _cause(error))) from None
    except BaseException:
        engine.dispose()
        raise
    return engine


def is_there(location: str, base: Path) -> bool:
    """Is there a ledger, and not merely room for one? Nothing is changed. What cannot be looked at counts as
    one: opening it says why. Raises Refusal (E810) for another program's database.
    """
    if "://" not in location:
        return _look_into(base / location)
    engine = _postgresql(location)
    try:
        with engine.connect() as connection:
            return refuse_others(connection, _without_password(location))
    except DBAPIError:
        return True
    finally:
        engine.dispose()


def demand(location: str, base: Path, *, to_read: bool = False) -> None:
    """Raises LedgerRefusal (E802): there is no ledger; Refusal (E810) as `is_there` does."""
    if not is_there(location, base):
        raise no_ledger(shown_location(location, base), to_read)


def shown_location(location: str, base: Path) -> str:
    """Where it is or would be, for messages: a path, or a URL without its password."""
    return _without_password(location) if "://" in location else str(base / location)


@contextmanager
def transaction(engine: Engine, *, alone: bool = False) -> Iterator[Connection]:
    """One transaction; with `alone` nobody else writes from before its first look until it ends, as in SQLite
    always. Raises Unavailable (E813) when the database does not answer or stays locked; Refusal when that
    does not pass by itself: E620 it cannot be written, E812 it is damaged.
    """
    try:
        with engine.get_execution_options().get(_QUEUE) or nullcontext(), engine.begin() as connection:
            if engine.dialect.name == "postgresql":  # first of all: who waits for it holds nothing
                lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
                connection.execute(select(lock(_LOCK)))
            yield connection
    except DBAPIError as error:
        raise _failed(engine, error) from None


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read from at leisure: it keeps nobody from writing. Raises as `transaction` does."""
    try:
        with engine.connect().execution_options(**{_READING: True}) as connection:
            yield connection
    except DBAPIError as error:
        raise _failed(engine, error) from None


def place_of(engine: Engine) -> str:
    """Where the database is, for messages: a path, or a URL without its password."""
    return str(engine.get_execution_options()[_PLACE])


def told_of(engine: Engine) -> list[Problem]:
    """Warnings that came up when it was brought up to date: each is given once."""
    told: list[Problem] = engine.get_execution_options().get(_TOLD, [])
    every = list(told)
    told.clear()
    return every


def _failed(engine: Engine, error: DBAPIError) -> Refusal:
    """Whose fault it is: a disk that is full stays full, and nobody is told by "try later"."""
    place = place_of(engine)
    if engine.dialect.name == "sqlite":
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGE:
            return Refusal(damaged(place, _cause(error)))
        passes = code in _PASSES["sqlite"]
    else:
        code = getattr(error.orig, "sqlstate", None)
        broken = code is None and isinstance(error, OperationalError | InterfaceError)
        passes = broken or (code is not None and code.startswith(_PASSES["postgresql"]))
    if isinstance(error, DataError | IntegrityError) and not passes:
        return Refusal(_unwritable(place, _cause(error), _NO_PLACE))
    if not passes:
        return Refusal(_unwritable(place, _cause(error)))
    return Unavailable(
        Problem(
            "E813",
            f"the ledger does not answer: {_cause(error)}",
            mapping=MappingPlace(place),
            help="nothing is sent without it; when it answers again, run again: it is safe",
        )
    )


def _unwritable(place: str, why: str, help_: str = _NO_ROOM) -> Problem:
    return Problem(
        "E620",
        f"the ledger cannot be written: {why}",
        mapping=MappingPlace(place),
        help=help_,
    )


def _sqlite(named: Path, *, to_read: bool) -> tuple[str, Engine]:
    """By the file itself, wherever links to it are: its log lies beside it."""
    shown, path = str(named), real_file(named)
    if (second := second_name(path)) is not None:
        raise Refusal(_cannot(shown, second, ONE_NAME))
    try:
        _look_into(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)  # orders name people and accounts
        return shown, _checked(_to_write(path), path)
    except OSError as error:
        why = f'{error.strerror}: "{error.filename}"'
    except _NotWritableError as error:
        why = str(error)
    for how in _ways_to_read(path) if to_read and path.is_file() else ():
        try:
            return shown, _checked(_as_it_is(path, how), path)
        except _NotWritableError as error:
            why = str(error)
    raise Refusal(_cannot(shown, why, _WRITABLE))


def _look_into(path: Path) -> bool:
    """Whose it is, before anything is changed in it or beside it: is it a ledger? What cannot be read counts
    as one, and is told when it is opened.
    """
    path = real_file(path)
    if second_name(path) is not None:
        return True
    try:
        if not path.is_file():
            return _which(path) is not None or (path.parent.exists() and not path.parent.is_dir())
        if not path.stat().st_size:
            return False
    except OSError:
        return True
    engine = _as_it_is(path, _ways_to_read(path)[-1])
    try:
        with engine.connect() as connection:
            return refuse_others(connection, str(path))
    except DBAPIError:
        return True
    finally:
        engine.dispose()


def _to_write(path: Path) -> Engine:
    engine = _sqlite_engine(path, "mode=rw")  # one that was taken away is not made anew, and empty
    # One writer at a time is SQLite's rule; our own threads stand in line, for its own way of waiting is to
    # sleep and look again.
    engine.update_execution_options(**{_QUEUE: threading.Lock(), _PLACE: str(path), _FILE: _which(path)})
    event.listen(engine, "connect", _tune)
    event.listen(engine, "begin", _begin)
    return engine


def _which(path: Path) -> tuple[int, int] | None:
    """The file that stands there now; None: there is none."""
    with suppress(FileNotFoundError, NotADirectoryError):
        there = path.stat()
        return there.st_dev, there.st_ino
    return None


def _ways_to_read(path: Path) -> tuple[str, ...]:
    """With the journals of those who write; and without, where there are none and none can be made. The index
    of the journal is there as long as anybody has the file open.
    """
    journal, index = (path.with_name(f"{path.name}-{part}") for part in ("wal", "shm"))
    left = journal.exists() and journal.stat().st_size
    return ("mode=ro",) if left or index.exists() else ("mode=ro", "immutable=1")


def _as_it_is(path: Path, how: str) -> Engine:
    """Only reading."""
    engine = _sqlite_engine(path, how)
    engine.update_execution_options(**{_READING: True, _PLACE: str(path)})
    event.listen(engine, "connect", _untuned)
    event.listen(engine, "begin", _begin)
    return engine


def _sqlite_engine(path: Path, how: str) -> Engine:
    address = f"{path.absolute().as_uri()}?{how}"
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False),
        poolclass=QueuePool,
    )


def _checked(engine: Engine, path: Path) -> Engine:
    """The engine of a sound file. Raises Refusal: E812, or Unavailable while another program has it locked;
    _NotWritableError when the disk is in the way.
    """
    try:
        with engine.connect() as connection:
            found = connection.execute(text("PRAGMA integrity_check(1)")).scalar()
    except DBAPIError as error:
        engine.dispose()
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _DISK:
            raise _NotWritableError(_cause(error)) from None
        raise _failed(engine, error) from None
    if found != "ok":
        raise Refusal(damaged(str(path), str(found)))
    return engine


class _NotWritableError(Exception):
    """SQLite may not write the file, or the journals beside it."""


def _tune(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, below
    cursor = connection.cursor()
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _patient(connection: Any, _record: object) -> None:
    """What stays locked is told, as SQLite tells it."""
    connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    connection.commit()


def _untuned(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(_READING) and _FILE in options:
        place = options[_PLACE]
        if _which(Path(place)) != options[_FILE]:  # SQLite would go on writing to what nobody can open
            raise Refusal(_unwritable(place, "the file was taken away, or another one put in its place"))
    connection.exec_driver_sql("BEGIN" if options.get(_READING) else "BEGIN IMMEDIATE")


def _postgresql(location: str) -> Engine:
    try:
        url = make_url(location)
        if url.get_backend_name() != "postgresql":
            raise Refusal(
                _cannot(_without_password(location), "only postgresql:// or the path of a SQLite file")
            )
        engine = create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise Refusal(_cannot(_without_password(location), type(error).__name__)) from None
    except ImportError:
        raise Refusal(
            _cannot(
                _without_password(location),
                "psycopg is not installed",
                "pip install 'alma-orderdesk[postgres]'",
            )
        ) from None
    event.listen(engine, "connect", _patient)
    return engine


def _without_password(location: str) -> str:
    try:
        return make_url(location).render_as_string(hide_password=True)
    except ArgumentError:
        return "the URL given"  # it may hold a password, and nobody can tell where


def _cause(error: SQLAlchemyError) -> str:
    """The database's own first line; SQLAlchemy's would repeat statement and parameters."""
    original = str(getattr(error, "orig", None) or error)
    return original.strip().splitlines()[0] if original.strip() else type(error).__name__


def _cannot(place: str, why: str, help_: str | None = None) -> Problem:
    return Problem("E810", f"the ledger cannot be opened: {why}", mapping=MappingPlace(place), help=help_)


def damaged(place: str, why: str) -> Problem:
    """E812."""
    return Problem(
        "E812",
        f"the ledger is damaged: {why}",
        mapping=MappingPlace(place),
        help="do not delete it: it knows what was ordered. Restore a backup, or try sqlite3 .recover",
    )
