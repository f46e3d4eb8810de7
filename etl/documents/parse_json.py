"""JSON bytes → plain values; duplicate members, NaN and other documents' shapes refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from etl.documents.values import shown
from etl.plugin import Fault

_DEEPEST = 16  # po_line → location → copy → item_policy is 6, lists counted


class _Unusable(Exception):  # noqa: N818 - carries the fault out of json.loads
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def read_json(payload: bytes) -> dict[str, Any] | list[Fault]:
    """The members of the one object in `payload`; numbers with a point come as exact decimals."""
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [_unreadable(f"the payload is not UTF-8 at byte {error.start}")]
    try:
        values = json.loads(text, object_pairs_hook=_members, parse_float=Decimal, parse_constant=_constant)
    except _Unusable as error:
        return [error.fault]
    except json.JSONDecodeError as error:
        return [
            _unreadable(f"the payload is not JSON at line {error.lineno}, column {error.colno}: {error.msg}")
        ]
    except RecursionError:
        return [_too_deep()]
    except ValueError as error:  # a number of more digits than Python converts
        return [_unreadable(f"the payload has a number that cannot be read: {error}")]
    if not isinstance(values, dict):
        return [Fault((), "E519", "the payload is not one JSON object", "one file holds one document")]
    return [_too_deep()] if _is_deep(values) else values


def _is_deep(values: dict[str, Any]) -> bool:
    """Deeper than any document, counted level by level: later stages walk it by recursion."""
    level: list[Any] = [values]
    for _ in range(_DEEPEST):
        level = [
            member
            for part in level
            for member in (part.values() if isinstance(part, dict) else part)
            if isinstance(member, dict | list)
        ]
        if not level:
            return False
    return True


def _too_deep() -> Fault:
    return _unreadable("the payload is nested too deeply to be an order")


def _unreadable(message: str) -> Fault:
    return Fault((), "E517", message, "Alma takes UTF-8 JSON or XML; look at the named place")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Unusable(
            Fault(
                (twice,),
                "E520",
                f"{shown(twice)} stands twice in one object, and JSON readers keep only one",
                "remove one of the two",
            )
        )
    return members


def _constant(name: str) -> None:
    raise _Unusable(_unreadable(f"{shown(name)} is not a JSON value"))
