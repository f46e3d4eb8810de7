"""Paths, globs, folders, '-' and URLs → sources, in a fixed order.

An inbox that is empty is not an error (a pipeline looks every ten minutes); a folder that does not exist is.
"""

from __future__ import annotations

import difflib
import glob
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import fsspec

from etl.plugin import Source
from etl.problems import DataPlace, MappingPlace, Problem, Refusal, Severity


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
            for source in _remote(path, place, problems):
                found[source.name] = source
        else:
            for name in _local(path, place, problems, warnings):
                found.setdefault(str(Path(name).resolve()), file_source(name))
    if problems:
        raise Refusal(problems)
    return list(found.values()), warnings


def file_source(name: str) -> Source:
    """One local file."""
    path = Path(name)
    return Source(name, lambda: path.open("rb"), path.stat().st_size)


def _local(
    path: str, place: MappingPlace | None, problems: list[Problem], warnings: list[Problem]
) -> list[str]:
    at = Path(path)
    if at.is_dir():
        names = sorted(
            str(child) for child in at.iterdir() if child.is_file() and not child.name.startswith(".")
        )
        if not names:
            warnings.append(_problem("E602", f'folder "{path}" is empty', path, place, Severity.WARNING))
        return names
    if at.is_file():
        return [path]
    if at.exists():
        problems.append(_problem("E601", f'"{path}" is not a file', path, place))
        return []
    if glob.has_magic(path):
        names = sorted(name for name in glob.glob(path, recursive=True) if Path(name).is_file())  # noqa: PTH207 - keeps the name as typed
        fixed = path.split("*")[0].split("?")[0].split("[")[0]
        folder = Path(fixed) if fixed.endswith("/") else Path(fixed).parent
        if not names and folder.is_dir():
            warnings.append(_problem("E602", f'nothing matches "{path}"', path, place, Severity.WARNING))
        elif not names:
            problems.append(_problem("E601", f'no such folder "{folder}"', path, place))
        return names
    problems.append(_problem("E601", f'no such file "{path}"', path, place, help=_near(at)))
    return []


def _near(path: Path) -> str | None:
    names = [child.name for child in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, 1)
    return f'did you mean "{path.parent / near[0]}"?' if near else None


def _stdin(stdin: BinaryIO) -> Source:
    """Standard input, spooled to an unnamed file so that it can be read more than once."""
    handle, name = tempfile.mkstemp(prefix="etl-stdin-")
    Path(name).unlink()  # gone with the process, whatever happens
    size = 0
    while chunk := stdin.read(1 << 20):
        size += os.write(handle, chunk)

    def reopen() -> BinaryIO:
        os.lseek(handle, 0, os.SEEK_SET)
        return os.fdopen(os.dup(handle), "rb")

    return Source("-", reopen, size)


def _remote(url: str, place: MappingPlace | None, problems: list[Problem]) -> list[Source]:
    """fsspec URLs; what a protocol needs beyond fsspec the user installs."""
    try:
        files = fsspec.open_files(url, "rb")
        sources = []
        for file in files:
            size = file.fs.size(file.path)
            sources.append(Source(f"{url.split('://')[0]}://{file.path}", file.open, size))
    except (OSError, ValueError, ImportError) as error:
        problems.append(_problem("E601", f'cannot open "{url}": {error}', url, place))
        return []
    return sources


def _problem(
    code: str,
    message: str,
    path: str,
    place: MappingPlace | None,
    severity: Severity = Severity.ERROR,
    help: str | None = None,
) -> Problem:
    return Problem(code, message, severity, mapping=place, data=DataPlace(path), help=help)
