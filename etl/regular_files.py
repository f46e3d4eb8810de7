"""Names as people write them (a file, a folder, a pattern) → regular files, and what cannot be looked at.

Whoever reads a file that somebody named opens it here. What is no regular file is told and never waited for
(a fifo without a writer would block for ever), and nothing is left out without a word: a link to a network
drive that is gone, or a folder that may not be listed, may hold orders.
"""

from __future__ import annotations

import errno
import fnmatch
import glob
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe (fifo)"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR)
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A name behind which there is no file to read: nothing at all, something else, or what may not be seen.

    `why` goes on after the name: `is a link to "/mnt/orders/today.csv", which is not there`.
    """

    path: str
    kind: Literal["no file", "no folder", "unseen", "irregular"]
    why: str


@dataclass(slots=True)
class Looked:
    """What one name stands for: sorted, as typed."""

    files: list[str] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)


def look_for(path: str) -> Looked:
    """The files of a name, of a folder (hidden ones, and folders in it, are left out) or of a pattern.

    Each file was opened once, so that what may not be read is known before the first is.
    """
    found = Looked()
    if wrong := _no_name(path):
        found.unseen.append(wrong)
        return found
    try:
        mode = Path(path).stat().st_mode
    except OSError as error:
        if glob.has_magic(path) and error.errno in (*_NOT_THERE, errno.EACCES):
            _look_for_pattern(found, path)
        else:
            found.unseen.append(_unseen(path, error))
        return found
    if stat.S_ISDIR(mode):
        names = sorted(_listed(path, found.unseen))
        _take(found, [str(Path(path) / name) for name in names if not name.startswith(".")])
    else:
        _take(found, [path], alone=True)
    return found


class UnfitFile(OSError):  # noqa: N818 - read aloud: "this is a device"
    """Something stands there, or has that name, that cannot be read as this kind of file."""


def open_file(path: str | Path) -> BinaryIO:
    """A regular file at its first byte. Raises OSError as `open_handle`."""
    return os.fdopen(open_handle(path), "rb")


def open_handle(path: str | Path) -> int:
    """A regular file, opened without waiting. Raises OSError, whose `strerror` a person can read.

    It is an UnfitFile for what is no regular file.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - before it is opened: some devices act on that
    except ValueError:  # a NUL or half a surrogate pair, by an escape in YAML, say
        raise UnfitFile(errno.EINVAL, "this is no name of a file") from None
    _check_kind(mode, path)
    handle = os.open(path, _FLAGS)
    try:
        _check_kind(os.fstat(handle).st_mode, path)  # it may have been replaced in between
    except OSError:
        os.close(handle)
        raise
    return handle


def read_file(path: str | Path, most: int | None = None) -> bytes:
    """All of a regular file. Raises OSError as `open_handle`, UnfitFile for more than `most` bytes."""
    with open_file(path) as stream:
        found = stream.read(-1 if most is None else most + 1)
    if most is not None and len(found) > most:
        raise UnfitFile(errno.EFBIG, f"this file has more than {most:,} bytes", str(path))
    return found


def _check_kind(mode: int, path: str | Path) -> None:
    if stat.S_ISREG(mode):
        return
    number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
    raise UnfitFile(number, f"this is {_kind(mode)}, not a file", str(path))


def _kind(mode: int) -> str:
    return next((name for is_it, name in _KINDS if is_it(mode)), "something else")


def _look_for_pattern(found: Looked, pattern: str) -> None:
    fixed = pattern
    while glob.has_magic(fixed):
        fixed = os.path.split(fixed)[0]
    try:
        if not stat.S_ISDIR(os.stat(fixed or ".").st_mode):  # noqa: PTH116
            found.unseen.append(Unseen(fixed, "no folder", "is not a folder"))
            return
    except OSError as error:
        found.unseen.append(_unseen(fixed, error, missing="no folder"))
        return
    _take(found, sorted(name for name in set(_expanded(pattern, found.unseen)) if name))
    found.unseen = list(
        dict.fromkeys(found.unseen)
    )  # what may be a folder and may be a file was looked at twice


def _take(found: Looked, names: list[str], *, alone: bool = False) -> None:
    """What was listed → files, and what cannot be read; folders are left out."""
    for name in names:
        if wrong := _no_name(name):
            found.unseen.append(wrong)
            continue
        try:
            mode = os.stat(name).st_mode  # noqa: PTH116 - the name as it was typed
            if stat.S_ISDIR(mode) and not alone:
                continue
            if stat.S_ISREG(mode):
                open_file(name).close()
                found.files.append(name)
            else:
                found.unseen.append(Unseen(name, "irregular", f"is {_kind(mode)}, not a file"))
        except OSError as error:
            found.unseen.append(_unseen(name, error, listed=not alone))


def _listed(folder: str, unseen: list[Unseen]) -> list[str]:
    """The names in a folder that may be listed and entered, and is there before and after."""
    inside = os.path.join(folder, ".")  # noqa: PTH118 - Path drops the dot, which asks to enter
    try:
        os.stat(inside)  # noqa: PTH116
        with os.scandir(folder or ".") as entries:
            names = [entry.name for entry in entries]
        os.stat(inside)  # noqa: PTH116 - one that was removed meanwhile seems empty
    except OSError as error:
        unseen.append(_unseen(folder, error, folder=True))
        return []
    return names


def _expanded(pattern: str, unseen: list[Unseen]) -> Iterator[str]:
    """The names that fit, as `glob` understands them and as they were typed; `**` is any folder below."""
    above, last = os.path.split(pattern)
    if not glob.has_magic(pattern) or above == pattern:
        yield pattern
        return
    folders = _folders(above, unseen) if glob.has_magic(above) else iter([above])
    for folder in folders:
        if last == "**":
            yield from _below(folder, unseen, (_identity(folder or "."),))
        elif glob.has_magic(last):
            for name in _listed(folder, unseen):
                if _fits(name, last):
                    yield _joined(folder, name)
        elif _is_there(name := _joined(folder, last), unseen):
            yield name


def _folders(pattern: str, unseen: list[Unseen]) -> Iterator[str]:
    """The folders a pattern stands for. What cannot be looked at may be one."""
    for name in dict.fromkeys(_expanded(pattern, unseen)):
        try:
            if stat.S_ISDIR(os.stat(name or ".").st_mode):  # noqa: PTH116
                yield name
        except OSError as error:
            unseen.append(_unseen(name, error, listed=True))


def _identity(folder: str) -> tuple[int, int] | None:
    try:
        found = os.stat(folder)  # noqa: PTH116
    except OSError:
        return None  # listing it will say why
    return found.st_dev, found.st_ino


def _below(folder: str, unseen: list[Unseen], above: tuple[tuple[int, int] | None, ...]) -> Iterator[str]:
    """The folder and everything in it, at any depth. A link that leads back up shows nothing new."""
    yield folder
    for name in _listed(folder, unseen):
        path = _joined(folder, name)
        if name.startswith("."):
            continue
        try:
            found = os.stat(path)  # noqa: PTH116
        except OSError:
            yield path  # whoever takes it will say why it cannot be looked at
            continue
        own = (found.st_dev, found.st_ino)
        if stat.S_ISDIR(found.st_mode) and own not in above:
            yield from _below(path, unseen, (*above, own))
        else:
            yield path


def _fits(name: str, pattern: str) -> bool:
    return (not name.startswith(".") or pattern.startswith(".")) and fnmatch.fnmatch(name, pattern)


def _joined(folder: str, name: str) -> str:
    return os.path.join(folder, name) if folder else name  # noqa: PTH118 - keeps the name as typed


def _is_there(path: str, unseen: list[Unseen]) -> bool:
    """Also a link to nothing is there."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        unseen.append(_unseen(path, error))
        return False
    return True


def _no_name(path: str) -> Unseen | None:
    try:
        if "\0" not in path and path.encode("utf-8"):
            return None
    except UnicodeEncodeError:
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        return Unseen(shown, "unseen", "has a name that is no text in UTF-8: rename it")
    if not path:
        return Unseen(path, "no file", "names no file")
    return Unseen(path.replace("\0", "\\0"), "unseen", "is no name: it has a NUL character in it")


def _unseen(
    path: str,
    error: OSError,
    *,
    listed: bool = False,
    folder: bool = False,
    missing: Literal["no file", "no folder"] = "no file",
) -> Unseen:
    """`listed`: it stood in a folder a moment ago; `folder`: it is one, and was to be listed."""
    if error.errno in _NOT_THERE:
        if (link := _dangling(path)) is not None:
            return Unseen(path, "unseen", link)
        if listed or folder:
            return Unseen(path, "unseen", "is not there any more, and was a moment ago")
        return Unseen(path, missing, "is not there")
    if error.errno == errno.ELOOP:
        return Unseen(path, "unseen", "is a link that leads back to itself")
    if isinstance(error, PermissionError):
        may = "is a folder that may not be listed" if folder else "may not be read"
        return Unseen(path, "unseen", f"{may} by this user")
    return Unseen(path, "unseen", f"cannot be looked at: {error.strerror or error}")


def _dangling(path: str) -> str | None:
    """The words for a link to nothing, which may be a folder on the way."""
    for step in (Path(path), *Path(path).parents):
        if step.is_symlink() and not step.exists():
            target = os.fsencode(step.readlink()).decode("utf-8", "backslashreplace")
            own = "is" if step == Path(path) else f'lies below "{step}",'
            return f'{own} a link to "{target}", which is not there'
    return None
