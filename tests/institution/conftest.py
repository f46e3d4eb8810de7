"""The simulated institution, pulled once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from etl.alma.address import address_of
from etl.alma.client import AlmaClient
from etl.alma.key import Secret
from etl.alma.pull import Puller
from etl.alma.wire import Wire
from etl.institution.model import Institution
from etl.simulator import Limits, Settings, Timing, running


@pytest.fixture(scope="session")
def alma() -> Iterator[str]:
    with running(Settings(timing=Timing.instant(), limits=Limits.none())) as url:
        yield url


@pytest.fixture(scope="session")
def wire(alma: str) -> Iterator[Wire]:
    found = Wire(address_of(None, alma), Secret("simulator-key"), timeout=10, connections=1)
    yield found
    found.close()


@pytest.fixture(scope="session")
def institution(wire: Wire) -> Institution:
    return Puller(AlmaClient(wire)).pull("https://alma.example", date(2026, 3, 11))
