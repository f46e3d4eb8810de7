"""A fresh ledger on each kind of database: SQLite always, PostgreSQL where ETL_TEST_POSTGRES_URL names a server.

ETL_TEST_POSTGRES_URL=postgresql://user@127.0.0.1:5432/postgres   a role that may create databases
"""

from __future__ import annotations

import importlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from witnesses import POSTGRES

KINDS = ("sqlite", "postgresql")


@contextmanager
def ledger_location(kind: str) -> Iterator[str]:
    """What the option `ledger` is set to. Skips with a message when there is no server."""
    if kind == "sqlite":
        yield "ledger.sqlite"
        return
    if not POSTGRES:
        pytest.skip("no PostgreSQL: set ETL_TEST_POSTGRES_URL to a server where databases may be created")
    psycopg = importlib.import_module("psycopg")
    name = f"etl_test_{secrets.token_hex(6)}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield POSTGRES.rsplit("/", 1)[0] + f"/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
