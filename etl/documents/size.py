"""Values of a document, or its payload → what is too large about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etl.plugin import Fault

MAX_PAYLOAD = 1 << 20
"""Bytes of one document's payload. A PO line has some thousand."""
MAX_MEMBERS = 1_000
"""Members of one list: locations, funds, notes."""
Path = tuple[str | int, ...]


def too_large(values: Mapping[str, Any]) -> Fault | None:
    """The first list with too many members (E523), else the longest field of a document too large (E522)."""
    characters: dict[str, int] = {}
    for name, field in values.items():
        characters[name] = 0
        waiting: list[tuple[Path, Any]] = [((name,), field)]
        while waiting:
            path, value = waiting.pop()
            if isinstance(value, str):
                characters[name] += len(value)
            elif isinstance(value, Mapping):
                waiting += [((*path, step), member) for step, member in value.items()]
            elif isinstance(value, list | tuple):
                if len(value) > MAX_MEMBERS:
                    message = f"the list has {len(value):,} members (limit {MAX_MEMBERS:,})"
                    return Fault(path, "E523", message, "no order line has so many: see what $for runs over")
                waiting += [((*path, at), member) for at, member in enumerate(value)]
    return _too_many_bytes(characters) if sum(characters.values()) > MAX_PAYLOAD else None


def payload_too_large(payload: bytes, values: Mapping[str, Any]) -> Fault | None:
    """A payload of too many bytes as a fault (E522) of the field that has most of them."""
    if len(payload) <= MAX_PAYLOAD:
        return None
    return _too_many_bytes({name: len(str(value)) for name, value in values.items()})


def _too_many_bytes(sizes: Mapping[str, int]) -> Fault:
    longest = max(sizes, key=lambda name: sizes[name])
    message = f"the document would have more than {MAX_PAYLOAD:,} bytes, most of them here"
    return Fault((longest,), "E522", message, "see what is repeated")
