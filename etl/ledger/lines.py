"""A line of a delivery that is no order on its way to Alma, and how the ledger holds it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from etl.identity import RecordOrigin, origin_of
from etl.ledger.known_by import NOTHING, KnownBy
from etl.ledger.orders import FOUND_BY, State
from etl.ledger.stored_values import place_key, totals_of, totals_text
from etl.totals import Totals


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is held or rejected, skipped by the mapping, or written to a file, or what a sink without a
    ledger has refused or leaves in doubt. `key`: () if none could be told. `causes`: problems as
    `Problem.as_dict` gives them. `raw`: the bytes of a record that no connector could read. `found_by`:
    values of FOUND_BY.
    """

    state: State
    target: str
    key: tuple[str, ...]
    origin: RecordOrigin
    causes: tuple[Mapping[str, Any], ...] = ()
    payload: bytes = b""
    user: str | None = None
    totals: Totals | None = None
    raw: bytes | None = None
    known_by: KnownBy = NOTHING
    found_by: Mapping[str, str] = field(default_factory=dict)

    @property
    def ledger_key(self) -> tuple[str, ...]:
        """Its key, or its place."""
        return self.key or place_key(self.origin)

    @property
    def payload_hash(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def codes(self) -> list[str]:
        return [cause["code"] for cause in self.causes]

    def written(self) -> bytes:
        """As one line of JSON, for `read`."""
        said = {
            "state": self.state,
            "target": self.target,
            "key": self.key,
            "origin": asdict(self.origin),
            "causes": self.causes,
            "payload": self.payload.decode(),
            "user": self.user,
            "totals": totals_text(self.totals),
            "raw": None if self.raw is None else self.raw.hex(),
            "known_by": self.known_by.written(),
            "found_by": dict(self.found_by),
        }
        return json.dumps(said).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Line:
        """What `written` wrote."""
        said = json.loads(line)
        origin = origin_of(said["origin"])
        assert origin is not None  # noqa: S101 - `written` has it
        return cls(
            State(said["state"]),
            said["target"],
            tuple(said["key"]),
            origin,
            tuple(said["causes"]),
            said["payload"].encode(),
            said["user"],
            totals_of(said["totals"]),
            None if said["raw"] is None else bytes.fromhex(said["raw"]),
            KnownBy.read(said["known_by"]),
            {name: said["found_by"][name] for name in FOUND_BY if name in said["found_by"]},
        )
