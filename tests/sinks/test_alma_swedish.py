"""`language: sv` → a librarian reads Swedish wherever an order's fate is told, in the report and in the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alma_orders import Desk, at_simulator, codes, line

from etl.ledger.database import open_database
from etl.ledger.find import Wanted, find
from etl.plugin import Receipt, Refusal

ENGLISH = re.compile(r"\b(the|was|not|is|and|another|stopped|waits|known|after|in Alma could)\b")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_simulator(tmp_path) as one:
        yield one


def said(receipts: list[Receipt], refusal: Refusal | None = None) -> str:
    """Every word of ours; Alma's own stand in brackets."""
    problems = [receipt.problem for receipt in receipts if receipt.problem]
    problems += refusal.problems if refusal else ()
    return re.sub(r"\([^()]*\)", "", " ".join(f"{one.message} {one.help}" for one in problems))


def remembered(desk: Desk) -> str:
    engine = open_database("etl-ledger.sqlite", desk.folder)
    try:
        words = [order.words or "" for order in find(engine, Wanted())]
    finally:
        engine.dispose()
    return re.sub(r"\([^()]*\)", "", " ".join(words))


def test_refused_unknown_changed_and_held(desk: Desk, tmp_path: Path) -> None:
    doubtful = line(3, mark=" SIM-FAULT-once-cut-before", resource_metadata={"title": "???"})
    first, refusal = desk.post(line(1, owner="NOWHERE"), line(2), doubtful, language="sv")
    assert (codes(first), refusal) == (["E820", "", "E822"], None)
    dearer = line(2, price={"sum": "299.00", "currency": "SEK"})
    second, _ = desk.post(dearer, doubtful, language="sv")
    assert codes(second) == ["E823", "E824"]
    words = said([*first, *second])
    assert not ENGLISH.search(words), words
    for told in (
        "Alma avvisade",
        "det är okänt om",
        "ändrades efter att",
        "väntar på en person",
        "ISBN, ISSN",
    ):
        assert told in words
    assert not ENGLISH.search(remembered(desk)), remembered(desk)


def test_why_a_run_stopped(tmp_path: Path) -> None:
    items = [line(number, mark=" SIM-FAULT-error-500") for number in range(1, 6)]
    with at_simulator(tmp_path) as desk:
        receipts, refusal = desk.post(*items, language="sv")
        assert "avbruten: 3 beställningar i följd" in said(receipts, refusal)
        assert not ENGLISH.search(said(receipts, refusal))
        receipts, refusal = desk.post(line(9, mark=" SIM-FAULT-invalid-key"), language="sv")
        assert "avbruten: Alma känner inte till API-nyckeln" in said(receipts, refusal)
        assert not ENGLISH.search(remembered(desk)), remembered(desk)


def test_without_a_key(tmp_path: Path) -> None:
    with at_simulator(tmp_path) as desk:
        _, refusal = desk.post(line(1), language="sv", key="env:NOT_SET_ANYWHERE")
        assert refusal is not None
        assert 'ingen API-nyckel: miljövariabeln "NOT_SET_ANYWHERE"' in said([], refusal)
