"""pytest → one test for each sample of a mapping, and one for files that no document claims.

    [tool.pytest.ini_options]
    testpaths = ["tests", "mappings"]
    etl_mappings = ["mappings/*/*.yaml"]

compares what the samples become with the reviewed files in `snapshots/` beside each mapping: the same
bytes as `etl snapshot`. Bases, whose names begin with `_`, are tested with the mappings that extend them.
`--snapshot-update` (syrupy's) writes them. Nothing heavy is imported unless a mapping is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ORPHANS = "orphans"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini option that says which files are mappings."""
    parser.addini(
        "etl_mappings", "Globs, relative to the root, of mapping files whose snapshots are tests.", "args", []
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A mapping named by `etl_mappings`, when pytest walks over it or it is given on the command line."""
    globs = parent.config.getini("etl_mappings")
    if not globs or file_path.suffix not in (".yaml", ".yml"):
        return None
    root = parent.config.rootpath
    if not any(file_path in root.glob(pattern) for pattern in globs):
        return None
    from etl.spec.mapping_files import is_base

    if is_base(file_path, root):
        return None
    collector: pytest.Collector = MappingSnapshots.from_parent(parent, path=file_path)
    return collector


class MappingSnapshots(pytest.File):
    """The samples of one mapping. They are mapped once, when the first test asks."""

    _files: dict[str, bytes] | None = None

    def collect(self) -> Iterator[pytest.Item]:
        from etl.problems import Refusal
        from etl.testing.snapshots import sample_names

        try:
            names = sample_names(self.path)
        except Refusal as refusal:
            raise self.CollectError(refusal_text(refusal)) from None
        for name in names:
            yield SampleItem.from_parent(self, name=name)
        yield OrphanItem.from_parent(self, name=ORPHANS)

    @property
    def files(self) -> dict[str, bytes]:
        """Every expected file. Raises Refusal."""
        from etl.testing.snapshots import expected_files

        if self._files is None:
            self._files = expected_files(self.path)
        return self._files


class SnapshotMismatchError(Exception):
    """What a reviewer should look at, as text."""


class _Item(pytest.Item):
    """A test of one mapping. `obj` is what syrupy asks for to name the test's module."""

    parent: MappingSnapshots
    obj = pytest_addoption

    @property
    def updating(self) -> bool:
        return bool(self.config.getoption("update_snapshots", False))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"snapshots of {self.path.parent.name}/{self.path.name}: {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from etl.problems import Refusal

        if isinstance(excinfo.value, SnapshotMismatchError):
            return str(excinfo.value)
        if isinstance(excinfo.value, Refusal):
            return refusal_text(excinfo.value)
        return super().repr_failure(excinfo, style)


class SampleItem(_Item):
    """The files of one sample, each compared through syrupy."""

    def runtest(self) -> None:
        from etl.testing.snapshot_files import compare
        from etl.testing.snapshots import snapshot_folder
        from etl.testing.syrupy_files import stored

        expected = {path: data for path, data in self.parent.files.items() if path.split("/")[0] == self.name}
        wrong = {path for path, data in expected.items() if not stored(self, path, data)}
        if wrong:
            differences = compare(expected, snapshot_folder(self.path))
            raise SnapshotMismatchError(
                _words([one.diff for one in differences if one.path in wrong], self.path)
            )


class OrphanItem(_Item):
    """Files that no document claims any more: an order that vanished must not go unnoticed."""

    def runtest(self) -> None:
        from etl.testing.snapshot_files import compare, remove
        from etl.testing.snapshots import snapshot_folder

        folder = snapshot_folder(self.path)
        orphans = [one for one in compare(self.parent.files, folder) if one.kind == "orphan"]
        if self.updating:
            for one in orphans:
                remove(one, folder)
        elif orphans:
            raise SnapshotMismatchError(
                _words([f"claimed by no document: {one.path}\n{one.diff}" for one in orphans], self.path)
            )


def _words(parts: list[str], mapping: Path) -> str:
    hint = f"if that is right: pytest --snapshot-update, or etl snapshot {mapping.name} --update"
    return "\n\n".join([*parts, hint])


def refusal_text(refusal: Any) -> str:
    """All problems of a mapping that cannot be used."""
    lines = []
    for problem in refusal.problems:
        lines.append(f"{problem.severity.value}[{problem.code}] {problem.message}")
        lines += [f"  {place}" for place in (problem.data, problem.mapping) if place is not None]
        if problem.help:
            lines.append(f"  help: {problem.help}")
    return "\n".join(lines)
