"""A slice of `python benchmarks/fuzz.py`, small enough for every run of CI."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", ROOT / "benchmarks" / "fuzz.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module
    spec.loader.exec_module(module)
    return module


FUZZ = load()
READERS = {subject.name: (subject, files) for subject, files in FUZZ.subjects()}


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_cost_at_most_what_is_damaged(name: str) -> None:
    subject, files = READERS[name]
    if not files:
        pytest.skip("needs the shared sample data")
    small = sorted(files, key=lambda path: path.stat().st_size)[:6]
    tally = FUZZ.fuzz(subject, small, 90, FUZZ.load)
    assert tally.failures == []
    assert tally.mutants >= 90
    assert tally.whole + tally.partly + tally.refused == tally.mutants


def test_mutants_are_the_same_every_time() -> None:
    data = bytes(range(256))
    one, two = (FUZZ.mutate(data, random.Random("x")) for _ in range(2))  # noqa: S311 - repeatable damage
    assert one == two
    assert one[0] != data


def test_a_lost_row_is_seen() -> None:
    """The check that finds losses can find one."""
    rows = [(offset, 1, {"id": offset}) for offset in range(0, 100, 10)]
    assert FUZZ.lost(rows, rows, 35, 36, 100) == 0
    assert FUZZ.lost(rows, rows[:-1], 35, 36, 100) == 1
    assert FUZZ.lost(rows, [*rows[:3], *rows[4:]], 35, 36, 100) == 0
