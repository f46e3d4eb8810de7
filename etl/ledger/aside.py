"""Is this ledger the one in use? One that is not says so itself, wherever its file is copied to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select, update

from etl.ledger.tables import lifetime
from etl.problems import LedgerRefusal, MappingPlace, Problem

_WORDS = {
    "backup": "it is a backup, made at {}",
    "moved": "it was moved to {}",
    "arriving": "it is being brought here, and that has not ended",
}
_HELP = {
    "backup": "nothing was sent. Put it in the place of the ledger: etl ledger restore FILE --ledger PLACE",
    "moved": "nothing was sent. Name the ledger there, in the mapping or with --ledger",
    "arriving": "nothing was sent. Do again what brought it here (etl ledger move, restore or backup)",
}


@dataclass(frozen=True, slots=True)
class Aside:
    """Why a ledger is not the one in use. `what` goes with it: the place it was moved to, the time when the
    backup was made.
    """

    why: Literal["backup", "moved", "arriving"]
    what: str = ""


def aside_in(connection: Connection) -> Aside | None:
    """None: it is in use."""
    found = connection.execute(select(lifetime.c.aside)).scalar_one()
    if found is None:
        return None
    why, _, what = found.partition(" ")
    return Aside(why, what)


def lay_aside(connection: Connection, aside: Aside | None) -> None:
    """Say why it is not in use; None: it is from now on."""
    connection.execute(update(lifetime).values(aside=f"{aside.why} {aside.what}" if aside else None))


def refuse_aside(connection: Connection, place: str) -> None:
    """Raises LedgerRefusal (E624): it is not the one to be sent by, or decided in."""
    aside = aside_in(connection)
    if aside is not None:
        said = _WORDS[aside.why].format(aside.what)
        words, help_ = f"this ledger is not in use: {said}", _HELP[aside.why]
        raise LedgerRefusal(Problem("E624", words, mapping=MappingPlace(place), help=help_))
