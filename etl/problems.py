"""What went wrong, and where → a value.

A `Problem` names the place in the mapping, the place in the vendor's file, or both. Stages collect
problems and return them; nothing here prints. `Refusal` is the one exception that stops a stage: it
carries every problem found, not the first.

Problems are shown, written into reports and kept in ledgers: passwords and signatures of URLs do not get into
one.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

from etl.shown import masked_url, without_secrets


class Severity(StrEnum):
    """How much a problem matters to the record it stands for: it is rejected, waits for a person, or goes on
    with something shown (which a guard can limit) or merely counted.
    """

    ERROR = "error"
    HOLD = "hold"
    WARNING = "warning"
    NOTE = "note"

    @property
    def stops(self) -> bool:
        """Does the record, or whatever it is about, not go on?"""
        return self in (Severity.ERROR, Severity.HOLD)


@dataclass(frozen=True, slots=True)
class MappingPlace:
    """A place in a mapping, lookup or snapshot file.

    `line` and `column` are 1-based; line 0 means the file, or the command line option, as a whole.
    `length` is the number of characters to underline; `path` is the dotted address in the mapping
    (`fields.price.sum`).
    """

    file: str
    line: int = 0
    column: int = 1
    path: str = ""
    length: int = 0

    def __post_init__(self) -> None:
        _mask_url(self)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class DataPlace:
    """A place in a vendor's file.

    `record` counts from 1 within the file and includes records that could not be read; `line` is
    1-based; `offset` is a byte offset from 0; `field` is a column name or a MARC path (`020$a`).
    """

    file: str
    record: int | None = None
    line: int | None = None
    offset: int | None = None
    field: str | None = None

    def __post_init__(self) -> None:
        _mask_url(self)

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        if self.field is not None:
            where += f"  column {self.field}"
        counted = [f"record {self.record}"] if self.record is not None else []
        if self.offset is not None:
            counted.append(f"byte {self.offset}")
        return f"{where}  ({', '.join(counted)})" if counted else where


def _mask_url(place: MappingPlace | DataPlace) -> None:
    if "://" in place.file:
        object.__setattr__(place, "file", masked_url(place.file))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `code` is stable and explained by `etl explain CODE`."""

    code: str
    message: str
    severity: Severity = Severity.ERROR
    mapping: MappingPlace | None = None
    data: DataPlace | None = None
    help: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", without_secrets(self.message))
        if self.help:
            object.__setattr__(self, "help", without_secrets(self.help))

    def at(self, *, mapping: MappingPlace | None = None, data: DataPlace | None = None) -> Problem:
        """The same problem with the places filled in that it did not know itself."""
        return replace(self, mapping=self.mapping or mapping, data=self.data or data)

    def as_dict(self) -> dict[str, object]:
        """The form used in report files and by `--format json`; absent parts are left out."""
        row: dict[str, object] = {"code": self.code, "severity": self.severity.value, "message": self.message}
        for name, place in (("data", self.data), ("mapping", self.mapping)):
            if place is not None:
                row[name] = {
                    slot: value
                    for slot in place.__slots__
                    if (value := getattr(place, slot)) not in (None, "", 0)
                    or (slot == "offset" and value == 0)
                }
        if self.help:
            row["help"] = self.help
        return row


class Refusal(Exception):  # noqa: N818 - an answer, not a malfunction
    """A stage cannot go on. Carries all of its problems, never an empty list."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        if not self.problems:
            raise ValueError("a refusal names at least one problem")
        super().__init__("; ".join(f"[{p.code}] {p.message}" for p in self.problems))


class Unavailable(Refusal):
    """Not now: a service does not answer, or its budget is used up. Running again is safe (exit code 5)."""


class LedgerRefusal(Refusal):
    """The ledger knows a reason why nothing may be delivered: a person has to look (exit code 4)."""


@contextmanager
def at_the_end(act: Callable[[], object], told: deque[Problem]) -> Iterator[None]:
    """Do `act`, whatever ends what is within. Raises Refusal as `act` does; but where something else is under
    way already, that is the reason, and why `act` could not be done is `told`.
    """
    try:
        yield
    except BaseException:
        try:
            act()
        except Refusal as refusal:
            told.extend(refusal.problems)
        raise
    act()


def of_the_system(error: OSError | MemoryError) -> Problem:
    """E613: what the operating system refused, with the file it was asked for."""
    if isinstance(error, MemoryError):
        error = OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
    file = error.filename
    named = f': "{os.fsdecode(file)}"' if isinstance(file, str | bytes) else ""
    return Problem(
        "E613",
        f"the system refuses to go on: {error.strerror or error}{named}",
        mapping=MappingPlace(os.fsdecode(file)) if named else None,
        help="see to it that there is room, that the file is there and may be used; then run again",
    )


def unwritable(code: str, path: object, error: OSError) -> Refusal:
    """What the operating system says against writing a file of ours: E610 payloads, E849 all else."""
    return Refusal(
        Problem(
            code,
            f'cannot write "{path}": {error.strerror or error}',
            mapping=MappingPlace(str(path)),
            help="see to it that the folder is there, may be written to and has room, or name another",
        )
    )


def output_gone(error: OSError) -> Problem:
    """E616: standard output does not take what is written to it (closed, full, or its reader has gone)."""
    return Problem(
        "E616",
        f"standard output takes no more: {error.strerror or error}",
        mapping=MappingPlace("standard output"),
        help="what came out before is whole; see to its reader or its disk, and run again",
    )
