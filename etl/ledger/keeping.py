"""A ledger as a whole: made, copied, put back, taken elsewhere.

A copy is never one that orders are sent by: a backup, and a ledger that was taken elsewhere, say so
themselves (see `aside`). Each step is a transaction, and the steps of a move are such that a process that
dies between them leaves one ledger in use at most, and the same command ends what it began.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from etl.ledger.aside import Aside, aside_in, lay_aside, refuse_aside
from etl.ledger.clock import timestamp
from etl.ledger.copying import copy_rows, snapshot
from etl.ledger.database import (
    Database,
    damaged,
    demand,
    is_there,
    open_database,
    place_of,
    shown_location,
    transaction,
)
from etl.ledger.lifetime import age_in, grow_in, has_been, now_restored
from etl.ledger.one_name import real_file
from etl.ledger.orders import Order
from etl.ledger.process import alive
from etl.ledger.tables import orders, runs
from etl.own_files import put_by
from etl.problems import LedgerRefusal, MappingPlace, Problem, Refusal

_LISTED = 20
"""Orders that a refusal names."""


def create(location: str, base: Path) -> Database:
    """An empty ledger, where there is none. Raises Refusal: E621 there is one; as `open_database` does."""
    if is_there(location, base):
        place = shown_location(location, base)
        raise _stands_there(place, "there is a ledger already: it knows what was sent")
    return open_database(location, base)


def backup(engine: Database, file: Path) -> int:
    """A copy of the ledger as it stands at one moment, while others write; how many orders it has. `file`: a
    new one, or an older backup of the same ledger, which it replaces.

    Raises Refusal: E621 something else stands there, E624 the ledger is not the one in use, E625 the copy
    differs; as `open_database` does.
    """
    with snapshot(engine) as source:
        refuse_aside(source, place_of(engine))
        with _kept(str(file), Path()) as copy, transaction(copy) as target:
            stands = aside_in(target)
            older = stands is not None and stands.why == "backup"
            if not (_free(target) or (older and age_in(target).ledger == age_in(source).ledger)):
                raise _stands_there(place_of(copy), "another ledger stands there, or one that is in use")
            copy_rows(source, target)
            lay_aside(target, Aside("backup", timestamp()))
            return _count(target)


@dataclass(frozen=True, slots=True)
class Restored:
    """`made`: when the backup was made; `orders`: how many it has; `lost`: those that were known otherwise by
    what stood in its place.
    """

    made: str
    orders: int
    lost: tuple[Order, ...] = ()


def restore(file: Path, location: str, base: Path, *, force: bool = False) -> Restored:
    """A backup in the place of nothing, or of an older state of the same ledger; with `force` of anything: a
    damaged file is then kept beside it. From then on each run stops (E804) unless a note says that nothing
    was sent since, or it looks first, until a person accepts it.

    Raises Refusal: E802 there is no such backup, E622 orders would be lost, E624 a process is at work, or
    what stands there was moved elsewhere and is in use there; E625 the copy differs; as `open_database` does.
    """
    with _unpacked(file) as kept, snapshot(kept) as source:
        aside = aside_in(source)
        made = aside.what if aside is not None and aside.why == "backup" else "an unknown day"
        with (
            _kept_or_put_by(location, base, force=force) as engine,
            transaction(engine, alone=True) as target,
        ):
            lost: tuple[Order, ...] = ()
            if not _free(target):
                _refuse_moved(target, place_of(engine))
                _nobody_at_work(target, place_of(engine))
                lost = tuple(_lost(source, target))
                if not force:
                    _refuse_to_lose(source, target, lost, place_of(engine))
            copy_rows(source, target)
            lay_aside(target, None)
            now_restored(target, made)
            return Restored(made, _count(target), lost)


def move(engine: Database, location: str, base: Path) -> int:
    """The ledger is another database's from now on, and not to be sent by where it was; how many orders it
    has. What was interrupted is ended by the same call.

    Raises Refusal: E621 the place is not free, E624 the ledger is not in use or a process is at work, E625
    the copy differs; as `open_database` does. The ledger is then as it was.
    """
    here, there = _one_spelling(place_of(engine)), _one_spelling(shown_location(location, base))
    if here == there:
        raise _stands_there(there, "the ledger is there already")
    with _kept(location, base) as other:
        with transaction(engine, alone=True) as source:
            with transaction(other) as target:
                if aside_in(source) == Aside("moved", there) and aside_in(target) == Aside("arriving", here):
                    pass  # all is there; a process died before it could say so
                else:
                    refuse_aside(source, here)
                    _nobody_at_work(source, here)
                    if not _free(target):
                        raise _stands_there(there, "a ledger stands there")
                    copy_rows(source, target)
                    lay_aside(target, Aside("arriving", here))
            lay_aside(source, Aside("moved", there))
        with transaction(other) as target:
            lay_aside(target, None)
            grow_in(target)  # whoever goes on with a copy of the old one is older than this
            return _count(target)


# --------------------------------------------------------------------------------------------- inside


@contextmanager
def _kept(location: str, base: Path) -> Iterator[Database]:
    engine = open_database(location, base, to_keep=True)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _kept_or_put_by(location: str, base: Path, *, force: bool) -> Iterator[Database]:
    """A damaged file is put by, where a person says so: it may be all that knows of the last orders."""
    try:
        engine = open_database(location, base, to_keep=True)
    except Refusal as refusal:
        if not force or "://" in location or refusal.problems[0].code != "E812":
            raise
        file = real_file(base / location)
        for part in ("", "-wal", "-shm"):
            path = file.with_name(f"{file.name}{part}")
            if path.exists():
                put_by(path, f"{file.name}.damaged-{timestamp().replace(':', '')}{part}")
        engine = open_database(location, base, to_keep=True)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _unpacked(file: Path) -> Iterator[Database]:
    """A copy of the backup to read from: one of an older version is brought up to date there."""
    demand(str(file), Path())
    with tempfile.TemporaryDirectory(prefix="etl-ledger-") as folder:
        copy = Path(folder) / "backup.sqlite"
        try:
            with (
                closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
        except sqlite3.Error as error:
            raise Refusal(damaged(str(file), str(error))) from None
        with _kept(copy.name, copy.parent) as engine:
            yield engine


def _one_spelling(place: str) -> str:
    """The same for every way in which a file may be named."""
    return place if "://" in place else str(Path(place).resolve())


def _free(connection: Connection) -> bool:
    """Has nobody used it, or only begun to bring it here?"""
    aside = aside_in(connection)
    if aside is not None:
        return aside.why == "arriving"
    used = connection.execute(select(func.count()).select_from(runs)).scalar_one()
    return not used and not _count(connection)


def _refuse_moved(connection: Connection, place: str) -> None:
    """Also by force: there would be two that are sent by."""
    aside = aside_in(connection)
    if aside is not None and aside.why == "moved":
        raise LedgerRefusal(
            Problem(
                "E624",
                f"this ledger was moved to {aside.what}, and is in use there",
                mapping=MappingPlace(place),
                help="nothing was changed. Restore it there: --ledger, with that place. If that one is lost, "
                "take what stands here away first, and keep it",
            )
        )


def _nobody_at_work(connection: Connection, place: str) -> None:
    open_runs = connection.execute(select(runs.c.id).where(runs.c.ended_at.is_(None))).scalars().all()
    for run in open_runs:
        if alive(connection, run):
            raise LedgerRefusal(
                Problem(
                    "E624",
                    f"a process is at work with this ledger: run {run}",
                    mapping=MappingPlace(place),
                    help="nothing was changed. Wait until it has ended, then do it again",
                )
            )


def _lost(source: Connection, target: Connection) -> Iterator[Order]:
    """Orders that the target knows, and the source not, or as they were before."""
    names = (orders.c.institution, orders.c.target, orders.c.key)
    known = {tuple(row[:3]): row[3] for row in source.execute(select(*names, orders.c.version))}
    theirs = select(*names, orders.c.version, orders.c.id).order_by(orders.c.id)
    for row in target.execute(theirs).all():
        if known.get(tuple(row[:3]), -1) < row.version:
            found = target.execute(select(orders).where(orders.c.id == row.id)).mappings().one()
            yield Order.of(dict(found))


def _refuse_to_lose(source: Connection, target: Connection, lost: tuple[Order, ...], place: str) -> None:
    ours, theirs = age_in(source), age_in(target)
    if has_been(source, theirs) and not lost:
        return
    named = [f"{one.id} {one.shown} {one.state} {one.number or ''}".strip() for one in lost[:_LISTED]]
    listed = "; ".join(named)
    more = " …" if len(lost) > _LISTED else ""
    why = (
        f"{len(lost):,} orders are newer than the backup, and would be lost: {listed}{more}"
        if lost
        else "orders were sent by it since the backup was made"
        if ours.ledger == theirs.ledger
        else "it is another ledger than the one of the backup"
    )
    raise LedgerRefusal(
        Problem(
            "E622",
            f"what stands there is not older than the backup: {why}",
            mapping=MappingPlace(place),
            help="nothing was changed. If it has to be, keep what it knows (etl ledger export), then say "
            "--force",
        )
    )


def _count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(orders)).scalar_one())


def _stands_there(place: str, why: str) -> Refusal:
    return Refusal(
        Problem("E621", why, mapping=MappingPlace(place),
                help="nothing was changed. Use it as it is, or name another place")
    )  # fmt: skip
