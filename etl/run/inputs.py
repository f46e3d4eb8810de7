"""Paths, globs, folders, '-' and URLs → sources, in a fixed order.

An inbox that is empty is not an error (a pipeline looks every ten minutes); a folder that does not exist is,
and so is everything that cannot be looked at: it may be an order.
"""

from __future__ import annotations

import difflib
import errno
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import unquote

import fsspec

from etl.plugin import Source
from etl.problems import DataPlace, MappingPlace, Problem, Refusal, Severity
from etl.regular_files import Unseen, look_for, open_handle
from etl.run.rows import no_room
from etl.shown import MASK, masked_url

_BLOCK = 1 << 16
_CODES = {
    "unseen": ("E607", "nothing was read: orders may stand there. Mend it, or name only what can be read"),
    "irregular": ("E608", "only files are read; what another program writes is read from - (standard input)"),
}


def resolve(
    paths: Sequence[str], stdin: BinaryIO, place: MappingPlace | None = None
) -> tuple[list[Source], list[Problem]]:
    """Sources for what the user named, and warnings. Raises Refusal naming every path that is wrong."""
    found: dict[str, Source] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for path in paths:
        if path == "-":
            found["-"] = _stdin(stdin)
        elif "://" in path:
            for file, source in _remote(path, place, problems).items():
                found.setdefault(file, _told_apart(source, found.values()))
        else:
            for name in _local(path, place, problems, warnings):
                found.setdefault(str(Path(name).resolve()), file_source(name))
    if problems:
        raise Refusal(dict.fromkeys(problems))  # two patterns may come by the same name
    return list(found.values()), warnings


def file_source(name: str) -> Source:
    """One local file. Reading it raises OSError when it has become shorter or longer since."""
    size = Path(name).stat().st_size

    def reopen() -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(_Steady(open_handle(name), size), _BLOCK))

    return Source(name, reopen, size)


class _Steady(io.FileIO):
    """Tells at its end whether somebody is still writing the file, or has cut it, since it was found."""

    def __init__(self, handle: int, size: int) -> None:
        super().__init__(handle)
        self._size = size

    def readinto(self, buffer: Any) -> int | None:
        got = super().readinto(buffer)
        if not got:
            self._check()
        return got

    def readall(self) -> bytes:
        data = super().readall()
        self._check()
        return data or b""

    def _check(self) -> None:
        if (now := os.fstat(self.fileno()).st_size) != self._size:
            told = (
                f"it had {self._size} bytes when it was found, and has {now} now: is it still being written?"
            )
            raise OSError(errno.EBUSY, told)


def _local(
    path: str, place: MappingPlace | None, problems: list[Problem], warnings: list[Problem]
) -> list[str]:
    looked = look_for(path)
    problems += [_unseen(one, place) for one in looked.unseen]
    if not looked.files and not looked.unseen:
        told = f'folder "{path}" is empty' if Path(path).is_dir() else f'nothing matches "{path}"'
        warnings.append(_problem("E602", told, path, place, Severity.WARNING))
    return looked.files


def _unseen(one: Unseen, place: MappingPlace | None) -> Problem:
    if one.kind in ("no file", "no folder"):
        return _problem(
            "E601",
            f'{one.kind.replace("no ", "no such ")} "{one.path}"',
            one.path,
            place,
            help=_near(one.path, place),
        )
    code, help_ = _CODES[one.kind]
    return _problem(code, f'"{one.path}" {one.why}', one.path, place, help=help_)


def unreadable(path: Path, error: OSError) -> Problem:
    """E601, for a file that was named on the command line and is no input of a mapping."""
    said = f'cannot read "{path}": {error.strerror or error}'
    return Problem("E601", said, mapping=MappingPlace(str(path)), help=_near(str(path), None))


def _near(name: str, place: MappingPlace | None) -> str:
    """What was likely meant, else from where names are looked for."""
    path, names = Path(name), list[str]()
    with suppress(OSError):  # then there is none that could be meant
        names = [child.name for child in path.parent.iterdir() if child.name != path.name]
    near = difflib.get_close_matches(path.name, names, 1)
    if near:
        return f'did you mean "{path.parent / near[0]}"?'
    return "a path is relative to " + ("the mapping that names it" if place else "the folder you are in")


def _stdin(stdin: BinaryIO) -> Source:
    """Standard input, spooled to an unnamed file so that it can be read more than once."""
    with _spooling(), tempfile.TemporaryFile() as unnamed:
        handle = os.dup(unnamed.fileno())  # gone with the process, whatever happens
    size = 0
    while chunk := stdin.read(1 << 20):
        with _spooling(), os.fdopen(os.dup(handle), "wb") as spool:
            size += spool.write(chunk)

    def reopen() -> BinaryIO:
        os.lseek(handle, 0, os.SEEK_SET)
        return os.fdopen(os.dup(handle), "rb")

    return Source("-", reopen, size)


@contextmanager
def _spooling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise no_room(error, None) from None


def _remote(url: str, place: MappingPlace | None, problems: list[Problem]) -> dict[str, Source]:
    """Sources of an fsspec URL by file system and path; what a protocol needs beyond it the user installs.

    A source is named everywhere, reports included: its name gives no password away.
    """
    try:
        sources = {}
        for file in fsspec.open_files(url, "rb"):
            own = file.path if "://" in file.path else f"{url.split('://')[0]}://{file.path}"
            size = file.fs.size(file.path)
            fetched = partial(_fetched, file.open, url)
            sources[f"{hash(file.fs)} {file.path}"] = Source(_unsaid(own, url), fetched, size)
    except Exception as error:  # noqa: BLE001 - every protocol's library has errors of its own
        said = f'cannot open "{url}": {_why(error, url)}'
        help_ = "see to it that the address is right and its server answers"
        problems.append(_problem("E601", said, url, place, help=help_))
        return {}
    return sources


def _fetched(reopen: Callable[[], BinaryIO], url: str) -> BinaryIO:
    with _as_of_the_system(url):
        return cast("BinaryIO", io.BufferedReader(_Fetched(reopen(), url), _BLOCK))


class _Fetched(io.RawIOBase):
    """A remote file. Reading it raises OSError, whatever its protocol's library raises."""

    def __init__(self, stream: BinaryIO, url: str) -> None:
        self._stream, self._url = stream, url

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with _as_of_the_system(self._url):
            return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: Any) -> int:
        with _as_of_the_system(self._url):
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            with suppress(Exception):  # what was to be read has been read
                self._stream.close()
        super().close()


@contextmanager
def _as_of_the_system(url: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - as for opening
        number = error.errno if isinstance(error, OSError) and error.errno else errno.EIO
        raise OSError(number, _why(error, url)) from None  # the cause may show the password


def _why(error: Exception, url: str) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return _unsaid(" ".join(str(said).split()), url) or type(error).__name__


def _unsaid(text: str, url: str) -> str:
    """A text made of a URL, without its password: a file system may take it for a part of the path."""
    password = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    if password and masked_url(url) != url:
        text = text.replace(password, MASK).replace(unquote(password), MASK)
    return masked_url(text)


def _told_apart(source: Source, others: Iterable[Source]) -> Source:
    """Two that differ in what is masked, or on two servers, have two names."""
    taken = {other.name for other in others}
    name, number = source.name, 1
    while name in taken:
        number += 1
        name = f"{source.name} ({number})"
    return replace(source, name=name)


def _problem(
    code: str,
    message: str,
    path: str,
    place: MappingPlace | None,
    severity: Severity = Severity.ERROR,
    help: str | None = None,
) -> Problem:
    return Problem(code, message, severity, mapping=place, data=DataPlace(path), help=help)
