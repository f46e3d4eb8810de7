"""A ledger that is not the one orders were sent by last: noticed before the first order."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alma_orders import Desk, at_simulator, line
from ledger_locations import KINDS, ledger_location

from etl.alma.ledger_witness import LedgerWitness
from etl.ledger.database import open_database, transaction
from etl.ledger.keeping import backup, move, restore
from etl.ledger.lifetime import accepted_in
from etl.ledger.process import Run
from etl.plugin import Problem, Receipt, Refusal
from etl.problems import LedgerRefusal
from etl.sinks.alma import AlmaSink, delivery_for

LEDGER = "etl-ledger.sqlite"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_simulator(tmp_path) as one:
        yield one


def lost(folder: Path) -> None:
    """And made anew, as the refusal says for the first time."""
    (folder / LEDGER).unlink()
    open_database(LEDGER, folder).dispose()


def emptied(folder: Path) -> None:
    (folder / LEDGER).write_bytes(b"")
    open_database(LEDGER, folder).dispose()


def copied(folder: Path) -> None:
    """From a copy of before the last order."""
    shutil.copy(folder / "backup.sqlite", folder / LEDGER)


def restored(folder: Path) -> None:
    """From a backup of before the last order, by the verb, which leaves the note as it is."""
    note = (folder / f"{LEDGER}.witness").read_bytes()
    restore(folder / "kept.sqlite", LEDGER, folder, force=True)
    assert (folder / f"{LEDGER}.witness").read_bytes() == note


def of_another(folder: Path) -> None:
    with at_simulator(folder / "elsewhere") as other:
        other.post(line(9))
    shutil.copy(folder / "elsewhere" / LEDGER, folder / LEDGER)


def backed_up(folder: Path) -> None:
    shutil.copy(folder / LEDGER, folder / "backup.sqlite")
    engine = open_database(LEDGER, folder)
    backup(engine, folder / "kept.sqlite")
    engine.dispose()


@pytest.mark.parametrize(
    ("what", "why"),
    [(lost, "another"), (emptied, "another"), (copied, "older"), (restored, "older"), (of_another, "another")],
)
def test_it_is_noticed_before_anything_is_sent(desk: Desk, what: Callable[[Path], None], why: str) -> None:
    desk.post(line(1))
    backed_up(desk.folder)
    desk.post(line(2))
    what(desk.folder)
    for _ in range(2):  # a ledger that this made anew is no better the second time
        receipts, refusal = desk.post(line(2), line(3))
        assert receipts == []
        assert isinstance(refusal, LedgerRefusal)
        assert refusal.problems[0].code == "E804"
        assert f"the ledger may not know what was sent: it is {why} " in refusal.problems[0].message
    assert desk.references() == ["O-1", "O-2"]


@pytest.mark.parametrize(
    ("ledger", "witness", "path"),
    [
        ("a.sqlite", None, "a.sqlite.witness"),
        ("a.sqlite", "note", "note"),
        ("postgresql://db/orders", None, None),
        ("postgresql://db/orders", "note", "note"),
    ],
)
def test_who_keeps_the_note(tmp_path: Path, ledger: str, witness: str | None, path: str | None) -> None:
    engine = open_database("of-any-kind.sqlite", tmp_path)
    expected = None if path is None else tmp_path / path
    assert LedgerWitness.of(engine, ledger, witness, tmp_path).path == expected
    engine.dispose()


def accept(desk: Desk, ledger: str = LEDGER, witness: str | None = None) -> None:
    """As a person does: etl ledger check --accept."""
    engine = open_database(ledger, desk.folder)
    LedgerWitness.of(engine, ledger, witness, desk.folder).accept("bo")
    with transaction(engine) as connection:
        said = accepted_in(connection)
    assert said is not None
    assert said[1] == "bo"
    engine.dispose()


def outcomes(posted: tuple[list[Receipt], Refusal | None]) -> list[str]:
    assert posted[1] is None
    return [one.outcome for one in posted[0]]


def refused(posted: tuple[list[Receipt], Refusal | None]) -> bool:
    receipts, refusal = posted
    assert receipts == []
    return isinstance(refusal, LedgerRefusal) and refusal.problems[0].code == "E804"


@pytest.mark.parametrize("what", [lost, emptied, copied, restored, of_another])
def test_looking_first_goes_on_without_it_until_a_person_accepts_it(
    desk: Desk, what: Callable[[Path], None]
) -> None:
    """A run that looked first has looked for its own orders: the next file may hold others that were sent."""
    desk.post(line(1))
    backed_up(desk.folder)
    desk.post(line(2), line(3))
    what(desk.folder)
    assert outcomes(desk.post(look_first=True)) == [], "nothing to look for"
    assert refused(desk.post(line(2), line(3)))
    assert outcomes(desk.post(line(2), line(4), look_first=True)) == ["already posted", "posted"]
    assert refused(desk.post(line(3)))
    assert outcomes(desk.post(line(3), line(4), look_first=True)) == ["already posted", "already posted"]
    accept(desk)
    assert outcomes(desk.post(line(4), line(5))) == ["already posted", "posted"]
    assert desk.references() == ["O-1", "O-2", "O-3", "O-4", "O-5"]


def test_one_that_was_interrupted_before_it_looked_accepts_nothing(desk: Desk) -> None:
    desk.post(line(1))
    backed_up(desk.folder)
    desk.post(line(2))
    restored(desk.folder)
    notices: deque[Problem] = deque()
    with delivery_for(desk.options(look_first=True), desk.folder, notices):
        pass  # also verify, resolve, change, replay and apply --canary come this way
    assert refused(desk.post(line(2)))
    assert outcomes(desk.post(line(2), look_first=True)) == ["already posted"]


def test_two_notes_of_one_ledger_are_each_held_to_its_own_past(desk: Desk) -> None:
    """The restored one goes on by the older note, and its count overtakes the other's."""
    a, b = str(desk.folder / "a.note"), str(desk.folder / "b.note")
    desk.post(line(1), witness=a)
    backed_up(desk.folder)
    desk.post(line(2), witness=b)
    restore(desk.folder / "kept.sqlite", LEDGER, desk.folder, force=True)
    for number in range(3, 7):
        assert outcomes(desk.post(line(number), witness=a)) == ["posted"]
    assert refused(desk.post(line(2), witness=b))
    assert refused(desk.post(line(2))), "nor is one believed that nobody has a note of"
    assert outcomes(desk.post(line(2), witness=b, look_first=True)) == ["already posted"]
    accept(desk, witness=b)
    for note in (a, b):
        assert outcomes(desk.post(line(2), witness=note)) == ["already posted"]


def test_a_copy_that_goes_on_by_itself_never_catches_up(desk: Desk, tmp_path: Path) -> None:
    note = str(tmp_path / "other-disk.json")
    desk.post(line(1), witness=note)
    backed_up(desk.folder)
    desk.post(line(2), witness=note)
    content = Path(note).read_bytes()
    copied(desk.folder)
    for number in range(3, 7):
        desk.post(line(number), witness=note, look_first=True)
    assert Path(note).read_bytes() == content
    assert refused(desk.post(line(2), witness=note))


def test_a_note_of_an_older_version_is_judged_by_its_count_once(desk: Desk) -> None:
    desk.post(line(1))
    note = desk.folder / f"{LEDGER}.witness"
    old = {name: value for name, value in json.loads(note.read_text()).items() if name != "token"}
    with sqlite3.connect(desk.folder / LEDGER) as ledger:  # as the migration leaves it
        ledger.execute("DELETE FROM ages")
        ledger.execute("INSERT INTO ages (serial, token, at) SELECT serial, '', '' FROM lifetime")
    ledger.close()
    note.write_text(json.dumps(old))
    assert outcomes(desk.post(line(1), line(2))) == ["already posted", "posted"]
    assert json.loads(note.read_text())["token"]
    note.write_text(json.dumps(old | {"serial": old["serial"] + 1}))  # sent by elsewhere, with that version
    assert refused(desk.post(line(3)))


def test_a_ledger_that_is_moved_under_a_process_is_written_to_no_more(desk: Desk) -> None:
    desk.post(line(1))
    engine = open_database(LEDGER, desk.folder)
    other = open_database(LEDGER, desk.folder)
    move(other, "moved.sqlite", desk.folder)
    with pytest.raises(LedgerRefusal, match="E624"):
        Run(engine)
    for one in (engine, other):
        one.dispose()


def test_a_backup_made_in_the_middle_of_a_run_is_older_too(desk: Desk) -> None:
    with pytest.raises(StopIteration):
        _post_and(desk, lambda: shutil.copy(desk.folder / LEDGER, desk.folder / "backup.sqlite"))
    copied(desk.folder)
    _, refusal = desk.post(line(3))
    assert isinstance(refusal, LedgerRefusal)


def _post_and(desk: Desk, act: Callable[[], object]) -> None:
    receipts = AlmaSink().deliver(iter([line(1), line(2)]), desk.options(), desk.folder)
    next(receipts)
    act()
    next(receipts)
    next(receipts)


def test_a_ledger_that_moves_with_its_folder_goes_on(desk: Desk, tmp_path: Path) -> None:
    desk.post(line(1))
    for name in (LEDGER, f"{LEDGER}.witness"):
        (tmp_path / "new").mkdir(exist_ok=True)
        shutil.copy(desk.folder / name, tmp_path / "new" / name)
    receipts, refusal = Desk(desk.url, tmp_path / "new", desk.simulator).post(line(1), line(2))
    assert refusal is None
    assert [one.outcome for one in receipts] == ["already posted", "posted"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"ledger": 1, "serial": "x"}', b"\xff"])
def test_a_note_that_is_none_is_not_believed(desk: Desk, content: bytes) -> None:
    desk.post(line(1))
    (desk.folder / f"{LEDGER}.witness").write_bytes(content)
    _, refusal = desk.post(line(2))
    assert isinstance(refusal, LedgerRefusal)
    assert (desk.folder / f"{LEDGER}.witness").read_bytes() == content


def test_a_restored_ledger_is_believed_where_a_note_says_that_nothing_was_sent_since(desk: Desk) -> None:
    desk.post(line(1))
    backed_up(desk.folder)
    lost(desk.folder)
    restore(desk.folder / "kept.sqlite", LEDGER, desk.folder, force=True)
    receipts, refusal = desk.post(line(1), line(2))
    assert refusal is None
    assert [one.outcome for one in receipts] == ["already posted", "posted"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_restored_ledger_without_a_note_is_looked_after_first(desk: Desk, kind: str) -> None:
    with ledger_location(kind) as place:
        desk.post(line(1), ledger=place)
        engine = open_database(place, desk.folder)
        backup(engine, desk.folder / "kept.sqlite")
        engine.dispose()
        desk.post(line(2), ledger=place)
        (desk.folder / f"{place}.witness").unlink() if kind == "sqlite" else None
        restore(desk.folder / "kept.sqlite", place, desk.folder, force=True)
        for _ in range(2):
            _, refusal = desk.post(line(2), ledger=place)
            assert isinstance(refusal, LedgerRefusal)
            assert refusal.problems[0].code == "E804"
        receipts, refusal = desk.post(line(2), line(3), ledger=place, look_first=True)
        assert refusal is None
        assert [one.outcome for one in receipts] == ["already posted", "posted"]
        assert refused(desk.post(line(4), ledger=place))
        accept(desk, place)
        receipts, refusal = desk.post(line(3), line(4), ledger=place)
        assert refusal is None, "from here on it is the ledger in use"
        assert [one.outcome for one in receipts] == ["already posted", "posted"]
    assert desk.references() == ["O-1", "O-2", "O-3", "O-4"]


def test_a_backup_and_a_ledger_that_moved_are_not_sent_by(desk: Desk) -> None:
    desk.post(line(1))
    backed_up(desk.folder)
    engine = open_database(LEDGER, desk.folder)
    move(engine, "moved.sqlite", desk.folder)
    engine.dispose()
    shutil.copy(desk.folder / "kept.sqlite", desk.folder / "copy-of-it.sqlite")
    for ledger in ("kept.sqlite", "copy-of-it.sqlite", LEDGER):
        for look_first in (False, True):
            options = desk.options().model_copy(update={"ledger": ledger, "look_first": look_first})
            with pytest.raises(LedgerRefusal, match="E624"):
                list(AlmaSink().deliver(iter([line(2)]), options, desk.folder))
    receipts, _ = desk.post(line(1), line(2), ledger="moved.sqlite")
    assert [one.outcome for one in receipts] == ["already posted", "posted"]


def test_a_note_elsewhere_outlives_the_folder(desk: Desk, tmp_path: Path) -> None:
    note = tmp_path / "other-disk.json"
    desk.post(line(1), witness=str(note))
    assert json.loads(note.read_text())["serial"] == 2
    lost(desk.folder)
    _, refusal = desk.post(line(1), witness=str(note))
    assert isinstance(refusal, LedgerRefusal)


def test_a_server_has_a_note_where_one_is_declared(desk: Desk, tmp_path: Path) -> None:
    with ledger_location("postgresql") as first, ledger_location("postgresql") as second:
        note = str(tmp_path / "note.json")
        desk.post(line(1), ledger=first, witness=note)
        _, refusal = desk.post(line(1), ledger=second, witness=note)
        assert isinstance(refusal, LedgerRefusal)
    assert desk.references() == ["O-1"]
