"""How old a ledger is: its name, a count that only grows, and a token that is drawn anew each time it does.
A copy of an hour ago has the same name and a smaller count; when it is sent by and its count has caught up,
its tokens are others for ever. One that was made anew has another name.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select, update

from etl.ledger.aside import refuse_aside
from etl.ledger.clock import timestamp
from etl.ledger.database import place_of, transaction
from etl.ledger.tables import ages, lifetime


@dataclass(frozen=True, slots=True)
class Age:
    """`serial` grows when a process begins to send and when it has ended. `token`: "" in what an older
    version noted.
    """

    ledger: str
    serial: int
    token: str = ""


def age_in(connection: Connection) -> Age:
    """As it stands now."""
    now = select(lifetime.c.ledger, lifetime.c.serial, ages.c.token).join_from(
        lifetime, ages, ages.c.serial == lifetime.c.serial, isouter=True
    )
    ledger, serial, token = connection.execute(now).one()
    return Age(ledger, serial, token or "")  # a process of an older version that is at work yet draws none


def has_been(connection: Connection, age: Age) -> bool:
    """Is that an age this ledger has had? Of what an older version noted only the count is known, and only up
    to where this version took over.
    """
    count = ages.c.serial == age.serial if age.token else ages.c.serial >= age.serial
    same = select(ages.c.id).where(ages.c.token == age.token, count).limit(1)
    return age_in(connection).ledger == age.ledger and connection.execute(same).one_or_none() is not None


def grow(engine: Engine) -> Age:
    """One more, of a ledger that is in use. Raises LedgerRefusal (E624): it must not be."""
    with transaction(engine) as connection:
        refuse_aside(connection, place_of(engine))
        return grow_in(connection)


def grow_in(connection: Connection, who: str | None = None) -> Age:
    """One more; `who`: the person by whose word."""
    connection.execute(update(lifetime).values(serial=lifetime.c.serial + 1))
    serial = connection.execute(select(lifetime.c.serial)).scalar_one()
    values = {"serial": serial, "token": secrets.token_hex(16), "at": timestamp(), "who": who}
    connection.execute(insert(ages).values(values))
    return age_in(connection)


def restored_in(connection: Connection) -> str | None:
    """When the backup was made that it was restored from, and nobody knows what was sent since; None: it was
    not, or a person has said that it is the ledger to go on with.
    """
    made: str | None = connection.execute(select(lifetime.c.restored)).scalar_one()
    return made


def now_restored(connection: Connection, made: str | None) -> None:
    """From a backup made then. No run takes that back: see `accept`."""
    connection.execute(update(lifetime).values(restored=made))


def accept(engine: Engine, who: str) -> Age:
    """A person says that this is the ledger to go on with, though it was restored or a note says otherwise.
    Raises LedgerRefusal (E624).
    """
    with transaction(engine) as connection:
        refuse_aside(connection, place_of(engine))
        now_restored(connection, None)
        return grow_in(connection, who)


def accepted_in(connection: Connection) -> tuple[str, str] | None:
    """When a person said so last, and who; None: nobody has."""
    said = select(ages.c.at, ages.c.who).where(ages.c.who.is_not(None)).order_by(ages.c.id.desc()).limit(1)
    found = connection.execute(said).one_or_none()
    return None if found is None else (found.at, found.who)
