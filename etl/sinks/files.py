"""Items → payload files, or one NDJSON file.

A file appears whole or not at all, and one that already has the same bytes is not touched. Files of
earlier runs are left alone: whoever fetches payloads from the folder may not have been there yet, and
an order deleted is an order lost.

A purchase request is made for a user, who is no part of the payload: the user stands in a file beside it,
`NAME.user.txt` for each document, `FILE.users.txt` with a line for each line of an NDJSON file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

from pydantic import Field, model_validator

from etl.own_files import Ours, refuse_others, whole_file, write_whole
from etl.plugin import Item, Options, Problem, Receipt, Refusal, Sink, SinkOptions
from etl.problems import MappingPlace
from etl.registry import Registry

_MODE = 0o640
_LONGEST_USER = 255


class FilesOptions(SinkOptions):
    """Either a directory (one document a file) or one NDJSON file."""

    paths: ClassVar[tuple[str, ...]] = ("directory", "file")

    directory: str | None = Field(None, description="Folder for one file per document, named by its key")
    file: str | None = Field(None, description="One NDJSON file instead (JSON only), replaced by each run")

    @model_validator(mode="after")
    def _one_of(self) -> FilesOptions:
        if (self.directory is None) == (self.file is None):
            raise ValueError("give either directory or file")
        if self.file is not None and self.format == "xml":
            raise ValueError("file is NDJSON: XML documents go to a directory")
        return self


class FilesSink(Sink):
    """One canonical document per file, named from its key; or all of them as lines of one file."""

    name: ClassVar[str] = "files"
    summary: ClassVar[str] = "payload files for review or hand-over, or one NDJSON file"
    Options: ClassVar[type[Options]] = FilesOptions  # type: ignore[assignment]

    def writes(self, options: Any) -> list[tuple[str, bool]]:
        if options.file is None:
            return [(options.directory, True)]
        return [(options.file, False), (f"{options.file}.users.txt", False)]

    def all_or_nothing(self, options: Any) -> bool:
        return options.file is not None

    def form(self, options: Any) -> Literal["json", "json-line", "xml"]:
        if options.file is not None:
            return "json-line"
        form: Literal["json", "xml"] = options.format
        return form

    def deliver(self, items: Iterator[Item], options: Any, base: Path) -> Iterator[Receipt]:
        if options.file is not None:
            yield from _lines(items, base / options.file)
        else:
            yield from _files(items, base / options.directory, options.format)


def _files(items: Iterator[Item], folder: Path, suffix: str) -> Iterator[Receipt]:
    taken: dict[str, tuple[str, ...]] = {}
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for item in items:
        path = folder / f"{item.name}.{suffix}"
        clash = taken.setdefault(path.name.casefold(), item.key)
        if clash != item.key:  # some file systems do not tell a from A
            message = f'"{path.name}" differs only in case from the file of {" + ".join(clash)}'
            problem = Problem("E611", message, mapping=MappingPlace(str(path)))
            yield Receipt(item.key, "refused", str(path), problem)
            continue
        try:
            with _writing(path):
                if item.user is not None:  # first: a request never stands there without its user
                    _keep(folder / f"{item.name}.user.txt", f"{item.user}\n".encode(), _is_user)
                note = _keep(path, item.payload, is_payload)
        except Refusal:
            yield Receipt(item.key, "not delivered", str(path))
            raise
        yield Receipt(item.key, "written", str(path), note=note)


def _keep(path: Path, content: bytes, ours: Ours) -> str:
    """Write one file unless it already has these bytes; what was done, for the report."""
    note = "files replaced" if path.exists() else "new files"
    if note == "files replaced" and path.is_file() and path.read_bytes() == content:
        return "files unchanged"
    write_whole(path, content, mode=_MODE, ours=ours)
    return note


def _lines(items: Iterator[Item], path: Path) -> Iterator[Receipt]:
    users = path.with_name(f"{path.name}.users.txt")
    with _writing(path), ExitStack() as open_files:
        stream = open_files.enter_context(whole_file(path, mode=_MODE, ours=is_payload))
        refuse_others(users, _is_user)
        names: BinaryIO | None = None
        for item in items:
            if item.user is not None:
                names = names or open_files.enter_context(whole_file(users, mode=_MODE, ours=_is_user))
                names.write(f"{item.user}\n".encode())
            stream.write(item.payload)
            yield Receipt(item.key, "written", str(path))


def is_payload(head: bytes) -> bool:
    """Does a file begin like a document of an installed target, or like lines of them?"""
    roots, members = _documents_begin()
    if head.lstrip().startswith(b"<"):
        return any(re.search(rb"<%s[\s>]" % root.encode(), head) for root in roots)
    first = re.match(rb'\s*\{\s*"(\w+)"\s*:', head)
    return first is not None and first[1].decode() in members


@cache
def _documents_begin() -> tuple[frozenset[str], frozenset[str]]:
    """Names of the installed targets, and of the members their documents may begin with."""
    registry = Registry.installed()
    targets = [registry.get("targets", name) for name in registry.names("targets")]
    return (
        frozenset(target.name for target in targets),
        frozenset(name for target in targets for name in target.shape.members),
    )


def _is_user(head: bytes) -> bool:
    """One user's identifier on each line: short, and without blanks at its ends."""
    lines = head.split(b"\n")[:-1]
    return all(0 < len(line) <= _LONGEST_USER and line == line.strip() for line in lines) and bool(lines)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refusal(
            Problem("E610", f'cannot write "{path}": {error.strerror}', mapping=MappingPlace(str(path)))
        ) from None
