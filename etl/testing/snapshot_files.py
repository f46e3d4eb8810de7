"""Expected files and the files on disk → differences; and the expected files → disk."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["changed", "missing", "orphan"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as expected. `path` is relative to the snapshot folder, with forward slashes.

    changed: reviewed otherwise · missing: not reviewed yet · orphan: no document claims it any more.
    """

    path: str
    kind: Kind
    diff: str


def compare(expected: Mapping[str, bytes], folder: Path) -> list[Difference]:
    """What differs, in the order of the paths. Files whose name begins with a dot are not looked at."""
    found = {path: (folder / path).read_bytes() for path in _present(folder)}
    differences = []
    for path in sorted({*expected, *found}):
        before, now = found.get(path), expected.get(path)
        if before == now:
            continue
        kind: Kind = "missing" if before is None else "orphan" if now is None else "changed"
        differences.append(Difference(path, kind, _diff(path, before, now)))
    return differences


def update(expected: Mapping[str, bytes], folder: Path) -> list[Difference]:
    """Make the files on disk the expected ones; what had to be done. Unchanged files are not touched."""
    differences = compare(expected, folder)
    for difference in differences:
        if difference.kind == "orphan":
            remove(difference, folder)
        else:
            write_whole(folder / difference.path, expected[difference.path])
    return differences


def remove(orphan: Difference, folder: Path) -> None:
    """Delete a file nothing claims, and the folders that are empty without it."""
    path = folder / orphan.path
    path.unlink()
    while path.parent != folder and not any(path.parent.iterdir()):
        path = path.parent
        path.rmdir()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, readable as any file of the repository."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _present(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))


def _diff(path: str, before: bytes | None, now: bytes | None) -> str:
    """A unified diff; bytes that differ without looking different (line ends) are said in words."""
    old, new = (
        content.decode("utf-8", "replace") if content is not None else "" for content in (before, now)
    )
    lines = list(
        difflib.unified_diff(
            old.splitlines(),
            new.splitlines(),
            f"{path} (reviewed)" if before is not None else "/dev/null",
            f"{path} (now)" if now is not None else "/dev/null",
            lineterm="",
        )
    )
    return "\n".join(lines) or f"{path}: only line ends or invisible bytes differ"
