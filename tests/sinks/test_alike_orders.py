"""What a person decides about an order that looks like another, and how long it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alma_orders import Desk, at_simulator, codes, line
from sqlalchemy import Engine

from etl.ledger.database import open_database
from etl.ledger.decisions import dismiss, release
from etl.ledger.find import Wanted, find
from etl.ledger.orders import Order, State
from etl.plugin import Identity, Item, RecordOrigin
from etl.problems import Refusal


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_simulator(tmp_path) as one:
        yield one


@pytest.fixture
def engine(desk: Desk) -> Iterator[Engine]:
    opened = open_database("etl-ledger.sqlite", desk.folder)
    yield opened
    opened.dispose()


def again(number: int, *, key: str = "another key", file: str = "b", values: str = "1") -> Item:
    """Order line `number` under another key, in another file."""
    item = line(number)
    origin = RecordOrigin(file * 64, f"{file}.csv", 1, ((1, 0),), f'[{{"price":"{values}"}}]')
    return replace(item, key=(key, str(number)), origin=origin)


def orders(engine: Engine) -> list[Order]:
    return list(find(engine, Wanted()))


def test_it_is_held_at_every_run_and_names_the_other(desk: Desk) -> None:
    desk.post(line(1))
    for _ in range(3):
        receipts, _ = desk.post(again(1))
        assert (receipts[0].outcome, codes(receipts)) == ("held", ["E828"])
        problem = receipts[0].problem
        assert problem is not None
        assert '1 "ADLIBRIS + O-1" (POL-' in problem.message
    assert len(desk.held()) == 1


def titled(number: int, title: str, **more: str) -> Item:
    """Order line 1 with this title and no ISBN, and a key of its own; as a mapping without `identity` has it."""
    return replace(line(1, resource_metadata={"title": title}, **more), key=("titled", str(number)))


@pytest.mark.parametrize("additional", [{}, {"additional_order_reference": "O"}])
@pytest.mark.parametrize("title", ["Bok ett : en roman", "Bok ett", "BOK ETT"])
def test_the_number_of_a_line_is_enough_unless_titles_contradict(
    desk: Desk, title: str, additional: dict[str, str]
) -> None:
    desk.post(titled(1, "Bok ett", **additional))
    receipts, _ = desk.post(titled(2, title, **additional))
    assert (receipts[0].outcome, codes(receipts)) == ("held", ["E828"])
    receipts, _ = desk.post(titled(3, "Bok två", **additional))
    assert [one.outcome for one in receipts] == ["posted"]


def test_lines_of_one_delivery_are_told_apart_by_their_keys(desk: Desk) -> None:
    """A book stands on two lines of an order, for two branches."""
    first, second = again(1, key="a"), again(1, key="b")
    assert first.origin is not None
    second = replace(second, origin=replace(first.origin, rows=((2, 0),)))
    receipts, _ = desk.post(first, second)
    assert [one.outcome for one in receipts] == ["posted", "posted"]


def test_what_came_last_is_what_is_decided_about(desk: Desk, engine: Engine) -> None:
    desk.post(line(1))
    desk.post(again(1))
    first, second = orders(engine)
    dismiss(engine, second, "anna", "", first)
    for price in ("2", "3"):
        item = replace(again(1, values=price), payload=line(1, receiving_note=f"for {price}").payload)
        receipts, _ = desk.post(item)
        assert (receipts[0].outcome, codes(receipts)) == ("held", ["E824"])
        assert f"for {price}" in orders(engine)[1].payload


def test_said_in_swedish(desk: Desk) -> None:
    desk.post(line(1))
    receipts, _ = desk.post(again(1), language="sv")
    problem = receipts[0].problem
    assert problem is not None
    assert "liknar en beställning" in problem.message
    assert "etl ledger dismiss ID --same-as" in (problem.help or "")


def test_another_order_is_posted_once_it_was_released(desk: Desk, engine: Engine) -> None:
    desk.post(line(1))
    desk.post(again(1))
    release(engine, orders(engine)[1], "anna")
    receipts, _ = desk.post(again(1))
    assert [one.outcome for one in receipts] == ["posted"]
    receipts, _ = desk.post(again(1))
    assert [one.outcome for one in receipts] == ["already posted"]
    assert len(desk.held()) == 2


def test_a_release_holds_for_the_record_that_was_looked_at(desk: Desk, engine: Engine) -> None:
    desk.post(line(1))
    desk.post(again(1))
    release(engine, orders(engine)[1], "anna")
    receipts, _ = desk.post(again(1, values="2"))
    assert (receipts[0].outcome, codes(receipts)) == ("held", ["E828"])
    assert len(desk.held()) == 1


def test_the_same_order_is_never_asked_again(desk: Desk, engine: Engine) -> None:
    desk.post(line(1))
    desk.post(again(1))
    first, second = orders(engine)
    dismiss(engine, second, "anna", "", first)
    receipts, _ = desk.post(again(1), line(1))
    assert [one.outcome for one in receipts] == ["dismissed", "already posted"]
    assert len(desk.held()) == 1
    receipts, _ = desk.post(again(1, values="2"))
    assert (receipts[0].outcome, codes(receipts)) == ("held", ["E824"])
    receipts, _ = desk.post(again(1, values="2"))
    assert (receipts[0].outcome, codes(receipts)) == ("held", ["E824"])


def test_a_dismissal_may_be_taken_back(desk: Desk, engine: Engine) -> None:
    desk.post(line(1))
    desk.post(again(1))
    first, second = orders(engine)
    dismiss(engine, second, "anna", "", first)
    release(engine, orders(engine)[1], "anna")
    receipts, _ = desk.post(again(1))
    assert [one.outcome for one in receipts] == ["posted"]


def test_it_goes_out_when_the_other_is_out_of_the_way(desk: Desk, engine: Engine) -> None:
    """The other one was refused, and never came to be."""
    desk.post(line(1, owner="NOWHERE"))
    receipts, _ = desk.post(again(1))
    assert [one.outcome for one in receipts] == ["posted"]
    receipts, _ = desk.post(line(1))
    assert (receipts[0].outcome, codes(receipts)) == ("held", ["E828"])
    assert len(desk.held()) == 1


def test_the_mapping_may_say_that_it_is_another(desk: Desk) -> None:
    desk.post(line(1))
    receipts, _ = desk.post(replace(again(1), identity=Identity(another=True)))
    assert [one.outcome for one in receipts] == ["posted"]


def test_the_same_record_of_the_same_file_whatever_it_says_now(desk: Desk) -> None:
    desk.post(again(1, key="a"))
    receipts, _ = desk.post(again(2, key="b", file="b"))
    assert (receipts[0].outcome, codes(receipts)) == ("held", ["E828"])


@pytest.mark.parametrize("state", [State.POSTED, State.UNKNOWN, State.INTENDED])
def test_what_may_be_in_alma_is_not_dismissed(desk: Desk, engine: Engine, state: State) -> None:
    desk.post(line(1))
    with pytest.raises(Refusal) as refused:
        dismiss(engine, replace(orders(engine)[0], state=state), "anna", "no")
    assert [one.code for one in refused.value.problems] == ["E815"]


def test_an_order_is_not_the_same_as_itself(desk: Desk, engine: Engine) -> None:
    desk.post(line(1))
    desk.post(again(1))
    second = orders(engine)[1]
    with pytest.raises(Refusal, match="E816"):
        dismiss(engine, second, "anna", "", second)
