"""What Alma, its key or the ledger stop → exit code, report, and what a second run does: nothing twice, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alma_shop import Shop, open_shop, order

from etl.alma.client import AlmaClient, Outcome
from etl.run.folder import ReportFolder
from etl.run.report import Report

MAPPED = ["O-1", "O-2", "O-3"]


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    with open_shop(tmp_path, monkeypatch, capsys) as one:
        one.orders(order(1), order(2), order(3))
        yield one


def report(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shop.folder / "etl-report/shop/report.json").read_text())
    return found


def marked(shop: Shop, number: int, fault: str) -> None:
    """The order of that number meets a fault, once."""
    note = f"SIM-FAULT-once-{fault}"
    shop.orders(*(order(one, note=note if one == number else "") for one in (1, 2, 3)))


@pytest.mark.parametrize(
    ("number", "fault", "code", "stop"),
    [
        (1, "invalid-key", 2, "other"),
        (2, "invalid-key", 6, "other"),
        (3, "unauthorized", 6, "other"),
        (1, "daily-limit", 5, "unavailable"),
        (2, "daily-limit", 5, "unavailable"),
    ],
)
def test_a_key_that_is_revoked_and_a_day_that_is_used_up(
    shop: Shop, number: int, fault: str, code: int, stop: str
) -> None:
    marked(shop, number, fault)
    assert shop.etl("run", "m.yaml")[0] == code
    assert shop.references() == MAPPED[: number - 1]
    told = report(shop)
    assert (told["stopped"], told["exit_code"], told["adds_up"]) == (stop, code, True)
    assert told["records"].get("posted", 0) == number - 1
    if fault != "daily-limit":  # a used-up day stays used up
        assert shop.etl("run", "m.yaml")[0] == 0
        assert shop.references() == MAPPED


def test_another_institutions_ledger(shop: Shop) -> None:
    assert shop.etl("run", "m.yaml")[0] == 0
    before = _bound_to(shop, "an-alma.example")
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 4
    assert "error[E814]" in said
    assert report(shop)["stopped"] == "ledger"
    assert shop.references() == MAPPED
    _bound_to(shop, before)
    assert shop.etl("run", "m.yaml")[0] == 0
    assert report(shop)["records"] == {"already posted": 3}


def _bound_to(shop: Shop, address: str) -> str:
    """Make the ledger that of another Alma; whose it was."""
    with closing(sqlite3.connect(shop.folder / "etl-ledger.sqlite")) as ledger, ledger:
        (before,) = ledger.execute("SELECT address FROM places").fetchone()
        ledger.execute("UPDATE places SET address = ?", (address,))
    return str(before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_orders_are_posted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    post = AlmaClient.post_line

    def told(client: AlmaClient, payload: bytes) -> Outcome:
        if b"O-2" in payload:
            os.kill(os.getpid(), number)
        return post(client, payload)

    with monkeypatch.context() as patch:
        patch.setattr(AlmaClient, "post_line", told)
        code, _, _ = shop.etl("run", "m.yaml")
    assert code == 130
    assert shop.references() == MAPPED[:2], "the one in flight was finished"
    assert report(shop)["records"] == {"posted": 2, "not delivered": 1}
    assert shop.etl("run", "m.yaml")[0] == 0
    assert shop.references() == MAPPED


def test_the_report_fails_after_orders_were_posted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def finish(folder: ReportFolder, whole: Report) -> Any:
        folder.trouble = OSError(28, "No space left on device")
        return end(folder, whole)

    end = ReportFolder.finish
    with monkeypatch.context() as patch:
        patch.setattr(ReportFolder, "finish", finish)
        code, _, said = shop.etl("run", "m.yaml")
    assert code == 6
    assert "error[E604]" in said
    assert "unfinished-1" in said
    kept = json.loads((shop.folder / "etl-report/shop/unfinished-1/report.json").read_text())
    assert kept["records"] == {"posted": 3}
    assert shop.references() == MAPPED
    assert shop.etl("run", "m.yaml")[0] == 0
    assert report(shop)["records"] == {"already posted": 3}
    assert shop.references() == MAPPED
