"""A request → the fault it is to meet, if any: named in a header, in the order, or drawn by seed.

`X-Sim-Fault: cut-after` in a header, `SIM-FAULT-cut-after` anywhere in the body (a
vendor_reference_number, say), or `--faults seed=7,rate=0.2,kinds=429+cut-after`.
`SIM-FAULT-once-cut-after` strikes only the first time the same body comes. `alma-<code>` (alma-60186)
answers a code documented for the call, also one that nothing here raises by itself.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from hashlib import blake2b

from etl.simulator.call import Request
from etl.simulator.errors import Misasked
from etl.simulator.settings import FaultPlan

# What each does; `saved` says whether a write has happened by then.
BEFORE = {
    "429": "HTTP 429, PER_SECOND_THRESHOLD",
    "429-as-400": "the same code with HTTP 400, as older captures have it",
    "daily-limit": "HTTP 429, DAILY_THRESHOLD, until midnight",
    "invalid-key": "HTTP 400, text/plain, Invalid API Key",
    "unauthorized": "HTTP 400, the gateway's UNAUTHORIZED",
    "error-500": "HTTP 500 with an envelope",
    "html-502": "HTTP 502 with a page of HTML",
    "cut-before": "the connection breaks, nothing was saved",
    "hang-before": "no answer, nothing was saved",
    "single-error": "the envelope's error as a single object in JSON; in XML it is one always",
    "wrapped-error": "the envelope inside web_service_result in JSON; in XML it is always",
    "no-tracking-id": "an error without a trackingId",
    "two-errors": "an envelope with two errors",
    "error-with-200": "an error list with HTTP 200",
    "entity-bomb": "XML whose entities grow without end",
}
AFTER = {
    "cut-after": "the connection breaks, the write was saved",
    "cut-within": "the connection breaks in the middle of the answer, the write was saved",
    "hang-after": "no answer, the write was saved",
    "error-500-after": "HTTP 500 with an envelope, the write was saved",
    "html-502-after": "HTTP 502 with a page of HTML, the write was saved",
    "unreadable": "HTTP 200 with half a document, the write was saved",
    "empty": "HTTP 200 without a body, the write was saved",
    "wrong-content-type": "a good answer that calls itself text/html",
    "huge-body": "an answer of 64 MB, the write was saved",
    "endless-headers": "headers without end, the write was saved",
    "slow": "the answer comes late",
    "unlisted-400-after": "HTTP 400 with a code that stands in no documentation, the write was saved",
    "unparsed-after": "HTTP 400, an answer inside Alma could not be parsed, the write was saved",
    "reference-cut": "the connection breaks, the line was saved with its references cut",
    "reference-bare": "the same, with its references without hyphens and leading zeros",
    "created-shift": "the connection breaks, the line was saved with a created_date five days back",
    "listed-only": "the connection breaks, the line was saved, is listed, and cannot be read for a while",
    "no-total": "a list does not say how many there are",
    "date-shift": "PUT: dates that were not sent are stored one day back",
}
KINDS = {**BEFORE, **AFTER}

# a plan that names no kinds: one daily-limit would end the rehearsal
_DRAWN = tuple(sorted(KINDS.keys() - {"daily-limit"}))
_BY_LENGTH = sorted(KINDS, key=len, reverse=True)
_MARK = re.compile(
    rb"SIM-FAULT-(once-)?(alma-[0-9A-Z_]+|"
    + b"|".join(kind.encode() for kind in _BY_LENGTH)
    + rb")(?![a-z0-9])"
)


def valid_kind(kind: str) -> bool:
    """One of KINDS, or alma-<code>."""
    return kind in KINDS or re.fullmatch(r"alma-[0-9A-Z_]+", kind) is not None


def _unknown(kind: str) -> str:
    return f'"{kind}" is no kind of fault; there are {", ".join(sorted(KINDS))}, and alma-<code>'


class Faults:
    """Chooses. `counts` says how often each kind struck."""

    def __init__(self, plan: FaultPlan | None) -> None:
        self.plan = plan
        self.counts: Counter[str] = Counter()
        self._seen: Counter[bytes] = Counter()

    def choose(self, request: Request) -> str:
        """The kind, or empty.

        A header wins over the body, the body over the seed. Raises Misasked for an unknown kind: a mistyped
        fault that does nothing would pass for a rehearsal.
        """
        kind = request.headers.get("x-sim-fault", "")
        if not kind:
            kind = self._in_body(request) or self._by_seed(request)
        elif not valid_kind(kind):
            raise Misasked(400, _unknown(kind))
        if kind:
            self.counts[kind] += 1
        return kind

    def _in_body(self, request: Request) -> str:
        if b"SIM-FAULT-" not in request.body:
            return ""
        mark = _MARK.search(request.body)
        if mark is None:
            said = request.body.partition(b"SIM-FAULT-")[2][:40]
            raise Misasked(400, _unknown(said.decode("ascii", "replace")))
        if mark.group(1) and self._times(request) > 1:
            return ""
        return mark.group(2).decode()

    def _by_seed(self, request: Request) -> str:
        plan = self.plan
        if plan is None or not plan.kinds or request.method not in plan.methods:
            return ""
        draw = random.Random(f"{plan.seed}:{_print(request).hex()}:{self._times(request)}")  # noqa: S311 - repeatable, not secret
        return draw.choice(plan.kinds) if draw.random() < plan.rate else ""

    def _times(self, request: Request) -> int:
        """How often this very request has come, this time included."""
        print_ = _print(request)
        self._seen[print_] += 1
        return self._seen[print_]


def _print(request: Request) -> bytes:
    return blake2b(f"{request.method} {request.path}\n".encode() + request.body, digest_size=12).digest()


def parse_faults(text: str) -> FaultPlan:
    """`seed=7,rate=0.2,kinds=429+cut-after,methods=POST+PUT` → a plan.

    Raises ValueError that says what is wrong.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        name, sign, value = part.partition("=")
        if not sign or name.strip() not in ("seed", "rate", "kinds", "methods"):
            raise ValueError(f'"{part}" is not seed=, rate=, kinds= or methods=')
        found[name.strip()] = value.strip()
    try:
        seed, rate = int(found.get("seed", "1")), float(found.get("rate", "0.1"))
    except ValueError:
        raise ValueError("seed is a whole number, rate a number from 0 to 1") from None
    if not 0 <= rate <= 1:
        raise ValueError("rate is a number from 0 to 1")
    kinds = tuple(found["kinds"].split("+")) if found.get("kinds") else _DRAWN
    unknown = [kind for kind in kinds if not valid_kind(kind)]
    if unknown:
        raise ValueError(_unknown(unknown[0]))
    return FaultPlan(seed, rate, kinds, tuple(found.get("methods", "POST").upper().split("+")))
