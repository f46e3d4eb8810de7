"""A ledger of each kind, and runs in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_locations import KINDS, ledger_location
from sqlalchemy import Engine

from etl.ledger.database import open_database


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with ledger_location(request.param) as place:
        opened = open_database(place, tmp_path)
        yield opened
        opened.dispose()
