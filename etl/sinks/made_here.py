"""Bytes of a file → are they what the installed targets write, so that the file may be replaced?

How a file begins proves nothing: a map has a member "type" too. A document that is read and written again by
its target, and has the same bytes, was written by it.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Literal

from etl.own_files import HEAD
from etl.plugin import Target
from etl.registry import Registry

Form = Literal["json", "json-line", "xml"]
_JUDGED = 1 << 16
"""Bytes of a file of lines that are compared: the file of one run may have megabytes."""


def is_payload(content: bytes) -> bool:
    """Is it, to the last byte, a document as an installed target writes it?"""
    forms: tuple[Form, ...] = ("xml",) if content.startswith(b"<") else ("json", "json-line")
    return _is_written_as(forms, content)


def are_payloads(head: bytes) -> bool:
    """Is every line a document? The first of many say it for all; one that is cut says nothing."""
    judged = head[: max(_JUDGED, head.find(b"\n") + 1)]
    lines = judged.splitlines(keepends=True)
    if len(judged) < len(head) and len(lines) > 1:
        lines.pop()
    return all(_is_written_as(("json-line",), line) for line in lines)


def is_beside_payload(path: Path) -> bool:
    """Does a document of ours stand at `path`? What is beside it is about it."""
    with suppress(FileNotFoundError), path.open("rb") as stream:
        return is_payload(stream.read(HEAD))
    return False


def are_users_of(path: Path, users: Path) -> bool:
    """Has `users` a line for each line of `path`, and is that a file of ours?"""
    with suppress(FileNotFoundError), path.open("rb") as stream, users.open("rb") as names:
        if not are_payloads(stream.read(HEAD)):
            return False
        stream.seek(0)
        return sum(1 for _ in stream) == sum(1 for _ in names)
    return False


def _is_written_as(forms: tuple[Form, ...], content: bytes) -> bool:
    for target in _targets():
        document = target.parse(content)
        if not isinstance(document, list) and content in (target.payload(document, form) for form in forms):
            return True
    return False


@cache
def _targets() -> tuple[Target, ...]:
    registry = Registry.installed()
    return tuple(registry.get("targets", name)() for name in registry.names("targets"))
