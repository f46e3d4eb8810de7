"""What goes wrong after the first document has left → 6 (5 where Alma is gone), and the report in its place.

The words that nobody takes, what is done between a canary and the rest, memory: whatever it is, 2 and 4 would say that nothing
was delivered.
"""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from alma_shop import Shop, open_shop, order
from deaf_streams import WAYS, heard, run, spoken, takes_nothing
from six_orders import FILES, ORDERS, ROWS, Desk

from etl import own_files
from etl.cli.apply import _Canary
from etl.problems import LedgerRefusal, Problem, Refusal, Unavailable
from etl.run.sealed_plan import open_plan
from etl.sinks import files as files_sink

SAID = ("json", "github")


def stopped(code: str) -> Problem:
    return Problem(code, "an invented reason")


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def report_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


# ----------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", SAID)
def test_a_run_that_cannot_be_told(desk: Desk, way: str, form: str) -> None:
    (desk.folder / "in.csv").write_text(ORDERS + "a;b;c;d\n", encoding="utf-8")
    words = ["run", "m.yaml", "--sink", "files", "--sink-option", "file=all.ndjson", "--format", form]
    err = spoken()
    with takes_nothing(way) as out:
        assert run(words, out, err) == 6
    said = heard(err)
    assert said.startswith("error[E616] standard output takes no more")
    assert "error[E3" in said, "the problems are told there"
    assert said.endswith(f"report: {Path('etl-report/t/report.json')}\n")
    assert report_of(desk.folder / "etl-report/t")["records"] == {"written": ROWS, "rejected": 1}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", SAID)
def test_a_plan_delivers_nothing(desk: Desk, way: str, form: str) -> None:
    (desk.folder / "in.csv").write_text("id;titel\n1;En bok\n2;a;b;c\n", encoding="utf-8")
    words = ["plan", "m.yaml", "--out", "p.plan", *FILES, "--format", form]
    err = spoken()
    with takes_nothing(way) as out:
        assert run(words, out, err) == 2
    assert "p.plan: seal" in heard(err), "it is there, and whole: said where it is heard"
    assert open_plan(desk.folder / "p.plan").documents == 1
    assert desk.written() == []


def test_a_plan_whose_report_has_no_place_delivers_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_files.OwnFolder, "put_in_place", full)
    err = spoken()
    assert run(["plan", "m.yaml", "--out", "p.plan", *FILES], spoken(), err) == 2
    assert "stopped: nothing was delivered" in heard(err)
    assert report_of(desk.folder / "etl-report/t-plan/unfinished-1")["exit_code"] == 2


def test_no_memory_after_deliveries(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = files_sink._keep

    def exhausted(path: Path, *more: Any) -> str:
        if path.name == "3.json":
            raise MemoryError
        return keep(path, *more)

    with monkeypatch.context() as patch:
        patch.setattr(files_sink, "_keep", exhausted)
        code, said = desk.run()
    assert code == 6
    assert "error[E613] the system refuses to go on: Cannot allocate memory" in said
    assert desk.report()["records"] == {"written": 2, "unknown": 1, "not delivered": ROWS - 3}
    desk.expect_all_well()


def test_a_report_that_is_kept_aside_says_how_the_process_ended(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk.folder / "in.csv").write_text("id;titel\n1;En bok\n2;a;b;c\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(own_files.OwnFolder, "put_in_place", full)
        code, said = desk.run()
    kept = report_of(desk.folder / "etl-report/t/unfinished-1")
    assert (code, kept["exit_code"], kept["stopped"], kept["finished"]) == (6, 6, "other", False)
    assert said.rstrip().endswith(f"report: {Path('etl-report/t/unfinished-1/report.json')}")


@pytest.mark.parametrize("good", range(ROWS))
def test_one_file_for_all_on_a_full_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch, good: int) -> None:
    """Nothing is in its place, so nothing was delivered, and nobody need wonder about the one under way."""
    left = good

    class Full:
        def __init__(self, stream: Any) -> None:
            self.stream = stream

        def write(self, content: bytes) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                full()
            self.stream.write(content)

    whole = files_sink.whole_files

    @contextmanager
    def narrow(*words: Any, **named: Any) -> Iterator[Any]:
        with whole(*words, **named) as (stream, names):
            yield Full(stream), names

    with monkeypatch.context() as patch:
        patch.setattr(files_sink, "whole_files", narrow)
        code, said = desk.run("--sink", "files", "--sink-option", "file=all.ndjson")
    assert code == 2, said
    assert "error[E610]" in said
    assert "nothing was delivered" in said
    assert desk.report()["records"] == {"not delivered": ROWS}
    assert not (desk.folder / "all.ndjson").exists()


# ------------------------------------------------------------------------------------------------ Alma


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    with open_shop(tmp_path, monkeypatch, capsys) as one:
        one.orders(order(1), order(2), order(3))
        assert one.etl("plan", "m.yaml", "--out", "p.plan")[0] == 0
        yield one


CANARY = ["apply", "p.plan", "--canary", "1", "--yes", "--report", "rep"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", SAID)
def test_a_canary_that_cannot_be_told(shop: Shop, way: str, form: str) -> None:
    shop.orders(order(1), order(2))
    assert shop.etl("plan", "m.yaml", "--out", "p.plan")[0] == 0
    err = spoken()
    with takes_nothing(way) as out:
        assert run([*CANARY, "--format", form], out, err) == (6 if form == "json" else 0), heard(err)
    assert shop.references() == ["O-1", "O-2"]
    assert report_of(shop.folder / "rep")["records"] == {"posted": 2}
    code, _, _ = shop.etl("apply", "p.plan", "--report", "rep")
    assert code == 0
    assert report_of(shop.folder / "rep")["records"] == {"already posted": 2}


@pytest.mark.parametrize(
    ("error", "code", "stop"),
    [
        (Refusal(stopped("E830")), 6, "other"),
        (LedgerRefusal(stopped("E814")), 6, "ledger"),
        (Unavailable(stopped("E832")), 5, "unavailable"),
        (OSError(errno.ENOSPC, "No space left on device"), 6, "other"),
        (MemoryError(), 6, "other"),
        (KeyboardInterrupt(), 130, None),
    ],
)
def test_what_stops_between_a_canary_and_the_rest(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, stop: str | None
) -> None:
    def stops(_: _Canary) -> list[Any]:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(_Canary, "_verified", stops)
        got, _, said = shop.etl(*CANARY)
    assert got == code, said
    assert shop.references() == ["O-1"]
    told = report_of(shop.folder / "rep")
    assert told["records"] == {"posted": 1, "not delivered": 2}
    assert (told["stopped"], told["exit_code"], told["finished"]) == (stop, code, True)
    assert said.rstrip().endswith(f"report: {Path('rep/report.json')}") or stop is None
    assert shop.etl("apply", "p.plan", "--report", "rep")[0] == 0
    assert shop.references() == ["O-1", "O-2", "O-3"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_canary_whose_words_wait_for_ever(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """A full pipe whose reader does not read: a signal ends the write, and the report says so."""
    inside, outside = os.pipe()
    os.set_blocking(outside, False)
    with suppress(BlockingIOError):
        while True:
            os.write(outside, b" " * 65536)
    os.set_blocking(outside, True)
    agreed = _Canary._agreed

    def waiting(canary: _Canary, found: list[Any]) -> bool:
        threading.Timer(0.5, lambda: os.kill(os.getpid(), number)).start()
        return agreed(canary, found)

    out = io.TextIOWrapper(io.BufferedWriter(io.FileIO(outside, "w", closefd=False)), encoding="utf-8")
    try:
        with monkeypatch.context() as patch:
            patch.setattr(_Canary, "_agreed", waiting)
            assert run([*CANARY, "--format", "json"], out, spoken()) == 130
    finally:
        os.close(inside)
        out.detach()
        os.close(outside)
    told = report_of(shop.folder / "rep")
    assert told["records"] == {"posted": 1, "not delivered": 2}
    assert (told["interrupted"], told["exit_code"], told["finished"]) == (True, 130, True)
    assert shop.etl("apply", "p.plan", "--report", "rep")[0] == 0
    assert shop.references() == ["O-1", "O-2", "O-3"]


def test_a_canary_that_waits_for_a_person_is_in_the_report(shop: Shop) -> None:
    code, _, _ = shop.etl("apply", "p.plan", "--canary", "1", "--report", "rep")
    told = report_of(shop.folder / "rep")
    assert (code, told["exit_code"], told["stopped"]) == (1, 1, "canary")
    assert told["records"] == {"posted": 1, "not delivered": 2}


def test_a_plan_that_no_longer_stands_is_in_the_report(shop: Shop) -> None:
    assert shop.etl("apply", "p.plan", "--report", "rep")[0] == 0
    shop.orders(order(4))
    code, _, said = shop.etl("apply", "p.plan", "--report", "rep")
    told = report_of(shop.folder / "rep")
    assert (code, told["exit_code"], told["stopped"], told["records"]) == (4, 4, "plan", {})
    assert "error[E851]" in said
