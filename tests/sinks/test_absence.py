"""An order without answer → sent again only where Alma shows, by its own clock and whole, that it is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alma_orders import Desk, at_simulator, codes, line
from sqlalchemy import Engine, update

from etl.cli.main import run_cli
from etl.ledger.database import open_database, transaction
from etl.ledger.find import Wanted, find
from etl.ledger.tables import orders
from etl.plugin import Item
from etl.simulator import FaultPlan, Timing

NEVER_CAME, CAME = " SIM-FAULT-once-cut-before", " SIM-FAULT-once-cut-after"
NO_ISBN = {"title": "Påhittad bok utan nummer"}


class Clock:
    """Alma's, which moves only when it is told to; this machine's goes on as it is."""

    seconds = 1.8e9

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database("etl-ledger.sqlite", tmp_path)
    yield engine
    engine.dispose()


def outcome(desk: Desk, item: Item, **more: object) -> str:
    (receipt,) = desk.post(item, **more)[0]
    return receipt.outcome


@pytest.mark.parametrize(
    ("mark", "then", "in_alma"),
    [(NEVER_CAME, "posted", 0), (CAME, "already posted", 1)],
    ids=["never", "came"],
)
@pytest.mark.parametrize("metadata", [None, NO_ISBN], ids=["by ISBN", "by title"])
def test_what_is_not_there_counts_after_the_wait_by_almas_clock(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mark: str,
    then: str,
    in_alma: int,
    metadata: dict[str, str] | None,
) -> None:
    """Lists lag by two minutes, runs come sooner: none of them says absent before five have passed."""
    monkeypatch.setattr("etl.alma.settle._PATIENT", 0.05)
    clock = Clock()
    item = line(1, mark=mark, **({"resource_metadata": metadata} if metadata else {}))
    with at_simulator(tmp_path, timing=Timing(0, 0, 120, 0), clock=clock) as desk:
        outcomes = [outcome(desk, item, settle_wait=300)]
        for _ in range(3):
            clock.seconds += 30
            outcomes.append(outcome(desk, item, settle_wait=300))
        assert outcomes == ["unknown"] * 4
        assert len(desk.held()) == in_alma
        clock.seconds += 300
        assert outcome(desk, item, settle_wait=300) == then
        assert len(desk.held()) == 1


def test_resolve_asks_by_almas_clock_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("etl.alma.settle._PATIENT", 0.05)
    clock = Clock()
    with at_simulator(tmp_path, clock=clock) as desk:
        outcome(desk, line(1, mark=NEVER_CAME), settle_wait=300)
        words = ["ledger", "resolve", "--base-url", desk.url, "--key", "env:TEST_ALMA_KEY"]
        assert run_cli(words) == 1
        assert "still unknown" in capsys.readouterr().out
        clock.seconds += 3600
        assert run_cli(words) == 0
        assert "released" in capsys.readouterr().out


@pytest.mark.parametrize("days", [-4000, -20, 3, 20, 4000])
@pytest.mark.parametrize("fault", ["cut-after", "created-shift"])
def test_the_clock_of_who_sent_hides_no_line(tmp_path: Path, ledger: Engine, days: int, fault: str) -> None:
    item = line(1, mark=f" SIM-FAULT-once-{fault}")
    with at_simulator(tmp_path, timing=Timing(0, 0, 0.3, 0)) as desk:
        assert outcome(desk, item, settle_wait=0) == "unknown"
        (order,) = find(ledger, Wanted())
        then = (datetime.fromisoformat(order.created_at) + timedelta(days=days)).isoformat()
        with transaction(ledger) as connection:
            connection.execute(update(orders).values(created_at=then, attempted_at=then))
        assert outcome(desk, item, settle_wait=0.4) == "already posted"
        assert len(desk.held()) == 1


@pytest.mark.parametrize(
    ("reference", "change"),
    [("O", {}), ("O1", {}), ("", {}), ("BY-HAND", {"price": {"sum": "1.00", "currency": "SEK"}})],
)
@pytest.mark.parametrize("known", [False, True], ids=["stranger", "known"])
def test_the_same_title_of_the_vendor_is_for_a_person_unless_the_ledger_knows_it(
    tmp_path: Path, ledger: Engine, reference: str, change: dict[str, object], known: bool
) -> None:
    other = replace(line(1, vendor_reference_number=reference or None, **change), key=("X", "1"))
    item = line(1, mark=NEVER_CAME)
    with at_simulator(tmp_path) as desk:
        (desk if known else Desk(desk.url, tmp_path / "elsewhere")).post(other)
        outcome(desk, item)
        receipts, _ = desk.post(item)
        if known:
            assert [one.outcome for one in receipts] == ["posted"]
            return
        assert ([one.outcome for one in receipts], codes(receipts)) == (["held"], ["E824"])
        assert len(desk.held()) == 1
        (order,) = find(ledger, Wanted())
        assert order.cause is not None
        assert (order.cause.rule, order.cause.values["count"]) == ("several", 1)
        (again,) = desk.post(item, language="sv")[0]
        assert again.problem is not None
        assert "1 i Alma kan vara den: POL-1" in again.problem.message


def test_another_vendors_line_is_no_reason_to_wait(tmp_path: Path) -> None:
    item = line(1, mark=NEVER_CAME)
    with at_simulator(tmp_path) as desk:
        Desk(desk.url, tmp_path / "elsewhere").post(line(1, vendor="BTJ"))
        outcome(desk, item)
        assert outcome(desk, item) == "posted"


def test_a_line_that_is_listed_and_cannot_be_read_is_there(tmp_path: Path, ledger: Engine) -> None:
    item = line(1, mark=" SIM-FAULT-once-listed-only")
    with at_simulator(tmp_path, timing=Timing(0, 0, 0, 600)) as desk:
        assert outcome(desk, item) == "unknown"
        (receipt,) = desk.post(item)[0]
        assert receipt.outcome == "held"
        assert "401871" in (receipt.problem.message if receipt.problem else "")
        assert len(desk.held()) == 1
        (order,) = find(ledger, Wanted())
        assert order.cause is not None
        assert order.cause.rule == "not shown"


def test_a_line_that_can_be_read_later_is_found(tmp_path: Path) -> None:
    item = line(1, mark=" SIM-FAULT-once-listed-only")
    with at_simulator(tmp_path, timing=Timing(0, 0, 0, 0.4)) as desk:
        assert outcome(desk, item) == "unknown"
        assert outcome(desk, item, settle_wait=0.8) == "already posted"


@pytest.mark.parametrize("kinds", [("no-total",), ()], ids=["without total", "with total"])
def test_every_page_is_read(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    """A hundred newer lines of the title stand before ours; by title alone it would be thousands."""
    faults = FaultPlan(1, 1.0, kinds, ("GET",)) if kinds else None
    same = json.loads(line(1).payload)["resource_metadata"]
    with at_simulator(tmp_path, timing=Timing(0, 0, 0.3, 0), faults=faults) as desk:
        assert outcome(desk, line(1, mark=CAME), settle_wait=0) == "unknown"
        newer = [line(number, vendor="BTJ", resource_metadata=same) for number in range(2, 123)]
        Desk(desk.url, tmp_path / "elsewhere").post(*newer)
        assert outcome(desk, line(1, mark=CAME), settle_wait=0.5) == "already posted"
        assert desk.references().count(f"O-1{CAME}") == 1


@pytest.mark.parametrize("fault", ["unlisted-400-after", "unparsed-after"])
def test_an_error_that_nobody_knows_is_no_refusal(tmp_path: Path, fault: str) -> None:
    item = line(1, mark=f" SIM-FAULT-once-{fault}")
    with at_simulator(tmp_path, timing=Timing(0, 0, 0.3, 0)) as desk:
        assert outcome(desk, item, settle_wait=0) == "unknown"
        assert outcome(desk, item, settle_wait=0.5) == "already posted"
        assert len(desk.held()) == 1


def test_what_may_be_in_alma_is_not_dismissed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    item = line(1, mark=" SIM-FAULT-once-reference-cut")
    with at_simulator(tmp_path) as desk:
        assert [outcome(desk, item), outcome(desk, item)] == ["unknown", "held"]
        assert run_cli(["ledger", "dismiss", "1", "--reason", "no more"]) == 2
        assert run_cli(["ledger", "release", "1"]) == 0
        assert run_cli(["ledger", "dismiss", "1", "--reason", "no more"]) == 0


def test_without_isbn_and_vendor_a_title_proves_nothing(tmp_path: Path) -> None:
    item = replace(line(1, mark=NEVER_CAME), payload=_without_vendor(line(1, mark=NEVER_CAME)))
    with at_simulator(tmp_path) as desk:
        assert outcome(desk, item) == "unknown"
        assert outcome(desk, item) == "held"


def _without_vendor(item: Item) -> bytes:
    document = json.loads(item.payload)
    document["resource_metadata"] = NO_ISBN
    return json.dumps(
        {name: one for name, one in document.items() if not name.startswith("vendor_a") and name != "vendor"}
    ).encode()
