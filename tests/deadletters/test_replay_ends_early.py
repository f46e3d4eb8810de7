"""A replay that ends before its time → what the person decided is what is sent next, by whomever."""

from __future__ import annotations

import csv
import errno
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from alma_shop import KEY, Shop, order
from deaf_streams import WAYS, heard, run, spoken, takes_nothing
from edited_sheets import edit_csv, letters, replay
from waiting import until

from etl.alma.deliver import Delivery
from etl.plugin import Item, Receipt


@pytest.fixture
def two(shop: Shop) -> Shop:
    """O-2 and O-4 refused; O-3, which was held, is not wanted any more."""
    assert shop.etl("ledger", "dismiss", "O-3", "--reason", "too dear")[0] == 0
    shop.orders(order(1), order(2, note="fel"), order(4, note="fel"))
    assert shop.etl("run", "m.yaml")[0] == 1
    return shop


def cheaper(row: dict[str, str]) -> None:
    row["Vendor"], row["Price"], row["Fund amount"] = "ADLIBRIS", "24,90", "24,90"


def first_fails(fault: str) -> Callable[[dict[str, str]], None]:
    def change(row: dict[str, str]) -> None:
        cheaper(row)
        if row["Order"] == "O-2":
            row["Title"] += f" SIM-FAULT-once-{fault}"

    return change


def rows_of(shop: Shop, name: str) -> list[dict[str, str]]:
    text = (shop.folder / name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def sums(shop: Shop) -> dict[str, str]:
    return {line["vendor_reference_number"]: line["price"]["sum"] for line in shop.held()}


def test_the_next_run_sends_the_correction(two: Shop) -> None:
    letters(two, "d.csv")
    edit_csv(two.folder / "d.csv", first_fails("unauthorized"))
    code, said = replay(two, "d.csv")
    assert (code, two.references()) == (2, ["O-1"])
    assert "E830" in said
    assert "what was not sent keeps its corrections" in said
    assert "24.90" in two.etl("ledger", "show", "O-4")[1]
    assert two.etl("run", "m.yaml")[0] == 0
    assert sums(two) == {"O-1": "249.0", "O-2": "24.9", "O-4": "24.9"}
    code, _, said = two.etl("run", "m.yaml")
    assert (code, len(two.held())) == (0, 3)
    assert "3 already posted" in said


def test_a_new_sheet_has_the_corrections(two: Shop) -> None:
    letters(two, "d.csv")
    edit_csv(two.folder / "d.csv", first_fails("unauthorized"))
    replay(two, "d.csv")
    assert "2  Free to be sent, and not sent yet" in letters(two, "e.csv")
    assert {(row["Price"], row["Vendor"]) for row in rows_of(two, "e.csv")} == {("24.90", "ADLIBRIS")}
    assert replay(two, "d.csv")[0] == 2, "the first sheet is of orders as they were"
    edit_csv(two.folder / "e.csv", lambda _: None)
    code, said = replay(two, "e.csv")
    assert code == 0, said
    assert sums(two) == {"O-1": "249.0", "O-2": "24.9", "O-4": "24.9"}
    _, out, _ = two.etl("ledger", "show", "O-2")
    assert 'Bibliotekarien: sent again from the sheet, title: "Påhittad bok 2"' in out


def test_what_came_of_the_others_is_said(two: Shop) -> None:
    def last_fails(row: dict[str, str]) -> None:
        cheaper(row)
        if row["Order"] == "O-4":
            row["Title"] += " SIM-FAULT-once-unauthorized"

    letters(two, "d.csv")
    edit_csv(two.folder / "d.csv", last_fails)
    code, said = replay(two, "d.csv")
    assert code == 6
    assert "1 posted" in said
    assert two.references() == ["O-1", "O-2"]


def test_what_the_mapping_held_keeps_its_correction_and_who_made_it(shop: Shop) -> None:
    def change(row: dict[str, str]) -> None:
        cheaper(row)
        row["Send? (yes)"] = "yes" if row["Order"] == "O-3" else "no"
        row["Title"] += " SIM-FAULT-once-unauthorized" if row["Order"] == "O-3" else ""

    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", change)
    assert replay(shop, "d.csv")[0] == 2
    _, out, _ = shop.etl("ledger", "show", "O-3")
    assert 'Bibliotekarien: sent again from the sheet, title: "Påhittad bok 3"' in out
    letters(shop, "e.csv")
    (row,) = (one for one in rows_of(shop, "e.csv") if one["Order"] == "O-3")
    assert (row["Price"], row["Cause"]) == ("24.90", "Free to be sent, and not sent yet")


def test_a_signal_finishes_what_is_in_flight(two: Shop) -> None:
    """SIGTERM: exit code 130, and no order left intended."""

    def slow(row: dict[str, str]) -> None:
        cheaper(row)
        row["Title"] += " SIM-FAULT-once-hang-before"

    letters(two, "d.csv")
    edit_csv(two.folder / "d.csv", slow)
    words = ("ledger", "replay", "d.csv", "--mapping", "m.yaml", "--yes")
    process = subprocess.Popen(
        [sys.executable, "-m", "etl", *words], cwd=two.folder, env={**os.environ, "SHOP_KEY": KEY},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: two.simulator.faults.counts, process)  # Alma has heard it, and does not answer
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    states = [line.split()[1] for line in two.etl("ledger", "list")[1].splitlines()]
    assert sorted(states) == ["dismissed", "posted", "released", "unknown"]


def right(row: dict[str, str]) -> None:
    row["Vendor"] = "ADLIBRIS"


@pytest.mark.parametrize("way", WAYS)
def test_orders_are_sent_and_nobody_can_be_told(two: Shop, way: str) -> None:
    letters(two, "d.csv")
    edit_csv(two.folder / "d.csv", right)
    words = ["ledger", "replay", "d.csv", "--mapping", "m.yaml", "--yes"]
    err = spoken()
    with takes_nothing(way) as out:
        assert run([*words, "--format", "json"], out, err) == 6, heard(err)
    said = heard(err)
    assert "error[E616] standard output takes no more" in said
    assert "2 posted" in said
    assert two.references() == ["O-1", "O-2", "O-4"]
    assert run(words, spoken(), spoken()) != 6, "nothing was delivered by the second"
    assert two.references() == ["O-1", "O-2", "O-4"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), MemoryError()])
def test_what_fails_after_orders_were_sent(
    two: Shop, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    deliver = Delivery.deliver

    def stops(self: Delivery, items: Iterator[Item]) -> Iterator[Receipt]:
        yield from deliver(self, items)
        raise error

    letters(two, "d.csv")
    edit_csv(two.folder / "d.csv", right)
    monkeypatch.setattr(Delivery, "deliver", stops)
    code, said = replay(two, "d.csv")
    assert code == 6, said
    assert "error[E613] the system refuses to go on" in said
    assert two.references() == ["O-1", "O-2", "O-4"]
