"""`etl run` killed at random moments while Alma fails, then re-run: every order in Alma exactly once, and the books agree.

The short form; `python benchmarks/crash.py --runs 500` is the long one. A failure names its seed: `--runs 1 --first SEED`
repeats that round.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from campaign import campaign
from ordeal import Tally, Terms

pytestmark = pytest.mark.slow


def expect_well(tally: Tally, rounds: int) -> None:
    assert tally.wrong == []
    assert tally.rounds == rounds
    assert tally.codes[-9] > 0, "nothing was killed, so nothing was shown"
    assert sum(tally.faults.values()) > 0, "Alma never failed, so nothing was shown"
    assert tally.files > 0


def test_one_process(tmp_path: Path) -> None:
    expect_well(campaign(range(1, 16), Terms(), "sqlite", tmp_path), 15)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_processes_at_once(tmp_path: Path, kind: str) -> None:
    expect_well(campaign(range(2001, 2006), Terms(orders=9, processes=2), kind, tmp_path), 5)
