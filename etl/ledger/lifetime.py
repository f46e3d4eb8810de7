"""How old a ledger is: its name, and a count that only grows. A copy of an hour ago has the same name and a
smaller count; one that was made anew has another name.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select, update

from etl.ledger.aside import lay_aside, refuse_aside
from etl.ledger.database import place_of, transaction
from etl.ledger.tables import lifetime


@dataclass(frozen=True, slots=True)
class Age:
    """`serial` grows when a process begins to send and when it has ended."""

    ledger: str
    serial: int


def age_in(connection: Connection) -> Age:
    """As it stands now."""
    return Age(*connection.execute(select(lifetime.c.ledger, lifetime.c.serial)).one())


def grow(engine: Engine) -> Age:
    """One more, of a ledger that is in use from now on. Raises LedgerRefusal (E624): it must not be."""
    with transaction(engine) as connection:
        refuse_aside(connection, place_of(engine))
        return grow_in(connection)


def grow_in(connection: Connection) -> Age:
    """One more; and it is in use."""
    lay_aside(connection, None)
    connection.execute(update(lifetime).values(serial=lifetime.c.serial + 1))
    return age_in(connection)
