"""What Alma leaves to a person waits until a person has answered it, and nothing else answers it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alma_orders import Desk, as_json, line
from test_alma_changes import CANCEL, WITH, Etl, by_hand, desk, etl, rows, status

from etl.alma.ordered import worth
from etl.ledger.database import open_database
from etl.ledger.find import Wanted, find
from etl.ledger.retention import prune
from etl.ledger.waiting import Waiting, waiting_at

__all__ = ["desk", "etl"]
FAR = "9999-01-01"
OTHER = as_json(line(1, discount="20"))


def left(desk: Desk, etl: Etl, kind: str) -> None:
    """Order 1 is posted, and Alma does not let it be changed (to a file's payload), or cancelled."""
    desk.post(line(1))
    if kind == "change":
        (desk.folder / "p.json").write_text(json.dumps(OTHER), encoding="utf-8")
        assert etl("ledger", "change", "1", "--payload-file", "p.json", *WITH)[0] == 1
    else:
        status(desk, "CLOSED")
        assert etl("ledger", "cancel", "1", *CANCEL)[0] == 1
        status(desk, "SENT")
    assert rows(desk) == [(kind, "by hand", "anna")]


def waits(folder: Path) -> int:
    """However it is asked, the answer is the same; what waits is not pruned."""
    engine = open_database("etl-ledger.sqlite", folder)
    try:
        found = [order.id for order in waiting_at(engine, "alma")]
        for wanted in (Wanted(waiting=True), Wanted(states=("held",))):
            assert [order.id for order in find(engine, wanted)] == found
        assert Waiting.of(waiting_at(engine, "alma"), worth).states.total() == len(found)
        assert prune(engine, FAR, dry_run=True).orders == 1 - len(found)
    finally:
        engine.dispose()
    return len(found)


@pytest.mark.parametrize("kind", ["change", "cancel"])
def test_it_waits_and_looking_at_it_does_not_end_it(desk: Desk, etl: Etl, kind: str) -> None:
    left(desk, etl, kind)
    assert waits(desk.folder) == 1
    listed = etl("ledger", "list", "--state", "waiting")[1]
    assert f"{kind} it in Alma by hand, then: etl ledger {kind} 1, as before" in listed
    assert etl("verify", "m.yaml", "--again")[0] == 0
    assert etl("ledger", "resolve", "--mapping", "m.yaml")[0] == 0
    assert [one.outcome for one in desk.post(line(1))[0]] == ["already posted"]
    assert rows(desk) == [(kind, "by hand", "anna")]
    assert waits(desk.folder) == 1


@pytest.mark.parametrize("kind", ["change", "cancel"])
@pytest.mark.parametrize("answer", ["done", "accepted", "keep", "taken back"])
def test_an_answer_ends_it(desk: Desk, etl: Etl, kind: str, answer: str) -> None:
    left(desk, etl, kind)
    if answer == "keep":
        assert etl("ledger", "resolve", "1", "--keep", "--by", "anna")[0] == 0
        assert "anna: what is in Alma is right" in etl("ledger", "show", "1")[1]
    elif answer == "accepted":
        code, _, said = etl("ledger", "resolve", "1", "--accept-change", "--by", "anna")
        if kind == "cancel":  # which is no change: Alma shows it
            assert (code, "E815" in said) == (2, True)
            return
        assert "anna: the order in Alma was changed by hand" in etl("ledger", "show", "1")[1]
    elif answer == "taken back":
        assert etl("ledger", "release", "1", "--not-in-alma")[0] == 0
    elif kind == "change":
        by_hand(desk, discount="20")
        assert etl("ledger", "change", "1", "--payload-file", "p.json", *WITH)[0] == 0
    else:
        status(desk, "CANCELLED")
        assert etl("ledger", "cancel", "1", *CANCEL)[0] == 0
    assert "by hand" not in [state for _, state, _ in rows(desk)]
    if answer != "taken back":  # then it waits to be sent
        assert waits(desk.folder) == 0


def test_there_is_nothing_to_keep_where_nothing_is_left(desk: Desk, etl: Etl) -> None:
    desk.post(line(1))
    code, _, said = etl("ledger", "resolve", "1", "--keep")
    assert (code, "E815" in said) == (2, True), said


def test_it_stands_in_the_sheet_to_be_read(desk: Desk, etl: Etl) -> None:
    left(desk, etl, "change")
    assert etl("ledger", "dead-letters", "--out", "d.csv")[0] == 0
    sheet = (desk.folder / "d.csv").read_text(encoding="utf-8-sig")
    assert "To be changed or cancelled in Alma, and not done yet" in sheet
    assert "Changed after posting" not in sheet


@pytest.mark.parametrize("offered", [False, True])
def test_what_was_changed_by_hand_is_what_the_order_is_from_then_on(
    desk: Desk, etl: Etl, offered: bool
) -> None:
    """The file's payload, with its own sums and title; where the vendor's record has changed since, that of it."""
    desk.post(line(1))
    wanted = as_json(line(1, discount="20", location=[{"library": "HBG", "quantity": 3}]))
    (desk.folder / "p.json").write_text(json.dumps(wanted), encoding="utf-8")
    assert etl("ledger", "change", "1", "--payload-file", "p.json", *WITH)[0] == 1
    if offered:
        desk.post(line(1, receiving_note="Signera"))
    assert etl("ledger", "resolve", "1", "--accept-change")[0] == 0
    engine = open_database("etl-ledger.sqlite", desk.folder)
    try:
        (order,) = find(engine, Wanted("1"))
    finally:
        engine.dispose()
    assert ("Signera" in order.payload, '"discount"' in order.payload) == (offered, not offered)
    assert order.totals is not None
    assert order.totals.copies == (1 if offered else 3)
    assert (order.waits, waits(desk.folder)) == (False, 0)
    assert [one.outcome for one in desk.post(line(1))[0]] == ["held" if offered else "already posted"]
