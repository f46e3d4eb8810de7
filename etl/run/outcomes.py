"""What becomes of a record before delivery."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from etl.identity import HOLDS
from etl.plugin import Finding, Identity, Totals
from etl.problems import DataPlace, Problem, Severity


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a vendor's file as templates see it, and where it stood.

    `spoilt` says why nothing may be made of it, nor of its group, although it can be read: its file is not
    whole, or nobody can tell whether `when` lets it through. `part`: which of the record's rows, from 0.
    """

    values: Mapping[str, Any]
    file: str
    record: int
    line: int | None = None
    offset: int | None = None
    part: int = 0
    spoilt: Problem | None = None

    def place(self, field: str | None = None) -> DataPlace:
        """For messages: the line if there is one, else the byte offset."""
        offset = self.offset if self.line is None else None
        return DataPlace(self.file, self.record, self.line, offset, field)

    def holds(self) -> list[Problem]:
        """What its connector told of the record that a person has to look at."""
        return [
            Problem(
                one["code"],
                one["message"],
                Severity.HOLD,
                data=self.place(one.get("field")),
                help=one.get("help"),
            )
            for one in self.values.get(HOLDS, ())
        ]


def kept_hold(problem: Problem) -> dict[str, str]:
    """A problem as the values of its row keep it: without its place, which is the row's own."""
    field = problem.data.field if problem.data else None
    parts = {"code": problem.code, "message": problem.message, "field": field, "help": problem.help}
    return {name: text for name, text in parts.items() if text}


@dataclass(frozen=True, slots=True)
class Built:
    """A document ready to be delivered. `notes` are warnings."""

    key: tuple[str, ...]
    name: str
    document: BaseModel
    user: str | None
    identity: Identity
    payload: bytes
    totals: Totals
    findings: tuple[Finding, ...]
    notes: tuple[Problem, ...]

    def held(self, reason: Problem) -> Held:
        """The same, for a person to look at first."""
        return Held(self.key, self.name, self.payload, (reason,), self.totals, self.user, self.identity)


@dataclass(frozen=True, slots=True)
class Held:
    """A document for a person to look at. `payload` is None when it could not be completed."""

    key: tuple[str, ...] | None
    name: str
    payload: bytes | None
    problems: tuple[Problem, ...]
    totals: Totals
    user: str | None = None
    identity: Identity = field(default_factory=Identity)

    def held(self, reason: Problem) -> Held:
        """For one more reason."""
        return replace(self, problems=(*self.problems, reason))


@dataclass(frozen=True, slots=True)
class Refused:
    """A record no document could be made of: every reason."""

    problems: tuple[Problem, ...]
    key: tuple[str, ...] | None = None


Outcome = Built | Held | Refused


def sent_digest(user: str | None, payload: bytes | None) -> int:
    """32 bits of a document as it is sent: the user of a request stands beside it."""
    return zlib.crc32(b"%b\0%b" % ((user or "").encode(), payload or b""))
