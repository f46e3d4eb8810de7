"""Files nobody here wrote, in ../shared/data beside the repository; tests are skipped where they are absent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.fixture
def data() -> Callable[[str], Path]:
    """A file or folder of the shared data by its name."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"../shared/data/{name} is not there")
        return path

    return find
