"""What benchmarks/mutation.py puts into the processes of the tests.

For pytest a plugin: only the wanted tests run, in the wanted order; how long each took, and whether it
failed, is written down. For the watched sources, in whatever process a test starts: `reached` tells which
test came by, through a pipe, because a pipe still takes words where a test fills the disk.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

taken: dict[str, float] = defaultdict(float)
failed: set[str] = set()
told: set[tuple[str, str, int]] = set()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chosen := os.environ.get("MUTATION_TESTS"):
        names = json.loads(Path(chosen).read_text(encoding="utf-8"))
        order = {name: number for number, name in enumerate(names)}
        wanted = [item for item in items if item.nodeid in order]
        items[:] = sorted(wanted, key=lambda item: order[item.nodeid])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    taken[report.nodeid] += report.duration
    if report.failed:
        failed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    if place := os.environ.get("MUTATION_SEEN"):
        seen = {"seconds": taken, "failed": sorted(failed)}
        Path(place).write_text(json.dumps(seen), encoding="utf-8")


def reached(file: str, line: int) -> None:
    """Tells `FILE TAB LINE TAB TEST` the first time; no test while pytest imports."""
    seen = (file, line, os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0])
    if seen not in told and "MUTATION_PIPE" in os.environ:
        told.add(seen)
        os.write(_pipe(os.environ["MUTATION_PIPE"]), "{}\t{}\t{}\n".format(*seen).encode(errors="replace"))


@cache
def _pipe(name: str) -> int:
    return os.open(name, os.O_WRONLY)
