"""Every request and its answer → the latest of them, for the page and for tests. A key is never kept."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from etl.simulator.call import Request

# how much of a body is kept: whole orders, not whole attacks
_BODY = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `notes`: what was dropped without a word; `saved`: the number of what it wrote; `text`:
    what a refusal said.
    """

    count: int
    time: float
    method: str
    target: str
    status: int
    code: str
    text: str
    fault: str
    saved: str
    notes: tuple[str, ...]
    seconds: float
    body: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class RequestLog:
    """The latest requests, and counts of all."""

    def __init__(self, size: int) -> None:
        self.entries: deque[Entry] = deque(maxlen=size)
        self.statuses: Counter[int] = Counter()
        self.total = 0

    def add(
        self,
        request: Request,
        *,
        time: float,
        status: int,
        code: str,
        text: str,
        fault: str,
        saved: str,
        notes: list[str],
        seconds: float,
    ) -> None:
        """Keep one. Status 0: the connection was broken or never answered."""
        self.total += 1
        self.statuses[status] += 1
        shown = [(name, value) for name, value in request.query.items() if name != "apikey"]
        target = f"{request.path}?{urlencode(shown)}" if shown else request.path
        body = request.body[:_BODY].decode("utf-8", "replace")
        self.entries.append(
            Entry(
                self.total,
                time,
                request.method,
                target,
                status,
                code,
                text,
                fault,
                saved,
                tuple(notes),
                seconds,
                body,
            )
        )
