"""The walks of docs/delivery.md, walked: what is posted, what is held, and that nothing is ordered twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alma_orders import Desk, at_simulator
from ledger_locations import KINDS, ledger_location
from order_walks import Delivered, Walk, walks

from etl.ledger.database import open_database
from etl.ledger.decisions import take_back
from etl.ledger.find import Wanted, find
from etl.normal_form import normal_form
from etl.plan.compile import compile_plan
from etl.plugin import Item, Receipt, Source
from etl.problems import Problem
from etl.registry import Registry
from etl.run.foreseen import foresee
from etl.run.memory import LedgerPlace
from etl.run.pipeline import Delivery, run
from etl.simulator import load_institution
from etl.sinks.alma import AlmaSink
from etl.spec.load import load

WALKS = walks()
LEAST = 40


class Watched(AlmaSink):
    """The sink, and what it answered."""

    def __init__(self) -> None:
        self.receipts: dict[tuple[str, ...], list[Receipt]] = defaultdict(list)

    def deliver(self, items: Iterator[Item], options: Any, base: Path) -> Iterator[Receipt | Problem]:
        for receipt in super().deliver(items, options, base):
            if isinstance(receipt, Receipt):
                self.receipts[tuple(map(normal_form, receipt.key))].append(receipt)
            yield receipt


FORESEEN = {
    "new": "posted", "free": "posted", "posted": "already_posted", "remapped": "already_posted",
    "changed": "held", "like": "held",
}  # fmt: skip


def delivered(desk: Desk, one: Delivered, ledger: str, *, asked: bool) -> list[str]:
    """The outcome of each line. `asked`: beforehand too, and the answer was the same."""
    mapping, path = desk.folder / "walk.yaml", desk.folder / "in.csv"
    mapping.write_text(one.mapping(), encoding="utf-8")
    path.write_bytes(one.file())
    source = Source("in.csv", lambda: path.open("rb"), path.stat().st_size)
    plan = compile_plan(
        load(str(mapping)), Registry.installed(), run_date=date(2024, 3, 11), samples=[source]
    )
    sink = Watched()
    institution = "sandbox" if "sandbox" in one.words else "alma"
    options = desk.options(ledger=ledger, institution=institution, look_first="looked" in one.words)
    if {"cancelled", "taken"} & one.words:
        cancelled(desk, ledger, taken="taken" in one.words)
    delivery = Delivery(sink, options, desk.folder)
    said: Counter[str] = Counter()
    if asked:
        place = LedgerPlace(ledger, desk.folder, institution, own=True)
        counts = foresee(plan, [source], delivery, place).counts
        for standing, count in counts.items():
            said[FORESEEN[standing]] += count
    run(plan, [source], delivery, desk.folder / "report")
    found = []
    for line in one.lines:
        receipts = sink.receipts[tuple(normal_form(line[name]) for name in one.key)]
        found.append(receipts.pop(0).outcome if receipts else "rejected")
    outcomes = [outcome.replace(" ", "_") for outcome in found]
    assert not asked or said == Counter(outcome for outcome in outcomes if outcome != "rejected")
    return outcomes


def cancelled(desk: Desk, ledger: str, *, taken: bool) -> None:
    """Every line in Alma, by somebody; `taken`: and the orders were taken back."""
    assert desk.simulator is not None
    world = desk.simulator.world
    for stored in world.store.lines():
        stored.fixed = "CANCELLED"
        world.store.change_line(stored, world.now)
    engine = open_database(ledger, desk.folder)
    for order in find(engine, Wanted()) if taken else ():
        take_back(engine, order, "anna", "Alma agrees")
    engine.dispose()


def test_there_are_enough_of_them() -> None:
    assert len(WALKS) >= LEAST
    assert len({walk.name for walk in WALKS}) == len(WALKS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(len(WALKS)))
def test_a_walk(number: int, kind: str, tmp_path: Path) -> None:
    walk: Walk = WALKS[number]
    sandbox = load_institution().changed(code="01SANDBOX_INST")
    with (
        ledger_location(kind) as ledger,
        at_simulator(tmp_path) as production,
        at_simulator(tmp_path, institution=sandbox) as rehearsal,
    ):
        for step, one in enumerate(walk.deliveries, 1):
            desk = rehearsal if "sandbox" in one.words else production
            outcomes = delivered(desk, one, ledger, asked=step > 1)
            assert tuple(outcomes) == one.outcomes, f"{walk.name}: delivery {step}"
