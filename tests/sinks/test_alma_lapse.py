"""A process that stood still so long that another took its order over → it asks before it goes on, and does not post."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from etl.alma.passage import Passage
from etl.alma.wire import Received, Sent
from etl.ledger.database import open_database, transaction
from etl.ledger.find import Wanted, find, history
from etl.ledger.ledger import Ledger
from etl.ledger.orders import Settlement, State
from etl.ledger.process import LEASE, Run
from etl.ledger.tables import runs
from etl.plugin import Item
from etl.sinks.alma import AlmaOptions, delivery_for

LINE = {"vendor": {"value": "BTJ"}, "vendor_account": "BTJ", "vendor_reference_number": "O-1"}
ITEM = Item(("BTJ", "O-1"), "O-1", json.dumps(LINE).encode(), "po_line")
OVER = (
    b'{"errorsExist":true,"errorList":{"error":[{"errorCode":"PER_SECOND_THRESHOLD","errorMessage":"over"}]}}'
)


def taken_over(mine: Ledger) -> None:
    """A process of another machine finds ours without a sign of life, settles the order as absent and posts it."""
    with transaction(mine.database) as connection:
        gone = {"host": "elsewhere", "beat": 0.0}
        connection.execute(update(runs).where(runs.c.id == mine.run.id).values(gone))
    other = Ledger(mine.database, "alma", Run(mine.database))
    passage = Passage.of(ITEM)
    unknown = other.advance([], [passage.intent()])[1][0]
    assert unknown.verdict == "unknown"
    passage.absent = unknown.order
    again = other.advance([], [passage.intent()])[1][0]
    assert again.verdict == "mine"
    other.advance([Settlement(again.order, State.POSTED, "", "POL-1")], [])
    other.run.close()


def awake_at_once(run: Run) -> None:
    """The worker is the first to go on after the pause."""
    run.beaten -= LEASE + 10


def heart_first(run: Run) -> None:
    """The thread that gives signs of life is the first to go on."""
    run.beaten -= LEASE + 10
    run.beat()


@pytest.mark.parametrize("wake", [awake_at_once, heart_first])
def test_a_pause_longer_than_the_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wake: Callable[[Run], None]
) -> None:
    monkeypatch.setenv("A_KEY", "a-key-of-alma")
    options = AlmaOptions(base_url="http://127.0.0.1:9", key="env:A_KEY", per_second=0, per_minute=0)
    sent: list[Sent] = []
    open_database(options.ledger, tmp_path).dispose()
    with delivery_for(options, tmp_path, deque()) as delivery:

        def alma(request: Sent) -> Received:
            """Throttles once; while the run waits before its second attempt, it is stopped for minutes."""
            sent.append(request)
            if len(sent) > 1:
                return Received(200, {}, b'{"number": "POL-2"}')
            taken_over(delivery.ledger)
            wake(delivery.ledger.run)
            return Received(429, {}, OVER)

        monkeypatch.setattr(delivery.client, "_transport", alma)
        receipts = list(delivery.deliver(iter([ITEM])))
    assert [request.method for request in sent] == ["POST"]
    assert [(one.outcome, one.where) for one in receipts] == [("already posted", "POL-1")]


@pytest.mark.parametrize("language", ["en", "sv"])
def test_what_was_sent_before_nobody_could_ask_is_said_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """Stopped with the request on its way: nothing can prevent the second line, so it must not go unnoticed."""
    monkeypatch.setenv("A_KEY", "a-key-of-alma")
    options = AlmaOptions(
        base_url="http://127.0.0.1:9", key="env:A_KEY", per_second=0, per_minute=0, language=language
    )  # type: ignore[arg-type]
    open_database(options.ledger, tmp_path).dispose()
    with delivery_for(options, tmp_path, deque()) as delivery:

        def alma(request: Sent) -> Received:
            del request
            taken_over(delivery.ledger)
            return Received(200, {}, b'{"number": "POL-2"}')

        monkeypatch.setattr(delivery.client, "_transport", alma)
        (receipt,) = delivery.deliver(iter([ITEM]))
        (order,) = find(delivery.ledger.database, Wanted("POL-1"))
        written = " ".join(event.words or "" for event in history(delivery.ledger.database, order))
    assert receipt.problem is not None
    assert receipt.problem.code == "E827"
    assert "POL-2" in receipt.problem.message
    assert "POL-2" in written
