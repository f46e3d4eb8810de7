"""The key, short pauses, and a ledger of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from alma_orders import KEY
from ledger_locations import KINDS, ledger_location

from etl.alma.patience import Patience


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_ALMA_KEY", KEY)
    monkeypatch.setattr("etl.sinks.alma.Patience", partial(Patience, first=0.01))


@pytest.fixture(params=KINDS)
def location(request: pytest.FixtureRequest) -> Iterator[str]:
    with ledger_location(request.param) as place:
        yield place
