"""What is old and finished loses its payload and words, and nothing is ordered twice for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from filled_ledger import LONG_AGO, STATES, USER, claimed, fill, intent
from sqlalchemy import Engine, select, update

from etl.ledger.database import transaction
from etl.ledger.find import Wanted, find, history
from etl.ledger.orders import Order, State
from etl.ledger.retention import FINISHED, prune
from etl.ledger.same_record import hashed_record, same_record
from etl.ledger.soundness import contradictions
from etl.ledger.tables import changes, orders

NOTE = f"till {USER}"
LATER = "2021-01-01T00:00:00.000Z"


@pytest.fixture
def full(engine: Engine) -> Engine:
    fill(engine)
    return engine


def rows(engine: Engine) -> dict[str, dict[str, object]]:
    with transaction(engine) as connection:
        return {row["reference"]: dict(row) for row in connection.execute(select(orders)).mappings()}


def order_of(engine: Engine, name: str) -> Order:
    return next(order for order in find(engine, Wanted(name)) if order.key[1] == name)


def test_only_what_is_finished_and_old_loses_anything(full: Engine) -> None:
    before = rows(full)
    assert prune(full, "2019-01-01").orders == 0
    assert prune(full, LATER, dry_run=True).orders == 2
    assert rows(full) == before
    done = prune(full, LATER)
    assert (done.orders, done.left) == (2, 4)
    assert done.characters > 0
    after = rows(full)
    gone = {"payload", "record", "raw", "user_id", "words"}
    for name, state in STATES.items():
        changed = {column for column, value in after[name].items() if value != before[name][column]}
        assert changed == (gone if state in FINISHED else set())
    assert [event.words for event in history(full, order_of(full, "O-1"))] == [None]
    assert list(contradictions(full)) == []
    assert prune(full, LATER).orders == 0


@pytest.mark.parametrize("state", [state for state in State if state is not State.POSTED])
def test_each_state_is_finished_or_it_is_not(full: Engine, state: State) -> None:
    with transaction(full) as connection:
        connection.execute(update(orders).where(orders.c.id == 2).values(state=state))
    prune(full, LATER)
    assert (rows(full)["O-2"]["payload"] == "") == (state in FINISHED)


def test_an_offered_change_and_one_under_way_keep_the_order_whole(full: Engine) -> None:
    assert claimed(full, intent("O-1", price="199.00")).verdict == "changed"
    one = {"order_id": 6, "kind": "change", "at": LONG_AGO, "run": "r", "who": "bo", "before": "{}"}
    for state, whole in (("unknown", True), ("intended", True), ("by hand", True), ("done", False)):
        with transaction(full) as connection:
            connection.execute(changes.delete())
            connection.execute(changes.insert().values({**one, "state": state}))
        prune(full, LATER)
        assert bool(rows(full)["O-6"]["payload"]) is whole, state
    assert rows(full)["O-1"]["payload"]


def test_nothing_is_ordered_twice_for_it(full: Engine) -> None:
    prune(full, LATER)
    assert claimed(full, intent("O-1", note=NOTE)).verdict == "posted"
    assert claimed(full, intent("O-1", note="otherwise")).verdict == "changed"
    assert claimed(full, intent("O-6", price="199.00")).verdict == "changed"


def test_an_improved_mapping_is_still_no_change_of_the_record(full: Engine) -> None:
    prune(full, LATER)
    better = replace(intent("O-1", note=NOTE), payload=b'{"better": true}')
    assert claimed(full, better).verdict == "remapped"


def test_a_record_is_told_by_its_hashes_as_by_itself() -> None:
    record = '[{"a": "7000 ", "b": "x"}, {"a": "1", "b": ["y"]}]'
    others = {
        record: True,
        '[{"a": "7000", "b": "x"}, {"a": "1", "b": ["y"]}]': True,  # a blank that nobody sees
        '[{"a": "7000", "new": "z"}, {"a": "1"}]': True,  # by the columns that both have
        '[{"a": "7001", "b": "x"}, {"a": "1", "b": ["y"]}]': False,
        '[{"a": "7000", "b": "x"}, {"a": "1", "b": ["z"]}]': False,
        '[{"a": "7000", "b": "x"}]': False,
        '[{"c": "7000"}, {"c": "1"}]': False,
    }
    hashed = hashed_record(record)
    assert hashed is not None
    assert "7000" not in hashed
    for other, same in others.items():
        for ours in (record, hashed, hashed_record(hashed)):
            for theirs in (other, hashed_record(other)):
                assert same_record(ours, theirs) is same, other


def test_it_is_gone_from_the_file(lite: Engine, tmp_path: Path) -> None:
    fill(lite, user="GREPPABLE-77")
    with transaction(lite) as connection:
        connection.execute(update(orders).values(state=State.DISMISSED))
    assert prune(lite, LATER).compacted
    whole = b"".join(path.read_bytes() for path in tmp_path.glob("lite.sqlite*"))
    assert b"BTJ" in whole
    assert b"GREPPABLE" not in whole
    assert "GREPPABLE".encode("utf-16-le") not in whole
