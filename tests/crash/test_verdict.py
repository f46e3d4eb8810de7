"""The judges of the crash test find what they are there to find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from invented_orders import reference
from ordeal import KEY, Tally
from verdict import Books, Round, private, spoken

ONE, TWO = reference(1), reference(2)


def books(orders: list[tuple[str, str, str | None, int]], lines: list[tuple[str, str]]) -> Books:
    return Books(orders, [], lines)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (books([(ONE, "posted", "POL-1", 1), (TWO, "posted", "POL-2", 1)], [(ONE, "POL-1"), (TWO, "POL-2")]), []),
        (
            books([(ONE, "posted", "POL-1", 1), (TWO, "posted", "POL-2", 1)], [(ONE, "POL-1"), (TWO, "POL-2"), (TWO, "POL-3")]),
            [f"{TWO} is in Alma 2 times", f"{TWO} is POL-3 in Alma and ('posted', 'POL-2') in the ledger"],
        ),
        (books([(ONE, "posted", "POL-1", 1), (TWO, "unknown", None, 1)], [(ONE, "POL-1")]), [f"{TWO} is in Alma 0 times"]),
        (
            books([(ONE, "posted", "POL-2", 1), (TWO, "posted", "POL-2", 1)], [(ONE, "POL-1"), (TWO, "POL-2")]),
            [f"{ONE} is POL-1 in Alma and ('posted', 'POL-2') in the ledger"],
        ),
        (
            books(
                [(ONE, "posted", "POL-1", 1), (ONE, "posted", "POL-1", 1), (TWO, "posted", "POL-2", 1)],
                [(ONE, "POL-1"), (TWO, "POL-2")],
            ),
            ["the ledger has an order twice"],
        ),
    ],
    ids=["all well", "double", "lost", "mixed up", "twice in the ledger"],
)  # fmt: skip
def test_books_that_do_not_agree(tmp_path: Path, found: Books, said: list[str]) -> None:
    assert Round(tmp_path, 2, found).wrong() == said


def _key(folder: Path) -> None:
    (folder / "report-0").mkdir(mode=0o700)
    (folder / "report-0" / "problems.ndjson").write_text(f'{{"message": "apikey {KEY}"}}', encoding="utf-8")


def _traceback(folder: Path) -> None:
    (folder / "said-0.txt").write_text("Traceback (most recent call last):\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("leave", "said"),
    [(_key, "the key is in report-0/problems.ndjson"), (_traceback, "a traceback is in said-0.txt")],
)
def test_what_must_not_be_written(tmp_path: Path, leave: Callable[[Path], None], said: str) -> None:
    leave(tmp_path)
    assert spoken(tmp_path, "ledger.sqlite", KEY, Tally()) == [said]


def test_a_ledger_others_can_read(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").touch(mode=0o600)
    assert private(tmp_path) == []
    (tmp_path / "ledger.sqlite").chmod(0o644)
    assert private(tmp_path) == ["ledger.sqlite has mode -rw-r--r--"]
