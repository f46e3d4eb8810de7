"""A clean environment for every test, and --update-cases."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="write expected.txt of the case folders anew; read the diff before you commit",
    )


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No ETL_… of the person who runs the tests, no colour, one width, a key nobody has."""
    for name in os.environ:
        if name.startswith("ETL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("INVENTED_ALMA_KEY", "an-invented-key-for-tests")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
