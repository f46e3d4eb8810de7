"""What cannot be done at the end of a delivery → told beside the reason why it ended, never instead of it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alma_orders import Desk, at_simulator, line

from etl.interruption import interruption
from etl.ledger.database import open_database
from etl.ledger.find import Wanted, find
from etl.ledger.ledger import Ledger
from etl.ledger.orders import State
from etl.plugin import Item, Problem, Receipt, Refusal
from etl.problems import Unavailable
from etl.simulator import Limits
from etl.sinks.alma import AlmaSink

Break = Callable[[Desk, pytest.MonkeyPatch], None]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "notes").mkdir()
    with at_simulator(tmp_path, limits=Limits(None, None, 20)) as one:
        yield one


def note(desk: Desk, patch: pytest.MonkeyPatch) -> None:
    """Somebody else's file stands where the age of the ledger is to be noted."""
    (desk.folder / "notes" / "age").write_text("theirs")


def note_nowhere(desk: Desk, patch: pytest.MonkeyPatch) -> None:
    """The folder of the note is gone, and something else stands there."""
    (desk.folder / "notes" / "age").unlink()
    (desk.folder / "notes").rmdir()
    (desk.folder / "notes").write_text("theirs")


def goodbye(desk: Desk, patch: pytest.MonkeyPatch) -> None:
    """The run cannot say that it is done."""

    def locked(engine: object) -> None:
        raise Unavailable(Problem("E813", "the ledger does not answer"))

    patch.setattr("etl.ledger.process.transaction", locked)


def outcomes(desk: Desk, patch: pytest.MonkeyPatch) -> None:
    """What is answered from now on cannot be written down."""
    advance = Ledger.advance

    def full(ledger: Ledger, settlements: Any, intents: Any) -> Any:
        if settlements:
            raise Refusal(Problem("E620", "the ledger cannot be written"))
        return advance(ledger, settlements, intents)

    patch.setattr(Ledger, "advance", full)


CANNOT = {
    "note": (note, "E612"),
    "note nowhere": (note_nowhere, "E611"),
    "goodbye": (goodbye, "E813"),
    "outcomes": (outcomes, "E620"),
}


class Ended:
    """A delivery to its end: its receipts, what was told beside them, and why it ended."""

    def __init__(self, desk: Desk, items: Iterator[Item], **more: Any) -> None:
        self.receipts: list[Receipt] = []
        self.told: list[str] = []
        self.why: BaseException | None = None
        try:
            for one in AlmaSink().deliver(
                items, desk.options(**{"reserve": 0, "witness": "notes/age", **more}), desk.folder
            ):
                if isinstance(one, Problem):
                    self.told.append(one.code)
                else:
                    self.receipts.append(one)
        except (Refusal, OSError, KeyboardInterrupt) as reason:
            self.why = reason

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.why.problems] if isinstance(self.why, Refusal) else []


@pytest.fixture(params=CANNOT)
def broken(request: pytest.FixtureRequest, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str]:
    act, code = CANNOT[request.param]
    return (lambda: act(desk, monkeypatch)), code


def test_a_file_that_cannot_be_read_any_more_is_the_reason(desk: Desk, broken: tuple[Any, str]) -> None:
    act, code = broken

    def items() -> Iterator[Item]:
        yield line(1)
        act()
        raise OSError("gone")

    ended = Ended(desk, items())
    assert isinstance(ended.why, OSError), ended.why
    assert str(ended.why) == "gone"
    assert ended.told == [code]


@pytest.mark.parametrize("what", ["note", "note nowhere", "goodbye"])
def test_a_refusal_is_the_reason(desk: Desk, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    act, code = CANNOT[what]

    def items() -> Iterator[Item]:
        yield line(1)
        act(desk, monkeypatch)
        for number in range(2, 30):
            yield line(number)

    ended = Ended(desk, items(), reserve=10)
    assert (ended.codes, ended.told) == (["E833"], [code])


@pytest.mark.parametrize("what", ["note", "note nowhere", "goodbye"])
def test_a_signal_is_the_reason(desk: Desk, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    act, code = CANNOT[what]

    def items() -> Iterator[Item]:
        yield line(1)
        act(desk, monkeypatch)
        signal.raise_signal(signal.SIGTERM)
        yield line(2)

    with interruption.listening():
        ended = Ended(desk, items())
    assert isinstance(ended.why, KeyboardInterrupt), ended.why
    assert ended.told == [code]


@pytest.mark.parametrize("what", ["note", "note nowhere", "goodbye"])
def test_where_all_went_well_it_is_the_reason_itself(
    desk: Desk, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, code = CANNOT[what]

    def items() -> Iterator[Item]:
        yield line(1)
        act(desk, monkeypatch)

    ended = Ended(desk, items())
    assert ([one.outcome for one in ended.receipts], ended.codes, ended.told) == (["posted"], [code], [])


def test_what_came_up_before_a_refusal_is_told_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a migration found is said once: it may not be lost because this run goes no further."""
    monkeypatch.setattr(
        "etl.ledger.process.told_of", lambda _: [Problem("E829", "two keys of one normal form")]
    )
    desk.post(line(1))
    ended = Ended(desk, iter([line(2)]), institution="another")
    assert (ended.codes, ended.told) == (["E814"], ["E829"])


@pytest.mark.parametrize("concurrency", [1, 2])
def test_what_is_answered_while_it_ends_is_written_down(desk: Desk, concurrency: int) -> None:
    """Items end with an error while answers are under way: what Alma has by then, the ledger has too."""

    def items() -> Iterator[Item]:
        for number in range(1, 10):
            yield line(number, vendor=("ADLIBRIS", "BTJ")[number % 2])
            if concurrency == 1:
                break
        raise OSError("gone")

    ended = Ended(desk, items(), concurrency=concurrency)
    assert isinstance(ended.why, OSError), ended.why
    assert desk.held(), "nothing was sent, so nothing was shown"
    engine = open_database("etl-ledger.sqlite", desk.folder)
    numbers = {order.number for order in find(engine, Wanted(states=[State.POSTED]))}
    assert numbers == {one["number"] for one in desk.held()}
    assert not list(find(engine, Wanted(states=[State.UNKNOWN, State.INTENDED])))
    engine.dispose()
