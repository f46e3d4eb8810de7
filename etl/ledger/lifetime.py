"""How old a ledger is: its name, and a count that only grows. A copy of an hour ago has the same name and a
smaller count; one that was made anew has another name.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select, update

from etl.ledger.database import transaction
from etl.ledger.tables import lifetime


@dataclass(frozen=True, slots=True)
class Age:
    """`serial` grows when a process begins to send and when it has ended."""

    ledger: str
    serial: int


def age_of(engine: Engine) -> Age:
    """As it stands now."""
    with transaction(engine) as connection:
        return Age(*connection.execute(select(lifetime.c.ledger, lifetime.c.serial)).one())


def grow(engine: Engine) -> Age:
    """One more."""
    with transaction(engine) as connection:
        connection.execute(update(lifetime).values(serial=lifetime.c.serial + 1))
        return Age(*connection.execute(select(lifetime.c.ledger, lifetime.c.serial)).one())
