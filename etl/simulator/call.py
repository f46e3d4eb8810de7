"""An HTTP request and the operation it names → what a handler works on, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from etl.simulator.errors import UNAUTHORIZED, AlmaError

Area = Literal["acq", "users", "conf"]
_QUALITY = re.compile(r"\bq\s*=\s*([01](?:\.[0-9]{0,3})?)", re.ASCII).search


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived.

    Header names are lower case; of a repeated query parameter the first counts.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def sent_json(self) -> bool | None:
        """What the body says it is: JSON, XML (False), or nothing we know (None)."""
        kind = self.headers.get("content-type", "")
        if "json" in kind:
            return True
        if "xml" in kind:
            return False
        if kind == "" or "urlencoded" in kind:  # curl -d without a header: look at the first byte
            return not self.body.lstrip().startswith(b"<")
        return None


def wants_json(headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
    """Accept decides the form of answers and errors alike; without it Alma answers XML."""
    accept = headers.get("accept", "").lower()
    if accept == "application/json":  # the usual one
        return True
    best, found = 0.0, query.get("format") == "json"
    for part in accept.split(","):
        media, _, parameters = part.partition(";")
        if "json" not in media and "xml" not in media:
            continue
        told = _QUALITY(parameters)
        quality = float(told[1]) if told else 1.0
        if quality > best:  # of two alike, the first
            best, found = quality, "json" in media
    return found


@dataclass(frozen=True, slots=True)
class Tree:
    """An answer's content; None as `tree` is HTTP 204.

    `root` is its XML name, `json` the tree's JSON if it is at hand.
    """

    root: str
    tree: Mapping[str, Any] | str | None
    always_xml: bool = False
    json: str = ""


@dataclass(slots=True)
class Call:
    """A request that has been let in. `notes` collects what Alma drops without a word, for the log."""

    request: Request
    operation: Operation
    arguments: Mapping[str, str]
    host: str
    vendors: frozenset[str] | None = None
    date_shift: bool = False
    notes: list[str] = field(default_factory=list)
    saved: str = ""

    def query(self, name: str, default: str = "") -> str:
        """A query parameter; Alma treats an empty one as absent."""
        return self.request.query.get(name) or default

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean query parameter; anything but true and false is the default."""
        word = self.query(name).lower()
        return word == "true" if word in ("true", "false") else default

    def number(self, name: str, default: int) -> int:
        """A whole number ≥ 0 in the query.

        Alma's answer to anything else is not documented: General error.
        """
        word = self.query(name)
        if not word:
            return default
        if not (word.isascii() and word.isdigit() and len(word) < 10):
            raise AlmaError(
                (self.operation.general, self.operation.errors.get(self.operation.general, "General error."))
            )
        return int(word)

    def check_vendor(self, vendor: str) -> None:
        """An API restriction profile limits a key to some vendors.

        Raises AlmaError UNAUTHORIZED for another.
        """
        if self.vendors is not None and vendor not in self.vendors:
            raise AlmaError((UNAUTHORIZED[0], "The API key is restricted to other vendors."), tracked=False)

    def choice(self, name: str, valid: Iterable[str], code: str, default: str = "ALL") -> str:
        """A query parameter with a list of valid values besides `default`, whatever their case.

        Raises AlmaError `code` for another: a filter that did nothing would pass for one that fits all.
        """
        word = self.query(name, default)
        for one in (default, *valid):
            if word.upper() == one.upper():
                return one
        raise self.refusal(code)

    def check_vendor_if(self, vendor: str) -> None:
        """The same where a vendor may be left out. Raises AlmaError UNAUTHORIZED."""
        if vendor:
            self.check_vendor(vendor)

    def may_see(self, vendor: str) -> bool:
        """Is the key restricted to other vendors? What names no vendor is open to every key."""
        return self.vendors is None or not vendor or vendor in self.vendors

    def refuse(self, found: Iterable[AlmaError], *, every: bool) -> None:
        """Raise the first refusal found or, with `every`, all of them in one envelope."""
        errors = list(found) if every else list(islice(found, 1))
        if errors:
            raise AlmaError(*(pair for error in errors for pair in error.errors))

    def refusal(self, code: str, *values: str) -> AlmaError:
        """The documented refusal of this operation: codes mean different things on different calls."""
        return AlmaError((code, self.operation.errors[code].format(*values)))


Handler = Callable[[Any, Call], Tree]


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented call: path below /almaws/v1, query parameters, and the texts of its HTTP 400 codes."""

    method: str
    path: str
    handler: Handler
    query: frozenset[str]
    errors: Mapping[str, str]
    area: Area = "acq"
    general: str = "402119"


def operation(
    method: str,
    path: str,
    handler: Handler,
    query: str = "",
    *,
    area: Area = "acq",
    general: str = "402119",
    errors: Mapping[str, str] | None = None,
) -> Operation:
    """An Operation; `query` is written as words."""
    return Operation(method, path, handler, frozenset(query.split()), errors or {}, area, general)
