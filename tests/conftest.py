"""A clean environment for every test, the same examples on every machine, and what is missing here named once."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings
from witnesses import missing_line

from etl.testing.steady import PROFILE

settings.load_profile(PROFILE)

# A shell without job control starts what stands before "&" deaf to Ctrl-C; tests that press it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """The seed of the examples, and which tests cannot run here."""
    seed = config.getoption("hypothesis_seed", None)
    profile = config.getoption("hypothesis_profile", None) or PROFILE
    return [
        f"examples: profile {profile}, {'seeded by the name of each test' if profile == PROFILE else f'seed {seed}'}",
        missing_line(),
    ]


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
