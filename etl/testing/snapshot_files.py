"""Expected files and the files on disk → differences; and the expected files → disk."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from etl.own_files import link_between, refuse_links, remove_own, write_whole
from etl.sinks.made_here import is_payload
from etl.testing.snapshot_story import is_story, users_of
from etl.testing.snapshots import HELD, PROBLEMS, USERS

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
    """What differs, in the order of the paths. Files of others are not looked at."""
    found = {path: (folder / path).read_bytes() for path in _present(folder)}
    claimed = {path.split("/")[0] for path in expected}
    differences = []
    for path in sorted({*expected, *found}):
        before, now = found.get(path), expected.get(path)
        if before == now or (now is None and not _was_written(path, found, claimed)):
            continue
        kind: Kind = "missing" if before is None else "orphan" if now is None else "changed"
        differences.append(Difference(path, kind, _diff(path, before, now)))
    return differences


def update(expected: Mapping[str, bytes], folder: Path) -> list[Difference]:
    """Make the files on disk the expected ones; what had to be done. Unchanged files are not touched.

    Raises Refusal (E612), with nothing done, when a link stands on the way to one of them.
    """
    refuse_linked(expected, folder)
    differences = compare(expected, folder)
    for difference in differences:
        if difference.kind == "orphan":
            remove(difference, folder)
        else:
            write_expected(folder / difference.path, expected[difference.path])
    return differences


def refuse_linked(paths: Iterable[str], folder: Path) -> None:
    """Raises Refusal (E612) when a snapshot would be written through a link, from the mapping's folder on."""
    for path in paths:
        refuse_links(folder / path, folder.parent.parent)


def remove(orphan: Difference, folder: Path) -> None:
    """Delete a file nothing claims, and the folders that are empty without it."""
    remove_own(folder / orphan.path, folder)


def write_expected(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable as any file of the repository. What stands under the name
    of a snapshot is a snapshot, also after an edit or a merge has spoiled it.
    """
    write_whole(path, content, mode=0o644, ours=lambda _head: True)


def _present(folder: Path) -> list[str]:
    """What has the name of a snapshot and stands in the folder itself, not behind a link."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(
        path.as_posix() for path in paths if _is_name(path) and link_between(folder, folder / path) is None
    )


def _is_name(path: Path) -> bool:
    """SAMPLE/KEY.json, SAMPLE/held/KEY.json, SAMPLE/problems.txt or SAMPLE/users.txt."""
    inner = path.parts[1:-1]
    if any(part.startswith(".") for part in path.parts) or len(path.parts) < 2 or inner not in ((), (HELD,)):
        return False
    return path.suffix == ".json" or (not inner and path.name in (PROBLEMS, USERS))


def _was_written(path: str, found: Mapping[str, bytes], claimed: Set[str]) -> bool:
    """Is what nothing claims a snapshot? It stands in the folder of a sample, which has its story, and is
    what is written there; anything else is somebody's who keeps it there.
    """
    sample, _, name = path.partition("/")
    story = found.get(f"{sample}/{PROBLEMS}", b"")
    if sample not in claimed and not is_story(story):
        return False
    if name == PROBLEMS:
        return is_story(story)
    if name == USERS:
        return all(f"{sample}/{of}" in found for of in users_of(found[path]))
    return is_payload(found[path])


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
