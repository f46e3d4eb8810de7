"""A ledger of each kind, and runs in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_locations import KINDS, ledger_location
from sqlalchemy import Engine, event

from etl.ledger.database import open_database


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with ledger_location(request.param) as place:
        opened = open_database(place, tmp_path)
        yield opened
        opened.dispose()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Engine]:
    """SQLite that does not wait for the disk, for tests of arithmetic in a time of their own: hundreds of commits."""
    opened = open_database("lite.sqlite", tmp_path)
    opened.dispose()  # the connection it was checked with
    event.listen(
        opened, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF").close()
    )
    yield opened
    opened.dispose()
