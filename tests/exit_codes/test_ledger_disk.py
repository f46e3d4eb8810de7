"""The ledger's own disk or file fails → 2 where nothing was delivered, 6 after a part, and its place is named.

5 would say "try later", and a pipeline would, for ever: no disk makes room for itself.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alma_shop import Shop, open_shop, order

from etl.alma.client import AlmaClient, Outcome
from etl.cli.main import run_cli
from etl.ledger import database, process

LEDGER = "etl-ledger.sqlite"
ORDERS = ["O-1", "O-2", "O-3"]
WAYS: dict[str, tuple[str, str]] = {
    "full": ("PRAGMA max_page_count = 1", "database or disk is full"),
    "read only": ("PRAGMA query_only = ON", "attempt to write a readonly database"),
    "taken away": ("", "the file was taken away"),
    "replaced": ("", "the file was taken away, or another one put in its place"),
    "input/output error": ("", "disk I/O error"),
}


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    with open_shop(tmp_path, monkeypatch, capsys) as one:
        one.orders(order(1), order(2), order(3))
        yield one


class Disk:
    """The disk below the ledger, which `fails` in one of the ways and is `mended`."""

    def __init__(self, shop: Shop, way: str, patch: pytest.MonkeyPatch) -> None:
        self.ledger, self.way, self.failing = shop.folder / LEDGER, way, False
        begin = database._begin

        def begun(connection: Any) -> None:
            if self.failing and way == "input/output error":
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR
                raise database.DBAPIError("BEGIN", None, error)
            if self.failing and (said := WAYS[way][0]):
                connection.exec_driver_sql(said)
            begin(connection)

        patch.setattr(database, "_begin", begun)

    def fails(self) -> None:
        self.failing = True
        if self.way in ("taken away", "replaced"):
            self.ledger.rename(self.ledger.with_name("kept"))
        if self.way == "replaced":
            shutil.copy(self.ledger.with_name("kept"), self.ledger)

    def mended(self) -> None:
        self.failing = False
        if self.way in ("taken away", "replaced"):
            self.ledger.with_name("kept").replace(self.ledger)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("posted", [0, 1, 2])
def test_the_ledgers_disk_fails(shop: Shop, monkeypatch: pytest.MonkeyPatch, way: str, posted: int) -> None:
    """While the order after `posted` others is in flight; with 0: before the first is written down."""
    shop.orders(*(order(number, note="en lång not " * 900) for number in (1, 2, 3)))  # in pages of their own
    post = AlmaClient.post_line
    institution = AlmaClient.institution
    with monkeypatch.context() as patch:
        disk = Disk(shop, way, patch)

        def failing(
            of: Callable[..., Outcome], when: Callable[[tuple[Any, ...]], bool]
        ) -> Callable[..., Outcome]:
            def called(*words: Any) -> Outcome:
                outcome = of(*words)
                if when(words):
                    disk.fails()
                return outcome

            return called

        if posted:
            patch.setattr(
                AlmaClient, "post_line", failing(post, lambda words: f"O-{posted}".encode() in words[1])
            )
        else:
            patch.setattr(AlmaClient, "institution", failing(institution, lambda _: True))
        code, _, said = shop.etl("run", "m.yaml")
        disk.mended()
    assert code == (6 if posted else 2), said
    assert f"error[E620] the ledger cannot be written: {WAYS[way][1]}" in said
    assert str(shop.folder / LEDGER) in said or LEDGER in said
    assert "Make room" in said
    told = json.loads((shop.folder / "etl-report/shop/report.json").read_text())
    assert (told["stopped"], told["exit_code"], told["adds_up"]) == ("other", code, True)
    assert told["records"].get("unknown", 0) == (1 if posted else 0), "the one in flight"
    assert told["records"]["not delivered"] == 3 - posted
    assert shop.references() == ORDERS[:posted]
    monkeypatch.setattr(process, "_exists", lambda _: False)  # the first run's process is gone
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, said
    assert shop.references() == ORDERS, "the rest, and none twice"


def test_there_was_no_room_for_a_ledger(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        disk = Disk(shop, "full", patch)
        disk.failing = True
        code, _, said = shop.etl("run", "m.yaml")
    assert code == 2, said
    assert "E620" in said
    assert LEDGER in said
    assert shop.references() == []
    assert shop.etl("run", "m.yaml")[0] == 0


@pytest.mark.parametrize("verb", ["resolve", "release"])
def test_a_decision_that_cannot_be_written_down(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    assert shop.etl("run", "m.yaml")[0] == 0
    words = {"release": ["release", "1", "--not-in-alma"], "resolve": ["resolve", "--mapping", "m.yaml"]}[
        verb
    ]
    with monkeypatch.context() as patch:
        Disk(shop, "read only", patch).failing = True
        code, _, said = shop.etl("ledger", *words, *([] if verb == "resolve" else ["--ledger", LEDGER]))
    assert code == 2, said
    assert "error[E810]" in said
    assert LEDGER in said
    assert "on a disk with room" in said


def test_a_ledger_that_is_locked_is_tried_later(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """That passes: 5, as for a database server that does not answer."""
    assert shop.etl("run", "m.yaml")[0] == 0
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    other = sqlite3.connect(shop.folder / LEDGER, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        code, _, said = shop.etl("run", "m.yaml")
    finally:
        other.close()
    assert code == 5, said
    assert "error[E813] the ledger does not answer: database is locked" in said
    assert LEDGER in said


def test_a_real_limit_of_the_system(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file may grow beyond what it has: the whole way down to the system, and back."""
    resource = pytest.importorskip("resource")
    shop.orders(*(order(number) for number in range(1, 21)))
    assert shop.etl("run", "m.yaml")[0] == 0
    size = (shop.folder / LEDGER).stat().st_size
    shop.orders(*(order(number, note="en lång not " * 9000) for number in range(21, 31)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    text = os.fspath(shop.folder / "m.yaml")
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(size, 1_500_000), hard))
    try:
        code = run_cli(["run", text])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code in (2, 6)
    assert "error[E" in shop.capture.readouterr().err
    monkeypatch.setattr(process, "_exists", lambda _: False)
    before = len(shop.references())
    assert (code == 6) == (before > 20)
    assert shop.etl("run", "m.yaml")[0] == 0
    assert len(shop.references()) == len(set(shop.references())) == 30
