"""Items → payload files, or one NDJSON file.

A file appears whole or not at all, and one that already has the same bytes is not touched. Files of
earlier runs are left alone: whoever fetches payloads from the folder may not have been there yet, and
an order deleted is an order lost.

A purchase request is made for a user, who is no part of the payload: the user stands in a file beside it,
`NAME.user.txt` for each document, `FILE.users.txt` with a line for each line of an NDJSON file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from etl.own_files import Ours, whole_files
from etl.plugin import Item, Options, Problem, Receipt, Refusal, Sink, SinkOptions
from etl.problems import MappingPlace, unwritable
from etl.sinks.made_here import Form, are_payloads, are_users_of, is_beside_payload, is_payload

_MODE = 0o640


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

    def form(self, options: Any) -> Form:
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
                note = _keep(path, item)
        except Refusal:
            yield Receipt(item.key, "not delivered", str(path))
            raise
        yield Receipt(item.key, "written", str(path), note=note)


def _keep(path: Path, item: Item) -> str:
    """Write one document, with its user, unless both stand there; what was done, for the report."""
    user = path.with_name(f"{item.name}.user.txt")
    contents = {path: item.payload}
    if item.user is not None:
        contents[user] = f"{item.user}\n".encode()
    if all(_has(place, content) for place, content in contents.items()):
        return "files unchanged"
    note = "files replaced" if path.exists() else "new files"
    ours: dict[Path, Ours] = {
        path: is_payload,
        user: lambda head: head.count(b"\n") == 1 and is_beside_payload(path),
    }
    with whole_files(*((place, ours[place]) for place in contents), mode=_MODE) as streams:
        for stream, content in zip(streams, contents.values(), strict=True):
            stream.write(content)
    return note


def _has(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _lines(items: Iterator[Item], path: Path) -> Iterator[Receipt]:
    users = path.with_name(f"{path.name}.users.txt")
    files = ((path, are_payloads), (users, lambda _head: are_users_of(path, users)))
    with _writing(path), whole_files(*files, mode=_MODE) as (stream, names):
        for item in items:
            if item.user is not None:
                names.write(f"{item.user}\n".encode())
            stream.write(item.payload)
            yield Receipt(item.key, "written", str(path))


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritable("E610", path, error) from None
