"""A ledger that an older version wrote → one that this version understands, with all that was in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ledger_locations import KINDS, ledger_location
from sqlalchemy import Engine, create_engine, make_url, text

from etl.identity import RecordOrigin
from etl.ledger.database import open_database, told_of, transaction
from etl.ledger.decisions import dismiss
from etl.ledger.find import Wanted, find
from etl.ledger.intake import Intake
from etl.ledger.known_by import KnownBy
from etl.ledger.ledger import Ledger
from etl.ledger.lines import Line
from etl.ledger.migrations import MIGRATIONS
from etl.ledger.orders import AlmaRefusal, Intent, Order, State, Verified
from etl.ledger.process import Run

_TYPES = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "float": "REAL"},
    "postgresql": {
        "serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "float": "DOUBLE PRECISION",
    },
}
OLD = (
    (("A", "1"), "posted", {
        "number": "POL-1", "reference": "7000-1", "additional_reference": "7000",
        "words": "verified: status ACTIVE; stored as sent",
    }),
    (("A", "2"), "held", {"reference": "7000-2", "isbn": "9789199990026"}),
    (("A", "2 "), "posted", {
        "number": "POL-3", "reference": "7000-2", "isbn": "9789199990026",
        "words": "verified: Alma has no POL-3 any more",
    }),
    (("A", "3"), "refused", {"words": "Alma does not know a code (402119 no owner X (y), tracking E01)"}),
    (("A", "4"), "unknown", {"reference": "7000-4"}),
)  # fmt: skip


def make_old(engine: Engine, version: int) -> None:
    """Tables and rows as that version wrote them."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE schema_version (version INTEGER NOT NULL)"))
        for number, step in enumerate(MIGRATIONS[:version], 1):
            for statement in step:
                assert isinstance(statement, str)
                connection.execute(text(statement.format(**_TYPES[engine.dialect.name])))
            connection.execute(text("INSERT INTO schema_version VALUES (:number)"), {"number": number})
        for key, state, more in OLD:
            row: dict[str, Any] = {
                "institution": "alma", "target": "po_line", "key": json.dumps(key, separators=(",", ":")),
                "state": state, "version": 1, "payload_hash": "0" * 64, "payload": "{}", "run": "r", "attempts": 1,
                "attempted_at": "2026-01-01", "created_at": "2026-01-01", "updated_at": "2026-01-01",
                "vendor": "BTJ", "title": "Påhittad", **more,
            }  # fmt: skip
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO orders ({names}) VALUES ({values})"), row)  # noqa: S608


def renew(engine: Engine, version: int) -> None:
    """One more step, as the version that had it took it."""
    with engine.begin() as connection:
        for step in MIGRATIONS[version - 1]:
            if isinstance(step, str):
                connection.execute(text(step.format(**_TYPES[engine.dialect.name])))
            else:
                step(connection)
        connection.execute(text("INSERT INTO schema_version VALUES (:number)"), {"number": version})


@pytest.fixture(
    params=[pytest.param((kind, version), id=f"{kind}-{version}") for kind in KINDS for version in (1, 2)]
)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    kind, version = request.param
    with ledger_location(kind) as place:
        address = f"sqlite:///{tmp_path / place}" if kind == "sqlite" else make_url(place).set(drivername="postgresql+psycopg")
        plain = create_engine(address)
        make_old(plain, version)
        plain.dispose()
        engine = open_database(place, tmp_path)
        yield engine
        engine.dispose()


def orders_of(engine: Engine) -> list[Order]:
    return list(find(engine, Wanted()))


def test_everything_is_still_there(old: Engine) -> None:
    assert [(one.key, one.state) for one in orders_of(old)] == [(key, State(state)) for key, state, _ in OLD]


def test_sentences_became_values(old: Engine) -> None:
    found = orders_of(old)
    assert found[0].verified == Verified(True, "ACTIVE", "")
    assert found[2].verified == Verified(False)
    assert found[3].refusal == AlmaRefusal("post_line", "402119", "no owner X (y)")
    assert [one.verified for one in (found[1], *found[3:])] == [None, None, None]


def test_two_keys_of_one_normal_form_are_told_once(old: Engine) -> None:
    problems = told_of(old)
    assert [problem.code for problem in problems] == ["E829"]
    assert "orders 2 and 3" in problems[0].message
    assert told_of(old) == []


@pytest.mark.parametrize(
    ("key", "verdict", "id_"),
    [
        (("A", "1"), "changed", 1),
        (("A", "1 "), "changed", 1),
        (("A", "2"), "held", 2),
        (("A", "2 "), "changed", 3),
        (("A", "\u200b2"), "held", 2),
        (("A", "3"), "mine", 4),
        (("A", "4"), "unknown", 5),
    ],
)
def test_old_orders_are_found_in_any_spelling(old: Engine, key: tuple[str, ...], verdict: str, id_: int) -> None:
    run = Run(old)
    claim = Ledger(old, "alma", run).advance([], [Intent("po_line", key, b"{ }")])[1][0]
    run.close()
    assert (claim.verdict, claim.order.id) == (verdict, id_)


def test_old_orders_are_known_by_their_references(old: Engine) -> None:
    known = KnownBy.of(vendors=["BTJ"], orders=["7000"], lines=["7000 1"], title="Påhittad")
    run = Run(old)
    claim = Ledger(old, "alma", run).advance([], [Intent("po_line", ("new",), b"{}", known_by=known)])[1][0]
    run.close()
    assert claim.verdict == "like"
    assert [one.id for one in claim.others] == [1]


def test_the_new_state_is_allowed(old: Engine) -> None:
    dismiss(old, orders_of(old)[3], "anna", "ordered by hand")
    with transaction(old) as connection:
        found = connection.execute(text("SELECT state FROM orders WHERE id = 4")).scalar_one()
    assert found == "dismissed"


@pytest.mark.parametrize("kind", KINDS)
def test_a_ledger_of_the_version_before_takes_every_line(kind: str, tmp_path: Path) -> None:
    """Its orders are as they were, and lines that are held, rejected, skipped or written stand beside them."""
    with ledger_location(kind) as place:
        address = f"sqlite:///{tmp_path / place}" if kind == "sqlite" else make_url(place).set(drivername="postgresql+psycopg")
        plain = create_engine(address)
        make_old(plain, 2)
        renew(plain, 3)
        with plain.begin() as connection:
            connection.execute(text("UPDATE orders SET state = 'dismissed' WHERE id = 4"))
        plain.dispose()
        engine = open_database(place, tmp_path)
        assert told_of(engine) == []
        assert [one.state for one in orders_of(engine)] == ["posted", "held", "posted", "dismissed", "unknown"]
        run = Run(engine)
        origin = RecordOrigin("0" * 64, "a.csv", 7, ((1, 0),), '[{"a":"1"}]', 2, 0, "1" * 64, "2026-01-31")
        states = (State.HELD, State.REJECTED, State.SKIPPED, State.WRITTEN)
        Intake(engine, "alma", run).take(
            Line(state, "po_line", ("B", state), replace(origin, rows=((number, 0),)), raw=b"\x00\xff")
            for number, state in enumerate(states, 1)
        )
        run.close()
        found = {one.key[1]: one for one in find(engine, Wanted(states=states))}
        assert {state: found[state].state for state in states} == {state: state for state in states}
        assert found["rejected"].raw == b"\x00\xff"
        assert str(found["held"].place) == "a.csv:2  (record 1, byte 0)"
        engine.dispose()
