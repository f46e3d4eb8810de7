"""Every way in which the simulator fails → each order in Alma exactly once, and the ledger knows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from alma_orders import KEY, Desk, at_simulator, codes, line, request

from etl.problems import Unavailable
from etl.simulator import FaultPlan
from etl.simulator.faults import AFTER, BEFORE

OK = "posted"
# fault → what becomes of its order in the first run, and the code with which the run stopped, if it did. The simulator's
# enveloped errors are 402119, a general error: it does not say that nothing was done.
BY_FAULT: dict[str, tuple[str, str]] = {
    "429": (OK, ""),
    "429-as-400": (OK, ""),
    "daily-limit": ("not delivered", "E831"),
    "invalid-key": ("not delivered", "E830"),
    "unauthorized": ("not delivered", "E830"),
    "error-500": ("unknown", ""),
    "html-502": ("unknown", ""),
    "cut-before": ("unknown", ""),
    "hang-before": ("unknown", ""),
    "single-error": ("unknown", ""),
    "wrapped-error": ("unknown", ""),
    "no-tracking-id": ("unknown", ""),
    "two-errors": ("unknown", ""),
    "error-with-200": ("unknown", ""),
    "entity-bomb": ("unknown", ""),
    "cut-after": (OK, ""),
    "cut-within": (OK, ""),
    "hang-after": (OK, ""),
    "error-500-after": (OK, ""),
    "html-502-after": (OK, ""),
    "unreadable": (OK, ""),
    "empty": (OK, ""),
    "wrong-content-type": (OK, ""),
    "huge-body": (OK, ""),
    "endless-headers": (OK, ""),
    "slow": (OK, ""),
    "unlisted-400-after": (OK, ""),
    "unparsed-after": (OK, ""),
    "reference-cut": ("unknown", ""),
    "reference-bare": ("unknown", ""),
    "created-shift": (OK, ""),
    "listed-only": (OK, ""),
    "no-total": (OK, ""),
    "date-shift": (OK, ""),
}
HELD = {"reference-cut", "reference-bare"}
"""What of these faults is for a person: the line in Alma may be another's."""


def test_the_table_names_every_fault() -> None:
    assert set(BY_FAULT) == set(BEFORE) | set(AFTER)


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("fault", BY_FAULT)
def test_each_fault_leaves_one_order(tmp_path: Path, fault: str, form: str) -> None:
    outcome, stop = BY_FAULT[fault]
    items = [line(1, form=form), line(2, mark=f" SIM-FAULT-once-{fault}", form=form), line(3, form=form)]
    more = {"timeout": 1.0} if fault.startswith("hang") else {}
    with at_simulator(tmp_path) as desk:
        receipts, refusal = desk.post(*items, format=form, **more)
        assert [receipt.outcome for receipt in receipts][:2] == [OK, outcome], codes(receipts)
        if stop:
            assert refusal is not None
            assert [problem.code for problem in refusal.problems] == [stop]
            assert isinstance(refusal, Unavailable) == (stop == "E831")
        else:
            assert refusal is None
            assert receipts[2].outcome == OK
        if fault != "daily-limit":  # until midnight
            again(desk, items, form, held=fault in HELD)


def again(desk: Desk, items: list[object], form: str, *, held: bool) -> None:
    """A plain re-run ends with every order there, once; a third changes nothing."""
    receipts, refusal = desk.post(*items, format=form)  # type: ignore[arg-type]
    assert refusal is None
    if held:
        assert [receipt.outcome for receipt in receipts] == ["already posted", "held", "already posted"]
        assert len(desk.held()) == 3
        return
    assert {receipt.outcome for receipt in receipts} <= {OK, "already posted"}, receipts
    numbers = [receipt.where for receipt in receipts]
    receipts, _ = desk.post(*items, format=form)  # type: ignore[arg-type]
    assert [receipt.outcome for receipt in receipts] == ["already posted"] * 3
    assert [receipt.where for receipt in receipts] == numbers
    held = {document["number"]: document["vendor_reference_number"] for document in desk.held()}
    assert [held[number].split()[0] for number in numbers] == ["O-1", "O-2", "O-3"]
    assert len(held) == 3


@pytest.mark.parametrize("fault", ["cut-after", "cut-before", "error-500-after", "empty"])
def test_purchase_requests_too(tmp_path: Path, fault: str) -> None:
    items = [request(1), request(2, mark=f" SIM-FAULT-once-{fault}"), request(3, user="avd/barn 1")]
    with at_simulator(tmp_path) as desk:
        desk.post(*items)
        receipts, refusal = desk.post(*items)
        assert refusal is None
        assert {receipt.outcome for receipt in receipts} <= {OK, "already posted"}
        assert desk.simulator is not None
        stored = list(desk.simulator.world.store.wishes())
        assert len(stored) == 3


def test_three_in_a_row_without_answer_stop_the_run(tmp_path: Path) -> None:
    items = [line(number, mark=" SIM-FAULT-error-500") for number in range(1, 6)]
    with at_simulator(tmp_path) as desk:
        receipts, refusal = desk.post(*items)
        assert isinstance(refusal, Unavailable)
        assert refusal.problems[0].code == "E834"
        assert [receipt.outcome for receipt in receipts] == ["unknown"] * 3


def test_an_order_that_never_gets_an_answer_is_held_in_the_end(tmp_path: Path) -> None:
    item = line(1, mark=" SIM-FAULT-error-500")
    with at_simulator(tmp_path) as desk:
        outcomes = [desk.post(item)[0][0] for _ in range(5)]
    assert [receipt.outcome for receipt in outcomes] == ["unknown", "unknown", "unknown", "held", "held"]
    assert codes(outcomes) == ["E822", "E822", "E822", "E824", "E824"]


def test_nothing_listens(tmp_path: Path) -> None:
    desk = Desk("http://127.0.0.1:9", tmp_path)
    receipts, refusal = desk.post(line(1))
    assert isinstance(refusal, Unavailable)
    assert refusal.problems[0].code == "E832"
    assert [receipt.outcome for receipt in receipts] == ["not delivered"]
    with at_simulator(tmp_path) as later:
        receipts, refusal = later.post(line(1))
        assert [receipt.outcome for receipt in receipts] == [OK]


def test_no_key_in_any_file(tmp_path: Path) -> None:
    """A ledger, its journal and every problem, after every fault."""
    said = ""
    with at_simulator(tmp_path) as desk:
        for number, fault in enumerate(BY_FAULT):
            if not fault.startswith("hang") and fault != "daily-limit":
                receipts, refusal = desk.post(line(number, mark=f" SIM-FAULT-once-{fault}"), max_unknown=99)
                said += repr(receipts) + repr(refusal)
    assert "E822" in said
    assert KEY not in said
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert KEY.encode() not in path.read_bytes(), path
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("concurrency", [1, 2, 6])
@pytest.mark.parametrize("most", [1, 3])
def test_so_many_and_no_more_end_without_answer(
    tmp_path: Path, concurrency: int, most: int
) -> None:
    """One after another; and what is under way when the last of them comes, which nobody calls back."""
    with at_simulator(tmp_path, faults=FaultPlan(1, 1.0, ("cut-before",), ("POST",))) as desk:
        items = [line(number, vendor=f"V{number}") for number in range(1, 21)]
        receipts, refusal = desk.post(*items, concurrency=concurrency, max_unknown=most, settle_wait=600)
        outcomes = Counter(receipt.outcome for receipt in receipts)
        sent = outcomes["unknown"] + outcomes["posted"]  # some are found before the run stops
        assert most <= sent <= most + concurrency - 1, outcomes
        assert outcomes["not delivered"] == len(receipts) - sent
        assert refusal is not None
        assert [one.code for one in refusal.problems] == ["E834"]
