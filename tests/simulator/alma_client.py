"""A simulator in this process, with a clock that stands until it is moved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from etl.simulator import Limits, Settings, Simulator, Timing, load_institution, make_app
from etl.simulator.answer import Answer
from etl.simulator.call import Request

JSON = {
    "authorization": "apikey simulator-key",
    "accept": "application/json",
    "content-type": "application/json",
    "host": "sim",
}


@dataclass
class Clock:
    """Seconds since 1970; 2026-03-02 at noon UTC to begin with."""

    now: float = 1772452800.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Alma:
    """Calls of a client, and what came back."""

    app: Simulator
    clock: Clock
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))

    def raw(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str | None] | None = None,
        **query: str,
    ) -> Answer:
        given = {
            name: value for name, value in {**self.headers, **(headers or {})}.items() if value is not None
        }
        return self.app.answer(Request(method, "/almaws/v1" + path, query, given, body))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str | None] | None = None,
        **query: str,
    ) -> Any:
        """The JSON of a good answer."""
        answer = self.raw(method, path, b"" if body is None else json.dumps(body).encode(), headers, **query)
        assert answer.status in (200, 204), answer.body
        return json.loads(answer.body) if answer.body else None

    def refused(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str | None] | None = None,
        **query: str,
    ) -> tuple[str, str]:
        """(code, message) of a refusal: always HTTP 400."""
        answer = self.raw(method, path, b"" if body is None else json.dumps(body).encode(), headers, **query)
        assert answer.status == 400, answer.body
        (error,) = json.loads(answer.body)["errorList"]["error"]
        return error["errorCode"], error["errorMessage"]

    def post(self, **changes: Any) -> dict[str, Any]:
        """POST a good line with changes."""
        found: dict[str, Any] = self.call("POST", "/acq/po-lines", order(**changes))
        return found

    def xml(self, method: str, path: str, body: bytes = b"", **query: str) -> Any:
        """The root element of an answer in XML."""
        answer = self.raw(
            method, path, body, {"accept": "application/xml", "content-type": "application/xml"}, **query
        )
        return etree.fromstring(answer.body)


def code(value: str) -> dict[str, str]:
    return {"value": value}


def sek(sum_: str) -> dict[str, Any]:
    return {"sum": sum_, "currency": code("SEK")}


def order(**changes: Any) -> dict[str, Any]:
    """A line that needs no review; a change to None leaves a member out."""
    line: dict[str, Any] = {
        "owner": code("HBG"),
        "type": code("PRINTED_BOOK_OT"),
        "vendor": code("ADLIBRIS"),
        "vendor_account": "ADLIBRIS-HBG",
        "price": sek("129.00"),
        "vendor_reference_number": "A-1001",
        "resource_metadata": {"title": "Fyren vid havet", "author": "Holm, Vera", "isbn": "9789100000028"},
        "fund_distribution": [{"fund_code": code("HBG-BOK"), "amount": sek("258.00")}],
        "location": [{"quantity": 2, "library": code("HBG"), "shelving_location": "VUXEN"}],
        "material_type": code("BOOK"),
    }
    line.update(changes)
    return {name: value for name, value in line.items() if value is not None}


def wish(**changes: Any) -> dict[str, Any]:
    """A good purchase request."""
    body: dict[str, Any] = {
        "format": code("P"),
        "requested_type": code("BOOK"),
        "owning_library": code("HBG"),
        "estimated_cost": sek("249"),
        "fund": code("HBG-BOK"),
        "vendor": code("BOKUS"),
        "vendor_account": "BOKUS",
        "requester_note": "till bokcirkeln",
        "resource_metadata": {
            "citation_type": code("BOOK"),
            "title": "Skogens ljus",
            "isbn": "9789100000035",
        },
        "note": [{"content": "önskas snart"}],
        "location": [{"quantity": 1, "library": code("HBG"), "shelving_location": "VUXEN"}],
    }
    body.update(changes)
    return {name: value for name, value in body.items() if value is not None}


def build(**settings: Any) -> Alma:
    """A simulator with settings of its own; without limits unless they are given."""
    clock = Clock()
    return Alma(make_app(Settings(clock=clock, **{"limits": Limits.none(), "hosts": frozenset({"sim"}), **settings})), clock)


def with_institution(**changes: Any) -> Alma:
    """One whose institution differs; everything is visible at once."""
    tree = load_institution().model_dump()
    return build(
        institution=type(load_institution()).model_validate({**tree, **changes}), timing=Timing.instant()
    )
