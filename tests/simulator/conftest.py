"""Simulators in this process: one where all is visible at once, one with Alma's delays."""

from __future__ import annotations

import pytest
from alma_client import Alma, build

from etl.simulator import Timing


@pytest.fixture
def alma() -> Alma:
    """Everything is visible at once."""
    return build(timing=Timing.instant())


@pytest.fixture
def slow_alma() -> Alma:
    """With Alma's delays: status after 2 s, sent after 5 s, lists after 3 s."""
    return build()
