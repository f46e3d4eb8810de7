"""An HTTP request and the operation it names → what a handler works on, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from etl.simulator.errors import UNAUTHORIZED, AlmaError

Area = Literal["acq", "users", "conf"]


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
    json_at, xml_at = accept.find("json"), accept.find("xml")
    if json_at >= 0 and xml_at >= 0:
        return json_at < xml_at
    if json_at < 0 and xml_at < 0:
        return query.get("format") == "json"
    return json_at >= 0


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
