"""What is posted when, what is not, and what is said about it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from alma_orders import KEY, Desk, at_simulator, codes, line, request
from sqlalchemy import select, update

from etl.alma.passage import Passage
from etl.ledger.database import open_database, transaction
from etl.ledger.ledger import Ledger
from etl.ledger.process import Run
from etl.ledger.tables import places
from etl.plugin import Item, Refusal
from etl.problems import Unavailable
from etl.simulator import FaultPlan, Limits, Timing
from etl.sinks.alma import AlmaOptions, AlmaSink


@pytest.fixture
def desk(tmp_path: Path) -> object:
    with at_simulator(tmp_path) as one:
        yield one


def test_in_input_order_for_each_vendor_account(desk: Desk) -> None:
    vendors = ("ADLIBRIS", "BTJ", "BOKUS", "FORLAGETT")
    items = [line(number, vendor=vendors[number % 3 if number % 7 else 3]) for number in range(1, 61)]
    receipts, refusal = desk.post(*items, concurrency=4)
    assert refusal is None
    assert [receipt.key for receipt in receipts] == [item.key for item in items]
    for vendor in vendors:
        mine = [d["vendor_reference_number"] for d in desk.held() if d["vendor"]["value"] == vendor]
        assert mine == [item.key[1] for item in items if item.key[0] == vendor]
    assert len(desk.held()) == 60


def test_another_payload_is_held_until_a_person_says(desk: Desk) -> None:
    desk.post(line(1))
    dearer = line(1, price={"sum": "299.00", "currency": "SEK"})
    receipts, _ = desk.post(dearer)
    assert (receipts[0].outcome, codes(receipts)) == ("held", ["E823"])
    assert len(desk.held()) == 1


def test_refused_orders_are_sent_again(desk: Desk) -> None:
    receipts, _ = desk.post(line(1, owner="NOWHERE"))
    assert (receipts[0].outcome, codes(receipts)) == ("refused", ["E820"])
    assert receipts[0].problem is not None
    assert "401872" in receipts[0].problem.message
    receipts, _ = desk.post(line(1))
    assert receipts[0].outcome == "posted"


def test_explained_in_swedish(desk: Desk) -> None:
    receipts, _ = desk.post(line(1, owner="NOWHERE"), language="sv")
    assert receipts[0].problem is not None
    assert "känner inte till en kod" in receipts[0].problem.message
    assert "mappningen" in (receipts[0].problem.help or "")


def numbered(item: Item, number: str) -> Item:
    """The same order with a number of our own, as other programs send it."""
    return replace(item, payload=json.dumps({"number": number, **json.loads(item.payload)}).encode())


def test_an_own_number_that_is_ours_already(desk: Desk, tmp_path: Path) -> None:
    item = numbered(line(1), "HBG-1")
    Desk(desk.url, tmp_path / "another-ledger").post(item)
    receipts, _ = desk.post(item)
    assert [(receipt.outcome, receipt.where) for receipt in receipts] == [("posted", "HBG-1")]
    assert len(desk.held()) == 1
    receipts, _ = desk.post(numbered(line(2), "HBG-1"))
    assert (receipts[0].outcome, codes(receipts)) == ("refused", ["E821"])


def test_the_reserve_is_left_to_others(tmp_path: Path) -> None:
    with at_simulator(tmp_path, limits=Limits(None, None, 20)) as desk:
        receipts, refusal = desk.post(*[line(number) for number in range(1, 30)], reserve=10)
        assert isinstance(refusal, Unavailable)
        assert refusal.problems[0].code == "E833"
        assert {receipt.outcome for receipt in receipts} == {"posted"}
        assert 9 <= len(receipts) <= 11


def test_below_the_reserve_nothing_goes_out(tmp_path: Path) -> None:
    with at_simulator(tmp_path, limits=Limits(None, None, 20)) as desk:
        receipts, refusal = desk.post(line(1), reserve=500)
        assert isinstance(refusal, Unavailable)
        assert refusal.problems[0].code == "E833"
        assert receipts == []
        assert desk.references() == []


def test_refusals_use_up_calls_as_well(tmp_path: Path) -> None:
    with at_simulator(tmp_path, limits=Limits(None, None, 20)) as desk:
        refused = [line(number, owner="NOWHERE") for number in range(1, 30)]
        receipts, refusal = desk.post(*refused, reserve=10)
        assert isinstance(refusal, Unavailable)
        assert refusal.problems[0].code == "E833"
        assert {receipt.outcome for receipt in receipts} == {"refused"}
        assert 9 <= len(receipts) <= 11


def test_the_days_calls_run_out(tmp_path: Path) -> None:
    with at_simulator(tmp_path, limits=Limits(None, None, 5)) as desk:
        receipts, refusal = desk.post(*[line(number) for number in range(1, 9)], reserve=0)
        assert isinstance(refusal, Unavailable)
        assert refusal.problems[0].code == "E831"
        assert [receipt.outcome for receipt in receipts] == ["posted"] * 4 + ["not delivered"]


def test_at_the_limit_without_a_refusal(tmp_path: Path) -> None:
    with at_simulator(tmp_path, limits=Limits(20, None)) as desk:
        receipts, refusal = desk.post(
            *[line(number) for number in range(1, 61)], per_second=20, concurrency=2
        )
        assert refusal is None
        assert len(receipts) == 60
        assert desk.simulator is not None
        assert desk.simulator.gate.busiest_second <= 20


def test_a_second_name_for_one_alma_is_refused(desk: Desk) -> None:
    """Under it nothing that was posted would count."""
    desk.post(line(1))
    receipts, refusal = desk.post(line(1), institution="hbg")
    assert receipts == []
    assert refusal is not None
    assert refusal.problems[0].code == "E814"
    assert 'is "alma", not "hbg"' in refusal.problems[0].message
    assert len(desk.held()) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [("error-500", "E832"), ("html-502", "E832"), ("cut-before", "E832"), ("single-error", "E832"), ("unauthorized", "E814")],
)  # fmt: skip
@pytest.mark.parametrize("first", ["", "unauthorized"], ids=["known", "unknown"])
def test_a_second_name_counts_only_where_alma_tells_whose_it_is(
    desk: Desk, fault: str, code: str, first: str
) -> None:
    """What cannot be told from a name that the ledger has may be the same Alma."""
    striking(desk, first)
    assert [one.outcome for one in desk.post(line(1))[0]] == ["posted"]
    striking(desk, fault)
    receipts, refusal = desk.post(line(1), institution="prod")
    assert receipts == []
    assert refusal is not None
    assert refusal.problems[0].code == code
    striking(desk, "")
    _, refusal = desk.post(line(1), institution="prod")
    assert refusal is not None
    assert refusal.problems[0].code == "E814"
    assert [one.outcome for one in desk.post(line(1))[0]] == ["already posted"]
    assert len(desk.held()) == 1


def striking(desk: Desk, fault: str) -> None:
    """Every reading meets it, until it is taken away with "" as its name."""
    assert desk.simulator is not None
    desk.simulator.faults.plan = FaultPlan(1, 1.0, (fault,), ("GET",)) if fault else None


def test_a_sandbox_at_the_same_address_is_another_institution(desk: Desk) -> None:
    """Only the key differs: what counts is whose key it is."""
    desk.post(line(1))
    engine = open_database("etl-ledger.sqlite", desk.folder)
    with transaction(engine) as connection:
        assert connection.execute(select(places.c.code)).scalar_one()
        connection.execute(update(places).values(code="01ANOTHER_INST"))
    engine.dispose()
    receipts, refusal = desk.post(line(1))
    assert receipts == []
    assert refusal is not None
    assert refusal.problems[0].code == "E814"
    assert "01ANOTHER_INST" in refusal.problems[0].message


def test_a_rehearsal_does_not_count_as_an_order(desk: Desk) -> None:
    desk.post(line(1))
    elsewhere = Desk("https://alma.example.org", desk.folder)
    receipts, refusal = elsewhere.post(line(1))
    assert receipts == []
    assert refusal is not None
    assert refusal.problems[0].code == "E814"


def test_without_a_key_nothing_is_sent(desk: Desk) -> None:
    item = line(1)
    receipts, refusal = desk.post(Item((), "record-1", item.payload, "po_line"))
    assert receipts == []
    assert refusal is not None
    assert refusal.problems[0].code == "E801"
    assert desk.held() == []


def test_the_api_key_is_looked_for_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_ALMA_KEY")
    desk = Desk("http://127.0.0.1:9", tmp_path)
    _, refusal = desk.post(line(1))
    assert refusal is not None
    assert refusal.problems[0].code == "E800"
    assert [path.name for path in tmp_path.iterdir()] == ["etl-ledger.sqlite"], "no note of its age either"


def test_orders_that_cannot_be_searched_are_held(desk: Desk) -> None:
    doubtful = line(2, mark=" SIM-FAULT-once-cut-before", resource_metadata={"title": "???"})
    assert codes(desk.post(doubtful)[0]) == ["E822"]
    receipts, _ = desk.post(doubtful)
    assert (receipts[0].outcome, codes(receipts)) == ("held", ["E824"])
    assert receipts[0].problem is not None
    assert "search" in receipts[0].problem.message


def test_a_twin_placed_by_hand_is_not_taken_for_ours(desk: Desk) -> None:
    """The same book, ordered by somebody else: other reference, so ours is absent and sent."""
    desk.post(Item(("X", "1"), "x", line(1, vendor_reference_number="BY-HAND").payload, "po_line"))
    doubtful = line(1, mark=" SIM-FAULT-once-cut-before")
    desk.post(doubtful)
    receipts, _ = desk.post(doubtful)
    assert receipts[0].outcome == "posted"
    assert len(desk.held()) == 2


def test_several_that_could_be_it_are_listed(desk: Desk, tmp_path: Path) -> None:
    """Somebody sent the same payload from another place, twice."""
    item = line(1)
    for number in (1, 2):
        Desk(desk.url, tmp_path / f"other-{number}").post(item)
    doubtful = Item(item.key, item.name, item.payload, item.target)
    here = Desk(desk.url, tmp_path / "here")
    _leave_intended(here, doubtful)
    receipts, _ = here.post(doubtful)
    assert (receipts[0].outcome, codes(receipts)) == ("held", ["E824"])
    assert receipts[0].problem is not None
    assert "POL-1" in receipts[0].problem.message
    assert "POL-2" in receipts[0].problem.message


def _leave_intended(desk: Desk, item: Item) -> None:
    """As a process that died before it heard of an answer."""
    engine = open_database("etl-ledger.sqlite", desk.folder)
    run = Run(engine)
    Ledger(engine, "alma", run).advance([], [Passage.of(item).intent()])
    run.close()
    engine.dispose()


def test_list_lag_is_respected(tmp_path: Path) -> None:
    with at_simulator(tmp_path, timing=Timing(0, 0, 0.6, 0)) as desk:
        item = line(1, mark=" SIM-FAULT-once-cut-after")
        _leave_intended(desk, item)
        Desk(desk.url, tmp_path / "other").post(line(1, mark=" SIM-FAULT-once-cut-after"), max_unknown=9)
        receipts, _ = desk.post(item, settle_wait=1.0)
        assert [receipt.outcome for receipt in receipts] == ["already posted"]
        assert len(desk.held()) == 1


def test_requests_of_one_user_are_told_apart(desk: Desk) -> None:
    first, second = request(1), request(2, mark=" SIM-FAULT-once-cut-before")
    desk.post(first)
    desk.post(second)
    receipts, _ = desk.post(first, second)
    assert [receipt.outcome for receipt in receipts] == ["already posted", "posted"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "l7xxNOTAREFERENCE"},
        {"region": "eu"},
        {"base_url": "http://alma.example.org"},
        {"concurrency": 0},
        {"unknown": 1},
    ],
)
def test_options_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error") as refused:
        AlmaOptions.model_validate({"base_url": "http://127.0.0.1:1", "key": "env:X", **wrong})
    words = "; ".join(str(one["msg"]) for one in refused.value.errors())  # type: ignore[attr-defined]
    assert "NOTAREFERENCE" not in words


def test_closing_early_leaves_nothing_in_doubt(desk: Desk) -> None:
    receipts = AlmaSink().deliver(iter([line(1), line(2), line(3)]), desk.options(), desk.folder)
    assert next(receipts).outcome == "posted"
    receipts.close()  # type: ignore[attr-defined]
    again, refusal = desk.post(line(1), line(2), line(3))
    assert refusal is None
    assert {receipt.outcome for receipt in again} <= {"posted", "already posted"}
    assert len(desk.held()) == 3


def test_a_refusal_from_the_items_goes_through(desk: Desk) -> None:
    def items() -> object:
        yield line(1)
        raise Refusal([])

    with pytest.raises(ValueError, match="at least one problem"):
        list(AlmaSink().deliver(items(), desk.options(), desk.folder))  # type: ignore[arg-type]
    assert len(desk.held()) == 1


def test_a_process_that_never_finishes_is_not_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.alma.deliver._OTHERS_LONGEST", 0.1)
    engine = open_database("etl-ledger.sqlite", desk.folder)
    run = Run(engine)
    Ledger(engine, "alma", run).advance([], [Passage.of(line(1)).intent()])
    receipts, _ = desk.post(line(1), line(2))
    run.close()
    engine.dispose()
    assert ([receipt.outcome for receipt in receipts], codes(receipts)) == (
        ["unknown", "posted"],
        ["E825", ""],
    )


def test_a_key_that_may_not_stops_the_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_ALMA_KEY", "simulator-read-only")
    receipts, refusal = desk.post(line(1), line(2))
    assert [receipt.outcome for receipt in receipts] == ["not delivered"]
    assert refusal is not None
    assert refusal.problems[0].code == "E830"
    assert not isinstance(refusal, Unavailable)
    monkeypatch.setenv("TEST_ALMA_KEY", KEY)
    assert [receipt.outcome for receipt in desk.post(line(1), line(2))[0]] == ["posted", "posted"]


def test_after_a_lost_ledger_orders_are_looked_for_first(desk: Desk) -> None:
    with_isbn, without = line(1), line(2, resource_metadata={"title": "Påhittad bok utan ISBN"})
    before, _ = desk.post(with_isbn, without)
    (desk.folder / "etl-ledger.sqlite").unlink()
    open_database("etl-ledger.sqlite", desk.folder).dispose()
    receipts, refusal = desk.post(with_isbn, line(3), without, look_first=True)
    assert refusal is None
    assert [(one.outcome, one.where) for one in receipts[:1]] == [("already posted", before[0].where)]
    assert [one.outcome for one in receipts] == ["already posted", "posted", "already posted"]
    assert desk.references() == ["O-1", "O-2", "O-3"]
    new = line(4, resource_metadata={"title": "Ny bok utan ISBN"})
    assert [one.outcome for one in desk.post(new, look_first=True)[0]] == ["posted"]


def test_looking_first_when_alma_cannot_be_asked_sends_nothing(tmp_path: Path) -> None:
    with at_simulator(tmp_path, limits=Limits(None, None, 2)) as desk:
        receipts, refusal = desk.post(line(1), line(2), look_first=True, reserve=0)
        assert isinstance(refusal, Unavailable)
        assert {one.outcome for one in receipts} == {"not delivered"}
        assert desk.references() == []


def test_manual_review_is_asked_for(desk: Desk) -> None:
    desk.post(line(1), manual_review=True)
    desk.post(line(2))
    assert desk.simulator is not None
    asked = {found.doc["vendor_reference_number"]: found.review for found in desk.simulator.world.store.lines()}
    assert asked == {"O-1": ["manual review asked for"], "O-2": []}
