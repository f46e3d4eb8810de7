"""A person's identifier is nowhere in the ledger afterwards; orders, keys and sums are what they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from filled_ledger import claimed, fill, intent
from sqlalchemy import Engine, insert, select, update

from etl.ledger import erasure
from etl.ledger.compaction import compact
from etl.ledger.database import transaction
from etl.ledger.erasure import ERASED, erase_person
from etl.ledger.orders import State
from etl.ledger.retention import prune
from etl.ledger.soundness import contradictions
from etl.ledger.tables import changes, events, mapping_files, metadata, orders
from etl.problems import Refusal


def settled(engine: Engine, user: str) -> None:
    """An order of each kind, none of which may be in Alma."""
    fill(engine, user=user)
    with transaction(engine) as connection:
        connection.execute(update(orders).where(orders.c.state == State.UNKNOWN).values(state=State.HELD))
        connection.execute(update(events).where(events.c.state == State.UNKNOWN).values(state=State.HELD))


def every_cell(engine: Engine) -> str:
    with transaction(engine) as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(str(value) for row in rows for value in row)


@pytest.mark.parametrize("user", ["anna.lind", "ÅSA-77", 'o"neill & co', "1234567890", "Örn\\Ek"])
def test_it_is_nowhere_in_the_ledger(engine: Engine, user: str) -> None:
    settled(engine, user)
    with transaction(engine) as connection:
        before = connection.execute(
            select(orders.c.payload_hash, orders.c.key, orders.c.number, orders.c.known_by).order_by(
                orders.c.id
            )
        ).all()
        at = connection.execute(
            select(orders.c.updated_at, orders.c.version, orders.c.state).order_by(orders.c.id)
        ).all()
        one = {"order_id": 1, "kind": "change", "state": "done", "at": "t", "run": "r", "who": "bo"}
        said = json.dumps({"user": user})
        connection.execute(insert(changes).values({**one, "before": said, "after": said}))
        connection.execute(insert(mapping_files).values(hash="c" * 64, content=f"a;{user};b\n".encode()))
        connection.execute(update(orders).where(orders.c.id == 1).values(offered_payload=f"<u>{user}</u>"))
    assert user in every_cell(engine) or json.dumps(user)[1:-1] in every_cell(engine)
    done = erase_person(engine, user)
    assert done.changed == {"orders": 6, "events": 6, "changes": 1, "mapping_files": 1}
    found = every_cell(engine).casefold()
    for spelling in (user, json.dumps(user)[1:-1]):
        assert spelling.casefold() not in found
    with transaction(engine) as connection:
        columns = (orders.c.payload_hash, orders.c.key, orders.c.number, orders.c.known_by)
        assert connection.execute(select(*columns).order_by(orders.c.id)).all() == before
        assert (
            connection.execute(
                select(orders.c.updated_at, orders.c.version - 1, orders.c.state).order_by(orders.c.id)
            ).all()
            == at
        )  # who has seen it as it was does not write it back
    assert list(contradictions(engine)) == []
    again = erase_person(engine, user)
    assert (again.changed, again.keys) == ({}, ())


def test_the_file_does_not_hold_it(lite: Engine, tmp_path: Path) -> None:
    settled(lite, "GREPPABLE-77")
    assert erase_person(lite, "greppable-77").compacted
    whole = b"".join(path.read_bytes() for path in tmp_path.glob("lite.sqlite*"))
    assert ERASED.encode() in whole
    assert b"greppable" not in whole.lower()
    assert "GREPPABLE".encode("utf-16-le") not in whole


def test_nothing_is_ordered_twice_for_it(engine: Engine) -> None:
    settled(engine, "anna.lind")
    erase_person(engine, "anna.lind")
    assert claimed(engine, intent("O-1", note="till anna.lind")).verdict == "posted"
    assert claimed(engine, intent("O-6", note="till anna.lind", price="199.00")).verdict == "changed"


def test_others_and_numbers_that_hold_it_stay(engine: Engine) -> None:
    settled(engine, "anna.lindgren")
    assert erase_person(engine, "anna.lind").changed == {}
    assert erase_person(engine, "nna.lindgren").changed == {}
    with transaction(engine) as connection:
        connection.execute(
            update(orders).values(raw=None, place='["O-1.csv", 249, 249, null]', totals='{"249": "249"}')
        )
        before = connection.execute(select(orders).order_by(orders.c.id)).all()
    assert erase_person(engine, "249").changed == {}, "part of an amount, and numbers that are no texts"
    with transaction(engine) as connection:
        assert connection.execute(select(orders).order_by(orders.c.id)).all() == before


def test_what_stands_behind_an_escape_is_found(engine: Engine) -> None:
    settled(engine, "anna.lind")
    said = json.dumps({"note": "till\nanna.lind\t", "anna.lind": 1}), "<note>till\nanna.lind</note>"
    with transaction(engine) as connection:
        connection.execute(
            update(orders).where(orders.c.id == 1).values(payload=said[0], offered_payload=said[1])
        )
    erase_person(engine, "anna.lind")
    with transaction(engine) as connection:
        one = connection.execute(
            select(orders.c.payload, orders.c.offered_payload).where(orders.c.id == 1)
        ).one()
    assert json.loads(one.payload)["note"] == f"till\n{ERASED}\t"
    assert one.offered_payload == f"<note>till\n{ERASED}</note>"


@pytest.mark.parametrize(
    "said", ["[ask anna.lind]", "{anna.lind", '"a" anna.lind', '["x", anna.lind', "[" * 9_999 + "anna.lind"]
)
def test_what_only_begins_like_a_document_is_text(engine: Engine, said: str) -> None:
    settled(engine, "bo.ek")
    with transaction(engine) as connection:
        connection.execute(update(orders).where(orders.c.id == 1).values(payload=said))
    erase_person(engine, "anna.lind")
    with transaction(engine) as connection:
        left = connection.execute(select(orders.c.payload).where(orders.c.id == 1)).scalar_one()
    assert left == said.replace("anna.lind", ERASED)


def test_who_decided_stays_unless_it_is_said(engine: Engine) -> None:
    settled(engine, "anna.lind")
    with transaction(engine) as connection:
        connection.execute(
            update(events).where(events.c.order_id == 1).values(words="anna.lind: to anna.lind")
        )
        connection.execute(update(orders).where(orders.c.id == 2).values(another="anna.lind"))
    assert erase_person(engine, "anna.lind").deciders == 2
    with transaction(engine) as connection:
        words = connection.execute(select(events.c.words).where(events.c.order_id == 1)).scalars().all()
    assert words == [f"anna.lind: to {ERASED}"]
    assert erase_person(engine, "anna.lind", also_decisions=True).changed == {"orders": 1, "events": 1}
    assert "anna.lind" not in every_cell(engine)


def test_a_key_that_holds_it_is_told(engine: Engine) -> None:
    fill(engine, user=None)
    claimed(engine, intent("O-77"))
    with transaction(engine) as connection:
        connection.execute(update(orders).values(state=State.HELD))
    assert erase_person(engine, "O-77").keys == (7,)


def test_what_may_be_in_alma_is_settled_first(engine: Engine) -> None:
    fill(engine)
    before = every_cell(engine)
    with pytest.raises(Refusal, match=r"E629.*order 3 of this person"):
        erase_person(engine, "anna.lind")
    assert every_cell(engine) == before


@pytest.mark.parametrize("person", ["", " ", "ab", " 1 "])
def test_a_short_one_cannot_be_told_from_other_words(engine: Engine, person: str) -> None:
    with pytest.raises(Refusal) as refused:
        erase_person(engine, person)
    assert [one.code for one in refused.value.problems] == ["E629"]


def test_what_was_erased_is_gone_from_the_file_too(engine: Engine) -> None:
    """VACUUM runs in no transaction, on either database; while somebody else is at it, it is left."""
    settled(engine, "anna.lind")
    assert compact(engine) is True
    with transaction(engine) as connection:
        connection.execute(update(orders).values(words="meanwhile"))
        if engine.dialect.name == "sqlite":
            assert compact(engine) is False
    assert compact(engine) is True


def test_it_goes_out_of_records_that_are_hashes_only(engine: Engine) -> None:
    """A hash of a short identifier is soon guessed."""
    settled(engine, "anna.lind")
    prune(engine, "2021-01-01")
    assert erase_person(engine, "anna.lind").changed["orders"] == 6
    with transaction(engine) as connection:
        records = connection.execute(select(orders.c.record)).scalars().all()
    assert all('"user"' not in record for record in records)
    assert claimed(engine, intent("O-1", price="199.00")).verdict == "changed"


def test_every_column_of_text_is_gone_through_or_named() -> None:
    """A column that is added one day is gone through, unless somebody writes here why not."""
    kept = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column not in erasure._told(table) and column.type.python_type is not int
    }
    assert {name for name in kept if name.partition(".")[0] not in ("runs", "places", "pace", "lifetime", "calls")} == {
        "orders.institution", "orders.target", "orders.key", "orders.state", "orders.payload_hash",
        "orders.offered_hash", "orders.run", "orders.replaced_hash", "orders.normal_key", "orders.known_by",
        "orders.delivery", "orders.mapping", "orders.run_date", "orders.totals", "orders.price", "orders.currency",
        "orders.attempted_at", "orders.created_at", "orders.updated_at", "arrivals.mapping", "arrivals.run_date",
        "order_names.institution", "order_names.value", "deliveries.institution",
        "deliveries.hash", "deliveries.at", "deliveries.run", "mapping_files.hash", "mappings.hash", "mappings.at",
        "arrivals.run", "arrivals.at", "changes.kind", "changes.state", "changes.at", "changes.run", "events.at",
        "events.run", "events.state", "ages.at",
    }  # fmt: skip
