"""Rules about a whole run → they hold for a line of the ledger that is mapped alone; what came twice waits no more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alma_shop import Shop, order

FILES = ("--sink", "files", "--sink-option", "directory=out")
SINKS = pytest.mark.parametrize("sink", [(), FILES], ids=["alma", "files"])


def again(number: int, like: int) -> str:
    """Another book under the key of an order."""
    return order(number).replace(f"O-{number},", f"O-{like},", 1)


def ledger_of(sink: tuple[str, ...]) -> str:
    return "etl-report/etl-ledger.sqlite" if sink else "etl-ledger.sqlite"


def listed(shop: Shop, sink: tuple[str, ...], *words: str) -> list[dict[str, str]]:
    _, out, _ = shop.etl("ledger", "list", *words, "--ledger", ledger_of(sink), "--format", "json")
    found: list[dict[str, str]] = json.loads(out)
    return found


def waiting(shop: Shop, sink: tuple[str, ...]) -> list[tuple[str, str]]:
    rows = listed(shop, sink, "--state", "waiting")
    return [(row["key"], row["state"]) for row in rows if row["key"] not in ("O-2", "O-3")]


def titles(shop: Shop, sink: tuple[str, ...]) -> list[str]:
    if not sink:
        return sorted(one["resource_metadata"]["title"] for one in shop.held())
    files = [json.loads(path.read_bytes()) for path in Path("out").glob("*.json")]
    return sorted(one["resource_metadata"]["title"] for one in files)


@SINKS
def test_the_second_line_of_a_key_stays_rejected_alone(shop: Shop, sink: tuple[str, ...]) -> None:
    shop.orders(order(1), order(7), again(8, like=7))
    code, _, said = shop.etl("run", "m.yaml", *sink)
    assert (code, "the same key as record 2 of orders.csv: O-7" in said) == (1, True), said
    before = titles(shop, sink)
    for _ in range(2):
        code, _, said = shop.etl("ledger", "reprocess", "m.yaml", *sink)
        assert code == 1, said
        assert "the same key as record 2 of orders.csv: O-7" in said
        assert titles(shop, sink) == before
        assert waiting(shop, sink) == [("record 3 of orders.csv", "rejected")]
    assert [row["title"] for row in listed(shop, sink) if row["key"] == "O-7"] == ["Påhittad bok 7"]


@SINKS
def test_also_beside_one_that_waits(shop: Shop, sink: tuple[str, ...]) -> None:
    shop.orders(order(7, price="2000.00"), again(8, like=7))
    shop.etl("run", "m.yaml", *sink)
    code, _, said = shop.etl("ledger", "reprocess", "m.yaml", *sink)
    assert (code, "the same key as record 1 of orders.csv: O-7" in said) == (1, True), said
    assert waiting(shop, sink) == [("O-7", "held"), ("record 2 of orders.csv", "rejected")]


@SINKS
def test_its_own_key_frees_it(shop: Shop, sink: tuple[str, ...]) -> None:
    shop.orders(order(7), again(8, like=7))
    shop.etl("run", "m.yaml", *sink)
    text = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    (shop.folder / "m.yaml").write_text(text.replace("key: [order]", "key: [order, isbn]"), encoding="utf-8")
    _, _, said = shop.etl("ledger", "reprocess", "m.yaml", *sink)
    assert "warning[E484]" in said, "the reference has stood on another line of the file"
    assert "Påhittad bok 8" in titles(shop, sink), said
    assert "rejected" not in {state for _, state in waiting(shop, sink)}


def test_one_whose_sibling_a_person_has_dismissed_is_free(shop: Shop) -> None:
    shop.orders(order(7, price="2000.00"), again(8, like=7))
    shop.etl("run", "m.yaml", *FILES)
    [first] = [row["id"] for row in listed(shop, FILES, "--state", "held") if row["key"] == "O-7"]
    code, _, said = shop.etl("ledger", "dismiss", str(first), "--reason", "no", "--ledger", ledger_of(FILES))
    assert code == 0, said
    shop.etl("ledger", "reprocess", "m.yaml", *FILES)
    assert titles(shop, FILES) == ["Påhittad bok 8"]


@SINKS
def test_one_that_the_corrected_file_brings_is_at_its_end(shop: Shop, sink: tuple[str, ...]) -> None:
    shop.orders(order(7, price="2000.00"), again(8, like=7))
    shop.etl("run", "m.yaml", *sink)
    shop.orders(order(9), again(8, like=7))
    shop.etl("run", "m.yaml", *sink)
    shop.etl("ledger", "reprocess", "m.yaml", *sink)
    assert {"Påhittad bok 8", "Påhittad bok 9"} <= set(titles(shop, sink))
    assert waiting(shop, sink) == []


@SINKS
def test_what_came_twice_is_written_once_and_waits_no_more(shop: Shop, sink: tuple[str, ...]) -> None:
    shop.orders(order(7), order(7), order(1))
    code, _, said = shop.etl("run", "m.yaml", *sink)
    assert (code, "the same order line as record 1" in said, "1 rejected" in said) == (1, True, True)
    assert waiting(shop, sink) == []
    [twice] = listed(shop, sink, "--state", "skipped")
    _, out, _ = shop.etl("ledger", "show", str(twice["id"]), "--ledger", ledger_of(sink))
    assert "error[E480] the same order line as record 1 of orders.csv: O-7" in out
    _, out, _ = shop.etl("ledger", "list", "--state", "skipped", "--ledger", ledger_of(sink))
    assert "[E480 the same order line as record 1 of orders.csv: O-7]" in out
    shop.orders(order(9))
    code, _, said = shop.etl("run", "m.yaml", *sink)
    assert "1 rejected" not in said
    code, _, said = shop.etl("ledger", "reprocess", "m.yaml", *sink)
    assert "E480" not in said


@SINKS
def test_what_came_twice_ends_no_order_that_waits(shop: Shop, sink: tuple[str, ...]) -> None:
    shop.orders(order(7, price="2000.00"), order(7, price="2000.00"))
    for _ in range(2):
        shop.etl("run", "m.yaml", *sink)
        assert waiting(shop, sink) == [("O-7", "held")]
    _, _, said = shop.etl("ledger", "reprocess", "m.yaml", *sink)
    assert waiting(shop, sink) == [("O-7", "held")], said
