"""(operation, answer) → what it means for the order: one of eight kinds, with words and the likely fix.

The table is `recovery.toml`, a row for each (operation, code); this module only looks things up. Status
codes say little: nearly every failure of Alma is HTTP 400, and some come with 200.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

from etl.alma.envelope import AlmaError, Answer
from etl.alma.phrases import phrase, words

Operation = Literal[
    "post_line",
    "post_request",
    "get_line",
    "list_lines",
    "get_request",
    "list_requests",
    "get_reference",
    "approve",
    "reject",
    "cancel",
    "change_line",
    "change_request",
    "cancel_line",
]
Language = Literal["en", "sv"]
READS: frozenset[Operation] = frozenset(
    {"get_line", "list_lines", "get_request", "list_requests", "get_reference"}
)
POSTS: frozenset[Operation] = frozenset({"post_line", "post_request"})
DECISIONS: frozenset[Operation] = frozenset({"approve", "reject", "cancel"})
CHANGES: frozenset[Operation] = frozenset({"change_line", "change_request", "cancel_line"})


class Kind(StrEnum):
    """How to go on after an answer."""

    DONE = "done"
    REFUSED = "refused"
    THERE = "there"
    THROTTLED = "throttled"
    QUOTA = "quota"
    KEY = "key"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table, for one operation, several (a blank between them) or all. `en` and `sv` are
    (what happened, likely fix), of `unknown` a further fix.
    """

    operation: str
    code: str
    kind: Kind
    en: tuple[str, str]
    sv: tuple[str, str]
    message: re.Pattern[str] | None = None

    def fits(self, operation: str, code: str, message: str) -> bool:
        return (
            (self.operation == "*" or operation in self.operation.split())
            and self.code == code
            and (self.message is None or self.message.search(message) is not None)
        )

    def words(self, language: Language) -> tuple[str, str]:
        return self.sv if language == "sv" else self.en


_UNLISTED = Row(
    "*",
    "",
    Kind.REFUSED,
    (
        "Alma refused it for a reason this program does not know",
        "read Alma's own words, correct, and run again",
    ),
    (
        "Alma avvisade det av ett skäl som programmet inte känner till",
        "läs Almas egna ord, rätta och kör igen",
    ),
)
_UNHEARD_OF = Row(
    "*",
    "",
    Kind.UNKNOWN,
    ("Alma answered with an error this program does not know, and may have done it all the same", ""),
    ("Alma svarade med ett fel som programmet inte känner till, och kan ha gjort det ändå", ""),
)
_UNREADABLE = Row(
    "*",
    "",
    Kind.UNKNOWN,
    ("the answer cannot be read", ""),
    ("svaret går inte att läsa", ""),
)
_LOST = Row(
    "*",
    "",
    Kind.UNKNOWN,
    ("no answer came back", ""),
    ("inget svar kom tillbaka", ""),
)
_NOT_SENT = Row(
    "*",
    "",
    Kind.UNAVAILABLE,
    ("Alma could not be reached, nothing was sent", "check the network, then run again: it is safe"),
    ("Alma kunde inte nås, inget skickades", "kontrollera nätverket och kör igen: det är säkert"),
)
_RESERVED = Row(
    "*",
    "",
    Kind.QUOTA,
    (
        "the rest of the day's calls is kept for others",
        "run again after midnight, or lower the sink's reserve",
    ),
    ("resten av dygnets anrop sparas åt andra", "kör igen efter midnatt, eller sänk reserve i sink"),
)
_DONE = Row("*", "", Kind.DONE, ("", ""), ("", ""))
_AFTER: Mapping[Operation, str] = {
    **dict.fromkeys(READS, "after a lost reading"),
    **dict.fromkeys(POSTS, "after a lost post"),
    **dict.fromkeys(DECISIONS, "after a lost decision"),
    **dict.fromkeys(CHANGES, "after a lost change"),
}
"""What to do without a usable answer: only orders are asked for by the next run."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means. `error` is Alma's own, if it named one; `detail` tells more where it did not.
    `operation` is what was asked of Alma.
    """

    kind: Kind
    row: Row
    error: AlmaError | None = None
    detail: str = ""
    operation: Operation | None = None

    def said(self, language: Language = "en") -> str:
        """One sentence: our words, then Alma's."""
        ours = self.row.words(language)[0]
        if self.error is None:
            return f"{ours} ({self.detail})" if self.detail else ours
        alma = " ".join(filter(None, (self.error.code, self.error.message)))
        if self.error.tracking:
            alma += f", {words('tracking', language)} {self.error.tracking}"
        return f"{ours} ({alma})"

    def fix(self, language: Language = "en") -> str:
        """What to do: after an answer that leaves it open whether anything was done, this comes first."""
        own = self.row.words(language)[1]
        if self.row.kind is not Kind.UNKNOWN or self.operation is None:
            return own
        return "; ".join(filter(None, (phrase(_AFTER[self.operation], language)[1], own)))


@cache
def table() -> tuple[Row, ...]:
    """Every row, in the order in which they are tried."""
    raw = tomllib.loads(files("etl.alma").joinpath("recovery.toml").read_text(encoding="utf-8"))
    rows = [
        Row(
            row["operation"],
            row["code"],
            Kind(row["kind"]),
            tuple(row["en"]),
            tuple(row["sv"]),
            re.compile(row["message"]) if "message" in row else None,
        )
        for row in raw["row"]
    ]
    return tuple(sorted(rows, key=lambda row: (row.operation == "*", row.message is None)))


def judge(operation: Operation, answer: Answer) -> Verdict:
    """What an answer means for `operation`. A document where one is due is for the caller to look at."""
    if answer.errors:
        return _strictest(operation, answer)
    if answer.status in (200, 204) and (answer.tree is not None or answer.status == 204):
        return Verdict(Kind.DONE, _DONE)
    code = "HTTP_3xx" if 300 <= answer.status < 400 else f"HTTP_{answer.status}"
    return _verdict(
        operation, row_of(operation, code, "") or _UNREADABLE, None, f"HTTP {answer.status}: {answer.excerpt}"
    )


def unreadable(operation: Operation, why: str) -> Verdict:
    """An answer that does not hold what it should."""
    return _verdict(operation, _UNREADABLE, None, why)


def lost(operation: Operation, why: str) -> Verdict:
    """No answer to a request that may have arrived."""
    return _verdict(operation, _LOST, None, why)


def not_sent(why: str) -> Verdict:
    """A request that certainly never left."""
    return Verdict(Kind.UNAVAILABLE, _NOT_SENT, None, why)


def reserved(why: str) -> Verdict:
    """A request not made, for what is left of the day belongs to other programs."""
    return Verdict(Kind.QUOTA, _RESERVED, None, why)


def _strictest(operation: Operation, answer: Answer) -> Verdict:
    """Of several errors the one that allows least decides: unknown before all that say `not done`."""
    order = (Kind.UNKNOWN, Kind.KEY, Kind.QUOTA, Kind.THROTTLED, Kind.THERE, Kind.UNAVAILABLE, Kind.REFUSED)
    verdicts = []
    for error in answer.errors:
        row = row_of(operation, error.code, error.message)
        if row is None and (answer.status in (401, 403, 429) or not error.code):
            row = row_of(operation, f"HTTP_{answer.status}", "")
        if row is None and (answer.status >= 500 or not error.code):
            row = _UNREADABLE  # documented errors are HTTP 4xx (or 200); from 500 on nothing is certain
        elif row is None:  # orders have been saved under codes that stand in no documentation
            row = _UNLISTED if operation in READS else _UNHEARD_OF
        verdicts.append(_verdict(operation, row, error, ""))
    return min(verdicts, key=lambda verdict: order.index(verdict.kind))


def row_of(operation: str, code: str, message: str) -> Row | None:
    """The first row of the table that fits an answer of Alma's."""
    return next((row for row in table() if row.fits(operation, code, message)), None)


def _verdict(operation: Operation, row: Row, error: AlmaError | None, detail: str) -> Verdict:
    """A reading cannot leave anything in doubt: what would be unknown is only unavailable."""
    kind = Kind.UNAVAILABLE if row.kind is Kind.UNKNOWN and operation in READS else row.kind
    return Verdict(kind, row, error, detail, operation)
