"""Orders at the simulator, from the tests of the sink."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / "sinks")]
