"""Items → payload files, or one NDJSON file.

A file appears whole or not at all, and one that already has the same bytes is not touched. Files of
earlier runs are left alone: whoever fetches payloads from the folder may not have been there yet, and
an order deleted is an order lost.

A purchase request is made for a user, who is no part of the payload: the user stands in a file beside it,
`NAME.user.txt` for each document, `FILE.users.txt` with a line for each line of an NDJSON file.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

from pydantic import Field, model_validator

from etl.plugin import Item, Options, Problem, Receipt, Refusal, Sink, SinkOptions
from etl.problems import MappingPlace


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
            yield from _documents(items, base / options.directory, options.format)


def _documents(items: Iterator[Item], folder: Path, suffix: str) -> Iterator[Receipt]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(_problem("E610", f'cannot make folder "{folder}": {error.strerror}', folder)) from None
    taken: dict[str, tuple[str, ...]] = {}
    for item in items:
        path = folder / f"{item.name}.{suffix}"
        clash = taken.setdefault(path.name.casefold(), item.key)
        if clash != item.key:  # some file systems do not tell a from A
            message = f'"{path.name}" differs only in case from the file of {" + ".join(clash)}'
            yield Receipt(item.key, "refused", str(path), _problem("E611", message, path))
            continue
        if item.user is not None:  # first: a request never stands there without its user
            _keep(folder / f"{item.name}.user.txt", f"{item.user}\n".encode())
        yield Receipt(item.key, "written", str(path), note=_keep(path, item.payload))


def _keep(path: Path, content: bytes) -> str:
    """Write one file unless it already has these bytes; what was done, for the report."""
    note = "files replaced" if path.exists() else "new files"
    if note == "files replaced" and path.read_bytes() == content:
        return "files unchanged"
    with _whole(path) as stream:
        stream.write(content)
    return note


def _lines(items: Iterator[Item], path: Path) -> Iterator[Receipt]:
    users = path.with_name(f"{path.name}.users.txt")
    with ExitStack() as open_files:
        stream = open_files.enter_context(_whole(path))
        names: BinaryIO | None = None
        for item in items:
            if item.user is not None:
                names = names or open_files.enter_context(_whole(users))
                names.write(f"{item.user}\n".encode())
            stream.write(item.payload)
            yield Receipt(item.key, "written", str(path))


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its place complete and on disk, or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}-", dir=path.parent)
    except OSError as error:
        raise Refusal(_problem("E610", f'cannot write "{path}": {error.strerror}', path)) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o640)
        Path(name).replace(path)
    except OSError as error:
        raise Refusal(_problem("E610", f'cannot write "{path}": {error.strerror}', path)) from None
    finally:
        Path(name).unlink(missing_ok=True)


def _problem(code: str, message: str, path: Path) -> Problem:
    return Problem(code, message, mapping=MappingPlace(str(path)))
