"""A ledger, and a note of its age that lies outside it → whether it is the one that was sent by last.

A ledger that was restored from a backup, copied to another machine, emptied or made anew calls orders new
that are in Alma, and nothing in it says so. So whoever sends notes its name and age in a file beside it
(SQLite), or where the option `witness` says, and compares before the first order: see docs/proofs.md.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from etl.ledger.aside import aside_in
from etl.ledger.database import Database, place_of, transaction
from etl.ledger.lifetime import Age, age_in, grow
from etl.own_files import write_whole
from etl.problems import LedgerRefusal, MappingPlace, Problem, unwritable

_MOST = 10_000
"""Bytes of a note; a longer file is none of ours."""


@dataclass(frozen=True, slots=True)
class LedgerWitness:
    """`path`: where the note is; None: nobody keeps one (PostgreSQL without the option)."""

    engine: Database
    path: Path | None

    @classmethod
    def of(cls, engine: Database, ledger: str, witness: str | None, base: Path) -> LedgerWitness:
        """By the options of the sink."""
        if witness is not None:
            return cls(engine, base / witness)
        return cls(engine, None if "://" in ledger else (base / f"{ledger}.witness"))

    def compare(self) -> None:
        """Raises LedgerRefusal (E804) when another ledger, or a later state of this one, was sent by last; or
        when it was restored from a backup and no note says that nothing was sent since.
        """
        noted = self._noted()
        with transaction(self.engine) as connection:
            ours, aside = age_in(connection), aside_in(connection)
        if noted is None:
            if aside is not None:
                raise self._refused(f"it was restored, from a backup of {aside.what}")
            return
        if noted.ledger != ours.ledger:
            raise self._refused("it is another one than the ledger that orders were sent by last")
        if noted.serial > ours.serial:
            raise self._refused("it is older than when orders were sent by it last")

    def note(self) -> None:
        """From here on a state of before is noticed. Raises Refusal (E611, E612) when it cannot be noted."""
        age = grow(self.engine)
        if self.path is None:
            return
        try:
            content = json.dumps(asdict(age)).encode() + b"\n"
            write_whole(self.path, content, mode=0o600, ours=lambda head: _read(head) is not None)
        except OSError as error:
            raise unwritable("E611", self.path, error) from None

    def _noted(self) -> Age | None:
        if self.path is None:
            return None
        try:
            with self.path.open("rb") as stream:
                content = stream.read(_MOST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._refused(
                f'the note of its age, "{self.path}", cannot be read ({error.strerror})'
            ) from None
        age = _read(content)
        if age is None:
            raise self._refused(f'"{self.path}" should be the note of its age, and is not')
        return age

    def _refused(self, why: str) -> LedgerRefusal:
        return LedgerRefusal(
            Problem(
                "E804",
                f"the ledger may not know what was sent: {why}",
                mapping=MappingPlace(place_of(self.engine)),
                help="nothing was sent. Put the right ledger back; or, if there is none any more, run once "
                "with look_first: then every order is looked for in Alma first",
            )
        )


def _read(content: bytes) -> Age | None:
    try:
        found = json.loads(content)
        age = Age(found["ledger"], found["serial"])
    except (ValueError, KeyError, TypeError):
        return None
    return age if isinstance(age.ledger, str) and isinstance(age.serial, int) else None
