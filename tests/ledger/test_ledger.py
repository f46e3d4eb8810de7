"""States, claims and who may change what, on each database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, select, text, update
from waiting import until

from etl.identity import RecordOrigin
from etl.ledger.database import open_database, reading, transaction
from etl.ledger.decisions import accept_change, keep, posted_as, release, take_back
from etl.ledger.destinations import sink_at
from etl.ledger.find import Wanted, find, history, institutions
from etl.ledger.intake import Arrived, Intake, MappingVersion
from etl.ledger.known_by import KnownBy
from etl.ledger.ledger import Ledger, count_by_state
from etl.ledger.migrations import MIGRATIONS
from etl.ledger.orders import Cause, Claim, Intent, Order, Settlement, State
from etl.ledger.process import LEASE, Run, _start_of, alive
from etl.ledger.same_record import value_hash
from etl.ledger.tables import metadata, places, runs
from etl.ledger.waiting import Waiting
from etl.problems import Refusal
from etl.totals import Totals

PAYLOAD = b'{"resource_metadata":{"title":"P\xc3\xa5hittad"}}'


def intent(name: str = "O-1", payload: bytes = PAYLOAD, **more: object) -> Intent:
    found_by = {"vendor": "BTJ", "reference": name, "isbn": "9789199990019", "title": "Påhittad"}
    return Intent("po_line", ("BTJ", name), payload, None, found_by, **more)  # type: ignore[arg-type]


def claim(ledger: Ledger, one: Intent) -> Claim:
    return ledger.advance([], [one])[1][0]


def settle(ledger: Ledger, order: Order, state: State, number: str | None = None) -> Order | None:
    return ledger.advance([Settlement(order, state, "words", number)], [])[0][0]


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine, "alma", Run(engine))


@pytest.fixture
def other(engine: Engine) -> Ledger:
    return Ledger(engine, "alma", Run(engine))


def test_tables_are_what_the_migrations_make(engine: Engine) -> None:
    made = inspect(engine)
    for table in metadata.sorted_tables:
        assert {column["name"] for column in made.get_columns(table.name)} == set(table.columns.keys())
        nullable = {column["name"]: column["nullable"] for column in made.get_columns(table.name)}
        assert {name for name, empty in nullable.items() if empty} >= {
            column.name for column in table.columns if column.nullable and not column.primary_key
        }


def test_an_intent_is_mine_once(ledger: Ledger, other: Ledger) -> None:
    mine = claim(ledger, intent())
    assert mine.verdict == "mine"
    assert mine.order.state is State.INTENDED
    assert claim(other, intent()).verdict == "busy"
    assert settle(ledger, mine.order, State.POSTED, "POL-1") is not None
    again = claim(other, intent())
    assert (again.verdict, again.order.number) == ("posted", "POL-1")


@pytest.mark.parametrize("state", [State.REFUSED, State.RELEASED])
def test_refused_and_released_are_free(ledger: Ledger, state: State) -> None:
    settle(ledger, claim(ledger, intent()).order, state)
    again = claim(ledger, intent(payload=b"{}"))
    assert again.verdict == "mine"
    assert (again.order.attempts, again.order.payload) == (1, "{}")


def test_only_posts_without_a_usable_answer_count_as_attempts(ledger: Ledger) -> None:
    order = claim(ledger, intent()).order
    for _ in range(3):
        settle(ledger, order, State.RELEASED)  # Alma was not there
        order = claim(ledger, intent()).order
    assert order.attempts == 1
    unknown = settle(ledger, order, State.UNKNOWN)
    assert claim(ledger, replace(intent(), after=unknown)).order.attempts == 2


def test_another_payload_after_posting(ledger: Ledger) -> None:
    settle(ledger, claim(ledger, intent()).order, State.POSTED, "POL-1")
    assert claim(ledger, intent(payload=b"{}")).verdict == "changed"
    assert claim(ledger, intent()).verdict == "posted"


def test_a_dead_process_leaves_an_unknown(engine: Engine, ledger: Ledger, other: Ledger) -> None:
    order = claim(ledger, intent()).order
    ledger.run.close()
    found = claim(other, intent())
    assert found.verdict == "unknown"
    assert "ended without an answer" in (found.order.words or "")
    assert claim(other, intent()).verdict == "unknown"
    assert (
        claim(other, intent(after=replace(found.order, version=1))).verdict == "unknown"
    )  # seen too long ago
    assert claim(other, intent(after=found.order)).verdict == "mine"
    assert settle(ledger, order, State.REFUSED) is None  # too late: another is at it


def test_a_late_answer_is_not_lost(ledger: Ledger, other: Ledger) -> None:
    order = claim(ledger, intent()).order
    ledger.run.close()
    assert claim(other, intent()).verdict == "unknown"
    late = settle(ledger, order, State.POSTED, "POL-1")
    assert late is not None
    assert claim(other, intent()).verdict == "posted"


def test_another_machine_is_dead_when_its_heart_stops(engine: Engine, ledger: Ledger, other: Ledger) -> None:
    claim(ledger, intent())
    with transaction(engine) as connection:
        connection.execute(update(runs).where(runs.c.id == ledger.run.id).values(host="elsewhere"))
    assert claim(other, intent()).verdict == "busy"
    with transaction(engine) as connection:
        connection.execute(
            update(runs).where(runs.c.id == ledger.run.id).values(beat=runs.c.beat - LEASE - 1)
        )
    assert claim(other, intent()).verdict == "unknown"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the start of a process is not seen here")
def test_a_process_of_this_machine_lives_as_long_as_it_lives(
    engine: Engine, ledger: Ledger, other: Ledger
) -> None:
    """No clock decides that: only whether the process that started then is still there."""
    claim(ledger, intent())
    ours = update(runs).where(runs.c.id == ledger.run.id)
    for beat in (0.0, 1e12):
        with transaction(engine) as connection:
            connection.execute(ours.values(beat=beat))
        assert claim(other, intent()).verdict == "busy"
    with transaction(engine) as connection:
        host = connection.execute(select(runs.c.host).where(runs.c.id == ledger.run.id)).scalar_one()
        earlier = f"{host.partition('@')[0]}@1"  # another process had this id before
        connection.execute(ours.values(host=earlier, beat=1e12))
    assert claim(other, intent()).verdict == "unknown"


def test_a_process_that_is_not_buried_yet_is_dead(engine: Engine, ledger: Ledger) -> None:
    claim(ledger, intent())
    child = subprocess.Popen([sys.executable, "-c", ""])
    start = _start_of(child.pid)
    until(lambda: _start_of(child.pid) in ("gone", ""))
    with transaction(engine) as connection:
        host = connection.execute(select(runs.c.host).where(runs.c.id == ledger.run.id)).scalar_one()
        values = {"host": f"{host.partition('@')[0]}@{start}", "pid": child.pid}
        connection.execute(update(runs).where(runs.c.id == ledger.run.id).values(values))
        assert not alive(connection, ledger.run.id) or not start
    child.wait()


def test_a_run_that_was_taken_over_does_not_send(engine: Engine, ledger: Ledger, other: Ledger) -> None:
    order = claim(ledger, intent()).order
    assert ledger.still_mine(order)
    with transaction(engine) as connection:
        gone = {"host": "elsewhere", "beat": 0.0}
        connection.execute(update(runs).where(runs.c.id == ledger.run.id).values(gone))
    claim(other, intent())
    assert not ledger.still_mine(order)


def test_outcome_and_next_intent_are_one_commit(ledger: Ledger) -> None:
    first = claim(ledger, intent("O-1")).order
    noted, claims = ledger.advance(
        [Settlement(first, State.POSTED, "", "POL-1")], [intent("O-2"), intent("O-1")]
    )
    assert noted[0] is not None
    assert [one.verdict for one in claims] == ["mine", "posted"]


def test_posted_without_a_number_is_impossible(engine: Engine, ledger: Ledger) -> None:
    order = claim(ledger, intent()).order
    with pytest.raises(Refusal):
        settle(ledger, order, State.POSTED)
    assert count_by_state(engine, "alma") == {"intended": 1}


CORRECTED = b'{"resource_metadata":{"title":"R\xc3\xa4ttad"}}'


def test_a_correction_stands_for_what_the_mapping_makes(ledger: Ledger) -> None:
    settle(ledger, claim(ledger, intent()).order, State.REFUSED)
    mine = claim(ledger, intent(payload=CORRECTED, instead_of=PAYLOAD))
    settle(ledger, mine.order, State.POSTED, "POL-1")
    assert claim(ledger, intent()).verdict == "posted"
    assert claim(ledger, intent(payload=CORRECTED)).verdict == "posted"
    assert claim(ledger, intent(payload=b"{}")).verdict == "changed"


@pytest.mark.parametrize("state", [State.RELEASED, State.REFUSED])
def test_a_correction_that_was_not_posted_is_what_is_sent_next(ledger: Ledger, state: State) -> None:
    first = claim(ledger, intent(payload=CORRECTED, instead_of=PAYLOAD))
    settle(ledger, first.order, state)
    again = claim(ledger, intent())
    assert again.verdict == "mine"
    assert again.order.payload == CORRECTED.decode()
    settle(ledger, again.order, State.REFUSED)
    twice = claim(ledger, intent(payload=b"{}", instead_of=CORRECTED))
    settle(ledger, twice.order, State.POSTED, "POL-1")
    assert claim(ledger, intent()).verdict == "posted"
    assert claim(ledger, intent(payload=CORRECTED)).verdict == "changed"


def test_a_correction_gives_way_to_a_new_mapping(ledger: Ledger) -> None:
    settle(ledger, claim(ledger, intent(payload=CORRECTED, instead_of=PAYLOAD)).order, State.REFUSED)
    again = claim(ledger, intent(payload=b"{}"))
    assert again.order.payload == "{}"
    settle(ledger, again.order, State.POSTED, "POL-1")
    assert claim(ledger, intent()).verdict == "changed"


def test_where_a_correction_stands_the_order_is_known_by_what_came_now(ledger: Ledger) -> None:
    settle(ledger, claim(ledger, intent()).order, State.REFUSED)
    settle(ledger, claim(ledger, intent(payload=CORRECTED, instead_of=PAYLOAD)).order, State.REFUSED)
    came = RecordOrigin("b" * 64, "b.csv", 1, ((1, 0),), '[{"price":"2"}]')
    known = KnownBy.of(orders=["7000"], title="Påhittad")
    again = claim(ledger, intent(known_by=known, origin=came)).order
    assert again.payload == CORRECTED.decode()
    assert (again.record, again.delivery, again.known_by) == (came.values, came.delivery, known)
    like = claim(ledger, Intent("po_line", ("another key",), b"{}", known_by=known))
    assert (like.verdict, [one.id for one in like.others]) == ("like", [again.id])


def test_an_older_ledger_is_brought_up_to_date(tmp_path: Path) -> None:
    plain = sqlite3.connect(tmp_path / "ledger.sqlite")
    types = {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "float": "REAL"}
    plain.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
    plain.execute("INSERT INTO schema_version VALUES (1)")
    for statement in MIGRATIONS[0]:
        assert isinstance(statement, str)
        plain.execute(statement.format(**types))
    plain.execute(
        "INSERT INTO orders (institution, target, key, state, version, payload_hash, payload, run, attempts, attempted_at,"
        " created_at, updated_at, number) VALUES ('alma', 'po_line', '[\"BTJ\",\"O-1\"]', 'posted', 2, ?, ?, 'r', 1,"
        " '', '', '', 'POL-1')", (intent().payload_hash, PAYLOAD.decode()),
    )  # fmt: skip
    plain.commit()
    plain.close()
    engine = open_database("ledger.sqlite", tmp_path)
    assert claim(Ledger(engine, "alma", Run(engine)), intent()).verdict == "posted"
    engine.dispose()


def test_an_alma_is_remembered_by_what_is_known_of_it(engine: Engine, ledger: Ledger) -> None:
    """Its code as soon as a key tells it, and not before."""
    for code, kept in (("", None), ("", None), ("01ABC", "01ABC"), ("", "01ABC")):
        ledger.bind("loopback", code)
        with transaction(engine) as connection:
            assert connection.execute(select(places.c.address, places.c.code)).all() == [("loopback", kept)]


def test_a_name_stands_for_one_alma(ledger: Ledger, other: Ledger) -> None:
    ledger.bind("loopback")
    other.bind("loopback")
    with pytest.raises(Refusal, match="E814"):
        other.bind("api-eu.hosted.exlibrisgroup.com")


def test_institutions_do_not_meet(engine: Engine, ledger: Ledger) -> None:
    claim(ledger, intent())
    assert claim(Ledger(engine, "sandbox", ledger.run), intent()).verdict == "mine"


@pytest.mark.parametrize("key", ["a\\b", 'say "no"', "50%", "a_b", "å/ä", "a'b"])
def test_a_key_is_found_whatever_is_in_it(engine: Engine, ledger: Ledger, key: str) -> None:
    """Keys are kept as JSON, and searched by a pattern: both have characters of their own."""
    for name in (key, "axb", "50 kr"):
        claim(ledger, replace(intent(name), found_by={}))
    assert [order.key[1] for order in find(engine, Wanted(key))] == [key]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("O-2", True),
        ("978-91-9999-001-9", True),
        ("POL-7", True),
        ("BTJ", True),
        ("o-2", True),
        ("btj + o-2", True),
        ("2", True),
        ("O_2", False),
        ("%", False),
    ],
)
def test_what_happened_to_my_order(engine: Engine, ledger: Ledger, words: str, found: bool) -> None:
    for name in ("O-1", "O-2"):
        settle(ledger, claim(ledger, intent(name)).order, State.POSTED, "POL-7" if name == "O-2" else "POL-6")
    keys = {order.key[1] for order in find(engine, Wanted(words))}
    assert ("O-2" in keys) is found


def test_by_state_run_and_date(engine: Engine, ledger: Ledger) -> None:
    order = claim(ledger, intent()).order
    day = order.created_at[:10]
    for wanted, count in (
        (Wanted(states=[State.INTENDED]), 1),
        (Wanted(states=[State.POSTED]), 0),
        (Wanted(run=ledger.run.id), 1),
        (Wanted(run="another"), 0),
        (Wanted(since=day, until=day), 1),
        (Wanted(until="2001-01-01"), 0),
        (Wanted(since="2999-01-01"), 0),
        (Wanted(vendor="BTJ", institution="alma"), 1),
    ):
        assert len(list(find(engine, wanted))) == count, wanted


@pytest.mark.parametrize(
    ("states", "found"),
    [([State.HELD], ["O-1", "O-2"]), ([State.REFUSED], ["O-3"]), ([State.POSTED], ["O-1"]), ([], ["O-1", "O-2", "O-3"])],
)  # fmt: skip
def test_a_posted_one_whose_change_waits_is_among_those_that_are_held(
    engine: Engine, ledger: Ledger, states: list[State], found: list[str]
) -> None:
    for name, state in (("O-1", State.POSTED), ("O-2", State.HELD), ("O-3", State.REFUSED)):
        settle(ledger, claim(ledger, intent(name)).order, state, "POL-1" if state is State.POSTED else None)
    assert claim(ledger, intent("O-1", payload=b"{}")).verdict == "changed"
    assert sorted(order.key[1] for order in find(engine, Wanted(states=states))) == found


def test_what_is_kept_reads_the_same_in_every_version() -> None:
    """Ledgers of before hold causes and hashes in this form; nothing waits where there is nothing."""
    assert Cause("check").written() == '{"rule": "check", "orders": []}'
    assert Cause("order", (1,), {"å": 1}).written() == '{"rule": "order", "orders": [1], "values": {"å": 1}}'
    assert value_hash("På hittad") == sha256('"På hittad"'.encode()).hexdigest()
    assert value_hash({"b": ["Å"], "a": None}) == sha256('{"a": null, "b": ["Å"]}'.encode()).hexdigest()
    assert Waiting.of([], lambda _: None) == Waiting(Counter(), "", Totals(), 0)


def test_where_a_sink_writes_is_no_alma_however_often_it_came(engine: Engine) -> None:
    run = Run(engine)
    for sink, institution in (("files", "files out"), ("alma", "alma"), ("files", "production")):
        intake = Intake(engine, institution, run)
        for name in ("a.csv", "b.csv"):
            version = MappingVersion("m", "m.yaml", {}, {})
            intake.arrive([Arrived(name, name[0] * 64, 1)], version, "2024-03-11", sink)
    run.close()
    assert [sink_at(engine, one) for one in ("files out", "alma", "production", "nowhere")] == [
        "files", None, None, None,
    ]  # fmt: skip


def test_history_keeps_every_step(engine: Engine, ledger: Ledger) -> None:
    order = settle(ledger, claim(ledger, intent()).order, State.UNKNOWN)
    assert order is not None
    posted_as(engine, order, "POL-9", "anna")
    assert [event.state for event in history(engine, order)] == ["unknown", "posted"]
    assert "anna" in (history(engine, order)[1].words or "")


def test_people_cannot_contradict_what_is_known(engine: Engine, ledger: Ledger) -> None:
    posted = settle(ledger, claim(ledger, intent("O-1")).order, State.POSTED, "POL-1")
    doubtful = settle(ledger, claim(ledger, intent("O-2")).order, State.UNKNOWN)
    assert posted is not None
    assert doubtful is not None
    with pytest.raises(Refusal, match="E815"):
        release(engine, posted, "anna")
    with pytest.raises(Refusal, match="E815"):
        accept_change(engine, posted, "anna")
    with pytest.raises(Refusal, match="E816"):
        posted_as(engine, doubtful, "POL-1", "anna")
    release(engine, doubtful, "anna")
    with pytest.raises(Refusal, match="E817"):
        release(engine, doubtful, "bo")  # as it was seen before


@pytest.mark.parametrize(
    ("cause", "another"),
    [(None, None), (Cause("several"), None), (Cause("absent"), None), (Cause("order", (1,)), "anna"), (Cause("record", (1,)), "anna")],
)  # fmt: skip
def test_a_release_is_a_word_on_what_it_was_held_for(
    engine: Engine, ledger: Ledger, cause: Cause | None, another: str | None
) -> None:
    """Whoever looked in Alma has not said that it is another order than those that look like it."""
    held = Settlement(claim(ledger, intent()).order, State.HELD, "words", cause=cause)
    (order,) = ledger.advance([held], [])[0]
    assert order is not None
    release(engine, order, "anna")
    (now,) = find(engine, Wanted("O-1"))
    assert (now.state, now.another) == (State.RELEASED, another)
    assert ("another order than" in (now.words or "")) is (another is not None)


def test_an_accepted_change_is_no_change(engine: Engine, ledger: Ledger) -> None:
    settle(ledger, claim(ledger, intent()).order, State.POSTED, "POL-1")
    claim(ledger, intent(payload=b"{}"))
    accept_change(engine, next(find(engine, Wanted("POL-1"))), "anna")
    assert claim(ledger, intent(payload=b"{}")).verdict == "posted"
    assert claim(ledger, intent()).verdict == "changed"


# ------------------------------------------------------------------------------------- the file


def test_the_file_is_private_and_any_tool_reads_it(tmp_path: Path) -> None:
    engine = open_database("ledger.sqlite", tmp_path)
    claim(Ledger(engine, "alma", Run(engine)), intent())
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    plain = sqlite3.connect(tmp_path / "ledger.sqlite")
    assert plain.execute("select state, reference, title, payload from orders").fetchall() == [
        ("intended", "O-1", "Påhittad", PAYLOAD.decode())
    ]
    assert plain.execute("pragma journal_mode").fetchone() == ("wal",)
    plain.close()
    engine.dispose()


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o606, 0o777, 0o600])
def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path, mode: int) -> None:
    """It came from a backup, or was made by hand: orders name people and accounts."""
    place = tmp_path / "ledger.sqlite"
    open_database(place.name, tmp_path).dispose()
    place.chmod(mode)
    open_database(place.name, tmp_path).dispose()
    assert place.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("setting", "value"), [("synchronous", 2), ("foreign_keys", 1), ("journal_mode", "wal")]
)
def test_every_commit_is_on_disk_before_it_is_believed(tmp_path: Path, setting: str, value: object) -> None:
    """FULL, on each connection anew: an intent that a power cut takes away would be sent again."""
    engine = open_database("ledger.sqlite", tmp_path)
    with transaction(engine) as one, reading(engine) as other:
        for connection in (one, other):
            assert connection.exec_driver_sql(f"PRAGMA {setting}").scalar() == value
    engine.dispose()


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    engine = open_database("ledger.sqlite", tmp_path)
    with transaction(engine) as connection:
        connection.execute(text("INSERT INTO schema_version VALUES (:newer)"), {"newer": len(MIGRATIONS) + 1})
    engine.dispose()
    with pytest.raises(Refusal, match="E811"):
        open_database("ledger.sqlite", tmp_path)


def test_opening_twice_migrates_once(engine: Engine) -> None:
    with transaction(engine) as connection:
        versions = connection.execute(text("SELECT version FROM schema_version")).scalars().all()
    assert versions == list(range(1, len(MIGRATIONS) + 1))


def test_a_damaged_file_is_refused_and_kept(tmp_path: Path) -> None:
    engine = open_database("ledger.sqlite", tmp_path)
    ledger = Ledger(engine, "alma", Run(engine))
    for number in range(200):
        claim(ledger, intent(f"O-{number}"))
    ledger.run.close()
    with transaction(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM orders")).scalar() == 200
    engine.dispose()
    path = tmp_path / "ledger.sqlite"
    data = bytearray(path.read_bytes())
    data[8192 : len(data) // 2] = b"\xaa" * (len(data) // 2 - 8192)
    path.write_bytes(data)
    with pytest.raises(Refusal, match="E812"):
        open_database("ledger.sqlite", tmp_path)
    assert path.read_bytes() == bytes(data)


@pytest.mark.parametrize(
    "location",
    [
        "mysql://u:hemligt@host/db",
        "not a url://u:hemligt@host",
        "postgresql://u:hemligt@127.0.0.1:1/db",
        "file/below.sqlite",
    ],
)
def test_what_cannot_be_opened_is_said_without_the_password(tmp_path: Path, location: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match=r"E810|E813") as refused:
        open_database(location, tmp_path)
    assert "hemligt" not in repr(refused.value.problems)
    asked = "only postgresql:// or the path of a SQLite file" in refused.value.problems[0].message
    assert asked == location.startswith("mysql"), "no server is asked in the words of another"


# ------------------------------------------------------------------------------- decisions and searches


@pytest.mark.parametrize("number", ["", " ", "POL", "POL-1\n", "/", "x" * 70])
def test_a_number_that_cannot_be_one_loses_no_order(engine: Engine, ledger: Ledger, number: str) -> None:
    """E826."""
    doubtful = settle(ledger, claim(ledger, intent()).order, State.UNKNOWN)
    assert doubtful is not None
    with pytest.raises(Refusal, match="E826"):
        posted_as(engine, doubtful, number, "anna")
    assert count_by_state(engine, "alma") == {"unknown": 1}


def test_a_posted_order_is_taken_back_by_name_only(engine: Engine, ledger: Ledger) -> None:
    posted = settle(ledger, claim(ledger, intent()).order, State.POSTED, "POL-9")
    assert posted is not None
    claim(ledger, intent(payload=b"{}"))
    with pytest.raises(Refusal, match="E815") as refused:
        release(engine, posted, "anna")
    assert "--not-in-alma" in (refused.value.problems[0].help or "")
    with pytest.raises(Refusal, match="E817"):  # something was offered since it was looked at
        take_back(engine, posted, "anna", "Alma agrees")
    take_back(engine, next(find(engine, Wanted("O-1"))), "anna", "Alma agrees")
    again = next(find(engine, Wanted("O-1")))
    assert (again.state, again.number, again.offered_hash) == (State.RELEASED, None, None)
    assert "anna: it is not in Alma as POL-9" in (history(engine, again)[-1].words or "")
    with pytest.raises(Refusal, match="E815"):
        take_back(engine, again, "anna", "Alma agrees")
    assert claim(ledger, intent()).verdict == "mine"


def test_what_alma_has_may_be_kept(engine: Engine, ledger: Ledger) -> None:
    settle(ledger, claim(ledger, intent()).order, State.POSTED, "POL-1")
    with pytest.raises(Refusal, match="E815"):
        keep(engine, next(find(engine, Wanted("POL-1"))), "anna")
    claim(ledger, intent(payload=b"{}"))
    keep(engine, next(find(engine, Wanted("POL-1"))), "anna")
    assert claim(ledger, intent(payload=b"{}")).verdict == "posted"
    assert claim(ledger, intent()).verdict == "posted"
    assert claim(ledger, intent(payload=b"[]")).verdict == "changed"
    assert next(find(engine, Wanted("POL-1"))).payload == PAYLOAD.decode()


@pytest.mark.parametrize("words", ["pol-7", "91-9999-001-5", "9199990015"])
def test_numbers_as_people_write_them(engine: Engine, ledger: Ledger, words: str) -> None:
    settle(ledger, claim(ledger, intent()).order, State.POSTED, "POL-7")
    assert [order.number for order in find(engine, Wanted(words))] == ["POL-7"]


def test_a_run_is_found_after_another_has_looked(engine: Engine, ledger: Ledger, other: Ledger) -> None:
    posted = settle(ledger, claim(ledger, intent()).order, State.POSTED, "POL-7")
    assert posted is not None
    other.decide(posted, State.POSTED, "verified")
    for run in (ledger.run.id, other.run.id):
        assert [order.number for order in find(engine, Wanted(run=run))] == ["POL-7"]
    assert list(find(engine, Wanted(run="another"))) == []


def test_which_institutions_are_known(engine: Engine, ledger: Ledger) -> None:
    claim(ledger, intent())
    claim(Ledger(engine, "sandbox", ledger.run), intent("O-2"))
    assert institutions(engine) == ["alma", "sandbox"]
