"""pytest → one test for each file a mapping's snapshots consist of."""

from __future__ import annotations
