"""`etl ledger check`: what no run leaves so is told, and what runs leave is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from filled_ledger import claimed, fill, intent
from sqlalchemy import Engine, text

from etl.cli.main import run_cli
from etl.ledger import keeping
from etl.ledger.database import transaction
from etl.ledger.decisions import release
from etl.ledger.find import Wanted, find
from etl.ledger.soundness import contradictions

BY_HAND = {
    "posted without a number": ("number = ''", "is posted, and has no number"),
    "another payload": ("payload = '{}'", "its payload is not the one of its hash"),
    "another offered payload": ("offered_payload = '{}'", "its offered payload is not the one of its hash"),
    "another key": ('key = \'["BTJ","X"]\'', "it is found by"),
    "a key that is none": ("key = 'O-1'", "cannot be read"),
    "known by nothing": ("known_by = NULL", "what it is known by is not what it is found by"),
    "another state": ("state = 'held'", "its history ends with posted"),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_what_no_run_leaves_so_is_told(engine: Engine, what: str) -> None:
    fill(engine)
    change, said = BY_HAND[what]
    with transaction(engine) as connection:
        connection.execute(text(f"UPDATE orders SET {change} WHERE id = 1"))  # noqa: S608 - of this file
    (problem,) = contradictions(engine)
    assert problem.code == "E623"
    assert "order 1: " in problem.message
    assert said in problem.message
    assert "etl ledger show 1" in (problem.help or "")


def test_two_keys_of_one_normal_form_are_told(engine: Engine) -> None:
    fill(engine)
    with transaction(engine) as connection:
        connection.execute(text('UPDATE orders SET normal_key = NULL, key = \'["BTJ","O-1 "]\' WHERE id = 6'))
    assert [problem.code for problem in contradictions(engine)] == ["E829"]


def test_a_row_that_points_to_none_is_told(lite: Engine) -> None:
    fill(lite)
    with lite.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("UPDATE order_records SET delivery_id = 999 WHERE order_id = 1")
    (problem,) = contradictions(lite)
    assert "1 rows of order_records.delivery_id point to no row of deliveries" in problem.message


def test_what_runs_and_persons_leave_is_sound(engine: Engine) -> None:
    fill(engine)
    assert claimed(engine, intent("O-1", price="199.00")).verdict == "changed"
    release(engine, next(find(engine, Wanted("O-2"))), "bo")
    assert claimed(engine, intent("O-2", note="mended")).verdict == "mine"
    assert list(contradictions(engine)) == []


def test_the_verb_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = keeping.create("etl-ledger.sqlite", tmp_path)
    fill(engine)
    assert run_cli(["ledger", "check"]) == 0
    with transaction(engine) as connection:
        connection.execute(text("UPDATE orders SET payload = 'x'"))
    assert run_cli(["ledger", "check"]) == 1
    assert "E623" in capsys.readouterr().err
    engine.dispose()
