"""What the store gives out: lines, purchase requests, bibliographic records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(slots=True)
class Line:
    """A stored order line.

    `review`: the reasons it waits (none: it moves on); `fixed`: a status that time does not change.
    """

    id: int
    number: str
    created: float
    changed: float
    review: list[str]
    fixed: str
    mms: str
    doc: dict[str, Any]


@dataclass(slots=True)
class Wish:
    """A stored purchase request."""

    id: int
    user: str
    created: float
    changed: float
    status: str
    line: int | None
    mms: str
    doc: dict[str, Any]


class Record(NamedTuple):
    """A bibliographic record; ISBN and ISSN as the index keeps them."""

    mms: str
    title: str
    isbn: str
    issn: str
