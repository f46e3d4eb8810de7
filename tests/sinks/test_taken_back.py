"""What was cancelled in Alma is no order any more: neither counts it as one, nor is it in the way of the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alma_orders import Desk, at_simulator, codes, line, request
from test_alma_decisions import mapping

from etl.cli.main import run_cli
from etl.plugin import Item
from etl.simulator import FaultPlan

Etl = Callable[..., tuple[int, str]]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_simulator(tmp_path) as one:
        mapping(one)
        yield one


@pytest.fixture
def etl(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Etl:
    monkeypatch.chdir(desk.folder)

    def call(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run_cli(list(words))
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


def ended(desk: Desk) -> None:
    """Somebody cancels every order line in Alma, and rejects every request."""
    assert desk.simulator is not None
    world = desk.simulator.world
    for stored in world.store.lines():
        stored.fixed = "CANCELLED"
        world.store.change_line(stored, world.now)
    for wish in world.store.wishes():
        wish.status = "REJECTED"
        world.store.change_wish(wish, world.now)


def striking(desk: Desk, kind: str) -> None:
    """Every post meets the fault, until it is taken away with "" as its kind."""
    assert desk.simulator is not None
    desk.simulator.faults.plan = FaultPlan(1, 1.0, (kind,), ("POST",)) if kind else None


def alive(desk: Desk) -> int:
    assert desk.simulator is not None
    store = desk.simulator.world.store
    lines = sum(stored.fixed != "CANCELLED" for stored in store.lines())
    return lines + sum(wish.status != "REJECTED" for wish in store.wishes())


def outcomes(desk: Desk, item: Item, **more: object) -> list[str]:
    return [one.outcome for one in desk.post(item, **more)[0]]


@pytest.mark.parametrize("asked", [True, False], ids=["asked", "by word"])
@pytest.mark.parametrize("item", [line(1), request(1)], ids=["line", "request"])
def test_it_is_ordered_anew_once_it_was_taken_back(desk: Desk, etl: Etl, item: Item, asked: bool) -> None:
    assert outcomes(desk, item) == ["posted"]
    ended(desk)
    code, said = etl("ledger", "release", "1", "--not-in-alma", *(("--mapping", "m.yaml") if asked else ()))
    assert (code, ("Alma agrees" if asked else "not checked") in said) == (0, True), said
    assert outcomes(desk, item, look_first=True) == ["posted"]
    assert alive(desk) == 1
    assert "already posted" in outcomes(desk, item)


def test_it_is_not_taken_for_the_one_that_got_no_answer(desk: Desk, etl: Etl) -> None:
    """The same reference, title and vendor, younger than a day, and nothing is under way by it."""
    item = line(1)
    assert outcomes(desk, item) == ["posted"]
    ended(desk)
    assert etl("ledger", "release", "1", "--not-in-alma", "--mapping", "m.yaml")[0] == 0
    striking(desk, "cut-before")
    assert outcomes(desk, item) == ["unknown"]
    striking(desk, "")
    assert outcomes(desk, item) == ["posted"]
    assert alive(desk) == 1


def test_what_was_taken_back_and_is_there_is_found(desk: Desk, etl: Etl) -> None:
    """A person was wrong: it is held, and may be said to be there after all."""
    item = line(1)
    assert outcomes(desk, item) == ["posted"]
    assert etl("ledger", "release", "1", "--not-in-alma")[0] == 0
    assert outcomes(desk, item, look_first=True) == ["already posted"]
    assert alive(desk) == 1
    assert etl("ledger", "release", "1", "--not-in-alma")[0] == 0
    changed = line(1, price={"sum": "300.00", "currency": "SEK"})
    assert outcomes(desk, changed, look_first=True) == ["held"]
    code, said = etl("ledger", "resolve", "1", "--posted", "POL-1")
    assert (code, "posted" in said) == (0, True), said
    assert alive(desk) == 1


@pytest.mark.parametrize("unknown", [False, True], ids=["looked for", "unknown"])
def test_one_that_the_ledger_never_knew_is_for_a_person(desk: Desk, unknown: bool) -> None:
    Desk(desk.url, desk.folder / "elsewhere").post(line(1))
    ended(desk)
    if unknown:
        striking(desk, "cut-before")
        assert outcomes(desk, line(1)) == ["unknown"]
        striking(desk, "")
    receipts, _ = desk.post(line(1), look_first=True)
    assert ([one.outcome for one in receipts], codes(receipts)) == (["held"], ["E824"])
    assert "CANCELLED" in (receipts[0].problem.message if receipts[0].problem else "")
    assert alive(desk) == 0


def test_a_number_given_by_hand_is_no_order_once_it_is_cancelled(desk: Desk, etl: Etl) -> None:
    desk.post(line(1, mark=" SIM-FAULT-error-500-after"), settle_wait=600, max_unknown=1)
    ended(desk)
    code, said = etl("ledger", "resolve", "1", "--posted", "POL-1", "--mapping", "m.yaml")
    assert (code, "E826" in said, "CANCELLED" in said) == (2, True, True), said
