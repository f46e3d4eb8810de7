"""Two processes post at a simulator that counts every call: none over the limit, none lost or doubled.

The short form; `python benchmarks/limits.py` is the long one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_two_processes_keep_to_the_limit_of_the_second() -> None:
    words = ("--processes", "2", "--posts", "160", "--limit", "20", "--concurrency", "4")
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "limits.py"), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "HTTP 429: 0" in done.stdout
