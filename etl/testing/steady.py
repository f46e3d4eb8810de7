"""Hypothesis as every suite here uses it: its outcome hangs on no clock, and is the same on every machine.

A busy machine may take its time (no deadline, no complaint about slow data), and the examples are the same
everywhere: what fails fails for everybody. `pytest --hypothesis-profile=wandering` looks at others; the seed
that it prints repeats them (`--hypothesis-seed=N`).
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

STEADY = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
)
PROFILE = "steady"
settings.register_profile(PROFILE, STEADY)
settings.register_profile("wandering", STEADY, derandomize=False, print_blob=True)
