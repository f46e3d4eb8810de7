"""A ledger, and a note of its age that lies outside it → whether it is the one that was sent by last.

A ledger that was restored from a backup, copied to another machine, emptied or made anew calls orders new
that are in Alma, and nothing in it says so. So whoever sends notes its name and age in a file beside it
(SQLite), or where the option `witness` says, and compares before the first order: see docs/proofs.md.

Where they disagree, or a ledger was restored and there is no note, no run makes them agree again, only a
person (`etl ledger check --accept`): a run that looked first has looked for its own orders, for no others.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from etl.ledger.database import Database, place_of, transaction
from etl.ledger.lifetime import Age, accept, age_in, grow, has_been, restored_in
from etl.ledger.one_name import real_file
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
        if "://" in ledger:
            return cls(engine, None)
        return cls(engine, Path(f"{real_file(base / ledger)}.witness"))

    def compare(self, *, look_first: bool) -> LedgerWitness:
        """Who notes the age from here on; nobody where it is in doubt, so that it stays so.

        Raises LedgerRefusal (E804), unless every order is looked for first, when another ledger, or another
        state of this one, was sent by last; or when it was restored from a backup and no note says that
        nothing was sent since.
        """
        why = self._doubt()
        if why is None:
            return self
        if look_first:
            return replace(self, path=None)
        raise self._refused(why)

    def note(self) -> None:
        """From here on a state of before is noticed. Raises Refusal (E611, E612) when it cannot be noted."""
        self._write(grow(self.engine))

    def accept(self, who: str) -> None:
        """A person says that this is the ledger to go on with. Raises Refusal as `note` does."""
        self._write(accept(self.engine, who))

    def _write(self, age: Age) -> None:
        if self.path is None:
            return
        try:
            content = json.dumps(asdict(age)).encode() + b"\n"
            write_whole(self.path, content, mode=0o600, ours=lambda head: _read(head) is not None)
        except OSError as error:
            raise unwritable("E611", self.path, error) from None

    def _doubt(self) -> str | None:
        """Why it may not be the one that was sent by last; None: it is."""
        try:
            noted = self._noted()
        except OSError as error:
            return f'the note of its age, "{self.path}", cannot be read ({error.strerror})'
        with transaction(self.engine) as connection:
            if noted is None:
                made = restored_in(connection)
                return None if made is None else f"it was restored, from a backup of {made}"
            age = _read(noted)
            if age is None:
                return f'"{self.path}" should be the note of its age, and is not'
            if has_been(connection, age):
                return None
            if age.ledger != age_in(connection).ledger:
                return "it is another one than the ledger that orders were sent by last"
            return "it is older than when orders were sent by it last, or a copy of before"

    def _noted(self) -> bytes | None:
        if self.path is None:
            return None
        try:
            with self.path.open("rb") as stream:
                return stream.read(_MOST)
        except FileNotFoundError:
            return None

    def _refused(self, why: str) -> LedgerRefusal:
        return LedgerRefusal(
            Problem(
                "E804",
                f"the ledger may not know what was sent: {why}",
                mapping=MappingPlace(place_of(self.engine)),
                help="nothing was sent. Put the right ledger back; or, if there is none any more, run with "
                "look_first: then every order is looked for in Alma first. It stays so until a person says "
                f"that this is the ledger to go on with: {self._acceptance()}",
            )
        )

    def _acceptance(self) -> str:
        """The command for that."""
        note = f" --witness {self.path}" if self.path is not None else ""
        return f"etl ledger check --accept --ledger {place_of(self.engine)}{note}"


def _read(content: bytes) -> Age | None:
    try:
        found = json.loads(content)
        age = Age(found["ledger"], found["serial"], found.get("token", ""))
    except (ValueError, KeyError, TypeError):
        return None
    kinds = (isinstance(age.ledger, str), isinstance(age.serial, int), isinstance(age.token, str))
    return age if all(kinds) else None
