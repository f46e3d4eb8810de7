"""Several processes, killed and interrupted ones → every order exactly once, on both databases."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alma_orders import KEY, Desk, at_simulator, line
from waiting import until

from etl.simulator import Timing

HERE = Path(__file__).parent


def started(desk: Desk, ledger: str, count: int, *options: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "TEST_ALMA_KEY": KEY,
        "PYTHONPATH": f"{HERE}:{HERE.parent}:{HERE.parent.parent}",
    }
    return subprocess.Popen(
        [
            sys.executable,
            str(HERE / "post_lines.py"),
            desk.url,
            str(desk.folder),
            ledger,
            str(count),
            *options,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, list[str]]:
    out, err = process.communicate()
    assert "Traceback" not in err, err
    assert KEY not in out + err
    return process.returncode, [
        row.split("\t")[1] for row in out.splitlines() if not row.startswith("stopped")
    ]


def expect_once(desk: Desk, count: int) -> None:
    assert desk.references() == sorted(f"O-{number}" for number in range(1, count + 1))


@pytest.mark.slow
def test_two_processes_never_post_the_same_order(tmp_path: Path, location: str) -> None:
    with at_simulator(tmp_path) as desk:
        both = [started(desk, location, 40), started(desk, location, 40, "concurrency=2")]
        outcomes = [finished(process) for process in both]
        expect_once(desk, 40)
    assert [code for code, _ in outcomes] == [0, 0]
    assert all(set(one) <= {"posted", "already posted"} for _, one in outcomes)
    assert sum(one.count("posted") for _, one in outcomes) == 40


@pytest.mark.slow
def test_killed_again_and_again(tmp_path: Path, location: str) -> None:
    chance = random.Random(20240311)  # noqa: S311 - moments to kill at, the same in every run
    with at_simulator(tmp_path, timing=Timing(0, 0, 0.02, 0)) as desk:
        for _ in range(6):
            process = started(desk, location, 30, "settle_wait=0.1")
            assert process.stdout is not None
            process.stdout.readline()  # at work by now
            time.sleep(chance.uniform(0, 0.15))
            process.kill()
            process.communicate()
        code, outcomes = finished(started(desk, location, 30, "settle_wait=0.1"))
        assert code == 0
        assert set(outcomes) <= {"posted", "already posted"}
        expect_once(desk, 30)


def test_killed_between_intent_and_answer(tmp_path: Path, location: str) -> None:
    """The order is saved in Alma, nobody hears of it: the next run finds it instead of posting it again."""
    with at_simulator(tmp_path) as desk:
        process = started(desk, location, 1, 'mark=" SIM-FAULT-once-hang-after"', "timeout=60")
        until(desk.held, process)
        process.kill()
        process.communicate()
        item = line(1, mark=" SIM-FAULT-once-hang-after")
        receipts, refusal = desk.post(item, ledger=location)
        assert refusal is None
        assert [(receipt.outcome, receipt.where) for receipt in receipts] == [("already posted", "POL-1")]
        assert len(desk.held()) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_finishes_what_is_in_flight(tmp_path: Path, number: signal.Signals) -> None:
    with at_simulator(tmp_path) as desk:
        process = started(desk, "ledger.sqlite", 5000)
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(number)
        out, err = process.communicate()
        assert process.returncode == 130, err
        outcomes = [row.split("\t")[1:] for row in (first + out).splitlines()]
        posted = [row for row in outcomes if row[0] == "posted"]
        assert len(posted) == len(desk.held())  # everything in Alma was answered for
        assert {row[0] for row in outcomes} <= {"posted", "not delivered"}
        receipts, _ = desk.post(*map(line, range(1, len(posted) + 1)), ledger="ledger.sqlite")
        assert {receipt.outcome for receipt in receipts} == {"already posted"}


def test_a_process_waits_for_the_other(tmp_path: Path, location: str) -> None:
    """The other one has written its intent and waits for Alma: its answer is ours too."""
    with at_simulator(tmp_path, timing=Timing(0, 0, 0, 1.5)) as desk:
        other = started(desk, location, 1, 'mark=" SIM-FAULT-once-slow"')
        assert desk.simulator is not None
        until(lambda: desk.simulator.faults.counts, other)
        receipts, _ = desk.post(line(1, mark=" SIM-FAULT-once-slow"), ledger=location)
        finished(other)
        assert [receipt.outcome for receipt in receipts] == ["already posted"]
        assert len(desk.held()) == 1
